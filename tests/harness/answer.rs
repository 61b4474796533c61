//! HTTP answers of any status.

use contract::problems::ProblemDetails;
use orderctl::Error;
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// The answer to an HTTP request.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON. A body that is not JSON is a JSON string with its text.
    pub body: Value,
}

/// Sends a request and returns the answer with any status.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

impl Answer {
    /// The value of a header, or an empty string if the header is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Asserts that the answer is a problem document (RFC 9457) with this status, a title and a detail.
    #[allow(clippy::must_use_candidate, reason = "some callers only need the assertions")]
    pub fn is_problem(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], status, "{}", self.body);
        for member in ["type", "title", "detail"] {
            let has_text = self.body[member].as_str().is_some_and(|text| !text.is_empty());
            assert!(has_text, "no `{member}` in {}", self.body);
        }
        self
    }

    /// Asserts that `errors` names exactly these fields, in this order.
    pub fn names(&self, pointers: &[&str]) -> &Self {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named: Vec<_> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!(named, pointers, "{}", self.body);
        self
    }
}

/// The problem document of a refused call. Panics if the call was not refused.
pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> ProblemDetails {
    let error = outcome.expect_err("a refusal");
    error.problem().unwrap_or_else(|| panic!("not a refusal: {error}")).clone()
}
