//! The HTTP interface of the service, with one file for each endpoint.

mod commit_reservation;
mod create_product;
mod delete_product;
mod error;
mod etag;
mod get_product;
mod list_categories;
mod list_currencies;
mod list_products;
mod patch_reservations;
mod release_reservation;
mod reserve;
mod set_stock;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod testing;
mod update_product;

use crate::domain::warehouse::{Refusal, Request, Standing};
use axum::extract::{DefaultBodyLimit, FromRef};
use contract::money::Currency;
use error::Error;
use rest::{auth::verifier::Verifier, openapi::BearerToken};
use sqlx::PgPool;
use storage::group_commit::GroupCommit;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

/// The state that all endpoints share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) pool: PgPool,
    pub(crate) stock: GroupCommit<Request>,
    pub(crate) verifier: Verifier,
    pub(crate) currency: Currency,
}

impl AppState {
    /// Carries out a request for an order's stock. Counts the outcomes of requests to reserve.
    async fn carry_out(&self, request: Request) -> Result<Standing, Error> {
        let (request, answer) = self.stock.write(request).await?;
        if matches!(request, Request::Reserve(_)) {
            metrics::counter!("reservations_total", "outcome" => outcome(&answer)).increment(1);
        }
        Ok(answer?)
    }
}

fn outcome(answer: &Result<Standing, Refusal>) -> &'static str {
    match answer {
        Ok(Standing { is_new: true, .. }) => "held",
        Ok(Standing { is_new: false, .. }) => "repeated",
        Err(Refusal::Unmet(refusal)) => refusal.reason.as_str(),
        // A request to reserve never gets these.
        Err(Refusal::NotReserved(_) | Refusal::AlreadyReleased) => "refused",
    }
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
        (name = "products", description = "The products of the shop. Everyone may read, and staff may write."),
        (name = "reservations", description = "Stock held for orders. For services with the scope `reservations:write`."),
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
