//! New orders, written together.

use super::{column, json, outbox::Unpublished};
use crate::domain::idempotency::IdempotencyKey;
use common::{
    contract::{events::OrderEvent, ids::UserId, orders::Order},
    database::group_commit::Write,
    trace::TraceContext,
};
use sqlx::PgConnection;
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;

/// A new order with its first event, to be written.
pub(crate) struct Placement {
    pub(crate) order: Arc<Order>,
    pub(crate) event: Unpublished,
    once: Option<Once>,
}

/// What makes a repeated request have the effect of one.
struct Once {
    key: IdempotencyKey,
    request_hash: Vec<u8>,
}

impl Placement {
    pub(crate) fn of(order: Order, event: OrderEvent, once: Option<(IdempotencyKey, Vec<u8>)>) -> Self {
        let traceparent = TraceContext::current().map(|trace| trace.to_string());
        let once = once.map(|(key, request_hash)| Once { key, request_hash });
        Self { order: Arc::new(order), event: Unpublished::new(event, traceparent), once }
    }

    /// Whose key this is, and which.
    fn key(&self) -> Option<(UserId, &str)> {
        self.once.as_ref().map(|once| (self.order.user_id, once.key.as_str()))
    }
}

impl Write for Placement {
    /// Whether it was written: not, if its key was used within the last 24 hours.
    type Answer = bool;

    async fn commit(placements: &[Self], db: &mut PgConnection) -> Result<Vec<bool>, sqlx::Error> {
        // Of those under one key, the first.
        let mut keys = HashSet::new();
        let firsts: Vec<_> = placements
            .iter()
            .filter(|placement| placement.key().is_none_or(|key| keys.insert(key)))
            .collect();
        let written = insert(&firsts, db).await?;
        Ok(placements.iter().map(|placement| written.contains(&placement.order.id.uuid())).collect())
    }
}

