//! The queue `parking`, for operators: what could not be dealt with, why, and what to do with it.
//!
//! Talks to RabbitMQ directly. Messages are looked at by taking them without an answer: they go back
//! to the queue when the channel closes, so whoever else looks at that moment does not see them.

mod headers;
mod message;

pub use message::{Parked, Summary};

use common::amqp::{
    connection::{Broker, BrokerError, BrokerOptions, bounded},
    delivery,
    publisher::{PublishError, Publisher, Verdict},
    topology::PARKING,
};
use lapin::{
    Channel, Connection,
    message::Delivery,
    options::{BasicAckOptions, BasicGetOptions},
};
use serde::Serialize;

/// Messages that are published together.
const BATCH: usize = 100;
/// Acknowledgements that a channel of RabbitMQ sends on to a quorum queue before it waits for the
/// queue: half of its limit (`SOFT_LIMIT` of 32 in `rabbit_fifo_client`).
const ACKS: usize = 16;

/// What is parked.
pub struct Parking {
    broker: Broker,
    publisher: Publisher,
}

/// Which messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that there are.
    All,
    /// Those with these ids. Two messages may have one id: then it is both.
    Ids(Vec<String>),
}

/// What became of a message that was to be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Its id.
    pub id: String,
    /// The work queue that it came from.
    pub queue: Option<String>,
    /// Whether it is there again.
    pub outcome: Outcome,
}

/// Whether a message is back in its work queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is.
    Replayed,
    /// Still parked: nothing says where it came from.
    UnknownOrigin,
    /// Still parked: there is no such queue any more.
    NoQueue,
    /// Still parked: the queue would not have it, being full for instance.
    Refused,
}

