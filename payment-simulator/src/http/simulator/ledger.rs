//! `GET /simulator/ledger`: returns a summary of the ledger.

use crate::{domain::payment_intent::Status, ledger::Book, state::AppState};
use axum::{Json, extract::State};
use rest::problem::Problem;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A summary of the ledger.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct LedgerSummary {
    /// The number of orders with an attempted payment.
    orders: usize,
    /// The number of captured charges.
    captured: usize,
    /// The number of declined charges.
    declined: usize,
    /// The number of refunds.
    refunds: usize,
    /// The sums by currency, in the smallest unit of the currency.
    totals: BTreeMap<String, Total>,
    /// Orders with more than one captured charge that is not fully refunded. This must be empty.
    charged_twice: Vec<String>,
}

/// The sums of one currency.
#[derive(Default, Serialize, ToSchema)]
struct Total {
    /// The captured amount.
    #[schema(example = 1999)]
    captured: u64,
    /// The refunded amount.
    #[schema(example = 0)]
    refunded: u64,
}

/// Returns a summary of the ledger.
#[utoipa::path(
    get,
    path = "/simulator/ledger",
    tag = "simulator",
    responses((status = 200, description = "The summary", body = LedgerSummary)),
)]
pub(super) async fn get_ledger(State(state): State<AppState>) -> Result<Json<LedgerSummary>, Problem> {
    state.ledger.read(LedgerSummary::of).await.map(Json).map_err(|error| super::closed(&error))
}

impl LedgerSummary {
    fn of(book: &Book) -> Self {
        let mut summary = Self::default();
        for charge in book.charges() {
            match charge.payment.status {
                // The ledger has the real status. The fault `processing` changes only the visible status.
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
