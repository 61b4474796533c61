//! Products and their stock. The row of a deleted product remains for the reservations that refer to it. All
//! other queries ignore it.

use super::money;
use crate::domain::{listing::Listing, product::Details, reservation::Offer};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{Product, Stock},
    ids::ProductId,
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The constraint that a duplicate code violates.
pub(crate) const SKU_KEY: &str = "products_sku_key";
/// The constraint that a code violates if another product has it in another case.
pub(crate) const FOLDED_SKU_KEY: &str = "products_folded_sku_key";

/// A product with the version of its details. Sales and stock counts do not change the version.
#[derive(Debug)]
pub(crate) struct Versioned {
    pub(crate) product: Product,
    pub(crate) version: i64,
}

/// The outcome of a change.
#[derive(Debug)]
pub(crate) enum Change<T> {
    /// The change was made.
    Made(T),
    /// The product no longer has the version that the change requires.
    Stale(Box<Versioned>),
    /// There is no such product.
    NoProduct,
}

struct Row {
    id: Uuid,
    sku: String,
    name: String,
    description: String,
    category: String,
    price_minor: i64,
    currency: String,
    available: i64,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Versioned {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let product = Product {
            id: row.id.into(),
            sku: row.sku,
            name: row.name,
            description: row.description,
            category: row.category,
            price: money(row.price_minor, &row.currency)?,
            available: row.available,
            updated_at: row.updated_at,
        };
        Ok(Self { product, version: row.version })
    }
}

/// Lists the products of a page and, if there is a next page, its first product.
pub(crate) async fn list(pool: &PgPool, listing: &Listing) -> Result<Vec<Product>, sqlx::Error> {
    // Every id is greater than the nil UUID.
    let after = listing.after.map_or(Uuid::nil(), Uuid::from);
    sqlx::query_as!(
        Row,
        r#"SELECT id, sku, name, description, category, price_minor, currency,
                  on_hand - reserved AS "available!", updated_at, version
           FROM products
           WHERE id > $1
             AND deleted_at IS NULL
             AND ($2::text IS NULL OR category = $2)
             AND ($3::text IS NULL OR search_text LIKE $3)
           ORDER BY id
           LIMIT $4"#,
        after,
        listing.category.as_deref(),
        listing.pattern.as_deref(),
        listing.limit + 1,
    )
    .fetch_all(pool)
    .await?
    .into_iter()
    .map(|row| Ok(Versioned::try_from(row)?.product))
    .collect()
}

/// Lists the categories that have products, sorted by their oldest product.
pub(crate) async fn categories(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT category
           FROM (SELECT DISTINCT ON (category) category, id
                 FROM products
                 WHERE deleted_at IS NULL
                 ORDER BY category, id) AS firsts
           ORDER BY id"#,
    )
    .fetch_all(pool)
    .await
}

/// Finds a product.
pub(crate) async fn find(pool: &PgPool, id: ProductId) -> Result<Option<Versioned>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT id, sku, name, description, category, price_minor, currency,
                  on_hand - reserved AS "available!", updated_at, version
           FROM products
           WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(pool)
    .await?
    .map(Versioned::try_from)
    .transpose()
}

/// Finds those of these products that the shop has, oldest first.
pub(crate) async fn find_all(pool: &PgPool, ids: &[ProductId]) -> Result<Vec<Product>, sqlx::Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        Row,
        r#"SELECT id, sku, name, description, category, price_minor, currency,
                  on_hand - reserved AS "available!", updated_at, version
           FROM products
           WHERE id = ANY($1) AND deleted_at IS NULL
           ORDER BY id"#,
        &ids,
    )
    .fetch_all(pool)
    .await?
    .into_iter()
    .map(|row| Ok(Versioned::try_from(row)?.product))
    .collect()
}

