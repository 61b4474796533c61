//! `GET /products`

use super::{AppState, error::Error};
use crate::{
    db,
    domain::listing::{ListQuery, Listing},
};
use axum::{Json, extract::State};
use common::{
    contract::{catalog::Product, page::Page},
    http::{extract::Query, problem::Problem},
};

/// List products
///
/// In the order in which they were added, page by page.
#[utoipa::path(
    get,
    path = "/products",
    tag = "products",
    params(ListQuery),
    responses(
        (status = 200, body = Page<Product>),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "A parameter cannot be read"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not valid"),
    )
)]
pub(super) async fn list_products(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Product>>, Error> {
    let listing = Listing::parse(query)?;
    let products = db::products::list(&state.pool, &listing).await?;
    Ok(Json(listing.page(products)))
}
