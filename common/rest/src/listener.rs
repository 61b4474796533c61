//! Accepts connections. Used by every service and worker through [`super::server::serve`].

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use runtime::backoff;
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

/// The shortest interval between two log lines about failed accepts. A process without free file descriptors
/// fails many times a second.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// The address that a request's connection comes from: `ConnectInfo<Peer>`.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The connections of a port. A failed accept is logged, counted and retried, so that the process recovers by
/// itself.
pub(super) struct Connections {
    listener: TcpListener,
    next_report: Instant,
}

impl Connections {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, next_report: Instant::now() }
    }

    fn report(&mut self, error: &io::Error) {
        metrics::counter!("accept_errors_total").increment(1);
        if Instant::now() >= self.next_report {
            tracing::error!(%error, "cannot accept connections; trying again");
            self.next_report = Instant::now() + REPORT_INTERVAL;
        }
    }
}

impl Listener for Connections {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let mut delays = backoff::reconnecting();
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => {
                    send_immediately(&socket);
                    return (socket, peer);
                }
                Err(error) if is_closed_by_client(&error) => {}
                Err(error) => {
                    self.report(&error);
                    sleep(delays.next().unwrap_or(REPORT_INTERVAL)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Turns off Nagle's algorithm (RFC 896). It holds back a short write until the peer has acknowledged the
/// last one, and Linux delays acknowledgements by up to 40 ms. The frames of a WebSocket would be late.
fn send_immediately(socket: &TcpStream) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY; the client is already gone");
    }
}

/// Whether the client closed its connection before it was accepted. The next accept may succeed immediately.
fn is_closed_by_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_accepted_socket_sends_each_write_immediately() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut connections = Connections::new(listener);
        let (client, (accepted, _)) = tokio::join!(TcpStream::connect(address), connections.accept());
        client.unwrap();
        assert!(accepted.nodelay().unwrap());
    }
}
