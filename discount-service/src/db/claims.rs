//! Claims, and the uses of promotions that they count.
//!
//! A group of requests is one transaction. It locks the promotions first, so their uses do not change until
//! the group has decided and written. Limits are therefore exact, also with several replicas.
//!
//! Replicas do not deadlock, because every group locks rows in the same order: promotions, then existing
//! claims, then new claims, each sorted by id. Claims that a group does not change are not locked, because a
//! lock is a write and most orders use no promotion.

use super::promotions;
use crate::domain::{
    effect::PastOrder,
    eligibility::CustomerUses,
    ledger::{Entry, Ledger, Refusal, Request, Standing},
};
use chrono::Utc;
use contract::{
    discounts::{Claim, ClaimStatus, Pricing, Promotion},
    ids::{OrderId, UserId},
    money::Currency,
};
use sqlx::{Connection as _, PgConnection, PgPool, types::Json};
use std::collections::{BTreeSet, HashMap};
use storage::group_commit::Write;
use uuid::Uuid;

/// The constraint that a second claim of an order violates.
const CLAIM_KEY: &str = "claims_pkey";

type Answer = Result<Standing, Refusal>;

impl Write for Request {
    type Answer = Answer;

    async fn commit(requests: &[Self], db: &mut PgConnection) -> Result<Vec<Answer>, sqlx::Error> {
        // A replica that inserts a claim second retries. Then it finds the claim, so the loop ends.
        loop {
            match carry_out(requests, db).await {
                Err(sqlx::Error::Database(error)) if error.constraint() == Some(CLAIM_KEY) => {}
                answers => return answers,
            }
        }
    }
}

/// Carries out the requests one after the other, in one transaction.
async fn carry_out(requests: &[Request], db: &mut PgConnection) -> Result<Vec<Answer>, sqlx::Error> {
    let mut transaction = db.begin().await?;
    let at = Utc::now();
    // In a set, so that an order with several requests is read once.
    let orders: BTreeSet<_> = requests.iter().map(|request| request.order_id().uuid()).collect();
    let orders: Vec<_> = orders.into_iter().collect();
    let claims = |request: &Request| matches!(request, Request::Claim { .. });
    let automatic_at = requests.iter().any(claims).then_some(at);
    let promotions = promotions::lock(&mut transaction, &orders, &codes(requests), automatic_at).await?;
    let mut entries = find_claims(&mut transaction, &orders).await?;
    let changes = |request: &Request| {
        entries.get(&request.order_id()).is_some_and(|entry| entry.is_changed_by(request))
    };
    if requests.iter().any(changes) {
        lock_claims(&mut transaction, &orders).await?;
        entries = find_claims(&mut transaction, &orders).await?;
    }
    let uses = customer_uses(&mut transaction, &promotions, requests).await?;

    let mut ledger = Ledger::new(entries, promotions, uses, at);
    let answers: Vec<_> = requests.iter().map(|request| ledger.carry_out(request)).collect();
    write(&mut transaction, &ledger).await?;
    transaction.commit().await?;
    Ok(answers)
}

/// The folded codes of the requests, each once.
fn codes(requests: &[Request]) -> Vec<String> {
    let codes = requests.iter().flat_map(|request| match request {
        Request::Claim { basket, .. } => basket.codes.as_slice(),
        Request::Commit(_) | Request::Release(_) => &[],
    });
    codes.map(|code| code.folded.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

#[derive(Clone, Copy, Debug, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
enum Status {
    Claimed,
    Committed,
    Released,
}

impl From<ClaimStatus> for Status {
    fn from(status: ClaimStatus) -> Self {
        match status {
            ClaimStatus::Claimed => Self::Claimed,
            ClaimStatus::Committed => Self::Committed,
            ClaimStatus::Released => Self::Released,
        }
    }
}

impl From<Status> for ClaimStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Claimed => Self::Claimed,
            Status::Committed => Self::Committed,
            Status::Released => Self::Released,
        }
    }
}

/// Locks the existing claims of these orders until the transaction ends.
async fn lock_claims(connection: &mut PgConnection, orders: &[Uuid]) -> Result<(), sqlx::Error> {
    let lock = sqlx::query!(
        "SELECT FROM claims WHERE order_id = ANY($1) ORDER BY order_id FOR NO KEY UPDATE",
        orders,
    );
    lock.execute(connection).await.map(drop)
}

/// Finds the existing claims of these orders.
async fn find_claims(
    connection: &mut PgConnection,
    orders: &[Uuid],
) -> Result<HashMap<OrderId, Entry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT order_id, user_id, status AS "status: Status", pricing AS "pricing: Json<Pricing>"
           FROM claims
           WHERE order_id = ANY($1)"#,
        orders,
    )
    .fetch_all(connection)
    .await?;
    let entries = rows.into_iter().map(|row| {
        let order_id = row.order_id.into();
        let pricing = row.pricing.map(|Json(pricing)| pricing);
        let claim = Claim { order_id, status: row.status.into(), pricing };
        (order_id, Entry { claim, user_id: row.user_id.map(UserId::from) })
    });
    Ok(entries.collect())
}

