//! `PUT /products/{id}`

use super::{AppState, error::Error};
use crate::{db, domain::product::Details};
use axum::extract::State;
use common::{
    auth::caller::Caller,
    contract::{
        catalog::{Product, ProductDraft},
        ids::ProductId,
    },
    http::{
        extract::{Json, Path},
        problem::Problem,
    },
};

/// Replace a product
///
/// Orders that have reserved it keep the price and the name of that moment. For staff.
#[utoipa::path(
    put,
    path = "/products/{id}",
    tag = "products",
    security(("bearer" = [])),
    params(("id" = ProductId, Path, description = "The product")),
    request_body = ProductDraft,
    responses(
        (status = 200, body = Product),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No such product, or no longer"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Another product has this code"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Fields are not valid"),
    )
)]
pub(super) async fn update_product(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
    Json(draft): Json<ProductDraft>,
) -> Result<axum::Json<Product>, Error> {
    caller.staff()?;
    let details = Details::parse(draft, state.currency)?;
    let product = db::products::update(&state.pool, id, &details)
        .await
        .map_err(|error| Error::writing_sku(error, details.sku))?
        .ok_or(Error::NoProduct(id))?;
    Ok(axum::Json(product))
}
