//! A charge in the ledger, and its columns.

use crate::charge::{Charge, Outcome};
use contract::money::Money;
use uuid::Uuid;

/// A charge in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The charge.
    pub charge: Charge,
    /// The outcome, if it is known.
    pub outcome: Option<Outcome>,
}

/// A row of `charges`.
pub(super) struct Row {
    pub order_id: Uuid,
    pub attempt: i64,
    pub amount_minor: i64,
    pub currency: String,
    pub payment_method: String,
    pub payment_id: Option<String>,
    pub decline_code: Option<String>,
    pub refund_id: Option<String>,
}

/// Builds a [`Row`] from the row of a query, which may have further columns.
macro_rules! charge_row {
    ($row:expr) => {
        $crate::db::entry::Row {
            order_id: $row.order_id,
            attempt: $row.attempt,
            amount_minor: $row.amount_minor,
            currency: $row.currency,
            payment_method: $row.payment_method,
            payment_id: $row.payment_id,
            decline_code: $row.decline_code,
            refund_id: $row.refund_id,
        }
    };
}
pub(super) use charge_row;

impl TryFrom<Row> for Entry {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let total = Money {
            amount_minor: row.amount_minor,
            currency: row.currency.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        };
        let attempt = u32::try_from(row.attempt).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let charge =
            Charge { order_id: row.order_id.into(), attempt, total, payment_method: row.payment_method };
        Ok(Self { charge, outcome: outcome(row.payment_id, row.decline_code, row.refund_id) })
    }
}

/// The outcome follows from the columns that are set. A check of the table keeps them consistent with the
/// status.
pub(super) fn outcome(
    payment_id: Option<String>,
    decline_code: Option<String>,
    refund_id: Option<String>,
) -> Option<Outcome> {
    match (payment_id, decline_code, refund_id) {
        (Some(payment_id), _, Some(refund_id)) => Some(Outcome::Refunded { payment_id, refund_id }),
        (Some(payment_id), _, None) => Some(Outcome::Captured { payment_id }),
        (None, Some(code), _) => Some(Outcome::Declined { code }),
        (None, None, _) => None,
    }
}
