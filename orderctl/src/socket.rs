//! One WebSocket connection. It returns every frame of the service and the reason of its end.

use crate::{proxied, socket_error::SocketError};
use chrono::{DateTime, Utc};
use contract::push::{ClientFrame, SUBPROTOCOL, ServerFrame};
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use runtime::http_client::proxy::Proxies;
use std::{fmt, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config, connect_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        handshake::client::Request,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::{CloseFrame, WebSocketConfig},
    },
};

/// The limit for connecting, including the handshake, and for the answer to a token.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// The limit for the operating system to accept a frame.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// The service pings every 20 s. A connection that is silent for longer is dead, even without a TCP FIN.
const SILENCE_LIMIT: Duration = Duration::from_secs(25);
/// A frame of this protocol has a few hundred bytes.
const LARGEST_MESSAGE: usize = 64 * 1024;
/// Small, because a process may hold thousands of connections.
const READ_BUFFER: usize = 4 * 1024;

/// A connection to `GET /ws`.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: Instant,
}

impl Socket {
    /// Connects without sending a frame. Uses the same proxy as HTTP requests.
    pub async fn connect(url: &Url) -> Result<Self, SocketError> {
        Self::connect_by(url, &Proxies::from_env()).await
    }

    async fn connect_by(url: &Url, proxies: &Proxies) -> Result<Self, SocketError> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let request = request(url)?;
        let connecting = async {
            match proxies.of(url) {
                None => Ok(connect_async_with_config(request, Some(config), true).await?),
                Some(proxy) => {
                    let stream = proxied::connect(url, &proxy).await?;
                    Ok(client_async_tls_with_config(request, stream, Some(config), None).await?)
                }
            }
        };
        match timeout(ANSWER_TIMEOUT, connecting).await {
            Ok(Ok((stream, _response))) => Ok(Self { stream, heard: Instant::now() }),
            Ok(Err(SocketError::Broken(tungstenite::Error::Http(response)))) => {
                Err(SocketError::NotUpgraded(response.status()))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SocketError::TimedOut("connecting")),
        }
    }

    /// Sends the first frame, with a token, and waits until the service accepts it. Returns the expiry of the
    /// token, by the service's clock.
    pub async fn authenticate(&mut self, token: &str) -> Result<DateTime<Utc>, SocketError> {
        self.send(&ClientFrame::Authenticate { token: token.to_owned() }).await?;
        match timeout(ANSWER_TIMEOUT, self.next()).await {
            Ok(Ok(ServerFrame::Authenticated { expires_at })) => Ok(expires_at),
            Ok(Ok(other)) => Err(SocketError::Unreadable(format!("{other:?} as the answer to a token"))),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SocketError::TimedOut("authenticating")),
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), SocketError> {
        let text =
            serde_json::to_string(frame).map_err(|error| SocketError::Unreadable(error.to_string()))?;
        self.send_text(text).await
    }

    /// Sends any text. Tests use it to send invalid frames.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), SocketError> {
        match timeout(SEND_TIMEOUT, self.stream.send(Message::text(text.into()))).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(SocketError::TimedOut("sending")),
        }
    }

    /// Waits for the next frame, without a time limit. Returns an error if the connection is closed, broken
    /// or dead. This method is safe to cancel.
    pub async fn next(&mut self) -> Result<ServerFrame, SocketError> {
        loop {
            let Ok(message) = timeout_at(self.heard + SILENCE_LIMIT, self.stream.next()).await else {
                return Err(SocketError::TimedOut("listening"));
            };
            self.heard = Instant::now();
            match message {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(text.as_str())
                        .map_err(|error| SocketError::Unreadable(error.to_string()));
                }
                // The library answers pings. All three show that the service is alive.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => {
                    return Err(SocketError::Unreadable("a binary frame".to_owned()));
                }
                Some(Ok(Message::Close(frame))) => return Err(closed(frame)),
                None
                | Some(Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed)) => {
                    return Err(closed(None));
                }
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Closes the connection with a close frame. Dropping the socket closes it without one.
    pub async fn close(mut self) -> Result<(), SocketError> {
        match timeout(SEND_TIMEOUT, self.stream.close(None)).await {
            Ok(closed) => Ok(closed?),
            Err(_) => Err(SocketError::TimedOut("closing")),
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("heard", &self.heard).finish_non_exhaustive()
    }
}

fn request(url: &Url) -> Result<Request, SocketError> {
    let mut request = url.as_str().into_client_request()?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(request)
}

