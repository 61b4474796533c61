//! The ledger of charges. A change has no effect if another worker with the same event was first. A change
//! returns the resulting state of the charge.

use super::{
    entry::{Entry, Row},
    list::{self, Listed},
    outcomes::Record,
    starts::Start,
    sweep::{self, Intervals, Settled, Unsettled},
};
use crate::charge::{Charge, Outcome};
use contract::ids::OrderId;
use sqlx::PgPool;
use storage::group_commit::{CommitError, GroupCommit};

/// The ledger. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ledger {
    pool: PgPool,
    starts: GroupCommit<Start>,
    outcomes: GroupCommit<Record>,
    settled: GroupCommit<Settled>,
}

impl Ledger {
    /// The ledger in this database.
    pub(crate) fn new(pool: PgPool) -> Self {
        Self {
            starts: GroupCommit::to(&pool),
            outcomes: GroupCommit::to(&pool),
            settled: GroupCommit::to(&pool),
            pool,
        }
    }

    /// Records a charge as started, and returns its entry. Also returns whether this call recorded it. If
    /// not, a worker may already have asked the provider.
    pub(crate) async fn start(&self, charge: &Charge) -> Result<(bool, Entry), CommitError> {
        let (_, started) = self.starts.write(Start(charge.clone())).await?;
        Ok(started)
    }

    /// The last attempt to charge an order.
    pub(crate) async fn last_entry(&self, order_id: OrderId) -> sqlx::Result<Option<Entry>> {
        let row = sqlx::query_as!(
            Row,
            "select order_id, attempt, amount_minor, currency, payment_method, payment_id, decline_code, refund_id
             from charges where order_id = $1 order by attempt desc limit 1",
            order_id.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Entry::try_from).transpose()
    }

    /// Records that the provider has captured the money, and returns the resulting outcome. This replaces an
    /// earlier "declined", because captured money must be known before it can be refunded.
    pub(crate) async fn captured(&self, charge: &Charge, payment_id: &str) -> Result<Outcome, CommitError> {
        let (_, outcome) = self.outcomes.write(Record::captured(charge, payment_id)).await?;
        Ok(outcome)
    }

    /// Records that no money moved, and returns the resulting outcome.
    pub(crate) async fn declined(&self, charge: &Charge, code: &str) -> Result<Outcome, CommitError> {
        let (_, outcome) = self.outcomes.write(Record::declined(charge, code)).await?;
        Ok(outcome)
    }

