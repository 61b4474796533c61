//! The ledger of charges. Each change is one statement that does nothing where another worker, with
//! the same event, was first; the answer is always how the charge stands afterwards.

use crate::charge::{Charge, Outcome};
use common::contract::{ids::OrderId, money::Money};
use sqlx::PgPool;

/// The ledger.
pub(crate) struct Ledger(PgPool);

/// A charge in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What was, or is to be, charged.
    pub charge: Charge,
    /// What became of it, where that is known.
    pub outcome: Option<Outcome>,
}

/// A row of `charges`.
struct Row {
    attempt: i64,
    amount_minor: i64,
    currency: String,
    payment_method: String,
    payment_id: Option<String>,
    decline_code: Option<String>,
    refund_id: Option<String>,
}

impl Ledger {
    /// The ledger in this database.
    pub(crate) const fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    /// Enters a charge as started. False where it was entered before, by whomever: then the provider
    /// may have been asked already.
    pub(crate) async fn start(&self, charge: &Charge) -> sqlx::Result<bool> {
        let entered = sqlx::query!(
            "insert into charges (order_id, attempt, amount_minor, currency, payment_method)
             values ($1, $2, $3, $4, $5)
             on conflict (order_id, attempt) do nothing",
            charge.order_id.uuid(),
            i64::from(charge.attempt),
            charge.total.amount_minor,
            charge.total.currency.as_str(),
            charge.payment_method,
        )
        .execute(&self.0)
        .await?;
        Ok(entered.rows_affected() == 1)
    }

    /// A charge that was entered.
    pub(crate) async fn entry(&self, order_id: OrderId, attempt: u32) -> sqlx::Result<Entry> {
        sqlx::query_as!(
            Row,
            "select attempt, amount_minor, currency, payment_method, payment_id, decline_code, refund_id
             from charges where order_id = $1 and attempt = $2",
            order_id.uuid(),
            i64::from(attempt),
        )
        .fetch_one(&self.0)
        .await?
        .entry(order_id)
    }

    /// The last try to charge an order.
    pub(crate) async fn last_entry(&self, order_id: OrderId) -> sqlx::Result<Option<Entry>> {
        let row = sqlx::query_as!(
            Row,
            "select attempt, amount_minor, currency, payment_method, payment_id, decline_code, refund_id
             from charges where order_id = $1 order by attempt desc limit 1",
            order_id.uuid(),
        )
        .fetch_optional(&self.0)
        .await?;
        row.map(|row| row.entry(order_id)).transpose()
    }

