//! `GET /v1/refunds?payment_intent=…`: lists the refunds of a payment.

use super::{
    error::{Error, ErrorBody},
    page::{Page, Window},
    parameters::Parameters,
};
use crate::{domain::refund::Refund, state::AppState};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// Refunds, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct RefundList {
    /// Always `list`.
    object: &'static str,
    /// The request's path.
    url: &'static str,
    /// Whether there are more entries.
    has_more: bool,
    /// The refunds.
    data: Vec<Refund>,
}

/// Lists the refunds of a payment, newest first.
#[utoipa::path(
    get,
    path = "/v1/refunds",
    tag = "refunds",
    params(
        ("payment_intent" = String, Query, example = "pi_019a0000000070008000000000000001"),
        ("limit" = Option<u8>, Query, description = "1 to 100, by default 10."),
        ("starting_after" = Option<String>, Query, description = "The last refund of the previous page."),
    ),
    responses(
        (status = 200, description = "The refunds", body = RefundList),
        (status = 400, description = "There is no such payment", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn list_refunds(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<RefundList>, Error> {
    let id = parameters.required("payment_intent")?;
    let window = Window::of(&mut parameters, "starting_after")?;
    parameters.finish(&[])?;

    let page = state
        .ledger
        .read(|book| {
            let charge = book.charge(&id)?;
            Some(window.cut(charge.refunds.iter().rev().cloned(), |refund| &refund.id))
        })
        .await?;
    let Page { items, has_more } =
        page.ok_or_else(|| Error::no_such("payment_intent", "payment_intent", &id))?;
    Ok(Json(RefundList { object: "list", url: "/v1/refunds", has_more, data: items }))
}