fn closed(frame: Option<CloseFrame>) -> SocketError {
    match frame {
        Some(CloseFrame { code, reason }) => {
            SocketError::Closed { code: Some(code.into()), reason: reason.to_string() }
        }
        None => SocketError::Closed { code: None, reason: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::push::close;
    use reqwest::StatusCode;

    fn closed_with(code: u16) -> SocketError {
        SocketError::Closed { code: Some(code), reason: String::new() }
    }

    #[test]
    fn only_temporary_errors_are_retried() {
        assert!(closed_with(close::GOING_AWAY).is_temporary());
        assert!(closed_with(close::TOO_SLOW).is_temporary());
        assert!(SocketError::TimedOut("listening").is_temporary());
        assert!(SocketError::NotUpgraded(StatusCode::SERVICE_UNAVAILABLE).is_temporary());
        assert!(!closed_with(close::BAD_FRAME).is_temporary());
        assert!(
            !closed_with(close::PROTOCOL_ERROR).is_temporary()
                && !closed_with(close::NOT_UTF8).is_temporary()
        );
        assert!(!closed_with(close::UNAUTHENTICATED).is_temporary());
        assert!(!SocketError::NotUpgraded(StatusCode::NOT_FOUND).is_temporary());
    }

    #[test]
    fn a_close_error_shows_its_code() {
        let error = SocketError::Closed { code: Some(4400), reason: "no such frame".into() };
        assert_eq!(error.to_string(), "the service closed the WebSocket (4400: no such frame)");
        assert_eq!(closed(None).to_string(), "the service closed the WebSocket");
    }

    /// Tests with proxies, and with a service that accepts every token.
    mod behind_a_proxy {
        use super::*;
        use tokio::{
            io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
            net::TcpListener,
        };
        use tokio_tungstenite::{
            accept_hdr_async,
            tungstenite::handshake::server::{Request, Response},
        };

        const URL: &str = "ws://shop.example/ws";

        async fn listen() -> (TcpListener, String) {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            (listener, address)
        }

        #[expect(clippy::unnecessary_wraps, reason = "the library's own type")]
        fn accept(
            _: &Request,
            mut response: Response,
        ) -> Result<Response, tungstenite::handshake::server::ErrorResponse> {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
            Ok(response)
        }

        /// Starts a service for one connection and returns its address.
        async fn service() -> String {
            let (listener, address) = listen().await;
            tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                let mut socket = accept_hdr_async(stream, accept).await.unwrap();
                socket.next().await.unwrap().unwrap();
                let frame = ServerFrame::Authenticated { expires_at: Utc::now() };
                socket.send(Message::text(serde_json::to_string(&frame).unwrap())).await.unwrap();
                while socket.next().await.is_some() {}
            });
            address
        }

        /// Reads until the data ends with `end`.
        async fn read_until(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
            let mut read = Vec::new();
            while !read.ends_with(end) {
                read.push(stream.read_u8().await.unwrap());
            }
            read
        }

        async fn connects_by(proxy: &str) -> Result<(), SocketError> {
            let proxies = Proxies::new(proxy, "", "");
            let mut socket = Socket::connect_by(&URL.parse().unwrap(), &proxies).await?;
            socket.authenticate("token").await.map(drop)
        }

        #[tokio::test]
        async fn an_http_proxy_opens_a_tunnel() {
            let (service, (listener, address)) = (service().await, listen().await);
            let proxy = tokio::spawn(async move {
                let (mut client, _) = listener.accept().await.unwrap();
                let asked = read_until(&mut client, b"\r\n\r\n").await;
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut server = TcpStream::connect(service).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await.unwrap();
                String::from_utf8(asked).unwrap()
            });
            connects_by(&format!("http://ada:word@{address}")).await.unwrap();
            let asked = proxy.await.unwrap();
            assert!(asked.starts_with("CONNECT shop.example:80 HTTP/1.1\r\n"), "{asked}");
            assert!(asked.contains("Proxy-Authorization: Basic YWRhOndvcmQ=\r\n"), "{asked}");
        }

        #[tokio::test]
        async fn a_socks_proxy_gets_the_name_of_the_service() {
            let (service, (listener, address)) = (service().await, listen().await);
            let proxy = tokio::spawn(async move {
                let (mut client, _) = listener.accept().await.unwrap();
                // RFC 1928: version 5, one method, no authentication.
                client.read_exact(&mut [0; 3]).await.unwrap();
                client.write_all(&[5, 0]).await.unwrap();
                let asked = read_until(&mut client, &80_u16.to_be_bytes()).await;
                client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                let mut server = TcpStream::connect(service).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await.unwrap();
                asked
            });
            connects_by(&format!("socks5h://{address}")).await.unwrap();
            let asked = proxy.await.unwrap();
            assert_eq!(asked, [&[5, 1, 0, 3, 12][..], b"shop.example", &80_u16.to_be_bytes()].concat());
        }

        #[tokio::test]
        async fn a_proxy_that_refuses_is_named() {
            let (listener, address) = listen().await;
            tokio::spawn(async move {
                let (mut client, _) = listener.accept().await.unwrap();
                read_until(&mut client, b"\r\n\r\n").await;
                client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
            });
            let error = connects_by(&format!("http://{address}")).await.unwrap_err();
            assert!(error.is_temporary());
            assert_eq!(
                error.to_string(),
                "the proxy 127.0.0.1 cannot connect to the WebSocket: tunnel error: proxy authorization required"
            );
            let error = connects_by("https://proxy.example").await.unwrap_err();
            assert!(matches!(error, SocketError::UnknownProxy(_)) && !error.is_temporary(), "{error}");
        }
    }
}
