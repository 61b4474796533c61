//! Connections to the broker, which reconnect.

use crate::{
    address::Addresses,
    declaring::{Declaring, Part},
    error::{BROKER_TIMEOUT, BrokerError, CONNECT_LIMIT, bounded},
};
use clap::Args;
use lapin::{Channel, Connection, ConnectionProperties, ErrorKind, uri::AMQPUri};
use runtime::{backoff, health::Gate, outage::Outage};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Seconds between heartbeats. A peer that is silent for two intervals is gone. This must be detected within
/// 25 s, also on a slow machine.
const HEARTBEAT: u16 = 8;
/// The largest frame, in bytes, for a process that only reads messages of this system. It saves memory:
/// RabbitMQ proposes 128 KiB, and lapin buffers 64 frames for each connection, which is 8 MiB. A body can
/// have several frames, but all headers of a message must fit in one frame. A process that reads messages
/// of other programs needs the size that RabbitMQ proposes, because their headers may be large.
const OWN_FRAME_MAX: u32 = 16 * 1024;
/// The time limit for the TCP connection, in milliseconds.
const CONNECT_TIMEOUT: u64 = 3_000;

/// The address of the broker.
#[derive(Args, Clone)]
pub struct BrokerOptions {
    /// RabbitMQ, as `amqp://user:password@host:5672/vhost`. For a cluster, the URLs of its nodes, separated
    /// by commas. If one node is down, the next is used.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: Addresses,
}

/// The broker, and how one process connects to it. Cheap to clone.
#[derive(Clone)]
pub struct Broker {
    /// The addresses of the nodes, at least one.
    nodes: Vec<AMQPUri>,
    /// The index of the node for the next connection. Clones share it.
    next: Arc<AtomicUsize>,
    app: &'static str,
    declaring: Declaring,
}

impl Broker {
    /// The broker at these addresses; `app` names this process in the management console.
    #[must_use]
    pub fn new(options: &BrokerOptions, app: &'static str) -> Self {
        let mut nodes = options.amqp_url.clone().into_vec();
        for uri in &mut nodes {
            uri.query.heartbeat.get_or_insert(HEARTBEAT);
            uri.query.connection_timeout.get_or_insert(CONNECT_TIMEOUT);
        }
        Self { nodes, next: Arc::default(), app, declaring: Declaring::new(Part::Nothing) }
    }

    /// The same broker, but each connection declares this part of the topology.
    #[must_use]
    pub fn declaring(self, part: Part) -> Self {
        Self { declaring: Declaring::new(part), ..self }
    }

    /// The same broker, but each connection uses less memory. This is for a process that publishes only its
    /// own messages. It cannot read a foreign message with large headers, and must not need to.
    #[must_use]
    pub fn for_own_messages(mut self) -> Self {
        for uri in &mut self.nodes {
            uri.query.frame_max.get_or_insert(OWN_FRAME_MAX);
        }
        self
    }

