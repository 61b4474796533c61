//! Records a batch of started charges in one commit.

use super::{
    Key, column,
    entry::{Entry, Row},
};
use crate::charge::Charge;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use storage::group_commit::Write;

/// A charge to record as started.
pub(crate) struct Start(pub Charge);

impl Write for Start {
    /// `true` if this write recorded the charge, `false` if the ledger had it already. The second part is the
    /// entry in the ledger.
    type Answer = (bool, Entry);

    async fn commit(starts: &[Self], db: &mut PgConnection) -> sqlx::Result<Vec<(bool, Entry)>> {
        let mut keys = HashSet::new();
        let firsts = starts.iter().map(|Start(charge)| charge).filter(|charge| keys.insert(key(charge)));
        let firsts: Vec<_> = firsts.collect();
        let mut entered = insert(&firsts, db).await?;

        let (new, earlier): (Vec<_>, Vec<_>) =
            firsts.into_iter().partition(|charge| entered.contains(&key(charge)));
        let mut entries = if earlier.is_empty() { HashMap::new() } else { find(&earlier, db).await? };
        entries.extend(new.into_iter().map(|new| (key(new), Entry { charge: new.clone(), outcome: None })));
        starts
            .iter()
            .map(|Start(charge)| {
                let entry = entries.get(&key(charge)).cloned().ok_or(sqlx::Error::RowNotFound)?;
                Ok((entered.remove(&key(charge)), entry))
            })
            .collect()
    }
}

fn key(charge: &Charge) -> Key {
    (charge.order_id.uuid(), i64::from(charge.attempt))
}

/// Inserts all charges in one statement, which is one commit. Returns the keys of the new ones.
async fn insert(charges: &[&Charge], db: &mut PgConnection) -> sqlx::Result<HashSet<Key>> {
    let entered = sqlx::query!(
        "insert into charges (order_id, attempt, amount_minor, currency, payment_method)
         select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
             as input (order_id, attempt, amount_minor, currency, payment_method)
         -- In the same order everywhere, so that no two workers wait for each other.
         order by order_id, attempt
         on conflict (order_id, attempt) do nothing
         returning order_id, attempt",
        &column(charges, |charge| charge.order_id.uuid()),
        &column(charges, |charge| i64::from(charge.attempt)),
        &column(charges, |charge| charge.total.amount_minor),
        &column(charges, |charge| charge.total.currency.as_str()) as _,
        &column(charges, |charge| charge.payment_method.as_str()) as _,
    )
    .fetch_all(db)
    .await?;
    Ok(entered.into_iter().map(|row| (row.order_id, row.attempt)).collect())
}

/// Reads charges that already existed. The insert cannot return them: it may have waited for a transaction
/// that wrote them, and its own snapshot is older than that commit.
async fn find(charges: &[&Charge], db: &mut PgConnection) -> sqlx::Result<HashMap<Key, Entry>> {
    let rows = sqlx::query_as!(
        Row,
        "select order_id, attempt, amount_minor, currency, payment_method, payment_id, decline_code, refund_id
         from charges join unnest($1::uuid[], $2::bigint[]) as input (order_id, attempt) using (order_id, attempt)",
        &column(charges, |charge| charge.order_id.uuid()),
        &column(charges, |charge| i64::from(charge.attempt)),
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|row| Ok(((row.order_id, row.attempt), row.try_into()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{charge, commit};
    use contract::ids::OrderId;
    use sqlx::PgPool;

    fn start(charge: &Charge) -> Start {
        Start(charge.clone())
    }

    fn started(charge: &Charge) -> Entry {
        Entry { charge: charge.clone(), outcome: None }
    }

    #[sqlx::test]
    async fn an_attempt_is_recorded_once(pool: PgPool) {
        let order_id = OrderId::new();
        let (first, second, other) = (charge(order_id, 1), charge(order_id, 2), charge(OrderId::new(), 1));
        let mut changed = first.clone();
        changed.total.amount_minor += 1;
        let together = [start(&first), start(&other), start(&changed), start(&second), start(&first)];
        let expected = [
            (true, started(&first)),
            (true, started(&other)),
            (false, started(&first)),
            (true, started(&second)),
            (false, started(&first)),
        ];
        assert_eq!(commit(&together, &pool).await.unwrap(), expected);

        let new = charge(OrderId::new(), 1);
        let together = [start(&changed), start(&new), start(&second)];
        let expected = [(false, started(&first)), (true, started(&new)), (false, started(&second))];
        assert_eq!(commit(&together, &pool).await.unwrap(), expected);
    }

    #[sqlx::test]
    async fn an_invalid_charge_fails_its_whole_batch(pool: PgPool) {
        let (good, mut bad) = (charge(OrderId::new(), 1), charge(OrderId::new(), 1));
        bad.total.amount_minor = 0;
        commit(&[start(&good), start(&bad)], &pool).await.unwrap_err();
        assert_eq!(commit(&[start(&good)], &pool).await.unwrap(), [(true, started(&good))]);
    }
}
