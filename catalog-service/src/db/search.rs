//! Adds the folded text for searches to products that an older release has written without it.

use crate::domain::product::search_text;
use sqlx::PgPool;

/// The number of products per transaction. Orders that reserve one of these products wait until it ends.
const BATCH: i64 = 100;

/// Folds the products whose search text is missing or out of date. Returns their number.
pub(crate) async fn fold_all(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let mut total = 0;
    loop {
        let folded = fold_batch(pool).await?;
        total += folded;
        if i64::try_from(folded).is_ok_and(|folded| folded < BATCH) {
            return Ok(total);
        }
    }
}

async fn fold_batch(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // The next round folds products that are locked now. Waiting for their locks could cause a deadlock.
    let products = sqlx::query!(
        r"SELECT id, name, description
          FROM products
          WHERE deleted_at IS NULL AND search_source IS DISTINCT FROM md5(name || E'\n' || description)
          ORDER BY id
          LIMIT $1
          FOR UPDATE SKIP LOCKED",
        BATCH,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let texts: Vec<_> =
        products.iter().map(|product| search_text(&product.name, &product.description)).collect();
    sqlx::query!(
        r"UPDATE products
          SET search_text = folded.text, search_source = md5(name || E'\n' || description)
          FROM unnest($1::uuid[], $2::text[]) AS folded (id, text)
          WHERE products.id = folded.id",
        &ids,
        &texts,
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(products.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{MIGRATIONS, products},
        domain::listing::Listing,
    };
    use sqlx::{AssertSqlSafe, Executor as _};

    /// Adds a product like an older release.
    async fn add(pool: &PgPool, number: usize, sku: &str, name: &str) {
        let id = format!("01900000-0000-7000-8000-{number:012}");
        let insert = format!(
            "INSERT INTO products (id, sku, name, description, category, price_minor, currency)
             VALUES ('{id}', '{sku}', '{name}', '', 'Tea', 1, 'EUR')"
        );
        pool.execute(AssertSqlSafe(insert)).await.unwrap();
    }

    async fn found(pool: &PgPool, words: &str) -> Vec<String> {
        let listing =
            Listing { limit: 100, after: None, category: None, pattern: Some(format!("%{words}%")) };
        products::list(pool, &listing).await.unwrap().into_iter().map(|product| product.name).collect()
    }

    #[sqlx::test]
    async fn products_of_an_older_release_are_found(pool: PgPool) {
        add(&pool, 1, "T-1", "THÉ VERT").await;
        assert_eq!(fold_all(&pool).await.unwrap(), 1);
        assert_eq!(found(&pool, "the vert").await, ["THÉ VERT"]);

        pool.execute("UPDATE products SET name = 'ЧАЙ'").await.unwrap();
        assert_eq!(fold_all(&pool).await.unwrap(), 1);
        assert_eq!(found(&pool, "the vert").await, [""; 0]);
        assert_eq!(found(&pool, "чаи").await, ["ЧАЙ"]);
        assert_eq!(fold_all(&pool).await.unwrap(), 0, "nothing is left to do");
    }

    #[sqlx::test]
    async fn folds_more_products_than_fit_into_a_batch(pool: PgPool) {
        let all = usize::try_from(BATCH).unwrap() * 2 + 1;
        for number in 0..all {
            add(&pool, number, &format!("T-{number}"), "Öl").await;
        }
        assert_eq!(fold_all(&pool).await.unwrap(), all);
    }

    #[sqlx::test]
    async fn a_locked_product_is_folded_in_the_next_round(pool: PgPool) {
        add(&pool, 1, "T-1", "Öl").await;
        let mut other = pool.begin().await.unwrap();
        other.execute("SELECT FROM products FOR UPDATE").await.unwrap();
        assert_eq!(fold_all(&pool).await.unwrap(), 0);
        other.rollback().await.unwrap();
        assert_eq!(fold_all(&pool).await.unwrap(), 1);
    }

    #[sqlx::test(migrations = false)]
    async fn existing_duplicate_codes_do_not_stop_the_migration(pool: PgPool) {
        MIGRATIONS.run_to(1, &pool).await.unwrap();
        for (number, sku) in ["tea-x", "TEA-X", "Tea-X", "other"].into_iter().enumerate() {
            add(&pool, number, sku, sku).await;
        }
        MIGRATIONS.run(&pool).await.unwrap();
        let clashes =
            sqlx::query_scalar::<_, String>("SELECT sku FROM products WHERE sku_clashes ORDER BY id");
        assert_eq!(clashes.fetch_all(&pool).await.unwrap(), ["TEA-X", "Tea-X"]);
    }
}
