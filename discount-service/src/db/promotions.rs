//! Promotions. The row of a deleted promotion remains for the claims that refer to it.

use crate::domain::{
    listing::Listing,
    promotion::{MAX_GROUP_MEMBERS, MAX_GROUPS, folded_code},
};
use chrono::{DateTime, Utc};
use contract::{
    discounts::{Promotion, PromotionTerms},
    ids::PromotionId,
};
use sqlx::{PgConnection, PgPool, types::Json};
use uuid::Uuid;

/// The constraint that a duplicate code violates.
pub(crate) const CODE_KEY: &str = "promotions_folded_code_key";
/// The constraint that a total limit violates if more orders use the promotion.
pub(crate) const WITHIN_LIMIT: &str = "promotions_used_within_limit";
/// Two changes of staff at the same time must not exceed the limits of groups. Only this service has a lock
/// with this number in its database.
const GROUPS_LOCK: i64 = 1;

/// A promotion with the version of its terms. Uses do not change the version.
#[derive(Debug)]
pub(crate) struct Versioned {
    pub(crate) promotion: Promotion,
    pub(crate) version: i64,
}

/// The outcome of a change.
#[derive(Debug)]
pub(crate) enum Change<T> {
    /// The change was made.
    Made(T),
    /// The promotion no longer has the version that the change requires.
    Stale(Box<Versioned>),
    /// There is no such promotion.
    NoPromotion,
    /// There are too many groups, or too many promotions in the group.
    GroupsFull,
}

struct Row {
    id: Uuid,
    terms: Json<PromotionTerms>,
    used: i64,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<Row> for Versioned {
    fn from(row: Row) -> Self {
        let Row { id, terms, used, updated_at, version } = row;
        Self { promotion: Promotion { id: id.into(), terms: terms.0, used, updated_at }, version }
    }
}

/// Lists the promotions of a page and, if there is a next page, its first promotion.
pub(crate) async fn list(pool: &PgPool, listing: &Listing) -> Result<Vec<Promotion>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, terms AS "terms: Json<PromotionTerms>", used, updated_at, version
           FROM promotions
           WHERE id > $1 AND deleted_at IS NULL
           ORDER BY id
           LIMIT $2"#,
        listing.after.uuid(),
        listing.limit + 1,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| Versioned::from(row).promotion).collect())
}

/// Finds a promotion.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: PromotionId,
) -> Result<Option<Versioned>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, terms AS "terms: Json<PromotionTerms>", used, updated_at, version
           FROM promotions
           WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Versioned::from))
}

/// Finds the promotions that apply to a quote at this time: the automatic ones, and those with these codes. A
/// promotion with a code is found even outside its window.
pub(crate) async fn applicable(
    pool: &PgPool,
    folded_codes: &[String],
    at: DateTime<Utc>,
) -> Result<Vec<Promotion>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, terms AS "terms: Json<PromotionTerms>", used, updated_at, version
           FROM promotions
           WHERE deleted_at IS NULL
             AND (folded_code = ANY($1)
                  OR folded_code IS NULL
                     AND (starts_at IS NULL OR starts_at <= $2)
                     AND (ends_at IS NULL OR ends_at > $2))"#,
        folded_codes,
        at,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| Versioned::from(row).promotion).collect())
}

/// Finds the promotions that a group of claims may use, and those that these orders use already. Locks them
/// until the transaction ends. `automatic_at` is the time of the claims, or `None` if the group claims
/// nothing.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    orders: &[Uuid],
    folded_codes: &[String],
    automatic_at: Option<DateTime<Utc>>,
) -> Result<Vec<Promotion>, sqlx::Error> {
    // All groups lock promotions in the same order, so they do not deadlock.
    let rows = sqlx::query!(
        r#"SELECT id, terms AS "terms: Json<PromotionTerms>", used, updated_at,
                  deleted_at IS NULL AS "exists!"
           FROM promotions
           WHERE id IN (SELECT promotion_id FROM uses WHERE order_id = ANY($1))
              OR deleted_at IS NULL
                 AND (folded_code = ANY($2)
                      OR folded_code IS NULL
                         AND (starts_at IS NULL OR starts_at <= $3)
                         AND (ends_at IS NULL OR ends_at > $3)
                         AND $3::timestamptz IS NOT NULL)
           ORDER BY id
           FOR NO KEY UPDATE"#,
        orders,
        folded_codes,
        automatic_at,
    )
    .fetch_all(connection)
    .await?;
    let promotions = rows.into_iter().filter(|row| row.exists).map(|row| Promotion {
        id: row.id.into(),
        terms: row.terms.0,
        used: row.used,
        updated_at: row.updated_at,
    });
    Ok(promotions.collect())
}

