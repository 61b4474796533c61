//! Watches the bindings of the topology through the management API, because AMQP has no method that checks a
//! binding.
//!
//! Other services restore a lost binding. This service logs and counts the loss.

use crate::management::{Binding, Management};
use messaging::topology::{self, Object};
use runtime::lifecycle::TaskResult;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// The time between two checks. It is much shorter than the time until a binding is restored.
const INTERVAL: Duration = Duration::from_secs(1);

/// Watches until shutdown.
pub(crate) async fn run(management: Arc<Management>, shutdown: CancellationToken) -> TaskResult {
    let mut expected: Vec<_> = topology::everything().into_iter().filter_map(Watched::new).collect();
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
        match management.bindings().await {
            Ok(found) => expected.iter_mut().for_each(|watched| watched.compare(&found)),
            // `GET /queues` shows the reason to staff.
            Err(error) => tracing::debug!(%error, "the bindings cannot be listed now"),
        }
    }
}

/// A binding of the topology.
struct Watched {
    object: Object,
    binding: Binding,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not seen yet. Perhaps it is not declared yet.
    Unknown,
    Present,
    Lost,
}

impl Watched {
    fn new(object: Object) -> Option<Self> {
        let Object::Binding { queue, exchange, key } = object else { return None };
        let binding = Binding {
            source: exchange.to_owned(),
            destination: queue.to_owned(),
            routing_key: key.to_owned(),
        };
        Some(Self { object, binding, state: State::Unknown })
    }

    fn compare(&mut self, found: &[Binding]) {
        let object = &self.object;
        let next = match (self.state, found.contains(&self.binding)) {
            (State::Lost, true) => {
                tracing::info!(%object, "a lost binding is declared again");
                metrics::counter!("topology_repairs_total", "object" => object.to_string()).increment(1);
                State::Present
            }
            (_, true) => State::Present,
            (State::Present, false) => {
                tracing::warn!(%object, "a binding of the broker was lost; its queue gets no events until the binding is declared again");
                State::Lost
            }
            (state, false) => state,
        };
        self.state = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_binding_that_existed_can_be_lost() {
        let mut watched = topology::everything().into_iter().find_map(Watched::new).unwrap();
        let there = [watched.binding.clone()];
        let looks: [&[Binding]; 6] = [&[], &there, &[], &[], &there, &there];
        let states = looks.map(|found| {
            watched.compare(found);
            watched.state
        });
        let [unknown, present, lost] = [State::Unknown, State::Present, State::Lost];
        assert_eq!(states, [unknown, present, lost, lost, present, present]);
    }
}