    /// Writes down that the provider has the money. That stands also against an earlier "declined":
    /// money that moved must be known to be paid back.
    pub(crate) async fn captured(&self, charge: &Charge, payment_id: &str) -> sqlx::Result<()> {
        sqlx::query!(
            "update charges
             set status = 'captured', payment_id = $3, decline_code = null, updated_at = now()
             where order_id = $1 and attempt = $2 and status in ('started', 'declined')",
            charge.order_id.uuid(),
            i64::from(charge.attempt),
            payment_id,
        )
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Writes down that no money moved.
    pub(crate) async fn declined(&self, charge: &Charge, code: &str) -> sqlx::Result<()> {
        sqlx::query!(
            "update charges set status = 'declined', decline_code = $3, updated_at = now()
             where order_id = $1 and attempt = $2 and status = 'started'",
            charge.order_id.uuid(),
            i64::from(charge.attempt),
            code,
        )
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Writes down that the money went back.
    pub(crate) async fn refunded(&self, charge: &Charge, refund_id: &str) -> sqlx::Result<()> {
        sqlx::query!(
            "update charges set status = 'refunded', refund_id = $3, updated_at = now()
             where order_id = $1 and attempt = $2 and status = 'captured'",
            charge.order_id.uuid(),
            i64::from(charge.attempt),
            refund_id,
        )
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Whether the order made a later try to pay.
    pub(crate) async fn is_superseded(&self, charge: &Charge) -> sqlx::Result<bool> {
        sqlx::query_scalar!(
            r#"select exists(select from charges where order_id = $1 and attempt > $2) as "later!""#,
            charge.order_id.uuid(),
            i64::from(charge.attempt),
        )
        .fetch_one(&self.0)
        .await
    }
}

impl Row {
    fn entry(self, order_id: OrderId) -> sqlx::Result<Entry> {
        let total = Money {
            amount_minor: self.amount_minor,
            currency: self.currency.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        };
        let attempt = u32::try_from(self.attempt).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let charge = Charge { order_id, attempt, total, payment_method: self.payment_method };
        // Which of the three are set is the status, said another way: the table's check holds that.
        let outcome = match (self.payment_id, self.decline_code, self.refund_id) {
            (Some(payment_id), _, Some(refund_id)) => Some(Outcome::Refunded { payment_id, refund_id }),
            (Some(payment_id), _, None) => Some(Outcome::Captured { payment_id }),
            (None, Some(code), _) => Some(Outcome::Declined { code }),
            (None, None, _) => None,
        };
        Ok(Entry { charge, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(order_id: OrderId, attempt: u32) -> Charge {
        let total = Money { amount_minor: 1299, currency: "EUR".parse().unwrap() };
        Charge { order_id, attempt, total, payment_method: "pm_card_visa".to_owned() }
    }

    async fn outcome(ledger: &Ledger, charge: &Charge) -> Option<Outcome> {
        ledger.entry(charge.order_id, charge.attempt).await.unwrap().outcome
    }

    fn captured(payment_id: &str) -> Outcome {
        Outcome::Captured { payment_id: payment_id.to_owned() }
    }

    #[sqlx::test]
    async fn a_charge_is_entered_once_and_stays_as_first_asked(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let first = charge(OrderId::new(), 1);
        assert!(ledger.start(&first).await.unwrap());

        let mut other = first.clone();
        other.total.amount_minor += 1;
        other.payment_method = "pm_card_mastercard".to_owned();
        assert!(!ledger.start(&other).await.unwrap());
        let entry = ledger.entry(first.order_id, 1).await.unwrap();
        assert_eq!(entry, Entry { charge: first, outcome: None });
    }

    #[sqlx::test]
    async fn of_two_workers_with_one_event_one_starts_the_charge(pool: PgPool) {
        let (ours, theirs) = (Ledger::new(pool.clone()), Ledger::new(pool));
        let charge = charge(OrderId::new(), 1);
        let (we, they) = tokio::join!(ours.start(&charge), theirs.start(&charge));
        assert!(we.unwrap() ^ they.unwrap());
    }

    #[sqlx::test]
    async fn the_first_outcome_stands_when_it_is_written_again(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let charge = charge(OrderId::new(), 1);
        ledger.start(&charge).await.unwrap();
        ledger.captured(&charge, "pi_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));

        ledger.captured(&charge, "pi_2").await.unwrap();
        ledger.declined(&charge, "lost_card").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));

        ledger.refunded(&charge, "re_1").await.unwrap();
        ledger.refunded(&charge, "re_2").await.unwrap();
        ledger.captured(&charge, "pi_1").await.unwrap();
        let refunded = Outcome::Refunded { payment_id: "pi_1".into(), refund_id: "re_1".into() };
        assert_eq!(outcome(&ledger, &charge).await, Some(refunded));
    }

    #[sqlx::test]
    async fn money_that_moved_after_all_is_written_down(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let charge = charge(OrderId::new(), 1);
        ledger.start(&charge).await.unwrap();
        ledger.declined(&charge, "lost_card").await.unwrap();
        let declined = Outcome::Declined { code: "lost_card".into() };
        assert_eq!(outcome(&ledger, &charge).await, Some(declined.clone()));

        // Nothing was captured, so nothing can go back.
        ledger.refunded(&charge, "re_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(declined));

        ledger.captured(&charge, "pi_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));
    }

    #[sqlx::test]
    async fn a_later_try_supersedes_an_earlier_one(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let order_id = OrderId::new();
        let (first, second, other) = (charge(order_id, 1), charge(order_id, 2), charge(OrderId::new(), 3));
        assert_eq!(ledger.last_entry(order_id).await.unwrap(), None);

        ledger.start(&first).await.unwrap();
        ledger.start(&other).await.unwrap();
        assert!(!ledger.is_superseded(&first).await.unwrap());

        ledger.start(&second).await.unwrap();
        assert!(ledger.is_superseded(&first).await.unwrap());
        assert!(!ledger.is_superseded(&second).await.unwrap());
        let last = ledger.last_entry(order_id).await.unwrap();
        assert_eq!(last, Some(Entry { charge: second, outcome: None }));
    }

    #[sqlx::test]
    async fn no_payment_belongs_to_two_charges(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let (first, second) = (charge(OrderId::new(), 1), charge(OrderId::new(), 1));
        for charge in [&first, &second] {
            ledger.start(charge).await.unwrap();
        }
        ledger.captured(&first, "pi_1").await.unwrap();
        let error = ledger.captured(&second, "pi_1").await.unwrap_err();
        assert!(error.as_database_error().unwrap().is_unique_violation());
    }
}
