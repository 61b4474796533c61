//! Counts the payments of a customer that the limit covers. The database counts them, so all replicas see the
//! same number.

use crate::domain::limits::{DECLINE_WINDOW, Exceeded};
use contract::ids::UserId;
use sqlx::PgPool;
use std::time::Duration;
use storage::prune::in_batches;

/// The wait if no payment was declined. Payments in progress end soon.
const IN_PROGRESS_WAIT: Duration = Duration::from_secs(5);

/// Returns how long a customer must wait for the next attempt, if at most `most` may be in progress or
/// declined.
pub(crate) async fn wait(db: &PgPool, user_id: UserId, most: u32) -> Result<Duration, sqlx::Error> {
    let declined = sqlx::query_scalar!(
        r#"select extract(epoch from min(at) - now())::float8 + $3 from (
               select at from declined_payments
               where user_id = $1 and at > now() - make_interval(secs => $3) order by at desc limit $2
           ) as declined"#,
        user_id.uuid(),
        i64::from(most),
        DECLINE_WINDOW.as_secs_f64(),
    );
    let until = declined.fetch_one(db).await?;
    Ok(until.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(IN_PROGRESS_WAIT))
}

/// Checks whether the customer may try another payment, if at most `most` may be in progress or declined.
pub(crate) async fn check_attempts(
    db: &PgPool,
    user_id: UserId,
    most: u32,
) -> Result<Result<(), Exceeded>, sqlx::Error> {
    let attempts = sqlx::query_scalar!(
        r#"select (
               select count(*) from (
                   select from orders where user_id = $1 and status in ('new', 'reserved') limit $2
               ) as under_way
           ) + (
               select count(*) from (
                   select from declined_payments
                   where user_id = $1 and at > now() - make_interval(secs => $3) limit $2
               ) as declined
           ) as "count!""#,
        user_id.uuid(),
        i64::from(most),
        DECLINE_WINDOW.as_secs_f64(),
    )
    .fetch_one(db)
    .await?;
    if attempts < i64::from(most) {
        return Ok(Ok(()));
    }
    Ok(Err(Exceeded::PaymentAttempts { wait: wait(db, user_id, most).await? }))
}

/// Removes declined payments that no longer count. Returns their number.
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
