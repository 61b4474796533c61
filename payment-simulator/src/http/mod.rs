//! The routes of the provider, with one file for each route, and the simulator's own routes under `/simulator`.

mod create_payment_intent;
mod create_refund;
mod error;
mod get_payment_intent;
mod get_refund;
mod idempotency;
mod list_charges;
mod list_refunds;
mod page;
mod parameters;
mod search_payment_intents;
mod simulator;

use crate::state::AppState;
use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::Response,
    routing::any,
};
use error::Error;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The header of the OpenAPI document.
#[derive(OpenApi)]
#[openapi(
    info(title = "payment-simulator", description = "Simulates Stripe. No money moves."),
    tags(
        (name = "payment intents", description = "As <https://docs.stripe.com/api/payment_intents>"),
        (name = "charges", description = "As <https://docs.stripe.com/api/charges>"),
        (name = "refunds", description = "As <https://docs.stripe.com/api/refunds>"),
        (name = "simulator", description = "Routes for tests. A payment provider does not have them"),
    ),
    modifiers(&ApiKey),
)]
struct Document;

/// Adds the security scheme `api_key`.
struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sk_test_…").build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    let stripe = OpenApiRouter::new()
        .routes(routes!(create_payment_intent::create_payment_intent))
        .routes(routes!(search_payment_intents::search_payment_intents))
        .routes(routes!(get_payment_intent::get_payment_intent))
        .routes(routes!(create_refund::create_refund, list_refunds::list_refunds))
        .routes(routes!(get_refund::get_refund))
        .routes(routes!(list_charges::list_charges))
        .route("/v1/{*path}", any(unrecognized))
        .layer(middleware::from_fn_with_state(state.clone(), admit));
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(stripe)
        .merge(simulator::routes())
        .with_state(state)
}

/// Requires an API key. Answers 503 while the fault is on.
async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, Error> {
    if state.faults.is_unavailable() {
        return Err(Error::unavailable());
    }
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    let refused = match &state.api_key {
        _ if key.is_empty() => "You did not provide an API key. Send it as `Authorization: Bearer <key>`.",
        Some(expected) if key != &**expected => "Invalid API Key provided.",
        _ => return Ok(next.run(request).await),
    };
    Err(Error::invalid(refused).with_status(StatusCode::UNAUTHORIZED))
}

async fn unrecognized(method: Method, uri: Uri) -> Error {
    Error::invalid(format!(
        "Unrecognized request URL ({method}: {}). GET /openapi.json lists the routes of this simulator.",
        uri.path()
    ))
    .with_status(StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use crate::testing::Simulator;
    use axum::http::Request;

    #[tokio::test]
    async fn a_request_needs_an_api_key() {
        let simulator = Simulator::start();
        for request in
            [Request::get("/v1/refunds"), Request::get("/v1/refunds").header("Authorization", "Bearer ")]
        {
            let reply = simulator.send(request, "").await;
            assert_eq!(reply.error(), (401, "invalid_request_error", None, None));
        }
        assert_eq!(simulator.get("/v1/refunds").await.status, 400);
        let with_key = Simulator::start_with_api_key("sk_test_2");
        assert_eq!(with_key.get("/v1/refunds").await.status, 401);
    }

    #[tokio::test]
    async fn unsupported_routes_get_stripes_error() {
        let simulator = Simulator::start();
        let reply = simulator.get("/v1/customers").await;
        assert_eq!(reply.error(), (404, "invalid_request_error", None, None));
        let unknown = simulator.get("/v1/payment_intents/pi_1").await;
        assert_eq!(unknown.error(), (404, "invalid_request_error", Some("resource_missing"), Some("intent")));
    }

    #[tokio::test]
    async fn every_route_is_documented() {
        let document = Simulator::start().get("/openapi.json").await.body;
        let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "/simulator/faults",
                "/simulator/ledger",
                "/simulator/orders/{order_id}",
                "/v1/charges",
                "/v1/payment_intents",
                "/v1/payment_intents/search",
                "/v1/payment_intents/{id}",
                "/v1/refunds",
                "/v1/refunds/{id}",
            ]
        );
    }
}
