//! The queue `parking`, for people: what could not be dealt with, why, and what to do with it. Used by
//! orderctl and operations-service.
//!
//! Messages are looked at by taking them out without an answer: when the look ends, or whoever looks
//! dies, they go back. One looks at a time, of all processes there are (see [`look`]): somebody else
//! would find the queue empty, and take what is only being looked at for gone.

mod headers;
mod look;
mod message;

pub use message::{Parked, Summary};

use crate::{
    connection::Broker,
    delivery,
    error::BrokerError,
    publisher::{PublishError, Publisher, Verdict},
};
use lapin::message::Delivery;
use look::{BATCH, Look};
use serde::Serialize;

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

/// What is parked, at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Those that have been parked for longest come first.
    pub messages: Vec<Summary>,
    /// How many there are in all, where not all were looked at.
    pub total: usize,
}

/// What became of a message that was to be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Its id.
    pub id: String,
    /// The work queue that it came from.
    pub queue: Option<String>,
    /// The order that it is about, as its publisher said.
    pub order_id: Option<String>,
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
pub enum ParkingError {
    /// There is nothing of this id: there never was, or it has been replayed or discarded.
    #[error("no parked message has the id {0}")]
    Unknown(String),
    /// Somebody else looks, and has done so for long.
    #[error("another request is reading the parked messages; try again in a moment")]
    Busy,
    /// The broker failed or could not be reached.
    #[error("RabbitMQ: {0}")]
    Broker(#[from] BrokerError),
    /// It is not known whether messages are back in their queues: they are still parked, too.
    #[error("RabbitMQ: {0}; messages without a confirm are still parked")]
    Publish(#[from] PublishError),
    /// The connection was lost before the answer.
    #[error("the connection to RabbitMQ was lost; list the parked messages again")]
    Lost,
}

impl Parking {
    /// What is parked at this broker. Connects when it is used.
    #[must_use]
    pub fn new(broker: Broker) -> Self {
        let publisher = Publisher::new(&broker);
        Self { broker, publisher }
    }

    /// What is parked, of no more than `most` messages. Bodies are not kept: parking may hold more of
    /// them than there is memory.
    pub async fn list(&self, most: usize) -> Result<Listing, ParkingError> {
        let mut look = Look::begin(&self.broker).await?;
        let listing = async {
            let mut messages = Vec::new();
            while messages.len() < most
                && let Some(delivery) = look.next().await?
            {
                messages.push(Summary::of(&delivery));
            }
            // The queue itself keeps no order of what has been taken and put back.
            messages.sort_by(|one, other| one.position().cmp(&other.position()));
            Ok(Listing { messages, total: look.total() })
        };
        let listing = listing.await;
        look.end_with(listing).await
    }

    /// These messages, with their headers and bodies.
    pub async fn show(&self, ids: &[String]) -> Result<Vec<Parked>, ParkingError> {
        let mut look = Look::begin(&self.broker).await?;
        let found = look.find(ids).await;
        let shown = found.map(|found| found.iter().map(Parked::of).collect());
        look.end_with(shown).await
    }

    /// Removes messages for good.
    pub async fn discard(&self, ids: &[String]) -> Result<Vec<Summary>, ParkingError> {
        let mut look = Look::begin(&self.broker).await?;
        let discarded = async {
            let found = look.find(ids).await?;
            look.remove(found.iter()).await?;
            Ok(found.iter().map(Summary::of).collect())
        };
        let discarded = discarded.await;
        look.end_with(discarded).await
    }

    /// Sends messages back to the work queues that they came from, to be tried as if for the first
    /// time. Each leaves parking when its queue has it: what is interrupted can be repeated, and at
    /// worst a worker gets a message twice.
    pub async fn replay(&self, which: &Which) -> Result<Vec<Replayed>, ParkingError> {
        let mut look = Look::begin(&self.broker).await?;
        let replayed = match which {
            Which::All => self.replay_all(&mut look).await,
            Which::Ids(ids) => self.replay_some(&mut look, ids).await,
        };
        look.end_with(replayed).await
    }

    async fn replay_all(&self, look: &mut Look) -> Result<Vec<Replayed>, ParkingError> {
        let mut replayed = Vec::new();
        loop {
            let batch = look.batch().await?;
            if batch.is_empty() {
                return Ok(replayed);
            }
            replayed.extend(self.replay_batch(look, &batch).await?);
        }
    }

    async fn replay_some(&self, look: &mut Look, ids: &[String]) -> Result<Vec<Replayed>, ParkingError> {
        let mut replayed = Vec::new();
        for batch in look.find(ids).await?.chunks(BATCH) {
            replayed.extend(self.replay_batch(look, batch).await?);
        }
        Ok(replayed)
    }

    async fn replay_batch(&self, look: &mut Look, batch: &[Delivery]) -> Result<Vec<Replayed>, ParkingError> {
        let messages: Vec<Summary> = batch.iter().map(Summary::of).collect();
        let origins = batch.iter().zip(&messages);
        let outgoing: Vec<_> = origins
            .filter_map(|(delivery, message)| Some(delivery::replayed(delivery, message.queue.as_deref()?)))
            .collect();
        let mut verdicts = self.publisher.publish_all(&outgoing).await?.into_iter();
        let replayed = messages.into_iter().map(|Summary { id, queue, order_id, .. }| {
            let outcome = match queue.as_ref().and_then(|_| verdicts.next()) {
                Some(Verdict::Confirmed) => Outcome::Replayed,
                Some(Verdict::Unroutable) => Outcome::NoQueue,
                Some(Verdict::Refused | Verdict::Unanswered) => Outcome::Refused,
                None => Outcome::UnknownOrigin,
            };
            Replayed { id, queue, order_id, outcome }
        });
        let replayed: Vec<_> = replayed.collect();
        let back = batch.iter().zip(&replayed).filter(|(_, message)| message.outcome == Outcome::Replayed);
        look.remove(back.map(|(delivery, _)| delivery)).await?;
        Ok(replayed)
    }
}
