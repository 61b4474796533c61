//! The options of the TCP sockets of the running programs, read from the operating system.

use contract::orders::OrderStatus::Completed;
use devstack::services::SERVICES;
use rustix::{
    net::{SocketAddrV4, getpeername, sockopt::tcp_nodelay},
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};
use std::{fs, os::fd::OwnedFd};
use system_tests::Shop;

/// Without `TCP_NODELAY`, Nagle's algorithm delays a write until the peer acknowledges the previous one, by up
/// to 40 ms.
#[tokio::test]
async fn every_tcp_connection_has_nodelay() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let _socket = ada.socket(1).await;
    ada.places(&[(&tea, 1)]).await.reaches(Completed).await;

    let mut seen = 0;
    for service in SERVICES.iter().map(|service| service.name) {
        let database = shop.stack().database_url(service).ok().map(|url| port(&url));
        for replica in 1..=shop.replicas(service) {
            for (socket, peer) in connections(shop.stack().pid(service, replica).unwrap()) {
                // sqlx 0.9.0 does not set the option. A later release will:
                // https://github.com/transact-rs/sqlx/pull/4336. Until then nothing is delayed, because sqlx
                // writes a request with one call and waits for the answer before the next one.
                if Some(peer) == database {
                    continue;
                }
                assert!(
                    tcp_nodelay(&socket).unwrap(),
                    "{service}-{replica}: the connection with port {peer}"
                );
                seen += 1;
            }
        }
    }
    // At least the WebSocket, the customer's request, and the connections of three programs to RabbitMQ.
    assert!(seen >= 8, "{seen} connections");
}

fn port(url: &str) -> u16 {
    url.parse::<reqwest::Url>().unwrap().port().expect("a port")
}

/// The TCP connections of a process, with the port of the peer.
fn connections(pid: i32) -> Vec<(OwnedFd, u16)> {
    let process = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()).unwrap();
    let mut connections = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten() {
        let number = entry.file_name().to_string_lossy().parse().unwrap();
        let is_socket =
            fs::read_link(entry.path()).is_ok_and(|link| link.to_string_lossy().starts_with("socket:"));
        if !is_socket {
            continue;
        }
        // The socket may be closed already. A listener has no peer.
        let Ok(socket) = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) else { continue };
        let peer = getpeername(&socket).ok().flatten().and_then(|peer| SocketAddrV4::try_from(peer).ok());
        if let Some(peer) = peer {
            connections.push((socket, peer.port()));
        }
    }
    connections
}