/// Adds a product without stock. Fails on [`SKU_KEY`] and [`FOLDED_SKU_KEY`].
pub(crate) async fn insert(
    pool: &PgPool,
    id: ProductId,
    details: &Details,
) -> Result<Versioned, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"INSERT INTO products
               (id, sku, name, description, category, price_minor, currency, search_text, search_source)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, md5($3 || E'\n' || $4))
           RETURNING id, sku, name, description, category, price_minor, currency,
                     on_hand - reserved AS "available!", updated_at, version"#,
        id.uuid(),
        details.sku,
        details.name,
        details.description,
        details.category,
        details.price.amount_minor,
        details.price.currency.as_str(),
        details.search_text(),
    )
    .fetch_one(pool)
    .await?
    .try_into()
}

/// Replaces the details of a product if it has one of these versions. `None` accepts any version. Fails on
/// [`SKU_KEY`] and [`FOLDED_SKU_KEY`].
pub(crate) async fn update(
    pool: &PgPool,
    id: ProductId,
    details: &Details,
    versions: Option<&[i64]>,
) -> Result<Change<Versioned>, sqlx::Error> {
    let updated = sqlx::query_as!(
        Row,
        r#"UPDATE products
           SET sku = $2, name = $3, description = $4, category = $5, price_minor = $6, currency = $7,
               search_text = $8, search_source = md5($3 || E'\n' || $4),
               sku_clashes = sku_clashes AND sku = $2, updated_at = now(), version = version + 1
           WHERE id = $1 AND deleted_at IS NULL AND ($9::bigint[] IS NULL OR version = ANY($9))
           RETURNING id, sku, name, description, category, price_minor, currency,
                     on_hand - reserved AS "available!", updated_at, version"#,
        id.uuid(),
        details.sku,
        details.name,
        details.description,
        details.category,
        details.price.amount_minor,
        details.price.currency.as_str(),
        details.search_text(),
        versions,
    )
    .fetch_optional(pool)
    .await?;
    match updated {
        Some(row) => Ok(Change::Made(row.try_into()?)),
        None => not_made(pool, id).await,
    }
}

/// Marks a product as deleted if it has one of these versions. `None` accepts any version.
pub(crate) async fn delete(
    pool: &PgPool,
    id: ProductId,
    versions: Option<&[i64]>,
) -> Result<Change<()>, sqlx::Error> {
    let deleted = sqlx::query!(
        r#"UPDATE products SET deleted_at = now()
           WHERE id = $1 AND deleted_at IS NULL AND ($2::bigint[] IS NULL OR version = ANY($2))"#,
        id.uuid(),
        versions,
    )
    .execute(pool)
    .await?;
    if deleted.rows_affected() == 1 { Ok(Change::Made(())) } else { not_made(pool, id).await }
}

/// Finds the reason why a change was not made.
async fn not_made<T>(pool: &PgPool, id: ProductId) -> Result<Change<T>, sqlx::Error> {
    Ok(find(pool, id).await?.map_or(Change::NoProduct, |current| Change::Stale(Box::new(current))))
}

/// Reads a product's stock and locks it until the transaction ends.
pub(crate) async fn lock_stock(
    connection: &mut PgConnection,
    id: ProductId,
) -> Result<Option<Stock>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT on_hand, reserved FROM products WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Stock {
        product_id: id,
        on_hand: row.on_hand,
        reserved: row.reserved,
        available: row.on_hand - row.reserved,
    }))
}

/// Sets the number of pieces in the warehouse.
pub(crate) async fn set_on_hand(
    connection: &mut PgConnection,
    id: ProductId,
    on_hand: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE products SET on_hand = $2, updated_at = now() WHERE id = $1", id.uuid(), on_hand)
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads the current offers of those products that the shop sells.
pub(crate) async fn offers(
    connection: &mut PgConnection,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<Vec<Offer>, sqlx::Error> {
    let ids: Vec<_> = ids.into_iter().map(Uuid::from).collect();
    sqlx::query!(
        r#"SELECT id, name, category, price_minor, currency, on_hand - reserved AS "available!", updated_at
           FROM products
           WHERE id = ANY($1) AND deleted_at IS NULL"#,
        &ids,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Offer {
            product_id: row.id.into(),
            name: row.name,
            category: row.category,
            price: money(row.price_minor, &row.currency)?,
            available: row.available,
            updated_at: row.updated_at,
        })
    })
    .collect()
}
