//! Connections that come back.

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

/// Seconds between heartbeats; a peer that is silent for two of them is gone. It is to be noticed within
/// 25 s, also where a machine is slow.
const HEARTBEAT: u16 = 8;
/// Bytes of a frame where all messages are this system's own. lapin keeps room for 64 frames for each connection: 8 MiB with
/// the 128 KiB that RabbitMQ proposes. A body may have several frames, but the headers of a message one; those of a stranger's
/// message can need all that RabbitMQ allows.
const OWN_FRAME_MAX: u32 = 16 * 1024;
/// Milliseconds for the TCP connection.
const CONNECT_TIMEOUT: u64 = 3_000;

/// Where the broker is.
#[derive(Args, Clone)]
pub struct BrokerOptions {
    /// RabbitMQ, as `amqp://user:password@host:5672/vhost`. For a cluster, the URLs of its nodes, separated by commas: when
    /// one is away, the next is used.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: Addresses,
}

/// The broker, as one process reaches it. Cheap to clone.
#[derive(Clone)]
pub struct Broker {
    /// At least one.
    nodes: Vec<AMQPUri>,
    /// Where to connect next. Clones share it.
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

    /// The same, with this part of the topology declared on each connection.
    #[must_use]
    pub fn declaring(self, part: Part) -> Self {
        Self { declaring: Declaring::new(part), ..self }
    }

    /// The same with less memory for each connection, for a process that publishes only what it has made itself and loses
    /// nothing where it cannot read what others have.
    #[must_use]
    pub fn for_own_messages(mut self) -> Self {
        for uri in &mut self.nodes {
            uri.query.frame_max.get_or_insert(OWN_FRAME_MAX);
        }
        self
    }

    /// The name of this process, also the `app_id` of what it publishes.
    #[must_use]
    pub const fn app(&self) -> &'static str {
        self.app
    }

    /// Connects to a node and declares the topology. Where a node fails, it tries the next one, until it has tried all.
    pub async fn connect(&self, purpose: &str) -> Result<(Connection, Channel), BrokerError> {
        let mut failure = BrokerError::Lapin(ErrorKind::FutureCompleted.into());
        for tries in 0..self.nodes.len() {
            match self.connect_once(purpose).await {
                Ok(connected) => return Ok(connected),
                Err(error) => {
                    self.avoid_node();
                    // What one node says is worth more than that another one is away.
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

    /// Declares the topology once more on a connection.
    pub(super) async fn declare(&self, connection: &Connection) -> Result<(), BrokerError> {
        self.declaring.declare(connection).await
    }

    /// The next connection is to another node, where there is one.
    pub(super) fn avoid_node(&self) {
        self.next.fetch_add(1, Ordering::Relaxed);
    }

    /// Connects, runs `session` on the connection, and does so again with back-off for as long as
    /// it fails. Returns when a session ends well, which it does only when the process is to end.
    ///
    /// `session` opens the gate when it stands. Each reason is logged once, not each try, and the gate shows it.
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
                    () = self.declaring.keep(&connection) => Ok(()), // It does not end.
                }
            };
            let error = tokio::select! {
                // A session that stands ends itself, in good order; only connecting is cut short.
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
    async fn the_next_node_is_used_where_one_is_away() {
        // Nothing listens on the first; the second takes connections and says something that is no AMQP.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let amqp_url = format!("amqp://127.0.0.1:1,amqp://127.0.0.1:{port}").parse().unwrap();
        let broker = Broker::new(&BrokerOptions { amqp_url }, "test");
        let (connected, accepted) = tokio::join!(broker.connect("test"), async {
            let (socket, _) = listener.accept().await.unwrap();
            socket.writable().await.unwrap();
            socket.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        });
        let () = accepted;
        assert!(connected.is_err());
    }
}