/// Adds a promotion. Fails on [`CODE_KEY`].
pub(crate) async fn insert(
    pool: &PgPool,
    id: PromotionId,
    terms: &PromotionTerms,
) -> Result<Change<Versioned>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    if !groups_have_room(&mut transaction, id, terms).await? {
        return Ok(Change::GroupsFull);
    }
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO promotions (id, terms, folded_code, starts_at, ends_at, exclusive_group, total_limit)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           RETURNING id, terms AS "terms: Json<PromotionTerms>", used, updated_at, version"#,
        id.uuid(),
        Json(terms) as _,
        folded_code(terms),
        terms.starts_at,
        terms.ends_at,
        terms.exclusive_group,
        terms.total_limit,
    )
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Change::Made(row.into()))
}

/// Replaces the terms of a promotion if it has one of these versions. `None` accepts any version. Fails on
/// [`CODE_KEY`] and [`WITHIN_LIMIT`].
pub(crate) async fn update(
    pool: &PgPool,
    id: PromotionId,
    terms: &PromotionTerms,
    versions: Option<&[i64]>,
) -> Result<Change<Versioned>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    if !groups_have_room(&mut transaction, id, terms).await? {
        return Ok(Change::GroupsFull);
    }
    let updated = sqlx::query_as!(
        Row,
        r#"UPDATE promotions
           SET terms = $2, folded_code = $3, starts_at = $4, ends_at = $5, exclusive_group = $6,
               total_limit = $7, updated_at = now(), version = version + 1
           WHERE id = $1 AND deleted_at IS NULL AND ($8::bigint[] IS NULL OR version = ANY($8))
           RETURNING id, terms AS "terms: Json<PromotionTerms>", used, updated_at, version"#,
        id.uuid(),
        Json(terms) as _,
        folded_code(terms),
        terms.starts_at,
        terms.ends_at,
        terms.exclusive_group,
        terms.total_limit,
        versions,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let change = match updated {
        Some(row) => Change::Made(row.into()),
        None => not_made(&mut transaction, id).await?,
    };
    transaction.commit().await?;
    Ok(change)
}

/// Marks a promotion as deleted if it has one of these versions. `None` accepts any version.
pub(crate) async fn delete(
    pool: &PgPool,
    id: PromotionId,
    versions: Option<&[i64]>,
) -> Result<Change<()>, sqlx::Error> {
    let deleted = sqlx::query!(
        r#"UPDATE promotions SET deleted_at = now()
           WHERE id = $1 AND deleted_at IS NULL AND ($2::bigint[] IS NULL OR version = ANY($2))"#,
        id.uuid(),
        versions,
    )
    .execute(pool)
    .await?;
    if deleted.rows_affected() == 1 {
        return Ok(Change::Made(()));
    }
    not_made(&mut *pool.acquire().await?, id).await
}

/// Finds the reason why a change was not made.
async fn not_made<T>(connection: &mut PgConnection, id: PromotionId) -> Result<Change<T>, sqlx::Error> {
    let found = find(connection, id).await?;
    Ok(found.map_or(Change::NoPromotion, |current| Change::Stale(Box::new(current))))
}

/// Whether a promotion with these terms keeps the limits of groups. Until the transaction ends, no other one
/// can change the groups.
async fn groups_have_room(
    connection: &mut PgConnection,
    id: PromotionId,
    terms: &PromotionTerms,
) -> Result<bool, sqlx::Error> {
    let Some(group) = &terms.exclusive_group else { return Ok(true) };
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", GROUPS_LOCK).execute(&mut *connection).await?;
    let room = sqlx::query_scalar!(
        r#"SELECT count(DISTINCT exclusive_group) FILTER (WHERE exclusive_group <> $2) < $3
                  AND count(*) FILTER (WHERE exclusive_group = $2) < $4 AS "room!"
           FROM promotions
           WHERE id <> $1 AND deleted_at IS NULL AND exclusive_group IS NOT NULL
             AND (ends_at IS NULL OR ends_at > now())"#,
        id.uuid(),
        group,
        MAX_GROUPS,
        MAX_GROUP_MEMBERS,
    )
    .fetch_one(connection)
    .await?;
    Ok(room)
}
