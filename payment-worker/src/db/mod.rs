//! The tables of the worker. All SQL is in this folder.

pub(crate) mod entry;
pub(crate) mod ledger;
pub(crate) mod list;
mod outcomes;
mod starts;
pub(crate) mod sweep;

use sqlx::migrate::Migrator;
use uuid::Uuid;

/// The schema, embedded in the binary.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!();

/// The key of a charge: the order and the attempt.
type Key = (Uuid, i64);

/// One column of a batch of rows, for `unnest`.
fn column<'a, R, T>(rows: &[&'a R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(|row| value(row)).collect()
}

#[cfg(test)]
mod testing {
    //! Charges for the tests of this folder.

    use crate::charge::Charge;
    use contract::{ids::OrderId, money::Money};
    use sqlx::PgPool;
    use storage::group_commit::Write;

    pub(super) fn charge(order_id: OrderId, attempt: u32) -> Charge {
        let total = Money { amount_minor: 1299, currency: "EUR".parse().unwrap() };
        Charge { order_id, attempt, total, payment_method: "pm_card_visa".to_owned() }
    }

    /// Commits all writes together.
    pub(super) async fn commit<W: Write>(writes: &[W], pool: &PgPool) -> sqlx::Result<Vec<W::Answer>> {
        W::commit(writes, &mut pool.acquire().await.unwrap()).await
    }
}
