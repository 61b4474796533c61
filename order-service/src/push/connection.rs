//! The frames, the limits and the end of a WebSocket (RFC 6455).

use axum::http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};
use contract::push::{ClientFrame, SUBPROTOCOL, ServerFrame, close};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::ProtocolError,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

/// In bytes. The largest useful frame of a client contains a token.
const MAX_MESSAGE: usize = 16 * 1024;
/// The size of each socket's read buffer in bytes. The default of 128 KiB is for clients that send much more
/// than a token now and then.
const READ_BUFFER: usize = 4 * 1024;
/// The time in which a frame must be sent. A client that blocks for longer reads too slowly.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// The time in which the client must answer a close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Why a socket ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The connection is broken.
    #[error("gone")]
    Gone,
    /// The client has sent a close frame.
    #[error("closed by the client")]
    ByClient,
    /// The server closes the socket with this code and reason.
    #[error("{1}")]
    Close(u16, String),
}

impl End {
    pub(super) fn bad_frame(why: impl std::fmt::Display) -> Self {
        Self::Close(close::BAD_FRAME, format!("bad frame: {why}"))
    }

    pub(super) fn unauthenticated(why: impl std::fmt::Display) -> Self {
        Self::Close(close::UNAUTHENTICATED, why.to_string())
    }

    pub(super) fn too_slow() -> Self {
        Self::Close(close::TOO_SLOW, "this client reads too slowly; connect again and resume".to_owned())
    }
}

impl From<tungstenite::Error> for End {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Capacity(_) => {
                Self::bad_frame(format!("a message may have {MAX_MESSAGE} bytes"))
            }
            tungstenite::Error::Utf8(_) => {
                Self::Close(close::NOT_UTF8, "a text frame must be UTF-8".to_owned())
            }
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            tungstenite::Error::Protocol(error) => Self::Close(close::PROTOCOL_ERROR, error.to_string()),
            _ => Self::Gone,
        }
    }
}

/// Returns whether a client offers the subprotocol of this API.
pub(crate) fn is_offered(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|protocol| protocol.trim() == SUBPROTOCOL)
}

