//! Acknowledging: what is done at the same time is said with one frame, and is one entry in the queue's log.
//!
//! There is no timer: nothing that is done waits for what is not.

use crate::error::bounded;
use lapin::{Acker, message::Delivery, options::BasicAckOptions};
use std::collections::BTreeSet;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Acknowledges the deliveries of one channel. Cheap to clone; ends with its last clone.
#[derive(Clone)]
pub(super) struct Acks(mpsc::UnboundedSender<Answered>);

struct Answered {
    tag: u64,
    /// `None` where the broker has been answered already.
    done: Option<(Acker, OwnedSemaphorePermit)>,
}

impl Acks {
    /// For a channel without a delivery so far.
    pub(super) fn new() -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut tally = Tally::default();
            let mut answered = Vec::new();
            // All that are ready to say that they are done have said so when this task gets its turn.
            while receiver.recv_many(&mut answered, usize::from(u16::MAX)).await > 0 {
                acknowledge(std::mem::take(&mut answered), &mut tally).await;
            }
        });
        Self(sender)
    }

    /// Acknowledges a delivery that has been dealt with. Its permit is held until that is on its way.
    pub(super) fn done(&self, delivery: Delivery, permit: OwnedSemaphorePermit) {
        // The task does not end before this does.
        drop(self.0.send(Answered { tag: delivery.delivery_tag, done: Some((delivery.acker, permit)) }));
    }

    /// Notes that the broker has been told of a delivery otherwise.
    pub(super) fn returned(&self, tag: u64) {
        drop(self.0.send(Answered { tag, done: None }));
    }
}

async fn acknowledge(mut answered: Vec<Answered>, tally: &mut Tally) {
    answered.sort_unstable_by_key(|answered| answered.tag);
    let complete = tally.note(answered.iter().map(|answered| answered.tag));
    let of_complete = answered.partition_point(|answered| answered.tag <= complete);
    let (together, single) = answered.split_at(of_complete);
    let last = together.iter().rev().find_map(|answered| answered.done.as_ref());
    let single = single.iter().filter_map(|answered| answered.done.as_ref());
    let acks = last.map(|done| (done, true)).into_iter().chain(single.map(|done| (done, false)));
    for ((acker, _), multiple) in acks {
        // `Ok(false)`: the channel is gone, the acknowledgement went nowhere.
        if !matches!(bounded(acker.ack(BasicAckOptions { multiple })).await, Ok(true)) {
            tracing::info!("connection lost before the acknowledgement; what it was for will come again");
            break;
        }
    }
}

/// Which of a channel's deliveries have been answered; the broker counts them from 1.
#[derive(Default)]
struct Tally {
    /// This one and all before it.
    complete: u64,
    /// Those after it that are, too.
    beyond: BTreeSet<u64>,
}

impl Tally {
    /// Notes some as answered, and returns the last one up to which all are: only up to there may several be
    /// acknowledged with one frame.
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
    fn what_is_not_answered_is_not_passed_over() {
        let mut tally = Tally::default();
        let mut complete = |tags: &[u64]| tally.note(tags.iter().copied());
        assert_eq!(complete(&[2, 4]), 0);
        assert_eq!(complete(&[1]), 2);
        assert_eq!(complete(&[5, 6]), 2);
        assert_eq!(complete(&[3]), 6);
        assert_eq!(complete(&[3]), 6, "said twice");
    }

    proptest! {
        #[test]
        fn in_any_order_all_before_are_answered(tags in Just((1..=40).collect::<Vec<u64>>()).prop_shuffle()) {
            let mut tally = Tally::default();
            for (count, tag) in tags.iter().enumerate() {
                let complete = tally.note([*tag].into_iter());
                let said = &tags[..=count];
                prop_assert!((1..=complete).all(|tag| said.contains(&tag)));
                prop_assert!(!said.contains(&(complete + 1)));
            }
        }
    }
}
