//! `PATCH /orders`

use super::{error::Error, patch_order::may_say};
use crate::change::Orders;
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{
    orders::{OrderUpdate, StatusAnswer, StatusAnswers, StatusUpdates},
    problems::FieldError,
};
use futures_util::future::join_all;
use rest::{auth::caller::Caller, extract, problem::Problem};
use runtime::trace;

/// In bytes. Enough for the largest number of orders with the largest number of lines.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// For workers: report the steps of several orders.
///
/// Each update works like `PATCH /orders/{id}`, and gets its own answer. A refused update does not affect the
/// others.
#[utoipa::path(
    patch, path = "/orders", tag = "workers",
    extensions(("x-internal" = json!(true))),
    request_body = StatusUpdates,
    responses(
        (status = 200, description = "Each update has its own answer", body = StatusAnswers),
        (status = 403, description = "A step requires the scope `orders:stock` or `orders:payment`", body = Problem),
        (status = 422, description = "Fields are invalid, or there are too many updates", body = Problem),
    )
)]
pub(super) async fn patch_orders(
    State(state): State<AppState>,
    caller: Caller,
    extract::Json(StatusUpdates { updates }): extract::Json<StatusUpdates>,
) -> Result<Json<StatusAnswers>, Error> {
    for update in &updates {
        may_say(&caller, &update.update)?;
    }
    let most = StatusUpdates::MAX_BATCH;
    if updates.is_empty() || updates.len() > most {
        let detail = format!("send 1 to {most} updates, not {}", updates.len());
        return Err(Error::Invalid(vec![FieldError::new("/updates", detail)]));
    }
    let answers = updates.into_iter().map(|update| carry_out(&state.orders, update));
    Ok(Json(StatusAnswers { answers: join_all(answers).await }))
}

async fn carry_out(orders: &Orders, update: OrderUpdate) -> StatusAnswer {
    let OrderUpdate { order_id, update, traceparent } = update;
    let change = orders.change(order_id, None, update.into());
    let changed = trace::part(traceparent.as_deref(), change).await;
    StatusAnswer { order_id, problem: changed.err().map(|error| Problem::from(Error::from(error)).into()) }
}
