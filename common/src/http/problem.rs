//! Errors as RFC 9457 problem documents. Each service turns its own error type into one of these in
//! one place.

use crate::{causes::Causes, contract::problems::ProblemType};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;
use utoipa::ToSchema;

/// An error answer, `application/problem+json`.
#[derive(Clone, Debug, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[error("{detail}")]
pub struct Problem {
    /// Which problem it is, for programs: a URI reference that never changes.
    #[serde(rename = "type")]
    #[schema(example = "/problems/validation")]
    pub kind: String,
    /// The problem in general, for people.
    #[schema(example = "Some fields are not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// This occurrence: one sentence that names what is wrong and what to do.
    #[schema(example = "Correct the fields named in `errors` and send the request again.")]
    pub detail: String,
    /// Each bad field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What a program may want to know besides, such as `current_status`.
    #[serde(flatten)]
    #[schema(value_type = Members, inline)]
    pub more: Map<String, Value>,
    /// Headers that belong to the answer.
    #[serde(skip)]
    #[schema(ignore)]
    pub headers: HeaderMap,
}

/// Members that only some problems have.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Members {
    /// The present status of the order or reservation, with `illegal-transition` and `reservation-released`.
    #[schema(example = "paid")]
    current_status: Option<String>,
    /// Pieces that are held for orders, with `stock-below-reserved`.
    #[schema(example = 3)]
    reserved: Option<i64>,
    /// The product as it is now, with `product-changed`. It has the form of the answer to `GET /products/{id}`.
    #[schema(value_type = Option<Object>)]
    current_product: Option<Value>,
}

/// One bad field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// RFC 6901 JSON pointer into the body, or the name of a query parameter.
    #[schema(example = "/items/0/quantity")]
    pub pointer: String,
    /// What is wrong with it and what is expected.
    #[schema(example = "a quantity is from 1 to 1,000, not 0")]
    pub detail: String,
}

impl FieldError {
    /// An error of one field.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl Problem {
    /// A problem of this type. `detail` is one sentence on this occurrence.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind: kind.to_string(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            headers: HeaderMap::new(),
        }
    }

    /// 422: the request was understood, but fields of it are not valid.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            // The whole body has no name.
            [only] if only.pointer.is_empty() => format!("{}.", only.detail),
            [only] => format!("`{}`: {}.", only.pointer, only.detail),
            _ => "Correct the fields named in `errors` and send the request again.".to_owned(),
        };
        Self { errors, ..Self::new(ProblemType::Validation, detail) }
    }

    /// 400: the request could not be read at all.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::BadRequest, detail)
    }

    /// 401, with the challenge of RFC 6750.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Unauthenticated, detail).with_challenge()
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Forbidden, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::NotFound, detail)
    }

    /// 429, with `Retry-After`.
    #[must_use]
    pub fn too_many_requests(wait: Duration) -> Self {
        let detail = format!("Try again in {} s.", whole_seconds(wait));
        Self::new(ProblemType::TooManyRequests, detail).retry_after(wait)
    }

    /// 503, with `Retry-After`: something that the service needs does not answer now.
    #[must_use]
    pub fn unavailable(what: &str) -> Self {
        let wait = Duration::from_secs(2);
        Self::new(
            ProblemType::Unavailable,
            format!(
                "{what} does not answer now. Try again in {} s. If the request was a change, first check whether it was made.",
                wait.as_secs()
            ),
        )
        .retry_after(wait)
    }

    /// 500: a fault of ours. The cause is in the log, not in the answer.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ProblemType::Internal, "The request could not be carried out. It has been logged.")
    }

    /// The same, naming what would be accepted, as a 401 must (RFC 9110, 15.5.2).
    #[must_use]
    pub fn with_challenge(self) -> Self {
        self.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// The same, with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same, with a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The same, with `Retry-After`.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))
    }
}

/// Rounded up, so that whoever waits that long has waited long enough.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Says in the log why an answer is a 500, and makes that answer.
///
/// For errors that no caller can mend; everything else has an answer of its own.
pub fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = %Causes(error), "request failed");
    Problem::internal()
}

/// The answer to a database error that has no better one: 503 while PostgreSQL is away, else 500.
#[must_use]
pub fn database(error: &sqlx::Error) -> Problem {
    if crate::database::passes(error) {
        tracing::warn!(%error, "database does not answer");
        Problem::unavailable("The database")
    } else {
        internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = std::mem::take(&mut self.headers);
        let mut response = (status, axum::Json(self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(headers);
        response
    }
}
