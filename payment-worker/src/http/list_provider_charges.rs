//! `GET /provider/charges`

use super::{
    error::Error,
    listing::{ListQuery, Listing},
};
use crate::state::AppState;
use axum::{Json, extract::State};
use contract::{page::Page, payments::ProviderCharge};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List the charges of the payment provider
///
/// Newest charges come first. This is the provider's own list, with amounts in minor units.
#[utoipa::path(
    get,
    path = "/provider/charges",
    tag = "charges",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = Page<ProviderCharge>),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The provider does not answer"),
    )
)]
pub(super) async fn list_provider_charges(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<ProviderCharge>>, Error> {
    caller.staff()?;
    let Listing { limit, after, since } = Listing::parse(&query, read_cursor)?;
    Ok(Json(state.provider.list(since, after.as_deref(), limit).await?))
}

/// Reads a cursor: the provider's id of the last charge on a page.
fn read_cursor(cursor: &str) -> Option<String> {
    let good = (1..=64).contains(&cursor.len())
        && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    good.then(|| cursor.to_owned())
}
