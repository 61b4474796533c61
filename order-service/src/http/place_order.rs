//! `POST /orders`

use super::error::Error;
use crate::state::AppState;
use crate::{
    db::{
        self,
        idempotency::Answered,
        placements::{Limit, Placed, Placement},
    },
    domain::{
        idempotency::{IdempotencyKey, request_hash},
        limits::Exceeded,
        placing,
    },
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use contract::{
    ids::UserId,
    orders::{Order, PlaceOrder},
};
use rest::{auth::caller::Caller, extract, problem::Problem};
use runtime::trace;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that repeats the first answer.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Place an order.
///
/// After a 201, the order will reach a final status, despite any failures. Send an `Idempotency-Key`, for
/// example a UUID. Then a request without an answer can be repeated safely. The repeated request gets the
/// first answer, with the order as it was then. Requests are compared by the values of their fields.
#[utoipa::path(
    post, path = "/orders", tag = "orders",
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The key is kept for 24 h",
        min_length = 1, max_length = 255, pattern = "^[!-~]{1,255}$"
    )),
    request_body = PlaceOrder,
    responses(
        (
            status = 201, description = "The order is accepted as `new`, or this is the first answer again", body = Order,
            headers(
                ("Location" = String, description = "The order"),
                ("Idempotency-Replayed" = String, description = "`true` if this is the first answer again"),
            ),
        ),
        (status = 400, description = "Not JSON, or a bad Idempotency-Key", body = Problem),
        (status = 422, description = "Fields are invalid, or the key was used for another request", body = Problem),
        (status = 429, description = "Too many orders in a minute, too many unpaid pieces, or too many payment attempts", body = Problem),
    )
)]
pub(super) async fn place_order(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    extract::Json(request): extract::Json<PlaceOrder>,
) -> Result<Response, Error> {
    let person = caller.person()?;
    state.placing.check(&person.id)?;
    let key =
        headers.get(IDEMPOTENCY_KEY).map(|value| IdempotencyKey::parse(value.as_bytes())).transpose()?;
    let once = key.map(|key| Ok::<_, Error>((key, request_hash(&request)?))).transpose()?;
    let (order, event) = placing::place(person.id, request, Utc::now()).map_err(Error::Invalid)?;

    placing::not_too_many_pieces(&order, state.limits).map_err(|error| Error::Invalid(vec![error]))?;

    let refusal = if let Err(full) = state.backlog.check() {
        full.into()
    } else {
        let placement = Placement::of(order, event, once.clone()).within(state.limits);
        let (order, placed) = state.orders.place(placement).await?;
        match placed {
            Placed::New => {
                trace::record_order(order.id);
                tracing::info!("order placed");
                metrics::counter!("orders_placed_total").increment(1);
                return Ok(created(&order));
            }
            Placed::Refused(limit) => exceeded(&state, person.id, limit).await?.into(),
            // If the key is not found below, it has just expired after 24 hours.
            Placed::Repeated => sqlx::Error::RowNotFound.into(),
        }
    };
    // A repeated request gets its first answer even if a limit is reached.
    if let Some((key, hash)) = once
        && let Some(earlier) = db::idempotency::find(&state.orders.db, person.id, key.as_str()).await?
    {
        return again(&earlier, &hash);
    }
    Err(refusal)
}

/// Converts a limit to the error for its customer.
async fn exceeded(state: &AppState, customer: UserId, limit: Limit) -> Result<Exceeded, sqlx::Error> {
    Ok(match limit {
        Limit::UnpaidPieces => {
            Exceeded::UnpaidPieces { most: state.limits.unpaid_pieces().unwrap_or_default() }
        }
        Limit::PaymentAttempts => {
            let most = state.limits.attempts_of_customer().unwrap_or_default();
            Exceeded::PaymentAttempts { wait: db::limits::wait(&state.orders.db, customer, most).await? }
        }
    })
}

/// Answers a repeated request.
fn again(earlier: &Answered, hash: &[u8]) -> Result<Response, Error> {
    if earlier.request_hash != hash {
        return Err(Error::KeyReused(earlier.answer.id));
    }
    let mut response = created(&earlier.answer);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn created(order: &Order) -> Response {
    let location = format!("/orders/{}", order.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(order)).into_response()
}
