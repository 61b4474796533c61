//! `order_reserved`: charges the order.

use super::{Failure, PaymentWorker, refund};
use crate::{
    charge::{Charge, Outcome, is_taken},
    db::ledger::Entry,
    provider::Answer,
};
use contract::orders::StatusUpdate;
use rest::orders_client::Patched;
use runtime::crash;

pub(super) async fn handle(worker: &PaymentWorker, charge: &Charge) -> Result<(), Failure> {
    let (is_first, Entry { charge, outcome }) = worker.ledger.start(charge).await?;
    let outcome = match outcome {
        Some(outcome) => Some(outcome),
        None => carry_out(worker, &charge, is_first).await?,
    };
    match outcome {
        Some(outcome) => settle(worker, &charge, outcome).await,
        // The sweep asks again.
        None => Ok(()),
    }
}

/// Has the provider charge, and writes down the outcome, if there is one yet.
async fn carry_out(
    worker: &PaymentWorker,
    charge: &Charge,
    is_first: bool,
) -> Result<Option<Outcome>, Failure> {
    crash::point("charge.started");
    // A charge that was started before may have been captured, by a try that died or got no answer.
    let known = if is_first { None } else { worker.provider.find(charge).await? };
    let answer = match known {
        Some(answer) => answer,
        None => worker.provider.charge(charge).await?,
    };
    tracing::info!(try_number = charge.attempt, ?answer, "charged");
    crash::point("charge.answered");
    record(worker, charge, answer).await
}

/// Writes down the provider's answer, and returns the outcome that the ledger has then.
pub(super) async fn record(
    worker: &PaymentWorker,
    charge: &Charge,
    answer: Answer,
) -> Result<Option<Outcome>, Failure> {
    // Not always what was answered: another worker with the same event may have written first, or gone further.
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

/// Reports an outcome to order-service, and pays a charge back that the order does not take.
pub(super) async fn settle(worker: &PaymentWorker, charge: &Charge, outcome: Outcome) -> Result<(), Failure> {
    match outcome {
        Outcome::Captured { payment_id } => captured(worker, charge, payment_id).await?,
        Outcome::Declined { code } => declined(worker, charge, code).await?,
        // The order did not take the charge, and the worker that found that out paid it back.
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
    if is_taken(status, worker.ledger.is_superseded(charge).await?) {
        return Ok(());
    }
    tracing::warn!(%status, try_number = charge.attempt, "the order does not take its charge; paying it back");
    refund::pay_back(worker, charge, &payment_id).await.map(drop)
}

async fn declined(worker: &PaymentWorker, charge: &Charge, reason: String) -> Result<(), Failure> {
    let update = StatusUpdate::PaymentFailed { attempt: charge.attempt, reason };
    match worker.orders.patch(charge.order_id, &update).await? {
        Patched::Accepted => {}
        // Called off meanwhile, or paid by a later try. No money moved, so nothing is left to do.
        Patched::Conflict(status) => tracing::info!(%status, "declined; the order has moved on"),
    }
    Ok(())
}
