//! Writes new orders in groups.

use super::{column, json};
use crate::domain::{
    idempotency::IdempotencyKey,
    limits::{DECLINE_WINDOW, Limits},
};
use contract::{events::OrderEvent, ids::UserId, orders::Order};
use runtime::trace::TraceContext;
use sqlx::PgConnection;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use storage::{group_commit::Write, outbox::Unpublished};
use uuid::Uuid;

/// A new order to write, with its first event.
pub(crate) struct Placement {
    pub(crate) order: Arc<Order>,
    pub(crate) event: Unpublished<OrderEvent>,
    once: Option<Once>,
    limits: Limits,
}

/// The outcome of a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// The order was written.
    New,
    /// The key was used within the last 24 hours. Nothing was written.
    Repeated,
    /// The customer would exceed this limit. Nothing was written.
    Refused(Limit),
}

/// A limit on the unpaid orders of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The limit on the pieces of all unpaid orders.
    UnpaidPieces,
    /// The limit on payments that are in progress or were declined within the last hour.
    PaymentAttempts,
}

/// The idempotency key of a request, and the hash of the request.
struct Once {
    key: IdempotencyKey,
    request_hash: Vec<u8>,
}

impl Placement {
    pub(crate) fn of(order: Order, event: OrderEvent, once: Option<(IdempotencyKey, Vec<u8>)>) -> Self {
        let traceparent = TraceContext::current().map(|trace| trace.to_string());
        let once = once.map(|(key, request_hash)| Once { key, request_hash });
        let event = Unpublished::new(event, traceparent);
        Self { order: Arc::new(order), event, once, limits: Limits::default() }
    }

    /// Refuses the order if the customer would exceed these limits.
    pub(crate) fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The number of pieces in the order. `placing` bounds it.
    fn pieces(&self) -> i32 {
        let pieces: u32 = self.order.items.iter().map(|item| item.quantity).sum();
        pieces.cast_signed()
    }

    /// The key and its customer.
    fn key(&self) -> Option<(UserId, &str)> {
        self.once.as_ref().map(|once| (self.order.user_id, once.key.as_str()))
    }
}

impl Write for Placement {
    type Answer = Placed;

    async fn commit(placements: &[Self], db: &mut PgConnection) -> Result<Vec<Placed>, sqlx::Error> {
        // Of several placements with the same key, only the first is written.
        let mut keys = HashSet::new();
        let firsts: Vec<_> = placements
            .iter()
            .filter(|placement| placement.key().is_none_or(|key| keys.insert(key)))
            .collect();
        let placed = insert(&firsts, db).await?;
        let answer = |placement: &Self| placed.get(&placement.order.id.uuid()).copied();
        Ok(placements.iter().map(|placement| answer(placement).unwrap_or(Placed::Repeated)).collect())
    }
}