    /// A page of the ledger, see [`list::page`].
    pub(crate) async fn list(
        &self,
        from: Option<OrderId>,
        after: Option<(OrderId, u32)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Listed>> {
        list::page(&self.pool, from, after, limit).await
    }

    /// Records that the sweep need not check the charge again. Does not wait for the commit, see [`Settled`].
    pub(crate) fn settle(&self, charge: &Charge) {
        let (settled, charge) = (self.settled.clone(), Settled::of(charge));
        tokio::spawn(async move {
            if let Err(error) = settled.write(charge).await {
                tracing::debug!(%error, "a settled charge is not marked; the sweep checks it again");
            }
        });
    }

    /// Claims up to `limit` unsettled charges whose next check is due. Other replicas get other charges.
    pub(crate) async fn unsettled(&self, intervals: Intervals, limit: i64) -> sqlx::Result<Vec<Unsettled>> {
        sweep::claim(&self.pool, intervals, limit).await
    }

    /// Records a refund.
    pub(crate) async fn refunded(&self, charge: &Charge, refund_id: &str) -> sqlx::Result<()> {
        sqlx::query!(
            "update charges set status = 'refunded', refund_id = $3, updated_at = now()
             where order_id = $1 and attempt = $2 and status = 'captured'",
            charge.order_id.uuid(),
            i64::from(charge.attempt),
            refund_id,
        )
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Whether the order has a later attempt to pay.
    pub(crate) async fn is_superseded(&self, charge: &Charge) -> sqlx::Result<bool> {
        sqlx::query_scalar!(
            r#"select exists(select from charges where order_id = $1 and attempt > $2) as "later!""#,
            charge.order_id.uuid(),
            i64::from(charge.attempt),
        )
        .fetch_one(&self.pool)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::charge;

    async fn entry(ledger: &Ledger, charge: &Charge) -> Entry {
        ledger.last_entry(charge.order_id).await.unwrap().unwrap()
    }

    async fn outcome(ledger: &Ledger, charge: &Charge) -> Option<Outcome> {
        entry(ledger, charge).await.outcome
    }

    fn captured(payment_id: &str) -> Outcome {
        Outcome::Captured { payment_id: payment_id.to_owned() }
    }

    #[sqlx::test]
    async fn a_charge_is_recorded_once_and_never_changed(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let first = charge(OrderId::new(), 1);
        let entered = Entry { charge: first.clone(), outcome: None };
        assert_eq!(ledger.start(&first).await.unwrap(), (true, entered.clone()));

        let mut other = first.clone();
        other.total.amount_minor += 1;
        other.payment_method = "pm_card_mastercard".to_owned();
        assert_eq!(ledger.start(&other).await.unwrap(), (false, entered.clone()));
        assert_eq!(entry(&ledger, &first).await, entered);
    }

    #[sqlx::test]
    async fn only_one_of_two_workers_starts_a_charge(pool: PgPool) {
        let (ours, theirs) = (Ledger::new(pool.clone()), Ledger::new(pool));
        let charge = charge(OrderId::new(), 1);
        let (we, they) = tokio::join!(ours.start(&charge), theirs.start(&charge));
        let ((we, ours), (they, theirs)) = (we.unwrap(), they.unwrap());
        assert!(we ^ they);
        assert_eq!(ours, theirs);
    }

    #[sqlx::test]
    async fn a_second_record_keeps_the_first_outcome(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let charge = charge(OrderId::new(), 1);
        ledger.start(&charge).await.unwrap();
        ledger.captured(&charge, "pi_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));

        assert_eq!(ledger.captured(&charge, "pi_2").await.unwrap(), captured("pi_1"));
        assert_eq!(ledger.declined(&charge, "lost_card").await.unwrap(), captured("pi_1"));
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));

        ledger.refunded(&charge, "re_1").await.unwrap();
        ledger.refunded(&charge, "re_2").await.unwrap();
        let refunded = Outcome::Refunded { payment_id: "pi_1".into(), refund_id: "re_1".into() };
        assert_eq!(ledger.captured(&charge, "pi_1").await.unwrap(), refunded);
        assert_eq!(outcome(&ledger, &charge).await, Some(refunded));
    }

    #[sqlx::test]
    async fn a_capture_replaces_a_decline(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let charge = charge(OrderId::new(), 1);
        ledger.start(&charge).await.unwrap();
        ledger.declined(&charge, "lost_card").await.unwrap();
        let declined = Outcome::Declined { code: "lost_card".into() };
        assert_eq!(outcome(&ledger, &charge).await, Some(declined.clone()));

        // Nothing was captured, so nothing can be refunded.
        ledger.refunded(&charge, "re_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(declined));

        ledger.captured(&charge, "pi_1").await.unwrap();
        assert_eq!(outcome(&ledger, &charge).await, Some(captured("pi_1")));
    }

    #[sqlx::test]
    async fn a_later_attempt_supersedes_an_earlier_one(pool: PgPool) {
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
    async fn a_payment_belongs_to_one_charge(pool: PgPool) {
        let ledger = Ledger::new(pool);
        let [first, second, third] = std::array::from_fn(|_| charge(OrderId::new(), 1));
        for charge in [&first, &second, &third] {
            ledger.start(charge).await.unwrap();
        }
        ledger.captured(&first, "pi_1").await.unwrap();
        let (third, error) = tokio::join!(ledger.captured(&third, "pi_3"), ledger.captured(&second, "pi_1"));
        let Err(CommitError::Database(error)) = error else { panic!("{error:?}") };
        assert!(error.as_database_error().unwrap().is_unique_violation());
        assert_eq!(third.unwrap(), captured("pi_3"));
    }
}