/// The server side of a WebSocket.
pub(crate) struct Connection<S = TokioIo<Upgraded>>(WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Takes over the byte stream after the handshake.
    pub(crate) async fn over(io: S) -> Self {
        // The first limit covers messages of several frames. The second one is checked with the first bytes
        // of a frame.
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
            .read_buffer_size(READ_BUFFER);
        Self(WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await)
    }

    /// Receives the next frame. Returns `None` for a ping or pong, which only shows that the client is alive.
    /// Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<ClientFrame>, End> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).map(Some).map_err(End::bad_frame),
            Some(Ok(Message::Binary(_))) => Err(End::bad_frame("frames are text")),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
            Some(Ok(Message::Close(_))) => Err(End::ByClient),
            Some(Err(error)) => Err(error.into()),
            None => Err(End::Gone),
        }
    }

    pub(super) async fn send(&mut self, frame: &ServerFrame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|error| {
            tracing::error!(%error, "cannot encode a frame");
            End::Close(close::INTERNAL, "internal fault".to_owned())
        })?;
        self.write(Message::text(text)).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        self.write(Message::Ping(Vec::new().into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_LIMIT, self.0.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::too_slow()),
        }
    }

    /// Closes the socket with the code and the reason of `end`.
    pub(super) async fn close(mut self, end: End) {
        match end {
            End::Gone => {}
            // The answer is already queued and only needs a flush (RFC 6455, 5.5.1).
            End::ByClient => drop(timeout(CLOSE_LIMIT, self.0.flush()).await),
            End::Close(code, reason) => {
                // RFC 6455, 5.5: a control frame has at most 125 bytes, including two bytes for the code.
                let reason: String = reason.chars().filter(char::is_ascii).take(123).collect();
                let frame = CloseFrame { code: code.into(), reason: reason.into() };
                if let Ok(Ok(())) = timeout(SEND_LIMIT, self.0.send(Message::Close(Some(frame)))).await {
                    drop(timeout(CLOSE_LIMIT, self.await_close()).await);
                }
            }
        }
    }

    /// Waits for the client's close frame or the end of the connection, and ignores other frames. If the
    /// connection were closed with unread data, TCP would reset it. The client might then miss the close
    /// frame.
    async fn await_close(&mut self) {
        while let Some(Ok(message)) = self.0.next().await {
            if message.is_close() {
                return;
            }
        }
        // After an error, the frames cannot be parsed any more. Read the bytes until the end.
        let mut buffer = [0; READ_BUFFER];
        while !matches!(self.0.get_mut().read(&mut buffer).await, Ok(0) | Err(_)) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex, split};

    /// Builds a masked frame with this first byte and payload. The mask is 0, so the payload is unchanged.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | u8::try_from(short).unwrap()),
            long => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(long).unwrap().to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    async fn serve(io: DuplexStream) {
        let mut connection = Connection::over(io).await;
        let end = loop {
            if let Err(end) = connection.next().await {
                break end;
            }
        };
        connection.close(end).await;
    }

    /// Sends these bytes to a server, and returns its complete answer.
    async fn answer(sent: &[u8]) -> Vec<u8> {
        let (client, server) = duplex(4096);
        let served = tokio::spawn(serve(server));
        let (mut from, mut to) = split(client);
        let mut answer = Vec::new();
        let sending = async {
            to.write_all(sent).await.expect("the server keeps reading after its close frame");
            to.shutdown().await.unwrap();
        };
        let ((), read) = tokio::join!(sending, from.read_to_end(&mut answer));
        read.unwrap();
        served.await.unwrap();
        answer
    }

    fn close_code(answer: &[u8]) -> u16 {
        assert_eq!(answer[0], 0x88, "the close frame comes first: {answer:?}");
        u16::from_be_bytes([answer[2], answer[3]])
    }

    #[tokio::test]
    async fn a_frame_or_message_over_the_limit_is_closed_with_its_code() {
        for size in [MAX_MESSAGE + 1, 1024 * 1024] {
            assert_eq!(close_code(&answer(&frame(0x81, &vec![b' '; size])).await), close::BAD_FRAME);
        }
        let half = vec![b' '; MAX_MESSAGE / 2 + 1];
        let fragments = [frame(0x01, &half), frame(0x80, &half)].concat();
        assert_eq!(close_code(&answer(&fragments).await), close::BAD_FRAME);
    }

    #[tokio::test]
    async fn text_that_is_not_utf8_is_closed_with_1007() {
        assert_eq!(close_code(&answer(&frame(0x81, b"\xc3\x28")).await), close::NOT_UTF8);
    }

    #[tokio::test]
    async fn a_frame_that_violates_the_protocol_is_closed_with_1002() {
        let unmasked = vec![0x81, 0x02, b'{', b'}'];
        let reserved_bit = frame(0xc1, b"{}");
        let unknown_kind = frame(0x83, b"{}");
        let lone_continuation = frame(0x80, b"{}");
        let long_ping = frame(0x89, &[0; 126]);
        for bad in [unmasked, reserved_bit, unknown_kind, lone_continuation, long_ping] {
            assert_eq!(close_code(&answer(&bad).await), close::PROTOCOL_ERROR, "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_clients_close_is_answered_with_its_code() {
        assert_eq!(answer(&frame(0x88, &1000_u16.to_be_bytes())).await, [0x88, 0x02, 0x03, 0xe8]);
        assert_eq!(answer(&frame(0x88, b"")).await, [0x88, 0x00]);
    }

    #[test]
    fn only_the_subprotocol_of_this_api_counts_as_offered() {
        let offered = |values: &[&str]| {
            let values = values.iter().map(|value| (SEC_WEBSOCKET_PROTOCOL, value.parse().unwrap()));
            is_offered(&values.collect())
        };
        assert!(offered(&["orderflow.v1"]) && offered(&["orderflow.v2, orderflow.v1"]));
        assert!(offered(&["orderflow.v2", "orderflow.v1"]));
        assert!(!offered(&[]) && !offered(&["orderflow.v2"]) && !offered(&["orderflow.v1.1"]));
    }
}
