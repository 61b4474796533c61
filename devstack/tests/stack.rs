//! Tests that a stack can stop, start and scale its parts and cleans up after itself. One service is enough
//! for this.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use devstack::stack::Builder;
use devstack::{Servers, Stack};

const SIMULATOR: &str = "payment-simulator";

fn simulator_alone() -> Builder {
    Stack::builder().only(SIMULATOR)
}

fn is_running(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn is_ready(stack: &Stack) -> Result<bool> {
    let http = runtime::http_client::client(Duration::from_millis(500))?;
    let url = format!("{}/health/ready", stack.url(SIMULATOR, 1)?);
    Ok(http.get(url).send().await.is_ok_and(|response| response.status().is_success()))
}

#[tokio::test]
async fn a_killed_replica_starts_again_on_its_address() -> Result<()> {
    let stack = simulator_alone().start().await?;
    let (address, first) = (stack.url(SIMULATOR, 1)?, stack.pid(SIMULATOR, 1)?);
    assert!(is_ready(&stack).await?);

    stack.kill(SIMULATOR, 1).await?;
    assert!(!is_running(first) && !is_ready(&stack).await?);

    stack.start(SIMULATOR, 1).await?;
    assert!(is_ready(&stack).await?);
    assert_eq!(stack.url(SIMULATOR, 1)?, address);
    assert_ne!(stack.pid(SIMULATOR, 1)?, first);
    assert!(!stack.logs(SIMULATOR, 1, 5)?.is_empty());

    stack.pause(SIMULATOR, 1)?;
    assert!(!is_ready(&stack).await?);
    stack.resume(SIMULATOR, 1)?;
    stack.wait_until_ready(SIMULATOR, 1).await?;
    stack.restart(SIMULATOR, 1).await
}

#[tokio::test]
async fn a_service_can_be_scaled_up_and_down() -> Result<()> {
    let stack = simulator_alone().start().await?;
    stack.scale(SIMULATOR, 0).await?;
    assert!(stack.pid(SIMULATOR, 1).is_err());
    stack.scale(SIMULATOR, 1).await?;
    assert!(is_ready(&stack).await?);
    Ok(())
}

#[tokio::test]
async fn a_dropped_stack_leaves_no_processes_and_data() -> Result<()> {
    let stack = simulator_alone().start().await?;
    let pid = stack.pid(SIMULATOR, 1)?;
    let outside = Servers::from_env()?.broker(stack.broker().vhost())?;
    assert!(outside.queues().await?.is_empty());
    drop(stack);
    assert!(!is_running(pid));
    assert!(outside.queues().await.is_err(), "its virtual host was deleted");
    Ok(())
}

#[tokio::test]
async fn private_servers_can_be_killed_and_started() -> Result<()> {
    let stack = simulator_alone().private_servers().start().await?;
    let (postgres, rabbitmq) = (stack.servers().postgres()?, stack.servers().rabbitmq()?);
    let shared = Servers::from_env()?;
    assert_ne!(stack.servers().postgres_url()?, shared.postgres_url()?);

    postgres.kill().await;
    postgres.start().await?;
    rabbitmq.kill().await;
    assert!(stack.broker().queues().await.is_err());
    rabbitmq.start().await?;
    assert!(stack.broker().queues().await?.is_empty(), "the virtual host has survived");
    Ok(())
}

#[tokio::test]
async fn errors_name_the_mistake() -> Result<()> {
    let error = Stack::builder().scale("orders", 2).start().await.unwrap_err();
    assert!(error.to_string().starts_with("there is no service `orders`"), "{error}");

    let stack = simulator_alone().start().await?;
    assert_eq!(stack.url(SIMULATOR, 2).unwrap_err().to_string(), "there is no payment-simulator-2");
    assert!(stack.servers().rabbitmq().is_err(), "the shared broker is not a test's to kill");
    Ok(())
}

#[tokio::test]
async fn a_failed_process_is_reported_with_its_last_lines() {
    let error = simulator_alone().env(SIMULATOR, "LISTEN", "nonsense").start().await.unwrap_err().to_string();
    assert!(
        error.contains("payment-simulator-1 ended with exit code") && error.contains("nonsense"),
        "{error}"
    );
}
