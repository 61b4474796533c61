//! `order_reserved`: charges the order.

use super::{Failure, PaymentWorker, refund};
use crate::{
    charge::{Charge, Outcome, was_accepted},
    db::entry::Entry,
    provider::Answer,
};
use contract::orders::StatusUpdate;
use rest::orders_client::Patched;
use runtime::crash;

pub(super) async fn handle(worker: &PaymentWorker, charge: &Charge) -> Result<(), Failure> {
    let (is_first, Entry { charge, outcome }) = worker.ledger.start(charge).await?;
    let outcome = match outcome {
        Some(outcome) => Some(outcome),
        None => execute(worker, &charge, is_first).await?,
    };
    match outcome {
        Some(outcome) => settle(worker, &charge, outcome).await,
        // The sweep asks the provider again.
        None => Ok(()),
    }
}

/// Asks the provider to charge, and records the outcome if the provider has decided.
async fn execute(
    worker: &PaymentWorker,
    charge: &Charge,
    is_first: bool,
) -> Result<Option<Outcome>, Failure> {
    crash::point("charge.started");
    // A charge that was already started may be captured. The earlier worker died or got no answer.
    let known = if is_first { None } else { worker.provider.find(charge).await? };
    let answer = match known {
        Some(answer) => answer,
        None => worker.provider.charge(charge).await?,
    };
    tracing::info!(try_number = charge.attempt, ?answer, "charged");
    crash::point("charge.answered");
    record(worker, charge, answer).await
}

/// Records the provider's answer, and returns the resulting outcome in the ledger.
pub(super) async fn record(
    worker: &PaymentWorker,
    charge: &Charge,
    answer: Answer,
) -> Result<Option<Outcome>, Failure> {
    // The outcome may differ from the answer, because another worker with the same event may have written
    // first.
    let (written, outcome) = match &answer {
        Answer::Captured { payment_id } => (worker.ledger.captured(charge, payment_id).await?, "captured"),
        Answer::Declined { code } => (worker.ledger.declined(charge, code).await?, "declined"),
        Answer::Undecided { .. } => return Ok(None),
    };
    metrics::counter!("charges_total", "outcome" => outcome).increment(1);
    crash::point("charge.recorded");
    match (&written, answer) {
        (
            Outcome::Captured { payment_id: known } | Outcome::Refunded { payment_id: known, .. },
            Answer::Captured { payment_id },
        ) if *known != payment_id => Err(Failure::Contradiction(format!(
            "captured twice: {known} and {payment_id}; refund one by hand"
        ))),
        _ => Ok(Some(written)),
    }
}

/// Reports an outcome to order-service. Refunds a charge that the order does not accept.
pub(super) async fn settle(worker: &PaymentWorker, charge: &Charge, outcome: Outcome) -> Result<(), Failure> {
    match outcome {
        Outcome::Captured { payment_id } => captured(worker, charge, payment_id).await?,
        Outcome::Declined { code } => declined(worker, charge, code).await?,
        // The order did not accept the charge, and a worker has already refunded it.
        Outcome::Refunded { .. } => {}
    }
    worker.ledger.settle(charge);
    Ok(())
}

async fn captured(worker: &PaymentWorker, charge: &Charge, payment_id: String) -> Result<(), Failure> {
    let update = StatusUpdate::Paid { attempt: charge.attempt, payment_id: payment_id.clone() };
    let Patched::Conflict(status) = worker.orders.patch(charge.order_id, &update).await? else {
        return Ok(());
    };
    if was_accepted(status, worker.ledger.is_superseded(charge).await?) {
        return Ok(());
    }
    tracing::warn!(%status, try_number = charge.attempt, "the order refused the charge; refunding it");
    refund::refund(worker, charge, &payment_id).await.map(drop)
}

async fn declined(worker: &PaymentWorker, charge: &Charge, reason: String) -> Result<(), Failure> {
    let update = StatusUpdate::PaymentFailed { attempt: charge.attempt, reason };
    match worker.orders.patch(charge.order_id, &update).await? {
        Patched::Accepted => {}
        // The order was cancelled, or a later attempt paid it. No money moved, so nothing is left to do.
        Patched::Conflict(status) => tracing::info!(%status, "declined; the order has moved on"),
    }
    Ok(())
}