/// Why something could not be done with what is parked.
#[derive(Debug, thiserror::Error)]
pub enum ParkedError {
    /// There is nothing of this id: there never was, or it has been replayed or discarded.
    #[error("nothing that is parked has the id {0}; `orderctl parked list` shows what is")]
    Unknown(String),
    /// The broker failed or could not be reached.
    #[error("RabbitMQ: {0}")]
    Broker(#[from] BrokerError),
    /// It is not known whether messages are back in their queues: they are still parked, too.
    #[error("RabbitMQ: {0}; what was not confirmed is still parked")]
    Publish(#[from] PublishError),
    /// The connection was lost before the answer.
    #[error("the connection to RabbitMQ was lost; look again what is parked")]
    Lost,
    /// There can be no connections to publish on.
    #[error("RabbitMQ: {0}")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Parking {
    /// What is parked at this broker. Connects when it is first used.
    pub fn new(options: &BrokerOptions) -> Result<Self, ParkedError> {
        let broker = Broker::new(options, "orderctl");
        let publisher = Publisher::new(&broker).map_err(|error| ParkedError::Pool(error.into()))?;
        Ok(Self { broker, publisher })
    }

    /// What is parked, the oldest first.
    pub async fn list(&self, which: &Which) -> Result<Vec<Parked>, ParkedError> {
        let taken = self.take(which).await?;
        let mut parked: Vec<Parked> = taken.deliveries.iter().map(Parked::of).collect();
        taken.put_back().await?;
        // The queue itself keeps no order of what has been taken and put back.
        parked.sort_by_key(|parked| parked.summary.at);
        Ok(parked)
    }

    /// Sends messages back to the work queues that they came from, to be tried as if for the first
    /// time. Each leaves parking when its queue has it: what is interrupted can be repeated, and at
    /// worst a worker gets a message twice.
    pub async fn replay(&self, which: &Which) -> Result<Vec<Replayed>, ParkedError> {
        let taken = self.take(which).await?;
        let mut replayed = Vec::new();
        for batch in taken.deliveries.chunks(BATCH) {
            let outcomes = self.replay_batch(batch).await?;
            let back = batch.iter().zip(&outcomes).filter(|(_, done)| done.outcome == Outcome::Replayed);
            taken.remove(back.map(|(delivery, _)| delivery)).await?;
            replayed.extend(outcomes);
        }
        taken.put_back().await?;
        Ok(replayed)
    }

    async fn replay_batch(&self, batch: &[Delivery]) -> Result<Vec<Replayed>, ParkedError> {
        let parked: Vec<Parked> = batch.iter().map(Parked::of).collect();
        let outgoing: Vec<_> = batch
            .iter()
            .zip(&parked)
            .filter_map(|(delivery, parked)| {
                Some(delivery::replayed(delivery, parked.summary.queue.as_deref()?))
            })
            .collect();
        let mut verdicts = self.publisher.publish_all(&outgoing).await?.into_iter();
        let outcomes = parked.into_iter().map(|Parked { summary: Summary { id, queue, .. }, .. }| {
            let outcome = match queue.as_ref().and_then(|_| verdicts.next()) {
                Some(Verdict::Confirmed) => Outcome::Replayed,
                Some(Verdict::Unroutable) => Outcome::NoQueue,
                Some(Verdict::Refused) => Outcome::Refused,
                None => Outcome::UnknownOrigin,
            };
            Replayed { id, queue, outcome }
        });
        Ok(outcomes.collect())
    }

    /// Removes messages for good.
    pub async fn discard(&self, ids: &[String]) -> Result<Vec<Parked>, ParkedError> {
        let taken = self.take(&Which::Ids(ids.to_vec())).await?;
        taken.remove(taken.deliveries.iter()).await?;
        let discarded = taken.deliveries.iter().map(Parked::of).collect();
        taken.put_back().await?;
        Ok(discarded)
    }

    /// Takes messages out for as long as it takes; none where one of the ids is unknown.
    async fn take(&self, which: &Which) -> Result<Taken, ParkedError> {
        let (connection, channel) = self.broker.connect("parked").await?;
        let mut taken = Taken { connection, channel, deliveries: Vec::new() };
        let mut left = 1;
        // No more than there were at first: others may park faster than this looks.
        while left > 0 {
            let get = taken.channel.basic_get(PARKING.into(), BasicGetOptions::default());
            let Some(got) = bounded(get).await? else { break };
            left = if taken.deliveries.is_empty() { got.message_count } else { left - 1 };
            taken.deliveries.push(got.delivery);
        }
        if let Which::Ids(ids) = which {
            let known: Vec<String> = taken.deliveries.iter().map(message::id_of).collect();
            if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
                let unknown = unknown.clone();
                taken.put_back().await?;
                return Err(ParkedError::Unknown(unknown));
            }
            taken.deliveries.retain(|delivery| ids.contains(&message::id_of(delivery)));
        }
        Ok(taken)
    }
}

/// Messages that are out of the queue until their channel closes, those that were removed excepted.
struct Taken {
    connection: Connection,
    channel: Channel,
    deliveries: Vec<Delivery>,
}

impl Taken {
    /// Removes some of them for good.
    async fn remove(&self, deliveries: impl Iterator<Item = &Delivery>) -> Result<(), ParkedError> {
        let deliveries: Vec<_> = deliveries.collect();
        for few in deliveries.chunks(ACKS) {
            for delivery in few {
                if !bounded(delivery.ack(BasicAckOptions::default())).await? {
                    return Err(ParkedError::Lost);
                }
            }
            // AMQP does not answer an acknowledgement, and a channel that closes forgets those that it
            // has not sent on. The queue answers this only after it has dealt with them; should there
            // be a message in the answer, it goes back with the others.
            bounded(self.channel.basic_get(PARKING.into(), BasicGetOptions::default())).await?;
        }
        Ok(())
    }

    async fn put_back(self) -> Result<(), ParkedError> {
        bounded(self.channel.close(200, "done".into())).await?;
        Ok(bounded(self.connection.close(200, "done".into())).await?)
    }
}
