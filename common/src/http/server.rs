//! Serving. A service gives its own routes; this adds what all have: health, metrics, the OpenAPI
//! document and its page, tracing, limits, and errors for what no route answers.

use super::{health::Health, openapi, problem::Problem};
use crate::{
    contract::problems::ProblemType,
    lifecycle::TaskResult,
    telemetry,
    trace::{self, TRACEPARENT, TraceContext},
};
use axum::{
    Json, Router,
    body::{Body, HttpBody as _},
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderValue, header::CONNECTION},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
    serve::{ListenerExt as _, TapIo},
};
use futures_util::{StreamExt as _, stream};
use std::{
    any::Any,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument, field};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

/// The largest body a service reads, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// A request that takes longer is given up.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The gateway's name for a request: what a customer can tell, and its own log has.
const REQUEST_ID: &str = "x-request-id";

/// How often histograms are moved out of their buffers.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}; set LISTEN to a free address")]
pub struct BindError {
    address: SocketAddr,
    error: std::io::Error,
}

/// Takes the port.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| BindError { address, error })
}

/// A service's routes, with what all services have. Its document says so, and has a form for
/// strangers at `/openapi/public.json`, which the gateway shows.
pub fn app(routes: OpenApiRouter, health: Health) -> Router {
    let (router, mut document) = routes.split_for_parts();
    openapi::complete(&mut document);
    let public = openapi::public(&document);
    let router = router.route("/openapi/public.json", get(async move || Json(public)));
    served(router, document, health, REQUEST_TIMEOUT)
}

/// The same, for a stand-in of somebody else's service: its requests take as long as that wants, and
/// its errors are that one's.
pub fn app_of_another_kind(routes: OpenApiRouter, health: Health) -> Router {
    let (router, document) = routes.split_for_parts();
    served(router, document, health, Duration::MAX)
}

fn served(router: Router, document: OpenApi, health: Health, limit: Duration) -> Router {
    router
        .merge(SwaggerUi::new("/docs").url("/openapi.json", document))
        .merge(operations(health))
        .fallback(async || Problem::not_found("There is no such route. GET /docs lists them."))
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemType::MethodNotAllowed, "GET /docs lists what it has.")
        })
        // One layer of several: each that axum is given by itself is boxed, and copied for each request.
        .layer((
            middleware::from_fn(move |request, next| {
                close_if_unread(request, move |request| observe(request, next, limit))
            }),
            CatchPanicLayer::custom(panicked),
            DefaultBodyLimit::max(BODY_LIMIT),
        ))
}

/// What a worker serves, which has no routes of its own.
pub fn operations(health: Health) -> Router {
    Router::new()
        .route("/health/live", get(async || "live"))
        .route("/health/ready", get(async move || health.answer().await))
        .route("/metrics", get(async || telemetry::metrics()))
}

/// A listener whose sockets send each write at once. Without this, Nagle's algorithm (RFC 896) holds a short write back
/// until the peer has acknowledged the last one, which Linux delays by up to 40 ms. Frames of a WebSocket would wait.
fn without_delay(listener: TcpListener) -> TapIo<TcpListener, fn(&mut TcpStream)> {
    listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY; the client is already gone");
        }
    })
}

/// Serves until the process is to end, then finishes the requests that are under way.
pub async fn serve(listener: TcpListener, app: Router, shutdown: CancellationToken) -> TaskResult {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server =
        axum::serve(without_delay(listener), service).with_graceful_shutdown(shutdown.cancelled_owned());
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

/// Gives each request its place in a trace, a time limit, and a line in the metrics.
async fn observe(request: Request, next: Next, limit: Duration) -> Response {
    let context =
        TraceContext::continued(request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok()));
    // The route, not the path: paths hold ids, and a metric for each id would never end.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        trace_id = %context.trace_id(),
        request_id = request_id(&request),
        order_id = field::Empty,
        %method,
        route,
    );

    let started = Instant::now();
    let answer = trace::scope(context, next.run(request).instrument(span.clone()));
    let response = tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        span.in_scope(|| tracing::error!(?limit, "request took too long"));
        Problem::unavailable("Something that this request needs").into_response()
    });
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, ?elapsed, "answered"));

    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed);
    response
}

/// Says that the connection ends with an answer that was given before the whole request was read, such as the refusal of
/// a caller without a token (RFC 9112, 9.6). hyper closes it in any case; a gateway that does not know sends the next
/// request into it, and must not repeat that one if it changes something.
async fn close_if_unread<F: Future<Output = Response>>(
    request: Request,
    answered: impl FnOnce(Request) -> F,
) -> Response {
    if request.body().is_end_stream() {
        return answered(request).await;
    }
    let read = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&read);
    let end = stream::poll_fn(move |_| {
        note.store(true, Ordering::Relaxed);
        Poll::Ready(None)
    });
    let request = request.map(|body| Body::from_stream(body.into_data_stream().chain(end)));
    let mut response = answered(request).await;
    if !read.load(Ordering::Relaxed) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What the gateway calls a request. Anything that no gateway makes, a caller made up to look well in the log.
fn request_id(request: &Request) -> Option<&str> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let good = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    good.then_some(id)
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{http::StatusCode, routing::post, serve::Listener as _};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_connection_ends_with_an_answer_to_what_was_not_read() {
        let app = Router::new()
            .route("/", post(async |_: String| "read").get(async || "nothing to read"))
            .route("/refused", post(async || StatusCode::FORBIDDEN))
            .layer(middleware::from_fn(|request, next: Next| {
                close_if_unread(request, |request| next.run(request))
            }));
        for (method, path, body, closes) in [
            ("POST", "/", "body", false),
            ("POST", "/", "", false),
            ("GET", "/", "", false),
            ("POST", "/refused", "", false),
            ("POST", "/refused", "body", true),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
            let answer = app.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.headers().contains_key(CONNECTION), closes, "{method} {path} {body}");
        }
    }

    #[tokio::test]
    async fn an_accepted_socket_sends_each_write_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut listener = without_delay(listener);
        let (client, (accepted, _)) = tokio::join!(TcpStream::connect(address), listener.accept());
        client.unwrap();
        assert!(accepted.nodelay().unwrap());
    }

    #[test]
    fn a_request_id_is_one_that_a_gateway_makes() {
        let request = |id: &str| Request::builder().header(REQUEST_ID, id).body(Body::empty()).unwrap();
        let id = "36a00290-adea-4e54-9a80-fb8a15a3ae02";
        assert_eq!(request_id(&request(id)), Some(id));
        for bad in ["a b", "\"x\"", "1;2", &"x".repeat(65)] {
            assert_eq!(request_id(&request(bad)), None, "{bad}");
        }
        assert_eq!(request_id(&Request::new(Body::empty())), None);
    }
}
