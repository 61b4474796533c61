//! Messages that may kill their worker, and how the innocent are kept away from them.
//!
//! When a worker dies, the broker counts that against every message it held, begun or not. Behind one
//! that kills, at a prefetch of 50, up to 49 others would come back with it each time, and reach the
//! delivery limit with it. So a message that comes for the third time is a suspect: it is handled
//! when nothing else is held, not even unread on the way. Should the worker die of it, that counts
//! against it alone.

use crate::{
    acks::Acks,
    delivery::Envelope,
    error::{BrokerError, bounded},
    topology::WorkQueue,
};
use futures_util::StreamExt;
use lapin::{
    Channel, Consumer as Deliveries,
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions},
    types::{FieldTable, ShortString},
};

/// Returns to the queue that make a suspect. One may be anybody's bad luck, and so may two, but not
/// often enough to matter.
const SUSPECT_AFTER: u64 = 2;

/// Whether a message must be handled alone. Only crashes and lost connections count: our own retries
/// are new messages.
pub(super) fn is_suspect(delivery: &Delivery) -> bool {
    Envelope::of(delivery).returns() >= SUSPECT_AFTER
}

/// The flow of deliveries from a queue: one message at a time, or as many as there are permits.
///
/// It begins narrow. What a crash returned is at the head of the queue, so a worker that has just
/// died meets the suspects first, one by one, and widens at the first message that is none.
pub(super) struct Intake<'a> {
    channel: &'a Channel,
    queue: &'static WorkQueue,
    prefetch: u16,
    acks: Acks,
    is_wide: bool,
    deliveries: Deliveries,
}

impl<'a> Intake<'a> {
    /// Begins to consume: narrow, unless the consumer has just been idle and so has not crashed.
    pub(super) async fn open(
        channel: &'a Channel,
        queue: &'static WorkQueue,
        prefetch: u16,
        acks: Acks,
        is_wide: bool,
    ) -> Result<Self, BrokerError> {
        let deliveries = consume(channel, queue, if is_wide { prefetch } else { 1 }).await?;
        Ok(Self { channel, queue, prefetch, acks, is_wide, deliveries })
    }

    /// The next delivery. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Result<Delivery, BrokerError> {
        let cancelled = || BrokerError::Cancelled(self.queue.name.to_owned());
        Ok(self.deliveries.next().await.ok_or_else(cancelled)??)
    }

    /// Lets as many in as there are permits. The last delivery must not have been answered yet: then
    /// there is no further one on its way to the consumer that ends here.
    pub(super) async fn widen(&mut self) -> Result<(), BrokerError> {
        if !self.is_wide {
            self.cancel().await?;
            self.deliveries = consume(self.channel, self.queue, self.prefetch).await?;
            self.is_wide = true;
        }
        Ok(())
    }

    /// Lets nothing more in, and returns what had been delivered and not been read. Suspects among it
    /// go back to the queue.
    pub(super) async fn stop(&mut self) -> Result<Vec<Delivery>, BrokerError> {
        self.cancel().await?;
        let mut trusted = Vec::new();
        // All that the broker sent before its answer is there by now; the stream ends after it.
        while let Some(delivery) = self.deliveries.next().await {
            let delivery = delivery?;
            if is_suspect(&delivery) {
                let requeue = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
                bounded(delivery.nack(requeue)).await?;
                self.acks.returned(delivery.delivery_tag);
            } else {
                trusted.push(delivery);
            }
        }
        Ok(trusted)
    }

    /// Goes on after [`Self::stop`], narrow.
    pub(super) async fn resume(&mut self) -> Result<(), BrokerError> {
        self.deliveries = consume(self.channel, self.queue, 1).await?;
        self.is_wide = false;
        Ok(())
    }

    /// Lets nothing more in. What was delivered and not been read goes back to the queue when the
    /// channel closes.
    pub(super) async fn cancel(&self) -> Result<(), BrokerError> {
        bounded(self.channel.basic_cancel(self.deliveries.tag(), BasicCancelOptions::default())).await
    }
}

async fn consume(channel: &Channel, queue: &WorkQueue, prefetch: u16) -> Result<Deliveries, BrokerError> {
    // Holds for the consumers that are made after it, not for those that there are.
    bounded(channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
    bounded(channel.basic_consume(
        ShortString::from(queue.name),
        ShortString::default(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    ))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::{BasicProperties, types::AMQPValue};

    fn returned(count: Option<AMQPValue>) -> Delivery {
        let mut headers = FieldTable::default();
        if let Some(count) = count {
            headers.insert("x-delivery-count".into(), count);
        }
        let mut delivery = Delivery::mock(1, "orders".into(), "order_created".into(), true, Vec::new());
        delivery.properties = BasicProperties::default().with_headers(headers);
        delivery
    }

    #[test]
    fn the_third_delivery_is_suspect() {
        assert!(!is_suspect(&returned(None)), "a first delivery on RabbitMQ 4.x");
        for (count, expected) in [(0, false), (1, false), (2, true), (20, true)] {
            assert_eq!(is_suspect(&returned(Some(AMQPValue::LongLongInt(count)))), expected, "{count}");
        }
        assert!(!is_suspect(&returned(Some(AMQPValue::Void))), "no number");
    }
}
