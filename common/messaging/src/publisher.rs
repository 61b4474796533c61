//! Publishes messages with confirms.

use crate::{
    connection::Broker,
    error::{BROKER_TIMEOUT, BrokerError, bounded},
};
use futures_util::future::join_all;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::ShortString,
};
use std::{
    borrow::Cow,
    collections::HashSet,
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time::error::Elapsed, time::timeout};

/// The topology is not declared again within this time.
const MIN_DECLARE_INTERVAL: Duration = Duration::from_secs(1);

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The exchange.
    pub exchange: &'static str,
    /// The routing key.
    pub routing_key: Cow<'static, str>,
    /// Whether it is an error if no queue takes the message.
    pub mandatory: bool,
    /// The AMQP properties.
    pub properties: BasicProperties,
    /// The body.
    pub body: Vec<u8>,
}

/// The broker's answer to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The message is on disk in every queue that takes it.
    Confirmed,
    /// The broker refused the message, for example because a queue is full.
    Refused,
    /// The message was mandatory, but no queue takes it.
    Unroutable,
    /// The connection failed before the broker answered. The message may have been published.
    Unanswered,
}

/// Why the broker answered no message of a batch. Each message may have been published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is no connection, or it failed.
    #[error("{0}")]
    Broker(#[from] BrokerError),
    /// The confirms did not come in time.
    #[error("no confirms within {BROKER_TIMEOUT:?}")]
    Timeout(#[from] Elapsed),
}

impl From<lapin::Error> for PublishError {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error.into())
    }
}

/// Publishes batches, one at a time, and waits for the broker's confirms.
///
/// It has a connection of its own. When the broker is short of memory or disk, it stops reading from
/// connections that publish. Acknowledgements must not wait for that.
pub struct Publisher {
    broker: Broker,
    /// One channel, with one batch at a time. lapin attaches a returned message to the next confirm on the
    /// channel. So only the id of the message shows which message was returned.
    current: Mutex<Option<PublishChannel>>,
}

/// A channel for publishing, and its connection.
struct PublishChannel {
    channel: Channel,
    connection: Connection,
    declared: Instant,
}

impl Publisher {
    /// A publisher that connects when it is first used.
    #[must_use]
    pub fn new(broker: &Broker) -> Self {
        Self { broker: broker.clone(), current: Mutex::new(None) }
    }

    /// The name of this process, for the `app_id` of messages.
    #[must_use]
    pub const fn app(&self) -> &'static str {
        self.broker.app()
    }

    /// Publishes all `messages` and waits for all confirms. The verdicts are in the order of the messages.
    ///
    /// If the connection fails or the time limit ends, messages that were answered before keep their verdict.
    /// An error means that no message was answered. Unless all messages are confirmed, the next call uses a
    /// new connection.
    pub async fn publish_all(&self, messages: &[Outgoing]) -> Result<Vec<Verdict>, PublishError> {
        let mut current = self.current.lock().await;
        // The channel is taken out. If this future is dropped early, the next batch must not use a channel
        // that still has confirms of this batch.
        let channel = self.take(&mut current).await?;
        let mut answers: Vec<_> = messages.iter().map(|_| None).collect();
        let published = match timeout(BROKER_TIMEOUT, channel.publish_all(messages, &mut answers)).await {
            Ok(published) => published.map_err(PublishError::from),
            Err(elapsed) => Err(elapsed.into()),
        };
        if published.is_err() {
            self.broker.avoid_node();
        }
        let verdicts = verdicts(messages, answers);
        // Otherwise the next call connects and declares the topology again, which restores a deleted queue.
        if verdicts.iter().all(|verdict| *verdict == Verdict::Confirmed) {
            *current = Some(channel);
        }
        match published {
            Err(error) if verdicts.iter().all(|verdict| *verdict == Verdict::Unanswered) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "only a part of a batch was confirmed");
                Ok(verdicts)
            }
            Ok(()) => Ok(verdicts),
        }
    }

    /// Declares the topology, unless this was done within [`MIN_DECLARE_INTERVAL`]. Call it before you
    /// publish lost events again. A lost binding may be the reason for the loss, and would cause it again.
    pub async fn declare(&self) -> Result<(), PublishError> {
        let mut current = self.current.lock().await;
        let mut channel = self.take(&mut current).await?;
        if channel.declared.elapsed() > MIN_DECLARE_INTERVAL {
            self.broker.declare(&channel.connection).await?;
            channel.declared = Instant::now();
        }
        *current = Some(channel);
        Ok(())
    }

    /// Publishes one message.
    pub async fn publish(&self, message: Outgoing) -> Result<Verdict, PublishError> {
        let verdicts = self.publish_all(&[message]).await?;
        Ok(verdicts.first().copied().unwrap_or(Verdict::Refused))
    }

    /// Takes out the current channel, or opens a new one. The caller puts it back only if it works. Otherwise
    /// the channel is closed with its connection, which may be dead without an error.
    async fn take(&self, current: &mut Option<PublishChannel>) -> Result<PublishChannel, PublishError> {
        if let Some(channel) = current.take().filter(PublishChannel::is_open) {
            return Ok(channel);
        }
        let (connection, channel) = self.broker.connect("publish").await?;
        bounded(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(PublishChannel { channel, connection, declared: Instant::now() })
    }
}

