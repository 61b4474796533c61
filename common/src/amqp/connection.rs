//! Connections that come back.

use super::topology;
use crate::{backoff, http::health::Gate};
use clap::Args;
use lapin::{Channel, Connection, ConnectionProperties, uri::AMQPUri};
use std::{future::Future, time::Duration};
use tokio::time::{error::Elapsed, timeout};
use tokio_util::sync::CancellationToken;

/// No single answer of the broker takes longer, unless the connection is dead.
pub const BROKER_TIMEOUT: Duration = Duration::from_secs(10);
/// A try to connect takes no longer: one that was begun while the network was silent is silent for ever,
/// and orders are to flow again within 10 s of its return.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(5);
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
    /// RabbitMQ, as `amqp://user:password@host:5672/vhost`.
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_parser = parse_url)]
    pub amqp_url: AMQPUri,
}

fn parse_url(text: &str) -> Result<AMQPUri, String> {
    text.parse().map_err(|error| format!("{error}; expected amqp://user:password@host:5672/vhost"))
}

/// The broker, as one process reaches it. Cheap to clone.
#[derive(Clone)]
pub struct Broker {
    uri: AMQPUri,
    app: &'static str,
}

/// Why a connection is given up.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker, or the way to it, failed.
    #[error("{0}")]
    Lapin(#[from] lapin::Error),
    /// No answer within [`BROKER_TIMEOUT`], or no connection within [`CONNECT_LIMIT`].
    #[error("the broker does not answer")]
    Timeout(#[from] Elapsed),
    /// The broker ended a consumer, because its queue was deleted for instance.
    #[error("the broker cancelled the consumer")]
    Cancelled,
}

/// Waits for the broker, but not for ever.
pub async fn bounded<T>(answer: impl Future<Output = lapin::Result<T>>) -> Result<T, BrokerError> {
    Ok(timeout(BROKER_TIMEOUT, answer).await??)
}

impl Broker {
    /// The broker at this address; `app` names this process in the management console.
    #[must_use]
    pub fn new(options: &BrokerOptions, app: &'static str) -> Self {
        let mut uri = options.amqp_url.clone();
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        uri.query.connection_timeout.get_or_insert(CONNECT_TIMEOUT);
        Self { uri, app }
    }

    /// The same with less memory for each connection, for a process that publishes only what it has made itself and loses
    /// nothing where it cannot read what others have.
    #[must_use]
    pub fn for_own_messages(mut self) -> Self {
        self.uri.query.frame_max.get_or_insert(OWN_FRAME_MAX);
        self
    }

    /// The name of this process, also the `app_id` of what it publishes.
    #[must_use]
    pub const fn app(&self) -> &'static str {
        self.app
    }

    /// The address with its limits, for the pool.
    pub(super) fn url(&self) -> String {
        self.uri.to_string()
    }

    /// What the console shows of a connection.
    pub(super) fn properties(&self, purpose: &str) -> ConnectionProperties {
        ConnectionProperties::default().with_connection_name(format!("{} {purpose}", self.app).into())
    }

    /// Connects and declares the topology.
    pub async fn connect(&self, purpose: &str) -> Result<(Connection, Channel), BrokerError> {
        let connecting = Connection::connect_uri(self.uri.clone(), self.properties(purpose));
        let connection = timeout(CONNECT_LIMIT, connecting).await??;
        let channel = bounded(connection.create_channel()).await?;
        bounded(topology::declare(&channel)).await?;
        Ok((connection, channel))
    }

    /// Connects, runs `session` on the connection, and does so again with back-off for as long as
    /// it fails. Returns when a session ends well, which it does only when the process is to end.
    ///
    /// `session` opens the gate when it stands. Each change is logged once, not each try.
    pub async fn keep_connected<F, Fut>(
        &self,
        purpose: &str,
        gate: &Gate,
        shutdown: &CancellationToken,
        mut session: F,
    ) where
        F: FnMut(Connection, Channel) -> Fut,
        Fut: Future<Output = Result<(), BrokerError>>,
    {
        let mut delays = backoff::reconnecting();
        let mut said = false;
        loop {
            let attempt = async {
                let (connection, channel) = self.connect(purpose).await?;
                session(connection, channel).await
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
            if gate.is_open() {
                gate.close();
                delays = backoff::reconnecting();
                said = false;
            }
            if !said {
                tracing::warn!(purpose, %error, "waiting for RabbitMQ");
                said = true;
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
        let url = |text| Broker::new(&BrokerOptions { amqp_url: parse_url(text).unwrap() }, "test").url();
        assert_eq!(
            url("amqp://u:p@localhost:5672/%2f"),
            "amqp://u:p@localhost:5672/%2F?heartbeat=8&connection_timeout=3000"
        );
        assert!(url("amqp://u:p@localhost/%2f?heartbeat=3").contains("heartbeat=3"));
    }

    #[test]
    fn a_bad_address_says_what_is_expected() {
        let error = parse_url("localhost:5672").unwrap_err();
        assert!(error.ends_with("expected amqp://user:password@host:5672/vhost"), "{error}");
    }
}
