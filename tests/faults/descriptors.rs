//! Processes that run out of file descriptors, and terminals that close.

use common::contract::orders::OrderStatus::Completed;
use reqwest::Method;
use std::{net::TcpStream, process::Command};
use system_tests::{Shop, answer, eventually};

const SERVICES: [&str; 7] = [
    "order-service",
    "order-processor",
    "payment-worker",
    "catalog-service",
    "user-service",
    "operations-service",
    "payment-simulator",
];

/// Leaves a running process this many file descriptors. util-linux has `prlimit`, and each Debian has util-linux.
fn limit_descriptors(pid: i32, left: usize) {
    let used = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let status = Command::new("prlimit")
        .args(["--pid", &pid.to_string(), &format!("--nofile={}:", used + left)])
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn fault_26_a_service_without_file_descriptors_says_so_and_recovers() {
    let shop = Shop::start().await;
    let (tea, ada) = (shop.sells("tea", 450, 10).await, shop.customer("ada").await);
    let service = "order-service";
    let address = shop.stack().url(service, 1).unwrap().strip_prefix("http://").unwrap().to_owned();
    limit_descriptors(shop.stack().pid(service, 1).unwrap(), 4);

    // The kernel accepts these for the process, which cannot take them over.
    let connections: Vec<_> = (0..20).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let line = eventually("the log tells", async || {
        shop.log(service, 1).into_iter().find(|line| {
            line["message"].as_str().is_some_and(|message| message.starts_with("cannot accept connections"))
        })
    })
    .await;
    assert_eq!(line["level"], "ERROR");
    assert!(line["error"].as_str().unwrap().contains("Too many open files"), "{line}");

    drop(connections);
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
    for service in SERVICES {
        let pid = shop.stack().pid(service, 1).unwrap();
        let sent = Command::new("sh").args(["-c", &format!("kill -HUP {pid}")]).status().unwrap();
        assert!(sent.success());
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
