//! Acknowledges deliveries in batches. One frame, and one entry in the log of the queue, covers several
//! deliveries.
//!
//! There is no timer. A handled delivery never waits for an unfinished one.

use crate::error::bounded;
use lapin::{Acker, message::Delivery, options::BasicAckOptions};
use std::collections::BTreeSet;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Acknowledges the deliveries of one channel. Cheap to clone. Its task ends with the last clone.
#[derive(Clone)]
pub(super) struct Acks(mpsc::UnboundedSender<Answered>);

struct Answered {
    tag: u64,
    /// `None` if the delivery was returned to the queue.
    done: Option<(Acker, OwnedSemaphorePermit)>,
}

impl Acks {
    /// Starts the task for a channel that has had no delivery yet.
    pub(super) fn new() -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut tally = Tally::default();
            let mut answered = Vec::new();
            // Takes all deliveries that were handled since the last batch.
            while receiver.recv_many(&mut answered, usize::from(u16::MAX)).await > 0 {
                acknowledge(std::mem::take(&mut answered), &mut tally).await;
            }
        });
        Self(sender)
    }

    /// Acknowledges a handled delivery. Releases its permit when the acknowledgement has been sent.
    pub(super) fn done(&self, delivery: Delivery, permit: OwnedSemaphorePermit) {
        // The send succeeds: the task lives as long as `self`.
        drop(self.0.send(Answered { tag: delivery.delivery_tag, done: Some((delivery.acker, permit)) }));
    }

    /// Notes a delivery that was returned to the queue, so that it counts as answered.
    pub(super) fn returned(&self, tag: u64) {
        drop(self.0.send(Answered { tag, done: None }));
    }
}

async fn acknowledge(mut answered: Vec<Answered>, tally: &mut Tally) {
    answered.sort_unstable_by_key(|answered| answered.tag);
    let complete = tally.note(answered.iter().map(|answered| answered.tag));
    let batch_size = answered.partition_point(|answered| answered.tag <= complete);
    let (batch, single) = answered.split_at(batch_size);
    let last = batch.iter().rev().find_map(|answered| answered.done.as_ref());
    let single = single.iter().filter_map(|answered| answered.done.as_ref());
    let acks = last.map(|done| (done, true)).into_iter().chain(single.map(|done| (done, false)));
    for ((acker, _), multiple) in acks {
        // `Ok(false)` means that the channel is closed and the acknowledgement was not sent.
        if !matches!(bounded(acker.ack(BasicAckOptions { multiple })).await, Ok(true)) {
            tracing::info!("connection lost before the acknowledgement; RabbitMQ will deliver again");
            break;
        }
    }
}

/// The answered deliveries of a channel. The broker numbers deliveries from 1.
#[derive(Default)]
struct Tally {
    /// This delivery and all before it are answered.
    complete: u64,
    /// Later deliveries that are answered.
    beyond: BTreeSet<u64>,
}

impl Tally {
    /// Notes deliveries as answered. Returns the number up to which all deliveries are
    /// answered. One frame can acknowledge all of these.
    fn note(&mut self, tags: impl Iterator<Item = u64>) -> u64 {
        self.beyond.extend(tags);
        while self.beyond.first().is_some_and(|next| *next <= self.complete + 1) {
            self.complete = self.beyond.pop_first().unwrap_or_default().max(self.complete);
        }
        self.complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_batch_ends_before_an_unanswered_delivery() {
        let mut tally = Tally::default();
        let mut complete = |tags: &[u64]| tally.note(tags.iter().copied());
        assert_eq!(complete(&[2, 4]), 0);
        assert_eq!(complete(&[1]), 2);
        assert_eq!(complete(&[5, 6]), 2);
        assert_eq!(complete(&[3]), 6);
        assert_eq!(complete(&[3]), 6, "noted twice");
    }

    proptest! {
        #[test]
        fn a_batch_has_answered_deliveries_only(tags in Just((1..=40).collect::<Vec<u64>>()).prop_shuffle()) {
            let mut tally = Tally::default();
            for (count, tag) in tags.iter().enumerate() {
                let complete = tally.note([*tag].into_iter());
                let answered = &tags[..=count];
                prop_assert!((1..=complete).all(|tag| answered.contains(&tag)));
                prop_assert!(!answered.contains(&(complete + 1)));
            }
        }
    }
}
