//! The HTTP server of every service. A service defines its own routes. This module adds the parts that all
//! services share: health, metrics, the OpenAPI document, tracing, limits, and errors for unknown routes.

use crate::{
    listener::{Connections, Peer},
    observe::{Observer, TracesFrom},
    openapi,
    problem::Problem,
};
use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use contract::problems::ProblemType;
use runtime::health::Health;
use runtime::{lifecycle::TaskResult, telemetry};
use serde_json::json;
use std::{any::Any, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The largest body that a service reads, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How often histograms are moved out of their buffers.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The process cannot listen on its address.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}; set LISTEN to a free address")]
pub struct BindError {
    address: SocketAddr,
    error: std::io::Error,
}

/// Listens on an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| BindError { address, error })
}

/// The routes of a service, with the parts that all services share. The OpenAPI document includes these
/// parts. The gateway shows a public version of the document, `/openapi/public.json`.
pub fn app(routes: OpenApiRouter, health: Health) -> Router {
    let (router, mut document) = routes.split_for_parts();
    openapi::complete(&mut document);
    let public = openapi::public(&document);
    let router = router.route("/openapi/public.json", get(async move || Json(public)));
    let traces = TracesFrom::Routes(openapi::internal(&mut document));
    served(router, document, health, Observer { limit: REQUEST_TIMEOUT, traces })
}

/// The routes of a simulator of a foreign service. Requests have no time limit. The OpenAPI document has only
/// the simulator's own answers.
pub fn simulator_app(routes: OpenApiRouter, health: Health) -> Router {
    let (router, document) = routes.split_for_parts();
    served(router, document, health, Observer { limit: Duration::MAX, traces: TracesFrom::AllRoutes })
}

fn served(router: Router, document: OpenApi, health: Health, observer: Observer) -> Router {
    let observer = Arc::new(observer);
    router
        .route("/openapi.json", get(async move || Json(document)))
        .merge(operations(health))
        .fallback(async || Problem::not_found("There is no such route. GET /openapi.json lists them."))
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemType::MethodNotAllowed, "GET /openapi.json lists the methods of each route.")
        })
        // Three layers are combined into one. axum boxes each layer, and clones it for each request.
        .layer((
            middleware::from_fn(move |request, next| {
                let observer = Arc::clone(&observer);
                async move { observer.observe(request, next).await }
            }),
            CatchPanicLayer::custom(panicked),
            DefaultBodyLimit::max(BODY_LIMIT),
        ))
}

/// The routes for health and metrics. A worker has no others.
pub fn operations(health: Health) -> Router {
    Router::new()
        .route("/health/live", get(async || "live"))
        .route("/health/ready", get(async move || readiness(&health).await))
        .route("/metrics", get(async || telemetry::metrics()))
}

async fn readiness(health: &Health) -> Response {
    let failures = health.failures().await;
    if failures.is_empty() {
        return Json(json!({ "status": "ready" })).into_response();
    }
    Problem::new(ProblemType::NotReady, failures.join("; ")).into_response()
}

/// Serves until shutdown, then finishes the requests in progress.
pub async fn serve(listener: TcpListener, app: Router, shutdown: CancellationToken) -> TaskResult {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let service = app.into_make_service_with_connect_info::<Peer>();
    let server =
        axum::serve(Connections::new(listener), service).with_graceful_shutdown(shutdown.cancelled_owned());
    tokio::select! {
        served = server.into_future() => Ok(served?),
        never = upkeep() => match never {},
    }
}

async fn upkeep() -> std::convert::Infallible {
    let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        interval.tick().await;
        telemetry::upkeep();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(message, "handler panicked");
    Problem::internal().into_response()
}
