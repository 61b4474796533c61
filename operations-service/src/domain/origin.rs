//! The work queue that a parked message came from, and its last dead-lettering.

use chrono::{DateTime, Utc};
use messaging::topology::{PARK, PARKING, RETRY_LADDER};
use serde_json::{Map, Value};

/// The length of an AMQP short string, such as the name of a queue.
const MAX_NAME_BYTES: usize = 255;

/// Where the message was published to.
pub(crate) struct Route<'a> {
    pub exchange: &'a str,
    pub routing_key: &'a str,
}

/// The work queue. A worker or the broker parks a message through [`PARK`], with the name of the queue as the routing
/// key. A message that was moved by hand may still name it in its last dead-lettering.
pub(super) fn origin(route: &Route<'_>, headers: &Map<String, Value>) -> Option<String> {
    if route.exchange == PARK {
        return Some(route.routing_key.to_owned());
    }
    let deaths = headers.get("x-death")?.as_array()?;
    let mut queues = deaths.iter().filter_map(|death| death.get("queue")?.as_str());
    let is_work = |queue: &&str| {
        let on_the_way = *queue == PARKING || RETRY_LADDER.iter().any(|step| step.name == *queue);
        !on_the_way && queue.len() <= MAX_NAME_BYTES
    };
    queues.find(is_work).map(str::to_owned)
}

/// A dead-lettering: the queue, the reason and the time.
pub(super) struct Death<'a> {
    pub queue: &'a str,
    pub reason: &'a str,
    pub time: Option<DateTime<Utc>>,
}

impl<'a> Death<'a> {
    /// The latest one.
    pub(super) fn last(headers: &'a Map<String, Value>) -> Option<Self> {
        let death = headers.get("x-death")?.get(0)?;
        Some(Self {
            queue: death.get("queue")?.as_str()?,
            reason: death.get("reason")?.as_str()?,
            time: death.get("time").and_then(Value::as_u64).and_then(moment),
        })
    }

    /// The reason of parking, if the broker parked the message because of this.
    pub(super) fn sentence(&self) -> String {
        match self.reason {
            "delivery_limit" => "delivered too often without an answer: it may kill its worker".to_owned(),
            other => format!("dead-lettered by RabbitMQ: {other}"),
        }
    }
}

/// A time in AMQP is in seconds since 1970. PostgreSQL and JSON have no year beyond 9999.
pub(super) fn moment(seconds: u64) -> Option<DateTime<Utc>> {
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = i64::try_from(seconds.min(LAST_SECOND)).ok()?;
    DateTime::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_that_was_moved_by_hand_came_from_the_last_work_queue() {
        let moved = |queues: &[&str]| {
            let deaths: Vec<_> = queues.iter().map(|queue| json!({ "queue": queue })).collect();
            let headers = Map::from_iter([("x-death".to_owned(), Value::Array(deaths))]);
            origin(&Route { exchange: "", routing_key: PARKING }, &headers)
        };
        assert_eq!(moved(&["parking", "retry.5s", "payment-worker"]).as_deref(), Some("payment-worker"));
        assert_eq!(moved(&["retry.5s"]), None);
        assert_eq!(moved(&[&"x".repeat(256)]), None, "no queue has such a name");
        assert_eq!(moved(&[]), None);
    }
}
