//! Declares the topology: on each new connection, at intervals, and before events are published again.
//!
//! Each object is declared separately. If RabbitMQ refuses one, the others are still declared.

use crate::{
    error::{BrokerError, bounded},
    topology::{self, Object, WorkQueue},
};
use lapin::Connection;
use runtime::outage::Outage;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The interval between two declarations. A lost binding is restored after this time, or earlier when
/// the relay publishes events again. Lost queues and exchanges are restored sooner, because their loss
/// ends connections.
const INTERVAL: Duration = Duration::from_secs(30);

/// The part of the topology that a program declares. Its broker user may declare exactly this part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing: other programs declare the objects that it uses.
    Nothing,
    /// Everything, for the program that publishes the events of orders. It logs refusals and works with the other objects.
    Everything,
    /// A worker's own queue. The worker cannot run without it.
    Queue(&'static WorkQueue),
    /// The exchange to which a service publishes its events.
    Exchange(&'static str),
}

/// The declarations of one process. Cheap to clone; clones share what they know about the broker.
#[derive(Clone)]
pub(super) struct Declaring {
    part: Part,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// Whether all objects were declared before. Objects that are missing after that were lost.
    was_declared: bool,
    refusals: Outage,
}

impl Declaring {
    pub(super) fn new(part: Part) -> Self {
        Self { part, known: Arc::default() }
    }

    /// Declares all objects. Logs and counts exchanges and queues that were lost. Lost bindings are
    /// restored without a log line, because AMQP cannot look up a binding.
    pub(super) async fn declare(&self, connection: &Connection) -> Result<(), BrokerError> {
        let objects = match self.part {
            Part::Nothing => return Ok(()),
            Part::Everything => topology::everything(),
            Part::Queue(queue) => topology::of_work_queue(queue),
            Part::Exchange(name) => vec![topology::event_exchange(name)],
        };
        let lost = if self.known().was_declared { missing(connection, &objects).await? } else { Vec::new() };
        let mut channel = bounded(connection.create_channel()).await?;
        let mut refusals = Vec::new();
        for object in &objects {
            if let Err(error) = bounded(object.declare(&channel)).await {
                if self.part != Part::Everything || !error.is_refusal() {
                    return Err(error);
                }
                refusals.push(error.to_string());
                channel = bounded(connection.create_channel()).await?;
            } else if lost.contains(&object) {
                tracing::warn!(%object, "an object of the broker was lost and is declared again");
                metrics::counter!("topology_repairs_total", "object" => object.to_string()).increment(1);
            }
        }
        bounded(channel.close(200, "declared".into())).await?;
        self.known().was_declared = true;
        // RabbitMQ refuses all bindings of an exchange for the same reason.
        refusals.dedup();
        self.note(&refusals);
        Ok(())
    }

    /// Declares all objects at intervals while the connection is in use. Never returns.
    pub(super) async fn keep(&self, connection: &Connection) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            // A lost connection is not noted here: the session that uses it fails and reports the loss.
            if let Err(error) = self.declare(connection).await
                && connection.status().connected()
            {
                self.note(&[error.to_string()]);
            }
        }
    }

    fn note(&self, refusals: &[String]) {
        let mut known = self.known();
        if refusals.is_empty() {
            if known.refusals.end() {
                tracing::info!("RabbitMQ accepts all declarations again");
            }
        } else if known.refusals.has_new_reason(&refusals.join("; ")) {
            for reason in refusals {
                tracing::error!(reason, "RabbitMQ refuses a declaration; the other objects stay in use");
            }
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The exchanges and queues that do not exist.
async fn missing<'a>(connection: &Connection, objects: &'a [Object]) -> Result<Vec<&'a Object>, BrokerError> {
    let mut missing = Vec::new();
    let mut channel = bounded(connection.create_channel()).await?;
    for object in objects {
        match bounded(object.look_up(&channel)).await {
            Ok(()) => {}
            Err(error) if error.is_refusal() => {
                if error.is_not_found() {
                    missing.push(object);
                }
                channel = bounded(connection.create_channel()).await?;
            }
            Err(error) => return Err(error),
        }
    }
    bounded(channel.close(200, "looked up".into())).await?;
    Ok(missing)
}