    /// The name of this process, which is also the `app_id` of its messages.
    #[must_use]
    pub const fn app(&self) -> &'static str {
        self.app
    }

    /// Connects to a node and declares the topology. If a node fails, tries the next one, until all have
    /// failed.
    pub async fn connect(&self, purpose: &str) -> Result<(Connection, Channel), BrokerError> {
        let mut failure = BrokerError::Lapin(ErrorKind::FutureCompleted.into());
        for tries in 0..self.nodes.len() {
            match self.connect_once(purpose).await {
                Ok(connected) => return Ok(connected),
                Err(error) => {
                    self.avoid_node();
                    // Prefers the answer of one node to the news that another one is down.
                    if tries == 0 || !failure.is_answer() {
                        failure = error;
                    }
                }
            }
        }
        Err(failure)
    }

    async fn connect_once(&self, purpose: &str) -> Result<(Connection, Channel), BrokerError> {
        let mut nodes =
            self.nodes.iter().cycle().skip(self.next.load(Ordering::Relaxed) % self.nodes.len().max(1));
        let node = nodes.next().cloned().unwrap_or_default();
        let name = format!("{} {purpose}", self.app);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connection = timeout(CONNECT_LIMIT, Connection::connect_uri(node, properties)).await??;
        let channel = bounded(connection.create_channel()).await?;
        self.declare(&connection).await?;
        Ok((connection, channel))
    }

    /// Declares the topology again on an open connection.
    pub(super) async fn declare(&self, connection: &Connection) -> Result<(), BrokerError> {
        self.declaring.declare(connection).await
    }

    /// Makes the next connection go to another node, if there is one.
    pub(super) fn avoid_node(&self) {
        self.next.fetch_add(1, Ordering::Relaxed);
    }

    /// Connects and runs `session` on the connection. When the session fails, connects again, with
    /// back-off. Returns at shutdown, when the session has ended without an error.
    ///
    /// `session` opens the gate when it is ready. While the gate is closed, it shows the reason. Each reason
    /// is logged once, not for each try.
    pub async fn keep_connected<F, Fut>(
        &self,
        purpose: &str,
        gate: &Gate,
        shutdown: &CancellationToken,
        mut session: F,
    ) where
        F: FnMut(Arc<Connection>, Channel) -> Fut,
        Fut: Future<Output = Result<(), BrokerError>>,
    {
        let mut delays = backoff::reconnecting();
        let mut outage = Outage::default();
        loop {
            let attempt = async {
                let (connection, channel) = self.connect(purpose).await?;
                let connection = Arc::new(connection);
                tokio::select! {
                    ended = session(Arc::clone(&connection), channel) => ended,
                    () = self.declaring.keep(&connection) => Ok(()), // Never returns.
                }
            };
            let error = tokio::select! {
                // An open session ends by itself at shutdown. Only an attempt to connect is aborted.
                biased;
                ended = attempt => match ended {
                    Ok(()) => return,
                    Err(error) => error,
                },
                () = async {
                    shutdown.cancelled().await;
                    if gate.is_open() { std::future::pending().await }
                } => return,
            };
            self.avoid_node();
            if gate.is_open() {
                delays = backoff::reconnecting();
                outage.end();
            }
            let reason = error.to_string();
            gate.close_because(&reason);
            if outage.has_new_reason(&reason) {
                tracing::warn!(purpose, error = reason, "waiting for RabbitMQ");
            }
            tokio::select! {
                () = tokio::time::sleep(delays.next().unwrap_or(BROKER_TIMEOUT)) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_limits_unless_it_has_its_own() {
        let limits = |text: &str| {
            let options = BrokerOptions { amqp_url: text.parse().unwrap() };
            let query = Broker::new(&options, "test").nodes.remove(0).query;
            (query.heartbeat, query.connection_timeout)
        };
        assert_eq!(limits("amqp://u:p@localhost:5672/%2f"), (Some(8), Some(3_000)));
        assert_eq!(limits("amqp://u:p@localhost/%2f?heartbeat=3"), (Some(3), Some(3_000)));
    }

    #[tokio::test]
    async fn the_next_node_is_used_when_one_is_down() {
        // The first node does not listen. The second accepts a connection and sends something that is not
        // AMQP.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let amqp_url = format!("amqp://127.0.0.1:1,amqp://127.0.0.1:{port}").parse().unwrap();
        let broker = Broker::new(&BrokerOptions { amqp_url }, "test");
        let answered = async {
            let (socket, _) = listener.accept().await.unwrap();
            socket.writable().await.unwrap();
            socket.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        };
        // Without a limit, the test would wait forever if the second node is not used.
        let answered =
            async { timeout(2 * CONNECT_LIMIT, answered).await.expect("the second node is not used") };
        let (connected, ()) = tokio::join!(broker.connect("test"), answered);
        assert!(connected.is_err());
    }
}
