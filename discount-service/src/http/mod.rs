//! The routes, with one file for each route.

mod create_promotion;
mod delete_promotion;
mod error;
mod get_promotion;
mod list_prices;
mod list_promotions;
mod patch_claims;
mod preview_effect;
mod quote;
#[cfg(test)]
mod testing;
mod update_promotion;

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
    info(title = "Orderflow: discounts", description = "Promotions, prices under promotions, and their use by orders."),
    tags(
        (name = "prices", description = "Prices under the current promotions. For everyone."),
        (name = "promotions", description = "The promotions of the shop. For staff."),
        (name = "claims", description = "The use of promotions by orders. For services with the scope `discounts:claim`."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(quote::quote))
        .routes(routes!(list_prices::list_prices))
        .routes(routes!(list_promotions::list_promotions, create_promotion::create_promotion))
        .routes(routes!(preview_effect::preview_effect))
        .routes(routes!(
            get_promotion::get_promotion,
            update_promotion::update_promotion,
            delete_promotion::delete_promotion
        ))
        .routes(routes!(patch_claims::patch_claims).layer(DefaultBodyLimit::max(patch_claims::BODY_LIMIT)))
        .with_state(state)
}
