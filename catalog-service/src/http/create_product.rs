//! `POST /products`

use super::{AppState, error::Error};
use crate::{db, domain::product::Details};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use common::{
    auth::caller::Caller,
    contract::{
        catalog::{Product, ProductDraft},
        ids::ProductId,
    },
    http::{extract::Json, problem::Problem},
};

/// Add a product
///
/// It has no stock at first. For staff.
#[utoipa::path(
    post,
    path = "/products",
    tag = "products",
    security(("bearer" = [])),
    request_body = ProductDraft,
    responses(
        (status = 201, body = Product, headers(("Location" = String, description = "The product"))),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "Another product has this code"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Fields are not valid"),
    )
)]
pub(super) async fn create_product(
    State(state): State<AppState>,
    caller: Caller,
    Json(draft): Json<ProductDraft>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let details = Details::parse(draft, state.currency)?;
    let product = db::products::insert(&state.pool, ProductId::new(), &details)
        .await
        .map_err(|error| Error::writing_sku(error, details.sku))?;
    // Relative to the request (RFC 9110, 10.2.2), so that it holds behind a gateway's prefix too.
    let location = format!("products/{}", product.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(product)))
}
