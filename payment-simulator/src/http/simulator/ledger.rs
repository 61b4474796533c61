//! `GET /simulator/ledger`: the whole ledger in a few numbers.

use crate::{app::App, domain::payment_intent::Status, ledger::Book};
use axum::{Json, extract::State};
use rest::problem::Problem;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// The ledger in a few numbers.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct LedgerSummary {
    /// Orders that were tried to be paid.
    orders: usize,
    /// Charges that were captured.
    captured: usize,
    /// Charges that were declined.
    declined: usize,
    /// Refunds.
    refunds: usize,
    /// Sums by currency, in its smallest unit.
    totals: BTreeMap<String, Total>,
    /// Orders with more than one captured charge that did not wholly go back. Must be empty.
    charged_twice: Vec<String>,
}

/// Sums of one currency.
#[derive(Default, Serialize, ToSchema)]
struct Total {
    /// What was captured.
    #[schema(example = 1999)]
    captured: u64,
    /// What went back.
    #[schema(example = 0)]
    refunded: u64,
}

/// The whole ledger in a few numbers.
#[utoipa::path(
    get,
    path = "/simulator/ledger",
    tag = "simulator",
    responses((status = 200, description = "The numbers", body = LedgerSummary)),
)]
pub(super) async fn get_ledger(State(app): State<Arc<App>>) -> Result<Json<LedgerSummary>, Problem> {
    app.ledger.read(LedgerSummary::of).await.map(Json).map_err(|error| super::closed(&error))
}

impl LedgerSummary {
    fn of(book: &Book) -> Self {
        let mut summary = Self::default();
        for charge in book.charges() {
            match charge.payment.status {
                // The ledger has the truth: a payment is only shown as processing.
                Status::Succeeded | Status::Processing => summary.captured += 1,
                Status::RequiresPaymentMethod => summary.declined += 1,
            }
            summary.refunds += charge.refunds.len();
            let total = summary.totals.entry(charge.payment.currency.clone()).or_default();
            total.captured += charge.payment.amount_received;
            total.refunded += charge.refunded();
        }
        for order_id in book.orders() {
            summary.orders += 1;
            if book.charges_of(order_id).filter(|charge| charge.is_standing()).count() > 1 {
                summary.charged_twice.push(order_id.to_owned());
            }
        }
        summary
    }
}
