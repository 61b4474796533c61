//! The layer around all routes of a service. It adds traces, time limits, metrics, and the headers of all
//! answers.

use crate::problem::Problem;
use axum::{
    body::{Body, HttpBody as _},
    extract::{MatchedPath, Request},
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONNECTION},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::problems::ProblemType;
use futures_util::{StreamExt as _, stream};
use runtime::trace::{self, TRACEPARENT, TraceContext};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};
use tracing::{Instrument, Span, field};

/// The gateway's name for a request. Customers can quote it, and the gateway's own log has it.
const REQUEST_ID: &str = "x-request-id";

/// A route by its method and path.
pub(super) type Route = (Method, String);

/// The routes whose requests continue the `traceparent` of the caller.
pub(super) enum TracesFrom {
    /// All routes, because all callers are services of ours.
    AllRoutes,
    /// These routes, which are for services. Any client can call the others, and must not choose the trace id
    /// in our logs.
    Routes(HashSet<Route>),
}

/// How requests are observed.
pub(super) struct Observer {
    /// The time limit of a request.
    pub limit: Duration,
    /// The routes whose requests continue the trace of the caller.
    pub traces: TracesFrom,
}

impl Observer {
    /// Handles a request with a trace and a time limit, and counts it in the metrics.
    pub(super) async fn observe(&self, request: Request, next: Next) -> Response {
        // The route, not the path. Paths contain ids, and each id would add a metric.
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
        let method = method_label(request.method());
        let (context, client_trace) = self.trace(&request, &route);
        let span = tracing::info_span!(
            "request",
            trace_id = %context.trace_id(),
            client_trace_id = client_trace.map(|trace| trace.trace_id()),
            request_id = request_id(&request),
            order_id = field::Empty,
            method,
            route,
        );

        let started = Instant::now();
        let (request, body) = BodyProgress::watch(request);
        let answer = trace::scope(context, next.run(request).instrument(span.clone()));
        let mut response =
            tokio::time::timeout(self.limit, answer).await.unwrap_or_else(|_| self.too_slow(&body, &span));
        finish(&mut response, &body);
        let elapsed = started.elapsed();
        let status = response.status().as_u16();
        span.in_scope(|| tracing::debug!(status, ?elapsed, "answered"));

        let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed);
        response
    }

    /// The request's trace, and the trace that a client named. The latter is only a link: a client could
    /// otherwise put its requests into the trace of another customer.
    fn trace(&self, request: &Request, route: &str) -> (TraceContext, Option<TraceContext>) {
        let header = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
        let is_trusted = match &self.traces {
            TracesFrom::AllRoutes => true,
            TracesFrom::Routes(routes) => routes.contains(&(request.method().clone(), route.to_owned())),
        };
        if is_trusted {
            return (TraceContext::continued(header), None);
        }
        (TraceContext::root(), header.and_then(|header| header.parse().ok()))
    }

    fn too_slow(&self, body: &BodyProgress, span: &Span) -> Response {
        let limit = self.limit;
        if body.is_awaited() {
            span.in_scope(|| tracing::debug!(?limit, "the client did not send its body in time"));
            let detail = format!("The body did not arrive within {} s. Send it again.", limit.as_secs());
            return Problem::new(ProblemType::RequestTimeout, detail).into_response();
        }
        span.in_scope(|| tracing::error!(?limit, "request took too long"));
        Problem::unavailable("A service that this request needs").into_response()
    }
}

/// Adds the headers of all answers.
fn finish(response: &mut Response, body: &BodyProgress) {
    let headers = response.headers_mut();
    // hyper closes a connection if it did not read the request to its end (RFC 9112, 9.6). Without this
    // header, the gateway would send the next request into that connection. It cannot safely repeat a request
    // that changes something.
    if !body.is_read() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // Most answers are personal. A route whose answer is for everyone sets its own header.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// How far a request's body was read.
#[derive(Clone)]
struct BodyProgress(Arc<AtomicU8>);

impl BodyProgress {
    const UNTOUCHED: u8 = 0;
    const AWAITED: u8 = 1;
    const READ: u8 = 2;

    /// Returns the request with a body that records how far it was read.
    fn watch(request: Request) -> (Request, Self) {
        if request.body().is_end_stream() {
            return (request, Self(Arc::new(AtomicU8::new(Self::READ))));
        }
        let progress = Self(Arc::new(AtomicU8::new(Self::UNTOUCHED)));
        let noted = progress.clone();
        let request = request.map(|body| {
            let mut data = body.into_data_stream();
            Body::from_stream(stream::poll_fn(move |context| {
                let polled = data.poll_next_unpin(context);
                let state = if matches!(polled, Poll::Ready(None)) { Self::READ } else { Self::AWAITED };
                noted.0.store(state, Ordering::Relaxed);
                polled
            }))
        });
        (request, progress)
    }

    /// Whether the handler has begun to read the body and waits for the rest of it.
    fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::AWAITED
    }

    fn is_read(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::READ
    }
}

