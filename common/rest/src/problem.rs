//! Error answers as RFC 9457 problem documents. Each service converts its own error type into a [`Problem`]
//! in one place.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::problems::{FieldError, ProblemDetails, ProblemType};
use runtime::causes::Causes;
use serde_json::Value;
use std::{borrow::Cow, time::Duration};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// An error answer: a problem document and the headers that belong to it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{details}")]
pub struct Problem {
    /// The body.
    pub details: ProblemDetails,
    /// Headers of the answer, such as `Retry-After`.
    pub headers: HeaderMap,
}

/// In OpenAPI documents an error answer has the schema of its body.
impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        ProblemDetails::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        ProblemDetails::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ProblemDetails::schemas(schemas);
    }
}

impl From<Problem> for ProblemDetails {
    fn from(problem: Problem) -> Self {
        problem.details
    }
}

impl From<ProblemDetails> for Problem {
    fn from(details: ProblemDetails) -> Self {
        Self { details, headers: HeaderMap::new() }
    }
}

impl Problem {
    /// A problem of this type. `detail` is one sentence about this occurrence.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        ProblemDetails::new(kind, detail).into()
    }

    /// 422: the request can be read, but some of its fields are not valid.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        ProblemDetails::validation(errors).into()
    }

    /// 400: the request cannot be read at all.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::BadRequest, detail)
    }

    /// 401, with the challenge of RFC 6750.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Unauthenticated, detail).with_challenge()
    }

    /// 403: the caller is known, but may not do this.
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

    /// 503, with `Retry-After`: a dependency of the service does not answer now.
    #[must_use]
    pub fn unavailable(dependency: &str) -> Self {
        let wait = Duration::from_secs(2);
        Self::new(
            ProblemType::Unavailable,
            format!(
                "{dependency} does not answer now. Try again in {} s. If the request was a change, first check whether it was made.",
                wait.as_secs()
            ),
        )
        .retry_after(wait)
    }

    /// 500: a fault of the service. The log has the cause, the answer does not.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ProblemType::Internal, "The request could not be carried out. It has been logged.")
    }

    /// Adds the challenge that a 401 must have (RFC 9110, 15.5.2).
    #[must_use]
    pub fn with_challenge(self) -> Self {
        self.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details = self.details.with(name, value);
        self
    }

    /// Replaces the sentence about this occurrence.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.details.detail = detail.into();
        self
    }

    /// Adds `Retry-After`.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))
    }
}

/// Rounds up, so that a client never retries too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Logs an error that has no better answer, and makes a 500 of it.
pub fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = %Causes(error), "request failed");
    Problem::internal()
}

/// The answer to a value that must be unique and that another row has: a 409 that names the field.
#[must_use]
pub fn taken(kind: ProblemType, pointer: &str, detail: &str) -> Problem {
    let errors = vec![FieldError::new(pointer, detail)];
    let details = ProblemDetails::new(kind, format!("{}; choose another.", kind.title()));
    ProblemDetails { errors, ..details }.into()
}

/// Logs an error of a dependency, and makes the answer: 503 when the error is temporary, else 500.
pub fn of_dependency(dependency: &str, error: &dyn std::error::Error, is_temporary: bool) -> Problem {
    if is_temporary {
        tracing::warn!(error = %Causes(error), "{dependency} does not answer");
        Problem::unavailable(dependency)
    } else {
        internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.details)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(self.headers);
        response
    }
}
