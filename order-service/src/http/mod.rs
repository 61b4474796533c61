//! The HTTP routes, with one file for each route.

mod cancel_order;
mod error;
mod follow_orders;
mod get_order;
mod list_orders;
mod order_events;
mod patch_order;
mod patch_orders;
mod pay_again;
mod place_order;
mod refund_order;

use crate::{change::Orders, domain::limits::Limits, push::hub::Hub};
use axum::extract::{DefaultBodyLimit, FromRef};
use contract::ids::UserId;
use rest::{auth::verifier::Verifier, openapi::BearerToken, rate_limit::RateLimit};
use std::{ops::Deref, sync::Arc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

/// The state that all handlers share. axum clones it several times for each request.
#[derive(Clone)]
pub(crate) struct Services(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) orders: Orders,
    pub(crate) verifier: Verifier,
    pub(crate) hub: Hub,
    pub(crate) placing: Arc<RateLimit<UserId>>,
    pub(crate) limits: Limits,
    /// Notifies WebSockets of the shutdown. They outlive their requests, so `sockets` tracks them.
    pub(crate) shutdown: CancellationToken,
    pub(crate) sockets: TaskTracker,
}

impl From<Shared> for Services {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Services {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<Services> for Verifier {
    fn from_ref(services: &Services) -> Self {
        services.verifier.clone()
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Orderflow: orders",
        description = "Place orders and follow their statuses. The WebSocket at `/ws` with the subprotocol \
                       `orderflow.v1` pushes live statuses."
    ),
    modifiers(&BearerToken),
    security(("bearer" = []))
)]
struct Document;

/// All routes with their documentation.
pub(crate) fn routes(services: Services) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(place_order::place_order, list_orders::list_orders))
        .routes(routes!(get_order::get_order, patch_order::patch_order))
        .routes(routes!(patch_orders::patch_orders).layer(DefaultBodyLimit::max(patch_orders::BODY_LIMIT)))
        .routes(routes!(order_events::order_events))
        .routes(routes!(cancel_order::cancel_order))
        .routes(routes!(pay_again::pay_again))
        .routes(routes!(refund_order::refund_order))
        .routes(routes!(follow_orders::follow_orders))
        .with_state(services)
}
