//! Payments of a customer that count towards the limit. They are counted in the database: all replicas see the same.

use crate::domain::limits::{DECLINE_WINDOW, Exceeded};
use common::{contract::ids::UserId, database::prune::in_batches};
use sqlx::PgPool;
use std::time::Duration;

/// How long to wait where no payment was declined: those under way end soon.
const UNDER_WAY: Duration = Duration::from_secs(5);

/// How long to wait until a further attempt is allowed again.
pub(super) fn wait(declined_until: Option<f64>) -> Duration {
    declined_until.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(UNDER_WAY)
}

/// Whether the customer may try another payment, when `most` may be under way or declined.
pub(crate) async fn check_attempts(
    db: &PgPool,
    user_id: UserId,
    most: u32,
) -> Result<Result<(), Exceeded>, sqlx::Error> {
    let found = sqlx::query!(
        r#"select under_way.count as "under_way!", declined.count as "declined!",
                  extract(epoch from declined.first - now())::float8 + $3 as until
           from (
               select count(*) from (
                   select from orders where user_id = $1 and status in ('new', 'reserved') limit $2
               ) as under_way
           ) as under_way, (
               select count(*), min(at) as first from (
                   select at from declined_payments
                   where user_id = $1 and at > now() - make_interval(secs => $3) order by at desc limit $2
               ) as declined
           ) as declined"#,
        user_id.uuid(),
        i64::from(most),
        DECLINE_WINDOW.as_secs_f64(),
    )
    .fetch_one(db)
    .await?;
    let allowed = found.under_way + found.declined < i64::from(most);
    Ok(if allowed { Ok(()) } else { Err(Exceeded::PaymentAttempts { wait: wait(found.until) }) })
}

/// Removes declined payments that no longer count. Returns how many.
pub(crate) async fn prune(db: &PgPool) -> Result<u64, sqlx::Error> {
    in_batches(|limit| async move {
        let pruned = sqlx::query!(
            "delete from declined_payments where ctid = any(array(
                 select ctid from declined_payments where at < now() - make_interval(secs => $1)
                 order by at limit $2 for update skip locked
             ))",
            DECLINE_WINDOW.as_secs_f64(),
            limit
        );
        pruned.execute(db).await.map(|done| done.rows_affected())
    })
    .await
}