/// Writes all orders in one statement and thus in one commit. Returns the outcome of each order, except for
/// those whose key was used.
///
/// The statement counts a customer's unpaid orders when it begins. Replicas that commit concurrently do not
/// see each other's orders, so a customer can reach the limit once per replica.
#[expect(clippy::too_many_lines, reason = "most of it is the one statement")]
async fn insert(
    placements: &[&Placement],
    db: &mut PgConnection,
) -> Result<HashMap<Uuid, Placed>, sqlx::Error> {
    let items = placements.iter().map(|placement| json(&placement.order.items));
    let codes = placements.iter().map(|placement| {
        Some(&placement.order.codes).filter(|codes| !codes.is_empty()).map(json).transpose()
    });
    let addresses =
        placements.iter().map(|placement| placement.order.shipping_address.as_ref().map(json).transpose());
    let bodies = placements.iter().map(|placement| json(&*placement.event.event));
    // The answers for repeated requests.
    let answers = placements
        .iter()
        .map(|placement| placement.once.as_ref().map(|_| json(&*placement.order)).transpose());
    let (other_pieces, other_attempts): (Vec<_>, Vec<_>) = left_to_others(placements).into_iter().unzip();
    let rows = sqlx::query!(
        r#"with input as (
               -- An order has a piece at least, so no more orders are read than it takes to reach a limit.
               select *,
                   case when other_pieces is not null or other_attempts is not null then (
                       select case
                           when coalesce(sum(pieces), 0) > other_pieces then 'pieces'
                           when count(*) filter (where status <> 'payment_failed') + (
                               select count(*) from (
                                   select from declined_payments
                                   where declined_payments.user_id = input.user_id
                                     and declined_payments.at > now() - make_interval(secs => $19)
                                   limit greatest(other_attempts, 0) + 1
                               ) as declined
                           ) > other_attempts then 'attempts'
                       end
                       from (
                           select pieces, status from orders
                           where orders.user_id = input.user_id and status in ('new', 'reserved', 'payment_failed')
                           limit greatest(other_pieces, other_attempts, 0) + 1
                       ) as unpaid
                   ) end as refused
               from unnest(
                   $1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::timestamptz[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::bytea[], $15::text[],
                   $16::int[], $17::bigint[], $18::bigint[], $20::text[]
               ) as input (
                   id, user_id, items, expected_minor, expected_currency, payment_method, shipping_address, note,
                   at, event_id, body, traceparent, key, request_hash, answer, pieces, other_pieces, other_attempts,
                   codes
               )
           ), taken as (
               insert into idempotency_keys (user_id, key, request_hash, answer)
               select user_id, key, request_hash, answer::json from input
               where key is not null and refused is null
               -- In the same order everywhere, so that no two replicas wait for each other.
               order by user_id, key
               on conflict (user_id, key) do update
                   set request_hash = excluded.request_hash, answer = excluded.answer, created_at = now()
                   where idempotency_keys.created_at < now() - interval '24 hours'
               returning user_id, key
           ), accepted as (
               select input.*
               from input left join taken on taken.user_id = input.user_id and taken.key = input.key
               where (input.key is null or taken.key is not null) and refused is null
           ), placed as (
               insert into orders (id, user_id, status, version, attempt, items, expected_minor, expected_currency,
                                   payment_method, shipping_address, note, created_at, updated_at, pieces, codes)
               select id, user_id, 'new', 1, 1, items::json, expected_minor, expected_currency,
                      payment_method, shipping_address::json, note, at, at, pieces, codes::json
               from accepted
               returning id
           ), told as (
               insert into order_events (id, order_id, version, body, traceparent)
               select event_id, id, 1, body::json, traceparent from accepted
           ), unpublished as (
               insert into outbox (order_id, version) select id, 1 from accepted
           )
           select id as "id!", null as refused from placed
           union all select id, refused from input where refused is not null"#,
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
        &column(placements, |placement| placement.pieces()),
        &other_pieces as _,
        &other_attempts as _,
        DECLINE_WINDOW.as_secs_f64(),
        &codes.collect::<Result<Vec<_>, _>>()? as _,
    )
    .fetch_all(db)
    .await?;
    let placed = rows.into_iter().map(|row| {
        let placed = match row.refused.as_deref() {
            None => Placed::New,
            Some("pieces") => Placed::Refused(Limit::UnpaidPieces),
            Some(_) => Placed::Refused(Limit::PaymentAttempts),
        };
        (row.id, placed)
    });
    Ok(placed.collect())
}

