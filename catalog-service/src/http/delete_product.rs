//! `DELETE /products/{id}`

use super::{AppState, error::Error};
use crate::db;
use axum::{extract::State, http::StatusCode};
use common::{
    auth::caller::Caller,
    contract::ids::ProductId,
    http::{extract::Path, problem::Problem},
};

/// Take a product out of the shop
///
/// Orders that have reserved it still get it. For staff.
#[utoipa::path(
    delete,
    path = "/products/{id}",
    tag = "products",
    security(("bearer" = [])),
    params(("id" = ProductId, Path, description = "The product")),
    responses(
        (status = 204, description = "It is no longer sold"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No such product, or no longer"),
    )
)]
pub(super) async fn delete_product(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
) -> Result<StatusCode, Error> {
    caller.staff()?;
    if db::products::delete(&state.pool, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NoProduct(id))
    }
}
