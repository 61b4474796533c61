//! `order_refund_requested`: refunds the order's charge.

use super::{Failure, PaymentWorker};
use crate::{
    charge::{Charge, Outcome},
    db::entry::Entry,
};
use contract::{ids::OrderId, orders::StatusUpdate};
use rest::orders_client::Patched;

pub(super) async fn handle(worker: &PaymentWorker, order_id: OrderId) -> Result<(), Failure> {
    // The last attempt paid the order, because there is no attempt after a successful one.
    let refund_id = match worker.ledger.last_entry(order_id).await? {
        Some(Entry { outcome: Some(Outcome::Refunded { refund_id, .. }), .. }) => refund_id,
        Some(Entry { charge, outcome: Some(Outcome::Captured { payment_id }) }) => {
            refund(worker, &charge, &payment_id).await?
        }
        _ => return Err(Failure::Contradiction("the ledger has no captured charge to refund".to_owned())),
    };
    match worker.orders.patch(order_id, &StatusUpdate::Refunded { refund_id }).await? {
        Patched::Accepted => Ok(()),
        Patched::Conflict(status) => {
            Err(Failure::Contradiction(format!("the charge is refunded, but the order is `{status}`")))
        }
    }
}

/// Refunds a captured charge and records the refund. Returns the id of the refund.
///
/// If the worker dies in between, the next try uses the same idempotency key and gets the same refund.
pub(super) async fn refund(
    worker: &PaymentWorker,
    charge: &Charge,
    payment_id: &str,
) -> Result<String, Failure> {
    let refund_id = worker.provider.refund(charge, payment_id).await?;
    worker.ledger.refunded(charge, &refund_id).await?;
    metrics::counter!("refunds_total").increment(1);
    tracing::info!(refund_id, try_number = charge.attempt, "refunded");
    Ok(refund_id)
}