/// Returns, for each placement, the pieces and attempts that the limits leave to earlier orders of its
/// customer. `None` means no limit.
fn left_to_others(placements: &[&Placement]) -> Vec<(Option<i64>, Option<i64>)> {
    let mut so_far = HashMap::new();
    let left = placements.iter().map(|placement| {
        let (pieces, attempts) = so_far.entry(placement.order.user_id).or_insert((0, 0));
        *pieces += i64::from(placement.pieces());
        *attempts += 1;
        let left = |limit: Option<u32>, used: i64| limit.map(|limit| i64::from(limit) - used);
        (
            left(placement.limits.unpaid_pieces(), *pieces),
            left(placement.limits.attempts_of_customer(), *attempts),
        )
    });
    left.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{
            events, idempotency,
            limits::{self, check_attempts},
            orders,
            testing::{commit, moved, request},
        },
        domain::{
            limits::Exceeded,
            placing,
            status::{self, Command},
        },
    };
    use chrono::Utc;
    use contract::{ids::OrderId, money::Money};
    use sqlx::PgPool;

    fn placement(user_id: UserId, key: Option<&str>) -> (OrderId, Placement) {
        let (order, event) = placing::place(user_id, request(), Utc::now()).unwrap();
        let once = key.map(|key| (IdempotencyKey::parse(key.as_bytes()).unwrap(), b"hash".to_vec()));
        (order.id, Placement::of(order, event, once))
    }

    /// Commits the placements, and returns the id of the order in each answer.
    async fn answered(db: &PgPool, placements: Vec<(OrderId, Placement)>) -> Vec<OrderId> {
        let (ids, placements): (Vec<_>, Vec<_>) = placements.into_iter().unzip();
        let written = commit(&placements, db).await.unwrap();
        let mut answered = Vec::new();
        for ((id, placement), written) in ids.into_iter().zip(&placements).zip(written) {
            answered.push(match placement.key() {
                Some((user, key)) if written == Placed::Repeated => {
                    idempotency::find(db, user, key).await.unwrap().unwrap().answer.id
                }
                _ => id,
            });
        }
        answered
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_group_of_orders_is_stored_with_events(db: PgPool) {
        let ada = UserId::new();
        let together = vec![placement(ada, None), placement(ada, Some("1")), placement(ada, Some("2"))];
        let ids: Vec<_> = together.iter().map(|(id, _)| *id).collect();
        assert_eq!(answered(&db, together).await, ids);
        for id in ids {
            assert!(orders::find(&db, id).await.unwrap().is_some());
            assert_eq!(events::after(&db, id, 0).await.unwrap().len(), 1);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_places_one_order_within_a_group_and_across_groups(db: PgPool) {
        let (ada, grace) = (UserId::new(), UserId::new());
        let together =
            vec![placement(ada, Some("1")), placement(ada, Some("1")), placement(grace, Some("1"))];
        let (first, of_grace) = (together[0].0, together[2].0);
        assert_eq!(answered(&db, together).await, [first, first, of_grace], "each user has their own keys");
        assert_eq!(
            answered(&db, vec![placement(ada, Some("1")), placement(ada, Some("1"))]).await,
            [first, first]
        );
        assert_eq!(orders::list_all(&db, None, None, 100).await.unwrap().len(), 2);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn concurrent_requests_with_one_key_place_one_order(db: PgPool) {
        let ada = UserId::new();
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { answered(&db, vec![placement(ada, Some("1"))]).await })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tries {
            answers.extend(task.await.unwrap());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "all answers have the same order");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_key_can_be_used_again_after_a_day(db: PgPool) {
        let ada = UserId::new();
        let first = answered(&db, vec![placement(ada, Some("1"))]).await;
        let a_day_ago = sqlx::query("update idempotency_keys set created_at = now() - interval '25 hours'");
        a_day_ago.execute(&db).await.unwrap();
        assert_ne!(answered(&db, vec![placement(ada, Some("1"))]).await, first);
    }

    /// Places orders of two pieces each, and returns their outcomes.
    async fn within(db: &PgPool, limits: Limits, placements: Vec<(OrderId, Placement)>) -> Vec<Placed> {
        let placements: Vec<_> =
            placements.into_iter().map(|(_, placement)| placement.within(limits)).collect();
        commit(&placements, db).await.unwrap()
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_customers_unpaid_orders_have_a_limited_number_of_pieces(db: PgPool) {
        let (ada, grace) = (UserId::new(), UserId::new());
        let limits = Limits { unpaid_pieces_per_customer: 5, ..Limits::default() };
        let refused = Placed::Refused(Limit::UnpaidPieces);
        let together = vec![
            placement(ada, None),
            placement(ada, None),
            placement(ada, None),
            placement(grace, Some("1")),
        ];
        let first = together[0].0;
        assert_eq!(within(&db, limits, together).await, [Placed::New, Placed::New, refused, Placed::New]);
        assert_eq!(
            within(&db, limits, vec![placement(ada, Some("2"))]).await,
            [refused],
            "the unpaid orders have four pieces"
        );
        let repeated = within(&db, limits, vec![placement(grace, Some("1"))]).await;
        assert_eq!(repeated, [Placed::Repeated]);

        let pay = sqlx::query("update orders set status = 'paid' where id = $1");
        pay.bind(first.uuid()).execute(&db).await.unwrap();
        let again = within(&db, limits, vec![placement(ada, Some("2"))]).await;
        assert_eq!(again, [Placed::New], "a refused order does not use its key");
        assert_eq!(within(&db, Limits::default(), vec![placement(ada, None)]).await, [Placed::New]);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn payments_in_progress_and_declined_payments_are_limited(db: PgPool) {
        let ada = UserId::new();
        let limits = Limits { payment_attempts_per_hour: 3, ..Limits::default() };
        let (id, first) = placement(ada, None);
        assert_eq!(within(&db, limits, vec![(id, first)]).await, [Placed::New]);
        let mut order = orders::find(&db, id).await.unwrap().unwrap();
        let total = Money { amount_minor: 900, currency: "EUR".parse().unwrap() };
        let commands = [
            Command::Reserve { lines: Vec::new(), total },
            Command::FailPayment { attempt: 1, reason: "card_declined".into() },
            Command::PayAgain { payment_method: "pm_card_visa".into(), max_attempts: None },
            Command::FailPayment { attempt: 2, reason: "card_declined".into() },
        ];
        for command in commands {
            let change = status::decide(&order, command).unwrap().unwrap();
            let event = status::apply(&mut order, change, Utc::now());
            assert!(moved(&db, &order, event).await);
        }
        // Two payments were declined.
        assert_eq!(check_attempts(&db, ada, 3).await.unwrap(), Ok(()));
        let refused = check_attempts(&db, ada, 2).await.unwrap().unwrap_err();
        let Exceeded::PaymentAttempts { wait } = refused else { panic!("{refused}") };
        assert!((3_590..=3_600).contains(&wait.as_secs()), "{wait:?}");
        // The first order of this group starts a third payment.
        let placed = within(&db, limits, vec![placement(ada, None), placement(ada, None)]).await;
        assert_eq!(placed, [Placed::New, Placed::Refused(Limit::PaymentAttempts)]);
        assert!(check_attempts(&db, ada, 3).await.unwrap().is_err());

        let age = "update declined_payments set at = at - interval '61 minutes'";
        sqlx::query(age).execute(&db).await.unwrap();
        assert_eq!(check_attempts(&db, ada, 3).await.unwrap(), Ok(()));
        assert_eq!(limits::prune(&db).await.unwrap(), 2);
    }
}