/// One statement, which is one commit. Returns the orders whose key was free, or that have none.
async fn insert(placements: &[&Placement], db: &mut PgConnection) -> Result<HashSet<Uuid>, sqlx::Error> {
    let items = placements.iter().map(|placement| json(&placement.order.items));
    let addresses =
        placements.iter().map(|placement| placement.order.shipping_address.as_ref().map(json).transpose());
    let bodies = placements.iter().map(|placement| json(&*placement.event.event));
    // As it is answered.
    let answers = placements
        .iter()
        .map(|placement| placement.once.as_ref().map(|_| json(&*placement.order)).transpose());
    let written = sqlx::query_scalar!(
        r#"with input as (
               select * from unnest(
                   $1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::timestamptz[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::bytea[], $15::text[]
               ) as input (
                   id, user_id, items, expected_minor, expected_currency, payment_method, shipping_address, note,
                   at, event_id, body, traceparent, key, request_hash, answer
               )
           ), taken as (
               insert into idempotency_keys (user_id, key, request_hash, answer)
               select user_id, key, request_hash, answer::json from input where key is not null
               -- In the same order everywhere, so that no two replicas wait for each other.
               order by user_id, key
               on conflict (user_id, key) do update
                   set request_hash = excluded.request_hash, answer = excluded.answer, created_at = now()
                   where idempotency_keys.created_at < now() - interval '24 hours'
               returning user_id, key
           ), accepted as (
               select input.* from input left join taken on taken.user_id = input.user_id and taken.key = input.key
               where input.key is null or taken.key is not null
           ), placed as (
               insert into orders (id, user_id, status, version, attempt, items, expected_minor, expected_currency,
                                   payment_method, shipping_address, note, created_at, updated_at)
               select id, user_id, 'new', 1, 1, items::json, expected_minor, expected_currency,
                      payment_method, shipping_address::json, note, at, at
               from accepted
               returning id
           ), told as (
               insert into order_events (id, order_id, version, body, traceparent)
               select event_id, id, 1, body::json, traceparent from accepted
           ), unpublished as (
               insert into outbox (order_id, version) select id, 1 from accepted
           )
           select id from placed"#,
        &column(placements, |placement| placement.order.id.uuid()),
        &column(placements, |placement| placement.order.user_id.uuid()),
        &items.collect::<Result<Vec<_>, _>>()?,
        &column(placements, |placement| placement.order.expected_total.map(|total| total.amount_minor)) as _,
        &column(placements, |placement| placement.order.expected_total.map(|total| total.currency.to_string()))
            as _,
        &column(placements, |placement| placement.order.payment_method.as_str()) as _,
        &addresses.collect::<Result<Vec<_>, _>>()? as _,
        &column(placements, |placement| placement.order.note.as_deref()) as _,
        &column(placements, |placement| placement.order.created_at),
        &column(placements, |placement| placement.event.event.id.uuid()),
        &bodies.collect::<Result<Vec<_>, _>>()?,
        &column(placements, |placement| placement.event.traceparent.as_deref()) as _,
        &column(placements, |placement| placement.once.as_ref().map(|once| once.key.as_str())) as _,
        &column(placements, |placement| placement.once.as_ref().map(|once| once.request_hash.as_slice())) as _,
        &answers.collect::<Result<Vec<_>, _>>()? as _,
    )
    .fetch_all(db)
    .await?;
    Ok(written.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{
            events, idempotency, orders,
            testing::{commit, request},
        },
        domain::placing,
    };
    use chrono::Utc;
    use common::contract::ids::OrderId;
    use sqlx::PgPool;

    fn placement(user_id: UserId, key: Option<&str>) -> (OrderId, Placement) {
        let (order, event) = placing::place(user_id, request(), Utc::now()).unwrap();
        let once = key.map(|key| (IdempotencyKey::parse(key.as_bytes()).unwrap(), b"hash".to_vec()));
        (order.id, Placement::of(order, event, once))
    }

    /// Of each placement, the order that its client is told of.
    async fn told(db: &PgPool, placements: Vec<(OrderId, Placement)>) -> Vec<OrderId> {
        let (ids, placements): (Vec<_>, Vec<_>) = placements.into_iter().unzip();
        let written = commit(&placements, db).await.unwrap();
        let mut told = Vec::new();
        for ((id, placement), written) in ids.into_iter().zip(&placements).zip(written) {
            told.push(match placement.key() {
                Some((user, key)) if !written => idempotency::find(db, user, key).await.unwrap().answer.id,
                _ => id,
            });
        }
        told
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn those_placed_together_are_all_there_with_their_events(db: PgPool) {
        let ada = UserId::new();
        let together = vec![placement(ada, None), placement(ada, Some("1")), placement(ada, Some("2"))];
        let ids: Vec<_> = together.iter().map(|(id, _)| *id).collect();
        assert_eq!(told(&db, together).await, ids);
        for id in ids {
            assert!(orders::find(&db, id).await.unwrap().is_some());
            assert_eq!(events::after(&db, id, 0).await.unwrap().len(), 1);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn one_key_is_one_order_together_and_one_after_the_other(db: PgPool) {
        let (ada, grace) = (UserId::new(), UserId::new());
        let together =
            vec![placement(ada, Some("1")), placement(ada, Some("1")), placement(grace, Some("1"))];
        let (first, of_grace) = (together[0].0, together[2].0);
        assert_eq!(told(&db, together).await, [first, first, of_grace], "keys belong to a user");
        assert_eq!(
            told(&db, vec![placement(ada, Some("1")), placement(ada, Some("1"))]).await,
            [first, first]
        );
        assert_eq!(orders::list_all(&db, None, None, 100).await.unwrap().len(), 2);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn of_many_at_once_one_has_the_key(db: PgPool) {
        let ada = UserId::new();
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { told(&db, vec![placement(ada, Some("1"))]).await })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tries {
            answers.extend(task.await.unwrap());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "all are told of the same order");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_is_free_again_after_a_day(db: PgPool) {
        let ada = UserId::new();
        let first = told(&db, vec![placement(ada, Some("1"))]).await;
        let a_day_ago = sqlx::query("update idempotency_keys set created_at = now() - interval '25 hours'");
        a_day_ago.execute(&db).await.unwrap();
        assert_ne!(told(&db, vec![placement(ada, Some("1"))]).await, first);
    }
}
