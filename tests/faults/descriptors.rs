//! Fault 26: a process runs out of file descriptors, or its terminal closes.

use contract::orders::OrderStatus::Completed;
use devstack::services::SERVICES;
use reqwest::Method;
use runtime::lifecycle::is_hangup_ignored;
use std::{net::TcpStream, process::Command};
use system_tests::{Shop, answer, eventually};

/// The number of open file descriptors of a process.
fn open_descriptors(pid: i32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// Sets the limit of file descriptors of a running process. `prlimit` is part of util-linux.
fn limit_descriptors(pid: i32, limit: usize) {
    let arguments = ["--pid".to_owned(), pid.to_string(), format!("--nofile={limit}:")];
    assert!(Command::new("prlimit").args(arguments).status().unwrap().success());
}

#[tokio::test]
async fn fault_26_a_service_logs_missing_file_descriptors_and_recovers() {
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 450, 10).await, shop.customer("ada").await);
    let service = "order-service";
    let address = shop.stack().url(service, 1).unwrap().strip_prefix("http://").unwrap().to_owned();
    let pid = shop.stack().pid(service, 1).unwrap();
    limit_descriptors(pid, open_descriptors(pid) + 4);

    // The kernel completes these connections, but the process cannot accept them.
    let connections: Vec<_> = (0..20).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let line = eventually("the service logs the error", async || {
        shop.log(service, 1).into_iter().find(|line| {
            line["message"].as_str().is_some_and(|message| message.starts_with("cannot accept connections"))
        })
    })
    .await;
    assert_eq!(line["level"], "ERROR");
    assert!(line["error"].as_str().unwrap().contains("Too many open files"), "{line}");

    drop(connections);
    limit_descriptors(pid, 1024);
    let metrics = eventually("the service answers again", async || {
        let metrics = shop.request(Method::GET, service, "/metrics").send().await.ok()?;
        metrics.text().await.ok()
    })
    .await;
    let count = metrics.lines().find_map(|line| line.strip_prefix("accept_errors_total ")).unwrap();
    assert!(count.parse::<u64>().unwrap() > 0);
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
}

#[tokio::test]
async fn fault_26_a_hangup_drains_each_service() {
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 450, 10).await, shop.customer("ada").await);
    for service in SERVICES.iter().map(|service| service.name) {
        let pid = shop.stack().pid(service, 1).unwrap();
        let sent = Command::new("sh").args(["-c", &format!("kill -HUP {pid}")]).status().unwrap();
        assert!(sent.success());
        if is_hangup_ignored() {
            let live = answer(shop.request(Method::GET, service, "/health/live")).await;
            assert_eq!(live.status, 200, "{service} must ignore the signal under `nohup`");
            continue;
        }
        let end =
            eventually(&format!("{service} ends"), async || shop.stack().unexpected_end(service, 1).unwrap())
                .await;
        assert!(end.success(), "{service}: {end}");
        let drains = shop.log(service, 1).iter().any(|line| line["message"] == "draining");
        assert!(drains, "{service} drained");
        shop.stack().start(service, 1).await.unwrap();
    }
    assert_eq!(answer(shop.request(Method::GET, "order-service", "/health/ready")).await.status, 200);
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
}
