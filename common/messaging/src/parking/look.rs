//! One look into parking.
//!
//! What is taken out is hidden from everybody else, so only one may look at a time. That is arranged
//! with an exclusive queue ([`topology::TURN`]): whoever could declare it has the turn, and its connection's end
//! is the turn's, however that comes. RabbitMQ notices a process that died at once, and one that is
//! silent after two heartbeats.

use crate::parking::{ParkingError, message};
use crate::{
    connection::Broker,
    error::{BrokerError, bounded},
    topology::{self, PARKING},
};
use lapin::{
    Channel, Connection,
    message::{BasicGetMessage, Delivery},
    options::{BasicAckOptions, BasicGetOptions, QueueDeclareOptions},
    types::FieldTable,
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep};

/// Messages that are replayed together.
pub(super) const BATCH: usize = 100;
/// But not more bytes of them than this: their confirms come in time, and they fit into memory.
const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// Acknowledgements that a channel of RabbitMQ sends on to a quorum queue before it waits for the
/// queue: half of its limit (`SOFT_LIMIT` of 32 in `rabbit_fifo_client`).
const ACKS: usize = 16;
/// How long to wait for others to end their look: less than a service's requests may take.
const TURN_PATIENCE: Duration = Duration::from_secs(7);
/// How long to wait for what was put back to be in the queue again.
const BACK_PATIENCE: Duration = Duration::from_secs(2);
/// Between two tries at either.
const GLANCE: Duration = Duration::from_millis(20);

/// A look. The messages that it takes are out of the queue until it ends, and then back, but for those
/// that were removed. Dropped half-way, it ends all the same.
pub(super) struct Look {
    connection: Connection,
    channel: Channel,
    taken: usize,
    removed: usize,
    /// How many there still were behind the last one that was taken.
    left: usize,
    /// Out of the queue by the way, and still to be looked at.
    ahead: VecDeque<Delivery>,
}

impl Look {
    pub(super) async fn begin(broker: &Broker) -> Result<Self, ParkingError> {
        let (connection, mut channel) = broker.connect("parking").await?;
        let deadline = Instant::now() + TURN_PATIENCE;
        loop {
            match bounded(topology::declare_turn(&channel)).await {
                Ok(()) => break,
                Err(error) if error.is_locked() => {}
                Err(error) => return Err(error.into()),
            }
            if Instant::now() > deadline {
                return Err(ParkingError::Busy);
            }
            sleep(GLANCE).await;
            // The refusal has closed the other one.
            channel = bounded(connection.create_channel()).await?;
        }
        Ok(Self { connection, channel, taken: 0, removed: 0, left: 1, ahead: VecDeque::new() })
    }

    /// The next message; `None` when all that were there at first have been seen. Others may park
    /// faster than this looks.
    pub(super) async fn next(&mut self) -> Result<Option<Delivery>, ParkingError> {
        if self.left == 0 {
            return Ok(None);
        }
        if let Some(delivery) = self.ahead.pop_front() {
            self.left -= 1;
            return Ok(Some(delivery));
        }
        let Some(got) = self.get().await? else {
            self.left = 0;
            return Ok(None);
        };
        let behind = usize::try_from(got.message_count).unwrap_or(usize::MAX);
        self.left = if self.taken == 1 { behind } else { self.left - 1 };
        Ok(Some(got.delivery))
    }

    async fn get(&mut self) -> Result<Option<BasicGetMessage>, BrokerError> {
        let got = bounded(self.channel.basic_get(PARKING.into(), BasicGetOptions::default())).await?;
        self.taken += usize::from(got.is_some());
        Ok(got)
    }

    /// How many there were at first, as far as is known by now.
    pub(super) fn total(&self) -> usize {
        if self.taken == 0 { 0 } else { self.taken + self.left - self.ahead.len() }
    }

    /// So many of the next messages as are replayed together; none at the end.
    pub(super) async fn batch(&mut self) -> Result<Vec<Delivery>, ParkingError> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH
            && bytes < BATCH_BYTES
            && let Some(delivery) = self.next().await?
        {
            bytes += delivery.data.len();
            batch.push(delivery);
        }
        Ok(batch)
    }

    /// The messages with these ids; none of them where one is unknown.
    pub(super) async fn find(&mut self, ids: &[String]) -> Result<Vec<Delivery>, ParkingError> {
        let mut unknown: Vec<&String> = ids.iter().collect();
        let mut found = Vec::new();
        while let Some(delivery) = self.next().await? {
            let id = message::id_of(&delivery);
            if ids.contains(&id) {
                unknown.retain(|wanted| **wanted != id);
                found.push(delivery);
            }
        }
        match unknown.first() {
            Some(id) => Err(ParkingError::Unknown((*id).clone())),
            None => Ok(found),
        }
    }

    /// Removes some of what was taken for good.
    pub(super) async fn remove(
        &mut self,
        deliveries: impl Iterator<Item = &Delivery>,
    ) -> Result<(), ParkingError> {
        let deliveries: Vec<_> = deliveries.collect();
        for few in deliveries.chunks(ACKS) {
            for delivery in few {
                if !bounded(delivery.ack(BasicAckOptions::default())).await? {
                    return Err(ParkingError::Lost);
                }
                self.removed += 1;
            }
            // AMQP does not answer an acknowledgement, and a channel that closes forgets those that it
            // has not sent on. The queue answers this only after it has dealt with them.
            let got = self.get().await?;
            self.ahead.extend(got.map(|got| got.delivery));
        }
        Ok(())
    }

    /// Ends the look with what came of it. Where both went wrong, what did so first says more.
    pub(super) async fn end_with<T>(self, outcome: Result<T, ParkingError>) -> Result<T, ParkingError> {
        let ended = self.end().await;
        let value = outcome?;
        ended?;
        Ok(value)
    }

    async fn end(self) -> Result<(), ParkingError> {
        bounded(self.channel.close(200, "done".into())).await?;
        // The queue takes its messages back a moment after that; whoever has the next turn must find
        // them there.
        let channel = bounded(self.connection.create_channel()).await?;
        let deadline = Instant::now() + BACK_PATIENCE;
        while depth(&channel).await? < self.taken - self.removed && Instant::now() < deadline {
            sleep(GLANCE).await;
        }
        Ok(bounded(self.connection.close(200, "done".into())).await?)
    }
}

/// How many messages are there to be taken.
async fn depth(channel: &Channel) -> Result<usize, BrokerError> {
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = bounded(channel.queue_declare(PARKING.into(), passive, FieldTable::default())).await?;
    Ok(usize::try_from(queue.message_count()).unwrap_or(usize::MAX))
}
