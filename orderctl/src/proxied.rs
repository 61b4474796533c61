//! TCP connections through a proxy, for the WebSocket. For HTTP requests, reqwest makes them.

use crate::socket_error::SocketError;
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV4, SocksV5, Tunnel},
        },
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use reqwest::Url;
use runtime::causes::Causes;
use std::error::Error;
use tokio::net::TcpStream;
use tower::ServiceExt;

/// The default port of a SOCKS proxy (RFC 1928).
const SOCKS_PORT: u16 = 1080;

/// Connects to the server of a `ws` or `wss` URL. The proxy resolves the host name.
pub(crate) async fn connect(url: &Url, proxy: &Url) -> Result<TcpStream, SocketError> {
    match through(url, proxy).await {
        Ok(Some(stream)) => Ok(stream),
        Ok(None) => Err(SocketError::UnknownProxy(proxy.scheme().to_owned())),
        Err(error) => {
            let host = proxy.host_str().unwrap_or_default().to_owned();
            Err(SocketError::Proxy { host, reason: Causes(&*error).to_string() })
        }
    }
}

/// Returns `None` for an unknown kind of proxy.
async fn through(url: &Url, proxy: &Url) -> Result<Option<TcpStream>, Box<dyn Error + Send + Sync>> {
    let port = url.port_or_known_default().ok_or("the address has no port")?;
    let target = format!("http://{}:{port}/", url.host_str().unwrap_or_default()).parse()?;
    let Some(found) = Matcher::builder().all(proxy.as_str()).build().intercept(&target) else {
        return Ok(None);
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let port = proxy.port_or_known_default().unwrap_or(SOCKS_PORT);
    let at = format!("{}://{}:{port}/", proxy.scheme(), proxy.host_str().unwrap_or_default()).parse()?;
    let stream = match proxy.scheme() {
        "http" => {
            let tunnel = Tunnel::new(at, tcp);
            let auth = found.basic_auth().cloned();
            let tunnel = if let Some(auth) = auth { tunnel.with_auth(auth) } else { tunnel };
            tunnel.oneshot(target).await?
        }
        "socks5" | "socks5h" => {
            let socks = SocksV5::new(at, tcp);
            let socks = match found.raw_auth() {
                Some((user, password)) => socks.with_auth(user.to_owned(), password.to_owned()),
                None => socks,
            };
            socks.oneshot(target).await?
        }
        "socks4" | "socks4a" => SocksV4::new(at, tcp).oneshot(target).await?,
        _ => return Ok(None),
    };
    Ok(Some(TokioIo::into_inner(stream)))
}
