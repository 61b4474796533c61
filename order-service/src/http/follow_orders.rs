//! `GET /ws`

use crate::push::{
    connection::{Connection, is_offered},
    socket,
};
use crate::state::AppState;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use contract::{problems::ProblemType, push::SUBPROTOCOL};
use hyper_util::rt::TokioIo;
use rest::problem::Problem;
use tokio_tungstenite::tungstenite::{self, handshake::server::create_response_with_body};

/// Follow orders live over a WebSocket.
///
/// The first frame is `{"type":"authenticate","token":"…"}`. Then `{"type":"subscribe"}` follows all of the
/// caller's orders, and `{"type":"subscribe","order_id":"…","after":2}` follows one order.
#[utoipa::path(
    get, path = "/ws", tag = "orders",
    security(()),
    responses(
        (status = 101, description = "A WebSocket, subprotocol `orderflow.v1`"),
        (status = 400, description = "The request does not offer the subprotocol `orderflow.v1`", body = Problem),
        (status = 426, description = "The request does not ask for a WebSocket", body = Problem),
    )
)]
pub(super) async fn follow_orders(
    State(state): State<AppState>,
    mut request: Request,
) -> Result<Response, Problem> {
    let mut response = create_response_with_body(&request, Body::empty).map_err(|error| no_socket(&error))?;
    if !is_offered(request.headers()) {
        let detail = format!("Offer the subprotocol `{SUBPROTOCOL}` in Sec-WebSocket-Protocol.");
        return Err(Problem::bad_request(detail));
    }
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    let upgrade = hyper::upgrade::on(&mut request);
    let sockets = state.sockets.clone();
    sockets.spawn(async move {
        match upgrade.await {
            Ok(upgraded) => socket::serve(Connection::over(TokioIo::new(upgraded)).await, state).await,
            Err(error) => tracing::debug!(%error, "the client left before its socket was open"),
        }
    });
    Ok(response)
}

/// Answers a request that does not open a WebSocket. RFC 9110, 15.5.22, and RFC 6455, 4.4: the answer names
/// the required protocol and version.
fn no_socket(error: &tungstenite::Error) -> Problem {
    let why = match error {
        tungstenite::Error::Protocol(error) => error.to_string(),
        error => error.to_string(),
    };
    Problem::new(ProblemType::UpgradeRequired, format!("Open a WebSocket here: {why}."))
        .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .with_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))
        .with_header(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
}
