//! Unsettled charges. order-service does not know their outcome yet, or their refund is not done yet.

use super::{
    column,
    entry::{Entry, charge_row},
};
use crate::charge::Charge;
use sqlx::{PgConnection, PgPool};
use std::time::Duration;
use storage::group_commit::Write;
use uuid::Uuid;

/// A charge for the sweep to check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsettled {
    /// The entry in the ledger.
    pub entry: Entry,
    /// Whether the charge started so long ago that the provider's search is complete.
    pub is_old: bool,
}

/// The intervals between the checks of a charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intervals {
    /// From the start of a charge to the first check. Each further interval is twice as long.
    pub first: Duration,
    /// The longest interval.
    pub longest: Duration,
    /// The age at which a charge is old, see [`Unsettled::is_old`].
    pub old: Duration,
}

/// Claims up to `limit` charges whose next check is due. The charge with the oldest check comes first.
///
/// A claim records a check, so only one replica gets the charge. If this replica dies, the charge is due
/// again after the next interval.
pub(super) async fn claim(pool: &PgPool, intervals: Intervals, limit: i64) -> sqlx::Result<Vec<Unsettled>> {
    let rows = sqlx::query!(
        r#"with due as (
               select order_id, attempt from charges
               where looked_at < now() - make_interval(secs => $1)
                 and looked_at < now() - make_interval(secs => least($1 * 2 ^ looks, $2))
               order by looked_at limit $3
               for update skip locked
           )
           update charges set looked_at = now(), looks = least(looks + 1, 30)
           from due where charges.order_id = due.order_id and charges.attempt = due.attempt
           returning charges.order_id, charges.attempt, amount_minor, currency, payment_method, payment_id,
                     decline_code, refund_id, started_at < now() - make_interval(secs => $4) as "is_old!""#,
        intervals.first.as_secs_f64(),
        intervals.longest.as_secs_f64(),
        limit,
        intervals.old.as_secs_f64(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| Ok(Unsettled { entry: charge_row!(row).try_into()?, is_old: row.is_old }))
        .collect()
}

/// A settled charge.
pub(crate) struct Settled {
    order_id: Uuid,
    attempt: i64,
}

impl Settled {
    pub(super) fn of(charge: &Charge) -> Self {
        Self { order_id: charge.order_id.uuid(), attempt: i64::from(charge.attempt) }
    }
}

impl Write for Settled {
    type Answer = ();

    /// No task waits for this write. If it is lost, the sweep checks the charge once more.
    const PAUSE: Duration = Duration::from_millis(100);

    async fn commit(settled: &[Self], db: &mut PgConnection) -> sqlx::Result<Vec<()>> {
        let rows: Vec<_> = settled.iter().collect();
        sqlx::query!(
            "with found as (
                 select order_id, attempt from charges
                 join unnest($1::uuid[], $2::bigint[]) as input (order_id, attempt) using (order_id, attempt)
                 where looked_at is not null
                 -- In the same order everywhere, so that no two workers wait for each other.
                 order by order_id, attempt
                 for update of charges
             )
             update charges set looked_at = null
             from found where charges.order_id = found.order_id and charges.attempt = found.attempt",
            &column(&rows, |row| row.order_id),
            &column(&rows, |row| row.attempt),
        )
        .execute(db)
        .await?;
        Ok(vec![(); settled.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        starts::Start,
        testing::{charge, commit},
    };
    use contract::ids::OrderId;

    const MINUTE: Duration = Duration::from_mins(1);
    const INTERVALS: Intervals =
        Intervals { first: MINUTE, longest: Duration::from_mins(5), old: Duration::from_hours(24) };

    async fn started(pool: &PgPool) -> Charge {
        let charge = charge(OrderId::new(), 1);
        commit(&[Start(charge.clone())], pool).await.unwrap();
        charge
    }

    /// Moves the last check, or the start, of every unsettled charge this many minutes into the past.
    async fn age(pool: &PgPool, minutes: i32) {
        sqlx::query(
            "update charges set looked_at = now() - make_interval(mins => $1) where looked_at is not null",
        )
        .bind(minutes)
        .execute(pool)
        .await
        .unwrap();
    }

    async fn due(pool: &PgPool) -> Vec<Charge> {
        let claimed = claim(pool, INTERVALS, 10).await.unwrap();
        claimed.into_iter().map(|unsettled| unsettled.entry.charge).collect()
    }

    #[sqlx::test]
    async fn a_charge_is_due_at_growing_intervals_up_to_the_longest(pool: PgPool) {
        let charge = started(&pool).await;
        assert_eq!(due(&pool).await, [], "it was started a moment ago");
        for (too_early, late_enough) in [(0, 2), (1, 3), (3, 5), (4, 6), (4, 6)] {
            age(&pool, too_early).await;
            assert_eq!(due(&pool).await, [], "after {too_early} minutes");
            age(&pool, late_enough).await;
            assert_eq!(due(&pool).await, std::slice::from_ref(&charge), "after {late_enough} minutes");
        }
    }

    #[sqlx::test]
    async fn only_one_of_two_replicas_claims_a_charge(pool: PgPool) {
        let charge = started(&pool).await;
        age(&pool, 2).await;
        let (ours, theirs) = tokio::join!(due(&pool), due(&pool));
        assert_eq!([ours, theirs].concat(), [charge]);
    }

    #[sqlx::test]
    async fn a_batch_is_bounded_and_begins_with_the_oldest_check(pool: PgPool) {
        let first = started(&pool).await;
        age(&pool, 9).await;
        let second = started(&pool).await;
        sqlx::query("update charges set looked_at = now() - interval '8 minutes' where order_id = $1")
            .bind(second.order_id.uuid())
            .execute(&pool)
            .await
            .unwrap();
        let batch = claim(&pool, INTERVALS, 1).await.unwrap();
        assert_eq!(batch, [Unsettled { entry: Entry { charge: first, outcome: None }, is_old: false }]);
        assert_eq!(due(&pool).await, [second]);
    }

    #[sqlx::test]
    async fn a_settled_charge_is_never_due(pool: PgPool) {
        let (settled, other) = (started(&pool).await, started(&pool).await);
        commit(&[Settled::of(&settled), Settled::of(&settled)], &pool).await.unwrap();
        age(&pool, 60).await;
        assert_eq!(due(&pool).await, [other]);
    }

    #[sqlx::test]
    async fn a_charge_is_old_after_a_day(pool: PgPool) {
        started(&pool).await;
        sqlx::query("update charges set started_at = now() - interval '25 hours'")
            .execute(&pool)
            .await
            .unwrap();
        age(&pool, 60).await;
        assert!(claim(&pool, INTERVALS, 10).await.unwrap()[0].is_old);
    }

    #[sqlx::test]
    async fn the_sweep_claims_charges_of_the_previous_release(pool: PgPool) {
        let insert = "insert into charges (order_id, attempt, amount_minor, currency, payment_method)
                      values ($1, 1, 100, 'EUR', 'pm_card_visa')";
        sqlx::query(insert).bind(OrderId::new().uuid()).execute(&pool).await.unwrap();
        age(&pool, 2).await;
        assert_eq!(due(&pool).await.len(), 1);
    }
}