/// Finds the latest orders in this currency that have a claim, from the oldest to the newest.
pub(crate) async fn latest_orders(
    pool: &PgPool,
    count: u32,
    currency: Currency,
) -> Result<Vec<PastOrder>, sqlx::Error> {
    // Order ids are UUIDv7, so the primary key sorts them by time.
    let rows = sqlx::query!(
        r#"SELECT user_id AS "user_id!", pricing AS "pricing!: Json<Pricing>"
           FROM claims
           WHERE status <> 'released' AND pricing -> 'total' ->> 'currency' = $2
           ORDER BY order_id DESC
           LIMIT $1"#,
        i64::from(count),
        currency.to_string(),
    )
    .fetch_all(pool)
    .await?;
    let orders = rows.into_iter().rev();
    Ok(orders.map(|row| PastOrder::new(row.user_id.into(), row.pricing.0)).collect())
}

/// Counts the uses of those promotions that have a limit for each customer.
async fn customer_uses(
    connection: &mut PgConnection,
    promotions: &[Promotion],
    requests: &[Request],
) -> Result<HashMap<UserId, CustomerUses>, sqlx::Error> {
    let limited = promotions.iter().filter(|promotion| promotion.terms.customer_limit.is_some());
    let limited: Vec<_> = limited.map(|promotion| promotion.id.uuid()).collect();
    if limited.is_empty() {
        return Ok(HashMap::new());
    }
    let users = requests.iter().filter_map(|request| match request {
        Request::Claim { user_id, .. } => Some(user_id.uuid()),
        Request::Commit(_) | Request::Release(_) => None,
    });
    let users: BTreeSet<_> = users.collect();
    let rows = sqlx::query!(
        r#"SELECT promotion_id, user_id, count(*) AS "count!"
           FROM uses
           WHERE promotion_id = ANY($1) AND user_id = ANY($2)
           GROUP BY promotion_id, user_id"#,
        &limited,
        &users.into_iter().collect::<Vec<_>>(),
    )
    .fetch_all(connection)
    .await?;
    let mut uses: HashMap<UserId, CustomerUses> = HashMap::new();
    for row in rows {
        uses.entry(row.user_id.into()).or_default().insert(row.promotion_id.into(), row.count);
    }
    Ok(uses)
}

/// Writes all changes. Fails on [`CLAIM_KEY`].
async fn write(connection: &mut PgConnection, ledger: &Ledger) -> Result<(), sqlx::Error> {
    let (made, settled, moved) = (ledger.made(), ledger.settled(), ledger.moved());
    if made.is_empty() && settled.is_empty() {
        return Ok(());
    }
    let used: Vec<_> = made
        .iter()
        .flat_map(|entry| entry.used().filter_map(|id| Some((entry.claim.order_id, id, entry.user_id?))))
        .collect();
    sqlx::query!(
        r#"WITH made AS (
               INSERT INTO claims (order_id, user_id, status, pricing)
               SELECT made.*
               FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[])
                    AS made (order_id, user_id, status, pricing)
               ORDER BY order_id
           ), settled AS (
               UPDATE claims SET status = settled.status, updated_at = now()
               FROM unnest($5::uuid[], $6::text[]) AS settled (order_id, status)
               WHERE claims.order_id = settled.order_id
           ), freed AS (
               DELETE FROM uses
               USING unnest($5::uuid[], $6::text[]) AS settled (order_id, status)
               WHERE uses.order_id = settled.order_id AND settled.status = 'released'
           ), used AS (
               INSERT INTO uses (order_id, promotion_id, user_id)
               SELECT * FROM unnest($7::uuid[], $8::uuid[], $9::uuid[])
           )
           UPDATE promotions SET used = used + moved.change
           FROM unnest($10::uuid[], $11::bigint[]) AS moved (id, change)
           WHERE promotions.id = moved.id"#,
        &column(&made, |entry| entry.claim.order_id.uuid()),
        &column(&made, |entry| entry.user_id.map(Uuid::from)) as _,
        &column(&made, |entry| Status::from(entry.claim.status)) as _,
        &column(&made, |entry| entry.claim.pricing.as_ref().map(Json)) as _,
        &column(&settled, |entry| entry.claim.order_id.uuid()),
        &column(&settled, |entry| Status::from(entry.claim.status)) as _,
        &column(&used, |(order_id, ..)| order_id.uuid()),
        &column(&used, |(_, promotion_id, _)| promotion_id.uuid()),
        &column(&used, |(_, _, user_id)| user_id.uuid()),
        &column(&moved, |(id, _)| id.uuid()),
        &column(&moved, |(_, change)| *change),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Collects one column of the rows to write, for `unnest`.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

#[cfg(test)]
pub(crate) mod testing {
    //! Counts for tests.

    use sqlx::PgPool;

    /// The sum of the counters of all promotions, and the number of rows that they count.
    pub(crate) async fn uses(pool: &PgPool) -> (i64, i64) {
        let count =
            "SELECT (SELECT coalesce(sum(used), 0)::bigint FROM promotions), (SELECT count(*) FROM uses)";
        sqlx::query_as(count).fetch_one(pool).await.unwrap()
    }
}
