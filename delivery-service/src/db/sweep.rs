//! The tasks of the sweep: hand-overs and questions to the carrier.

use contract::{ids::OrderId, orders::Address};
use sqlx::{PgPool, types::Json};
use std::time::Duration;

/// The intervals between the tasks of a shipment. Each interval is twice as long as the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intervals {
    /// The first interval between two tries to hand the parcel over.
    pub(crate) handover: Duration,
    /// The first interval between two questions about a parcel, if the carrier reports nothing.
    pub(crate) poll: Duration,
    /// The longest interval.
    pub(crate) longest: Duration,
}

/// A task for one shipment.
#[derive(Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) order_id: OrderId,
    pub(crate) address: Address,
    /// The carrier's number of the parcel, if the carrier has it.
    pub(crate) parcel: Option<String>,
    /// Identifies the claim. A later claim has a larger number.
    pub(crate) tries: i16,
    /// Whether the carrier may have been asked before, and the result is unknown.
    pub(crate) was_begun: bool,
}

/// Claims up to `limit` due tasks. The task that waits longest comes first. Other replicas get other tasks.
///
/// A claim sets the time of the next task. If this replica dies, another one gets the task then. A claimed
/// hand-over closes the address before the carrier is asked.
pub(crate) async fn claim(pool: &PgPool, intervals: Intervals, limit: i64) -> Result<Vec<Task>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"WITH due AS (
               SELECT order_id, handover_begun FROM shipments
               WHERE due_at <= now() AND address IS NOT NULL
               ORDER BY due_at LIMIT $1
               FOR UPDATE SKIP LOCKED
           )
           UPDATE shipments
           SET due_at = now() + make_interval(
                   secs => least((CASE WHEN parcel IS NULL THEN $2::float8 ELSE $3 END) * 2 ^ tries, $4)),
               tries = least(tries + 1, 30),
               handover_begun = true
           FROM due WHERE shipments.order_id = due.order_id
           RETURNING shipments.order_id, address AS "address!: Json<Address>", parcel, tries,
                     due.handover_begun AS was_begun"#,
        limit,
        intervals.handover.as_secs_f64(),
        intervals.poll.as_secs_f64(),
        intervals.longest.as_secs_f64(),
    )
    .fetch_all(pool)
    .await?;
    let task = |order_id: uuid::Uuid, address: Json<Address>, parcel, tries, was_begun| Task {
        order_id: order_id.into(),
        address: address.0,
        parcel,
        tries,
        was_begun,
    };
    Ok(rows
        .into_iter()
        .map(|row| task(row.order_id, row.address, row.parcel, row.tries, row.was_begun))
        .collect())
}

/// Records that this claim has certainly not handed the parcel over. Opens the address again if no earlier
/// claim may have done so. A refusal opens it in any case, because the carrier does not refuse a parcel that
/// it has. A later claim may be asking the carrier now. Then nothing is changed.
pub(crate) async fn not_taken(pool: &PgPool, task: &Task, refusal: Option<&str>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE shipments SET handover_begun = $4 AND $3::text IS NULL, refusal = coalesce($3, refusal)
         WHERE order_id = $1 AND tries = $2 AND parcel IS NULL",
        task.order_id.uuid(),
        task.tries,
        refusal,
        task.was_begun,
    )
    .execute(pool)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        addresses, deliveries,
        reports::record,
        testing::{POLL_AFTER, address, created, order, passes, report},
    };

    const INTERVALS: Intervals = Intervals {
        handover: Duration::from_secs(10),
        poll: POLL_AFTER,
        longest: Duration::from_secs(1_000),
    };

    async fn due(pool: &PgPool) -> Vec<Task> {
        claim(pool, INTERVALS, 10).await.unwrap()
    }

    #[sqlx::test]
    async fn a_hand_over_is_due_at_once_and_then_at_growing_intervals(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        for (tries, too_early, rest) in [(1, 9, 2), (2, 18, 3), (3, 38, 3), (4, 78, 3)] {
            let [task] = due(&pool).await.try_into().unwrap();
            assert_eq!((task.order_id, task.tries, task.was_begun), (order.id, tries, tries > 1));
            passes(&pool, too_early).await;
            assert_eq!(due(&pool).await, [], "{too_early} s after task {tries}");
            passes(&pool, rest).await;
        }
    }

    #[sqlx::test]
    async fn only_one_of_two_replicas_gets_a_task_and_a_batch_is_bounded(pool: PgPool) {
        for _ in 0..3 {
            created(&pool, &order()).await;
        }
        assert_eq!(claim(&pool, INTERVALS, 1).await.unwrap().len(), 1);
        let (ours, theirs) = tokio::join!(due(&pool), due(&pool));
        assert_eq!(ours.len() + theirs.len(), 2);
    }

    #[sqlx::test]
    async fn a_parcel_is_asked_about_until_the_delivery_ends(pool: PgPool) {
        let order = order();
        created(&pool, &order).await;
        due(&pool).await;
        let accepted = [report("accepted", 1)];
        record(&pool, order.id, "P1", &accepted, POLL_AFTER).await.unwrap();
        passes(&pool, 299).await;
        assert_eq!(due(&pool).await, [], "the carrier has just reported");
        passes(&pool, 2).await;
        let [task] = due(&pool).await.try_into().unwrap();
        assert_eq!((task.parcel.as_deref(), task.tries), (Some("P1"), 1));
        record(&pool, order.id, "P1", &[report("lost", 2)], POLL_AFTER).await.unwrap();
        passes(&pool, 100_000).await;
        assert_eq!(due(&pool).await, []);
    }

    #[sqlx::test]
    async fn the_address_is_open_until_the_carrier_may_have_been_asked(pool: PgPool) {
        let mut order = order();
        order.shipping_address = None;
        created(&pool, &order).await;
        assert_eq!(due(&pool).await, [], "there is no address");
        let change = async || addresses::change(&pool, order.id, &address()).await.unwrap();
        assert!(change().await);
        let [first] = due(&pool).await.try_into().unwrap();
        assert!(!change().await, "the carrier is being asked");

        not_taken(&pool, &first, Some("No such street.")).await.unwrap();
        let refused = deliveries::find(&pool, order.id).await.unwrap().unwrap();
        assert_eq!((refused.refusal.as_deref(), refused.address_is_open), (Some("No such street."), true));
        assert!(change().await, "the carrier did not take the parcel");

        let [unknown] = due(&pool).await.try_into().unwrap();
        passes(&pool, 20).await;
        let [third] = due(&pool).await.try_into().unwrap();
        assert!(third.was_begun);
        not_taken(&pool, &unknown, None).await.unwrap();
        assert!(!change().await, "a later claim is being asked");
        not_taken(&pool, &third, None).await.unwrap();
        assert!(!change().await, "the carrier may have taken the parcel the second time");
        not_taken(&pool, &third, Some("No such town.")).await.unwrap();
        assert!(change().await, "the carrier does not have the parcel");
    }
}