impl PublishChannel {
    fn is_open(&self) -> bool {
        self.channel.status().connected() && self.connection.status().connected()
    }

    /// Publishes all messages. Stores the answer to each message at the index of the message.
    async fn publish_all(
        &self,
        messages: &[Outgoing],
        answers: &mut [Option<Confirmation>],
    ) -> lapin::Result<()> {
        let mut confirms = Vec::with_capacity(messages.len());
        let mut published = Ok(());
        for (message, answer) in messages.iter().zip(answers) {
            let publishing = self.channel.basic_publish(
                ShortString::from(message.exchange),
                ShortString::from(&*message.routing_key),
                BasicPublishOptions { mandatory: message.mandatory, immediate: false },
                &message.body,
                message.properties.clone(),
            );
            match publishing.await {
                Ok(confirm) => confirms.push(async move {
                    *answer = Some(confirm.await?);
                    Ok(())
                }),
                Err(error) => {
                    published = Err(error);
                    break;
                }
            }
        }
        // Waits for all confirms, also after a failure: some messages may have been confirmed before it.
        let confirmed: lapin::Result<()> = join_all(confirms).await.into_iter().collect();
        published.and(confirmed)
    }
}

fn verdicts(messages: &[Outgoing], answers: Vec<Option<Confirmation>>) -> Vec<Verdict> {
    let acknowledged: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map(Confirmation::is_ack)).collect();
    // lapin attaches a returned message to the next confirm that completes, at the latest to its own.
    let returned: HashSet<_> = answers
        .into_iter()
        .flatten()
        .filter_map(Confirmation::take_message)
        .map(|message| message.delivery.properties.message_id().clone())
        .collect();
    let verdict = |(message, acknowledged): (&Outgoing, Option<bool>)| match acknowledged {
        _ if returned.contains(message.properties.message_id()) => Verdict::Unroutable,
        Some(true) => Verdict::Confirmed,
        Some(false) => Verdict::Refused,
        None => Verdict::Unanswered,
    };
    messages.iter().zip(acknowledged).map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::message::{BasicReturnMessage, Delivery};

    fn message(id: &str) -> Outgoing {
        let properties = BasicProperties::default().with_message_id(id.into());
        Outgoing { exchange: "", routing_key: "".into(), mandatory: true, properties, body: Vec::new() }
    }

    #[test]
    fn confirmed_messages_keep_their_verdict_when_others_get_no_answer() {
        let messages = ["confirmed", "refused", "unanswered"].map(message);
        let answers = vec![Some(Confirmation::Ack(None)), Some(Confirmation::Nack(None)), None];
        let expected = [Verdict::Confirmed, Verdict::Refused, Verdict::Unanswered];
        assert_eq!(verdicts(&messages, answers), expected);
    }

    #[test]
    fn a_returned_message_is_found_by_its_id() {
        let messages = ["confirmed", "returned"].map(message);
        let delivery = Delivery::mock(0, "orders".into(), "x".into(), false, Vec::new());
        let mut returned = BasicReturnMessage { delivery, reply_code: 312, reply_text: "NO_ROUTE".into() };
        returned.delivery.properties = message("returned").properties;
        let answers = vec![Some(Confirmation::Ack(Some(returned))), Some(Confirmation::Ack(None))];
        assert_eq!(verdicts(&messages, answers), [Verdict::Confirmed, Verdict::Unroutable]);
    }
}
