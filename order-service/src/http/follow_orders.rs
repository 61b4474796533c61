//! `GET /ws`

use super::Services;
use crate::push::socket;
use axum::{
    extract::{State, WebSocketUpgrade},
    response::Response,
};
use common::contract::push::SUBPROTOCOL;

/// The largest frame that a client has reason to send is one with a token.
const MAX_FRAME: usize = 16 * 1024;

/// Follow orders live over a WebSocket.
///
/// The first frame is `{"type":"authenticate","token":"…"}`, then `{"type":"subscribe"}` for all of
/// one's orders or `{"type":"subscribe","order_id":"…","after":2}` for one of them.
#[utoipa::path(
    get, path = "/ws", tag = "orders",
    security(()),
    responses((status = 101, description = "A WebSocket, subprotocol `orderflow.v1`"))
)]
pub(super) async fn follow_orders(State(services): State<Services>, upgrade: WebSocketUpgrade) -> Response {
    let sockets = services.sockets.clone();
    upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| sockets.track_future(socket::serve(socket, services)))
}
