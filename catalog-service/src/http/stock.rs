//! Requests for an order's stock. Several routes send them.

use super::error::Error;
use crate::{
    domain::warehouse::{Refusal, Request, Standing},
    state::AppState,
};

/// Carries out a request for an order's stock. Counts the outcomes of requests to reserve.
pub(super) async fn carry_out(state: &AppState, request: Request) -> Result<Standing, Error> {
    let (request, answer) = state.stock.write(request).await?;
    if matches!(request, Request::Reserve(_)) {
        metrics::counter!("reservations_total", "outcome" => outcome(&answer)).increment(1);
    }
    Ok(answer?)
}

fn outcome(answer: &Result<Standing, Refusal>) -> &'static str {
    match answer {
        Ok(Standing { is_new: true, .. }) => "held",
        Ok(Standing { is_new: false, .. }) => "repeated",
        Err(Refusal::Unmet(refusal)) => refusal.reason.as_str(),
        // A request to reserve never gets these.
        Err(Refusal::NotReserved(_) | Refusal::AlreadyReleased) => "refused",
    }
}
