//! `GET /charges`

use super::{
    error::Error,
    listing::{ListQuery, Listing},
};
use crate::{
    charge::Outcome,
    db::{entry::Entry, list::Listed},
    provider,
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{
    ids::OrderId,
    page::Page,
    payments::{ChargeStatus, LedgerCharge},
};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List the charges in the ledger
///
/// Charges of the newest orders come first. `since` compares with the time at which the order was placed.
#[utoipa::path(
    get,
    path = "/charges",
    tag = "charges",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = Page<LedgerCharge>),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The ledger does not answer"),
    )
)]
pub(super) async fn list_charges(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<LedgerCharge>>, Error> {
    caller.staff()?;
    let listing = Listing::parse(&query, read_cursor)?;
    let limit = usize::from(listing.limit);
    let from = listing.since.map(OrderId::earliest);
    // One extra row shows whether there is a next page.
    let mut items = state.ledger.list(from, listing.after, i64::from(listing.limit) + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let items: Vec<_> = items.into_iter().map(shown).collect();
    let next_cursor = items.last().filter(|_| more).map(|last| format!("{}.{}", last.order_id, last.attempt));
    Ok(Json(Page { items, next_cursor }))
}

fn shown(listed: Listed) -> LedgerCharge {
    let Listed { entry: Entry { charge, outcome }, started_at, updated_at } = listed;
    let (status, payment_id, decline_code, refund_id) = match outcome {
        None => (ChargeStatus::Started, None, None, None),
        Some(Outcome::Captured { payment_id }) => (ChargeStatus::Captured, Some(payment_id), None, None),
        Some(Outcome::Declined { code }) => (ChargeStatus::Declined, None, Some(code), None),
        Some(Outcome::Refunded { payment_id, refund_id }) => {
            (ChargeStatus::Refunded, Some(payment_id), None, Some(refund_id))
        }
    };
    LedgerCharge {
        order_id: charge.order_id,
        attempt: charge.attempt,
        status,
        total: charge.total,
        charged: provider::charged(charge.total),
        payment_id,
        decline_code,
        refund_id,
        started_at,
        updated_at,
    }
}

/// Reads a cursor: the order and the attempt of the last charge on a page.
fn read_cursor(cursor: &str) -> Option<(OrderId, u32)> {
    let (order_id, attempt) = cursor.split_once('.')?;
    Some((order_id.parse().ok()?, attempt.parse().ok()?))
}
