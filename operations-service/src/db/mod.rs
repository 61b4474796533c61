//! The tables of parked messages and of the audit. All SQL is in this folder.

pub(crate) mod arrivals;
pub(crate) mod audit;
pub(crate) mod discards;
pub(crate) mod list;
pub(crate) mod replays;
pub(crate) mod selected;
pub(crate) mod show;

use sqlx::migrate::Migrator;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

/// Reads a value that a `CHECK` of the schema limits to the names of an enum.
fn named<T: serde::de::DeserializeOwned>(name: String) -> sqlx::Result<T> {
    serde_json::from_value(name.into()).map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
pub(crate) mod testing {
    //! Parked messages for tests.

    use super::arrivals::{Stored, insert};
    use crate::domain::{
        arrival::{Arrival, Properties},
        origin::Route,
    };
    use serde_json::{Map, json};
    use sqlx::PgPool;
    use uuid::Uuid;

    /// A message from this work queue.
    pub(crate) fn arrival(message_id: &str, queue: &str) -> Arrival {
        let properties = Properties {
            message_id: Some(message_id.to_owned()),
            kind: Some("order_reserved".to_owned()),
            correlation_id: Some("01900000-0000-7000-8000-000000000004".to_owned()),
            ..Properties::default()
        };
        let headers = Map::from_iter([
            ("x-reason".to_owned(), json!("no answer")),
            ("x-parked-at".to_owned(), json!(1_700_000_000)),
        ]);
        Arrival::read(&Route { exchange: "park", routing_key: queue }, properties, headers, b"{}".to_vec())
    }

    /// Parks a message, and returns the id of its row.
    pub(crate) async fn parks(pool: &PgPool, arrival: &Arrival) -> Uuid {
        match insert(pool, arrival).await.unwrap() {
            Stored::New(id) => id,
            Stored::Before => panic!("it was stored before"),
        }
    }
}
