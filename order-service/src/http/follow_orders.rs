//! `GET /ws`

use super::Services;
use crate::push::socket;
use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderValue, header},
    response::Response,
};
use common::{
    contract::{problems::ProblemType, push::SUBPROTOCOL},
    http::problem::Problem,
};

/// The largest frame that a client has reason to send is one with a token.
const MAX_FRAME: usize = 16 * 1024;
/// Bytes, for as long as the socket is open. By default it is 128 KiB, for clients that say more than a token now and
/// then.
const READ_BUFFER: usize = 4 * 1024;

/// Follow orders live over a WebSocket.
///
/// The first frame is `{"type":"authenticate","token":"…"}`, then `{"type":"subscribe"}` for all of
/// one's orders or `{"type":"subscribe","order_id":"…","after":2}` for one of them.
#[utoipa::path(
    get, path = "/ws", tag = "orders",
    security(()),
    responses(
        (status = 101, description = "A WebSocket, subprotocol `orderflow.v1`"),
        (status = 426, description = "The request does not ask for a WebSocket", body = Problem),
    )
)]
pub(super) async fn follow_orders(
    State(services): State<Services>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| no_socket(&rejection))?;
    let sockets = services.sockets.clone();
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_FRAME)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(move |socket| sockets.track_future(socket::serve(socket, services))))
}

/// RFC 9110, 15.5.22: the answer names the protocol that is wanted.
fn no_socket(rejection: &WebSocketUpgradeRejection) -> Problem {
    Problem::new(ProblemType::UpgradeRequired, format!("{}.", rejection.body_text()))
        .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .with_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))
}
