//! Pages of the ledger.

use super::entry::{Entry, charge_row};
use chrono::{DateTime, Utc};
use contract::ids::OrderId;
use sqlx::PgPool;
use uuid::Uuid;

/// A charge with its times.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub entry: Entry,
    pub started_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A page of charges of the order `from` and later ones, newest orders first. The page begins after the order
/// and attempt in `after`.
pub(super) async fn page(
    pool: &PgPool,
    from: Option<OrderId>,
    after: Option<(OrderId, u32)>,
    limit: i64,
) -> sqlx::Result<Vec<Listed>> {
    let from = from.map_or(Uuid::nil(), OrderId::uuid);
    let (order_id, attempt) =
        after.map_or((Uuid::max(), i64::MAX), |(order_id, attempt)| (order_id.uuid(), attempt.into()));
    let rows = sqlx::query!(
        "select order_id, attempt, amount_minor, currency, payment_method, payment_id, decline_code, refund_id,
                started_at, updated_at
         from charges
         where order_id >= $1 and (order_id, attempt) < ($2, $3)
         order by order_id desc, attempt desc limit $4",
        from,
        order_id,
        attempt,
        limit,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let entry = charge_row!(row).try_into()?;
            Ok(Listed { entry, started_at: row.started_at, updated_at: row.updated_at })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        starts::Start,
        testing::{charge, commit},
    };

    #[sqlx::test]
    async fn pages_list_all_charges_from_the_newest_order_to_the_oldest(pool: PgPool) {
        let [old, middle, new] = std::array::from_fn(|_| OrderId::new());
        let all = [charge(new, 1), charge(middle, 2), charge(middle, 1), charge(old, 1)];
        commit(&all.clone().map(Start), &pool).await.unwrap();
        let list = async |from, after| {
            let page = page(&pool, from, after, 2).await.unwrap();
            page.into_iter().map(|listed| listed.entry.charge).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None).await, all[..2]);
        assert_eq!(list(None, Some((middle, 2))).await, all[2..]);
        assert_eq!(list(Some(middle), Some((middle, 2))).await, all[2..3]);
        assert_eq!(list(None, Some((old, 1))).await, []);
    }
}
