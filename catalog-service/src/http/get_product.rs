//! `GET /products/{id}`

use super::{AppState, error::Error};
use crate::db;
use axum::{Json, extract::State};
use common::{
    contract::{catalog::Product, ids::ProductId},
    http::{extract::Path, problem::Problem},
};

/// Show a product
#[utoipa::path(
    get,
    path = "/products/{id}",
    tag = "products",
    params(("id" = ProductId, Path, description = "The product")),
    responses(
        (status = 200, body = Product),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No such product, or no longer"),
    )
)]
pub(super) async fn get_product(
    State(state): State<AppState>,
    Path(id): Path<ProductId>,
) -> Result<Json<Product>, Error> {
    let product = db::products::find(&state.pool, id).await?.ok_or(Error::NoProduct(id))?;
    Ok(Json(product))
}
