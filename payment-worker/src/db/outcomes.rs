//! Records a batch of outcomes in one commit.

use super::{Key, column, entry::outcome};
use crate::charge::{Charge, Outcome};
use sqlx::PgConnection;
use std::collections::HashMap;
use storage::group_commit::Write;
use uuid::Uuid;

/// The provider's answer to a charge: a payment id, or a decline code.
pub(crate) struct Record {
    order_id: Uuid,
    attempt: i64,
    payment_id: Option<String>,
    decline_code: Option<String>,
}

impl Record {
    pub(crate) fn captured(charge: &Charge, payment_id: &str) -> Self {
        Self::of(charge, Some(payment_id), None)
    }

    pub(crate) fn declined(charge: &Charge, code: &str) -> Self {
        Self::of(charge, None, Some(code))
    }

    fn of(charge: &Charge, payment_id: Option<&str>, decline_code: Option<&str>) -> Self {
        Self {
            order_id: charge.order_id.uuid(),
            attempt: i64::from(charge.attempt),
            payment_id: payment_id.map(str::to_owned),
            decline_code: decline_code.map(str::to_owned),
        }
    }

    fn key(&self) -> Key {
        (self.order_id, self.attempt)
    }
}

impl Write for Record {
    /// The resulting outcome in the ledger.
    type Answer = Outcome;

    async fn commit(records: &[Self], db: &mut PgConnection) -> sqlx::Result<Vec<Outcome>> {
        // If a batch has several records of one charge, only one is written. It is the first record with a
        // payment. If none has a payment, it is the first record. Separate commits would have the same
        // result.
        let mut chosen: HashMap<Key, &Self> = HashMap::new();
        for record in records {
            let choice = chosen.entry(record.key()).or_insert(record);
            if choice.payment_id.is_none() && record.payment_id.is_some() {
                *choice = record;
            }
        }
        let chosen: Vec<_> = chosen.into_values().collect();
        let outcomes = update(&chosen, db).await?;
        let outcome = |record: &Self| outcomes.get(&record.key()).cloned().ok_or(sqlx::Error::RowNotFound);
        records.iter().map(outcome).collect()
    }
}

/// Writes all records in one statement, which is one commit. Returns the outcome of each known charge.
async fn update(records: &[&Record], db: &mut PgConnection) -> sqlx::Result<HashMap<Key, Outcome>> {
    let rows = sqlx::query!(
        r#"with found as (
               select order_id, attempt, charges.payment_id, charges.decline_code, charges.refund_id,
                      input.payment_id as new_payment_id, input.decline_code as new_decline_code,
                      -- Money that moved stands against an earlier "declined".
                      charges.status = 'started'
                          or charges.status = 'declined' and input.payment_id is not null as is_news
               from charges
               join unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])
                   as input (order_id, attempt, payment_id, decline_code) using (order_id, attempt)
               -- In the same order everywhere, so that no two workers wait for each other.
               order by order_id, attempt
               for update of charges
           ), written as (
               update charges
               set status = case when new_payment_id is null then 'declined' else 'captured' end,
                   payment_id = new_payment_id, decline_code = new_decline_code, updated_at = now()
               from found
               where charges.order_id = found.order_id and charges.attempt = found.attempt
                 and is_news
               returning charges.order_id, charges.attempt, new_payment_id, new_decline_code
           )
           select order_id as "order_id!", attempt as "attempt!",
                  new_payment_id as payment_id, new_decline_code as decline_code, null as refund_id
           from written
           union all
           select order_id, attempt, payment_id, decline_code, refund_id from found where not is_news"#,
        &column(records, |record| record.order_id),
        &column(records, |record| record.attempt),
        &column(records, |record| record.payment_id.as_deref()) as _,
        &column(records, |record| record.decline_code.as_deref()) as _,
    )
    .fetch_all(db)
    .await?;
    let outcomes = rows.into_iter().filter_map(|row| {
        let outcome = outcome(row.payment_id, row.decline_code, row.refund_id)?;
        Some(((row.order_id, row.attempt), outcome))
    });
    Ok(outcomes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{
        starts::Start,
        testing::{charge, commit},
    };
    use contract::ids::OrderId;
    use sqlx::PgPool;
    use std::{
        array,
        time::{Duration, Instant},
    };

    async fn started<const N: usize>(pool: &PgPool) -> [Charge; N] {
        let charges: [Charge; N] = array::from_fn(|_| charge(OrderId::new(), 1));
        commit(&charges.clone().map(Start), pool).await.unwrap();
        charges
    }

    fn captured(payment_id: &str) -> Outcome {
        Outcome::Captured { payment_id: payment_id.to_owned() }
    }

    fn declined(code: &str) -> Outcome {
        Outcome::Declined { code: code.to_owned() }
    }

    #[sqlx::test]
    async fn all_records_of_one_charge_get_the_same_outcome(pool: PgPool) {
        let [paid, unpaid, late] = started(&pool).await;
        let together = [
            Record::declined(&late, "lost_card"),
            Record::captured(&paid, "pi_1"),
            Record::captured(&late, "pi_2"),
            Record::declined(&unpaid, "lost_card"),
            Record::captured(&paid, "pi_3"),
            Record::declined(&paid, "lost_card"),
            Record::declined(&unpaid, "expired_card"),
        ];
        let expected = [
            captured("pi_2"),
            captured("pi_1"),
            captured("pi_2"),
            declined("lost_card"),
            captured("pi_1"),
            captured("pi_1"),
            declined("lost_card"),
        ];
        assert_eq!(commit(&together, &pool).await.unwrap(), expected);
        let again = [
            Record::declined(&paid, "expired_card"),
            Record::captured(&unpaid, "pi_4"),
            Record::captured(&late, "pi_5"),
        ];
        let expected = [captured("pi_1"), captured("pi_4"), captured("pi_2")];
        assert_eq!(commit(&again, &pool).await.unwrap(), expected);
    }

    #[sqlx::test]
    async fn a_record_of_an_unknown_charge_is_an_error(pool: PgPool) {
        let record = Record::captured(&charge(OrderId::new(), 1), "pi_1");
        let error = commit(&[record], &pool).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::RowNotFound), "{error}");
    }

    #[sqlx::test]
    async fn an_outcome_of_another_worker_is_kept(pool: PgPool) {
        let [theirs, ours, late] = started(&pool).await;
        let mut transaction = pool.begin().await.unwrap();
        let first = [Record::captured(&theirs, "pi_1"), Record::declined(&late, "lost_card")];
        Record::commit(&first, &mut transaction).await.unwrap();
        let worker = pool.clone();
        let waiting = tokio::spawn(async move {
            let second = [
                Record::captured(&late, "pi_2"),
                Record::declined(&theirs, "lost_card"),
                Record::captured(&ours, "pi_3"),
            ];
            commit(&second, &worker).await.unwrap()
        });
        wait_for_a_blocked_query(&pool).await;
        transaction.commit().await.unwrap();
        assert_eq!(waiting.await.unwrap(), [captured("pi_2"), captured("pi_1"), captured("pi_3")]);
    }

    async fn wait_for_a_blocked_query(pool: &PgPool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let waiting = sqlx::query_scalar::<_, bool>(
                "select exists (select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock')",
            );
            if waiting.fetch_one(pool).await.unwrap() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("no query waits for a lock");
    }
}
