//! The service's HTTP interface: one file for each endpoint.

mod commit_reservation;
mod create_product;
mod delete_product;
mod error;
mod get_product;
mod list_products;
mod release_reservation;
mod reserve;
mod set_stock;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod testing;
mod update_product;

use crate::domain::warehouse::Request;
use axum::extract::FromRef;
use common::{
    auth::verifier::Verifier, contract::money::Currency, database::group_commit::GroupCommit,
    http::openapi::BearerToken,
};
use sqlx::PgPool;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the endpoints work with.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) pool: PgPool,
    pub(crate) stock: GroupCommit<Request>,
    pub(crate) verifier: Verifier,
    pub(crate) currency: Currency,
}

impl FromRef<AppState> for Verifier {
    fn from_ref(state: &AppState) -> Self {
        state.verifier.clone()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: catalogue", description = "Products, their stock, and reservations of it for orders."),
    tags(
        (name = "products", description = "What the shop sells. Anybody may read; staff may write."),
        (name = "reservations", description = "Stock set aside for orders. For services with the scope `reservations:write`."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All endpoints.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_products::list_products, create_product::create_product))
        .routes(routes!(
            get_product::get_product,
            update_product::update_product,
            delete_product::delete_product
        ))
        .routes(routes!(set_stock::set_stock))
        .routes(routes!(reserve::reserve))
        .routes(routes!(commit_reservation::commit_reservation))
        .routes(routes!(release_reservation::release_reservation))
        .with_state(state)
}
