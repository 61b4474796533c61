//! The routes, with one file for each route.

mod commit_reservation;
mod create_product;
mod delete_product;
mod error;
mod get_product;
mod list_categories;
mod list_currencies;
mod list_products;
mod patch_reservations;
mod release_reservation;
mod reserve;
mod set_stock;
mod stock;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod testing;
mod update_product;

use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: catalogue", description = "Products, their stock, and reservations of it for orders."),
    tags(
        (name = "products", description = "The products of the shop. Everyone may read, and staff may write."),
        (name = "reservations", description = "Stock held for orders. For services with the scope `reservations:write`."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_products::list_products, create_product::create_product))
        .routes(routes!(
            get_product::get_product,
            update_product::update_product,
            delete_product::delete_product
        ))
        .routes(routes!(list_categories::list_categories))
        .routes(routes!(set_stock::set_stock))
        .routes(routes!(list_currencies::list_currencies))
        .routes(routes!(reserve::reserve))
        .routes(
            routes!(patch_reservations::patch_reservations)
                .layer(DefaultBodyLimit::max(patch_reservations::BODY_LIMIT)),
        )
        .routes(routes!(commit_reservation::commit_reservation))
        .routes(routes!(release_reservation::release_reservation))
        .with_state(state)
}
