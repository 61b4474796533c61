//! Publishing with confirms.

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

/// A declaration that is no older than this need not be repeated.
const JUST_DECLARED: Duration = Duration::from_secs(1);

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The exchange.
    pub exchange: &'static str,
    /// The routing key.
    pub routing_key: Cow<'static, str>,
    /// Whether it is a failure when no queue takes it.
    pub mandatory: bool,
    /// The envelope.
    pub properties: BasicProperties,
    /// The body.
    pub body: Vec<u8>,
}

/// The broker's answer to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on disk in every queue that takes it.
    Confirmed,
    /// The broker would not have it, a queue being full for instance.
    Refused,
    /// No queue takes it, and it was mandatory.
    Unroutable,
    /// Nothing: the connection failed before the broker answered. The message may have been published, or not.
    Unanswered,
}

/// Why nothing is known of any message of a batch: each may have been published, or not.
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
/// It has a connection of its own: when the broker is short of memory or disk it stops reading from
/// connections that publish, and acknowledgements must not wait behind that.
pub struct Publisher {
    broker: Broker,
    /// One batch at a time on one channel: a returned message says nothing of which publish it
    /// belongs to but its id, and lapin hands it to whichever confirm comes next on the channel.
    lane: Mutex<Option<Lane>>,
}

/// The channel in use, with the connection that it belongs to.
struct Lane {
    channel: Channel,
    connection: Connection,
    declared: Instant,
}

impl Publisher {
    /// A publisher that connects when it is first used.
    #[must_use]
    pub fn new(broker: &Broker) -> Self {
        Self { broker: broker.clone(), lane: Mutex::new(None) }
    }

    /// The name of this process, for the `app_id` of messages.
    #[must_use]
    pub const fn app(&self) -> &'static str {
        self.broker.app()
    }

    /// Publishes all of `messages` and waits for all confirms; the verdicts are in their order.
    ///
    /// Where the connection fails or time runs out, the messages that were confirmed before keep their verdict. On an
    /// error nothing is known of any of them. Unless all are confirmed, the next call has a new connection.
    pub async fn publish_all(&self, messages: &[Outgoing]) -> Result<Vec<Verdict>, PublishError> {
        let mut lane = self.lane.lock().await;
        // Taken out: should this future be dropped half-way, confirms of its batch must not be found on the channel by
        // the next one.
        let current = self.take(&mut lane).await?;
        let mut answers: Vec<_> = messages.iter().map(|_| None).collect();
        let published = match timeout(BROKER_TIMEOUT, current.publish_all(messages, &mut answers)).await {
            Ok(published) => published.map_err(PublishError::from),
            Err(elapsed) => Err(elapsed.into()),
        };
        if published.is_err() {
            self.broker.avoid_node();
        }
        let verdicts = verdicts(messages, answers);
        // Otherwise a new lane declares the topology anew, which brings back a deleted queue.
        if verdicts.iter().all(|verdict| *verdict == Verdict::Confirmed) {
            *lane = Some(current);
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

    /// Declares the topology unless that was done a moment ago. To be called before events are published that were lost on
    /// their first way: otherwise a lost binding would take them again.
    pub async fn declare(&self) -> Result<(), PublishError> {
        let mut lane = self.lane.lock().await;
        let mut current = self.take(&mut lane).await?;
        if current.declared.elapsed() > JUST_DECLARED {
            self.broker.declare(&current.connection).await?;
            current.declared = Instant::now();
        }
        *lane = Some(current);
        Ok(())
    }

    /// Publishes one message.
    pub async fn publish(&self, message: Outgoing) -> Result<Verdict, PublishError> {
        let verdicts = self.publish_all(&[message]).await?;
        Ok(verdicts.first().copied().unwrap_or(Verdict::Refused))
    }

    /// The lane, taken out for as long as it is in use, or a new one. A lane that is not put back ends with its connection,
    /// which may be dead without knowing it.
    async fn take(&self, lane: &mut Option<Lane>) -> Result<Lane, PublishError> {
        if let Some(current) = lane.take().filter(Lane::stands) {
            return Ok(current);
        }
        let (connection, channel) = self.broker.connect("publish").await?;
        bounded(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(Lane { channel, connection, declared: Instant::now() })
    }
}

impl Lane {
    fn stands(&self) -> bool {
        self.channel.status().connected() && self.connection.status().connected()
    }

    /// Publishes all, and stores each answer in the message's place.
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
        // All of them, also after a failure: some may have been confirmed before it.
        let confirmed: lapin::Result<()> = join_all(confirms).await.into_iter().collect();
        published.and(confirmed)
    }
}

fn verdicts(messages: &[Outgoing], answers: Vec<Option<Confirmation>>) -> Vec<Verdict> {
    let acknowledged: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map(Confirmation::is_ack)).collect();
    // A returned message comes with the confirm that completes next, at the latest with its own.
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
    fn a_returned_message_is_unroutable_whichever_confirm_brings_it() {
        let messages = ["confirmed", "returned"].map(message);
        let delivery = Delivery::mock(0, "orders".into(), "x".into(), false, Vec::new());
        let mut returned = BasicReturnMessage { delivery, reply_code: 312, reply_text: "NO_ROUTE".into() };
        returned.delivery.properties = message("returned").properties;
        let answers = vec![Some(Confirmation::Ack(Some(returned))), Some(Confirmation::Ack(None))];
        assert_eq!(verdicts(&messages, answers), [Verdict::Confirmed, Verdict::Unroutable]);
    }
}