/// The label of a method. HTTP allows any token as a method, and each label adds a metric.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The gateway's name for a request. Text in another form is ignored, because it could forge log lines.
fn request_id(request: &Request) -> Option<&str> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let good = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    good.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        body::Bytes,
        http::StatusCode,
        middleware::from_fn,
        routing::{get, post},
    };
    use tower::ServiceExt as _;

    const CLIENTS_TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn observed(routes: Router, traces: TracesFrom) -> Router {
        observed_for(Duration::from_secs(10), routes, traces)
    }

    fn observed_for(limit: Duration, routes: Router, traces: TracesFrom) -> Router {
        let observer = Arc::new(Observer { limit, traces });
        routes.layer(from_fn(move |request, next| {
            let observer = Arc::clone(&observer);
            async move { observer.observe(request, next).await }
        }))
    }

    fn request(method: &str, path: &str, body: impl Into<Body>) -> Request {
        Request::builder().method(method).uri(path).body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn the_connection_closes_after_a_request_that_was_not_read() {
        let routes = Router::new()
            .route("/", post(async |_: String| "read").get(async || "nothing to read"))
            .route("/refused", post(async || StatusCode::FORBIDDEN));
        let app = observed(routes, TracesFrom::AllRoutes);
        for (method, path, body, closes) in [
            ("POST", "/", "body", false),
            ("POST", "/", "", false),
            ("GET", "/", "", false),
            ("POST", "/refused", "", false),
            ("POST", "/refused", "body", true),
        ] {
            let answer = app.clone().oneshot(request(method, path, body)).await.unwrap();
            assert_eq!(answer.headers().contains_key(CONNECTION), closes, "{method} {path} {body}");
        }
    }

    #[tokio::test]
    async fn a_missing_body_gets_408_and_a_slow_handler_gets_503() {
        let routes = Router::new()
            .route("/reads", post(async |_: Bytes| "read"))
            .route("/hangs", post(async || std::future::pending::<()>().await))
            .route("/hangs-later", post(async |_: Bytes| std::future::pending::<()>().await));
        let app = observed_for(Duration::from_millis(50), routes, TracesFrom::AllRoutes);
        let never_ends = || {
            let start = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
            Body::from_stream(start.chain(stream::pending()))
        };
        for (path, body, status) in
            [("/reads", never_ends(), 408), ("/hangs", never_ends(), 503), ("/hangs-later", "{}".into(), 503)]
        {
            let answer = app.clone().oneshot(request("POST", path, body)).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
        }
    }

    #[tokio::test]
    async fn only_the_trace_of_a_service_is_continued() {
        let id = async || TraceContext::current().unwrap().trace_id();
        let routes = Router::new().route("/orders", get(id).patch(id));
        let for_services = HashSet::from([(Method::PATCH, "/orders".to_owned())]);
        let app = observed(routes, TracesFrom::Routes(for_services));
        for (method, is_continued) in [("GET", false), ("PATCH", true)] {
            let mut request = request(method, "/orders", "");
            request.headers_mut().insert(TRACEPARENT, HeaderValue::from_static(CLIENTS_TRACE));
            let answer = app.clone().oneshot(request).await.unwrap();
            let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
            assert_eq!(body == CLIENTS_TRACE.as_bytes()[3..35], is_continued, "{method}");
        }
    }

    #[tokio::test]
    async fn no_answer_is_cached_unless_its_route_says_so() {
        let routes = Router::new()
            .route("/mine", get(async || "mine"))
            .route("/keys", get(async || ([(CACHE_CONTROL, "public, max-age=300")], "keys")));
        let app = observed(routes, TracesFrom::AllRoutes);
        for (path, expected) in [("/mine", "no-store"), ("/keys", "public, max-age=300"), ("/", "no-store")] {
            let answer = app.clone().oneshot(request("GET", path, "")).await.unwrap();
            assert_eq!(answer.headers()[CACHE_CONTROL], expected, "{path}");
        }
    }

    #[test]
    fn an_unknown_method_has_no_label_of_its_own() {
        for (method, label) in [("GET", "GET"), ("PATCH", "PATCH"), ("ZZ1METHOD", "other"), ("get", "other")]
        {
            assert_eq!(method_label(&Method::from_bytes(method.as_bytes()).unwrap()), label);
        }
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
