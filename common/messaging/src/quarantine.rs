//! Quarantine of poison messages: messages that may crash their worker.
//!
//! When a worker dies, the broker counts a return for every message that the worker held. It also counts
//! messages that the worker had not begun. With a prefetch of 50, a poison message would return together
//! with up to 49 others. All of them would reach the delivery limit.
//!
//! So a message that is delivered for the third time is a suspect. The worker handles a suspect alone. It
//! then holds no other message, not even an unread one. If the worker dies, only the suspect is returned.

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

/// The number of returns to the queue after which a message is a suspect. A harmless message can
/// have one return, if another message crashed the worker. Two such returns are rare.
const SUSPECT_AFTER: u64 = 2;

/// Whether a message must be handled alone. Only crashes and lost connections count as returns: each
/// retry of ours is a new message.
pub(super) fn is_suspect(delivery: &Delivery) -> bool {
    Envelope::of(delivery).returns() >= SUSPECT_AFTER
}

/// The deliveries of a queue. A narrow intake gets one message at a time, a wide one as many as there are
/// permits.
///
/// An intake starts narrow. The messages that a crash returned are at the head of the queue. So a restarted
/// worker gets the suspects first, one by one. The intake widens at the first message that is no suspect.
pub(super) struct Intake<'a> {
    channel: &'a Channel,
    queue: &'static WorkQueue,
    prefetch: u16,
    acks: Acks,
    is_wide: bool,
    deliveries: Deliveries,
}

impl<'a> Intake<'a> {
    /// Starts to consume. Set `is_wide` only if the consumer was just idle: then it has not crashed.
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

    /// The next delivery. No delivery is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Result<Delivery, BrokerError> {
        let cancelled = || BrokerError::Cancelled(self.queue.name.to_owned());
        Ok(self.deliveries.next().await.ok_or_else(cancelled)??)
    }

    /// Ends the narrow consumer and starts a wide one. The last delivery must not be acknowledged yet.
    /// Until then the broker sends no other delivery to the narrow consumer.
    pub(super) async fn widen(&mut self) -> Result<(), BrokerError> {
        if !self.is_wide {
            self.cancel().await?;
            self.deliveries = consume(self.channel, self.queue, self.prefetch).await?;
            self.is_wide = true;
        }
        Ok(())
    }

    /// Stops the intake. Returns the deliveries that were not read yet, but sends suspects among them
    /// back to the queue.
    pub(super) async fn stop(&mut self) -> Result<Vec<Delivery>, BrokerError> {
        self.cancel().await?;
        let mut trusted = Vec::new();
        // All deliveries that the broker sent before its answer have arrived. The stream ends after them.
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

    /// Consumes again after [`Self::stop`], narrow.
    pub(super) async fn resume(&mut self) -> Result<(), BrokerError> {
        self.deliveries = consume(self.channel, self.queue, 1).await?;
        self.is_wide = false;
        Ok(())
    }

    /// Stops the intake. Deliveries that were not read go back to the queue when the channel closes.
    pub(super) async fn cancel(&self) -> Result<(), BrokerError> {
        bounded(self.channel.basic_cancel(self.deliveries.tag(), BasicCancelOptions::default())).await
    }
}

async fn consume(channel: &Channel, queue: &WorkQueue, prefetch: u16) -> Result<Deliveries, BrokerError> {
    // The prefetch applies to consumers that start after this call, not to existing ones.
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
    fn a_message_is_suspect_from_its_third_delivery() {
        assert!(!is_suspect(&returned(None)), "a first delivery on RabbitMQ 4.x");
        for (count, expected) in [(0, false), (1, false), (2, true), (20, true)] {
            assert_eq!(is_suspect(&returned(Some(AMQPValue::LongLongInt(count)))), expected, "{count}");
        }
        assert!(!is_suspect(&returned(Some(AMQPValue::Void))), "not a number");
    }
}
