//! Runs the browser tests in `web/tests` with Chromium against a whole system.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue panics with the reason"
)]

use devstack::{Stack, catalogue, instance::Folder, services::SERVICES, web};
use serde_json::json;
use std::time::Duration;
use system_tests::Shop;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// Long enough for a busy machine to renew tokens in time, and short enough to expire during the tests.
const ACCESS_TOKEN_SECONDS: &str = "30";
/// The interval between two checks for killed processes.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

#[tokio::test]
async fn customers_use_the_web_client() {
    run("test:customers").await;
}

#[tokio::test]
async fn staff_use_the_web_client() {
    run("test:staff").await;
}

/// Runs the tests of this npm script with their own shop. Most of the time they wait for pages and servers, so
/// both scripts run at the same time.
async fn run(script: &str) {
    web::build().await.unwrap();
    let shop = Shop::start_as(|builder| {
        builder.gateway().scale("order-service", 2).env(
            "user-service",
            "ACCESS_TOKEN_SECONDS",
            ACCESS_TOKEN_SECONDS,
        )
    })
    .await;
    catalogue::load(shop.stack()).await.unwrap();
    let screenshots = Folder::of("test").unwrap().inner("screenshots");
    screenshots.create().unwrap();

    let tests = start(script, shop.stack(), &screenshots);
    run_to_end(tests, shop.stack()).await;
}

/// Starts the tests with the variables that `web/tests/browser.mjs` reads.
fn start(script: &str, stack: &Stack, screenshots: &Folder) -> Child {
    let staff = stack.staff();
    let replica = |number| {
        json!({
            "url": stack.url("order-service", number).unwrap(),
            "pid": stack.pid("order-service", number).unwrap(),
        })
    };
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script])
        .current_dir(web::folder().unwrap())
        .env("BASE_URL", stack.gateway_url().unwrap())
        .env("STAFF_USERNAME", staff.username)
        .env("STAFF_PASSWORD", staff.password)
        .env("ACCESS_TOKEN_SECONDS", ACCESS_TOKEN_SECONDS)
        .env("ORDER_SERVICES", json!([replica(1), replica(2)]).to_string())
        .env("AMQP_URL", stack.amqp_url().unwrap().as_str())
        .env("AMQP_MANAGEMENT_URL", stack.servers().management_url().unwrap().as_str())
        .env("SCREENSHOTS", screenshots.path(""));
    // The types of the web client are compared with the documents of these services.
    for service in SERVICES.iter().filter(|service| service.gateway.is_some()) {
        let variable = format!("{}_URL", service.name.to_uppercase().replace('-', "_"));
        npm.env(variable, stack.url(service.name, 1).unwrap());
    }
    npm.kill_on_drop(true).spawn().expect("npm, which `./dev test` installs")
}

/// Waits for the tests. Restarts a replica that they kill, as an orchestrator would.
async fn run_to_end(mut tests: Child, stack: &Stack) {
    loop {
        tokio::select! {
            status = tests.wait() => {
                assert!(status.unwrap().success(), "a browser test failed; its output is above");
                return;
            }
            () = sleep(POLL_INTERVAL) => {}
        }
        for replica in [1, 2] {
            if stack.unexpected_end("order-service", replica).unwrap().is_some() {
                stack.launch("order-service", replica).unwrap();
            }
        }
    }
}
