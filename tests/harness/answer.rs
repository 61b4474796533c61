//! What a service answers, whatever it is.

use contract::problems::ProblemDetails;
use orderctl::Error;
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, where it is JSON; else its text.
    pub body: Value,
}

/// Sends a request and takes any answer for an answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

impl Answer {
    /// A header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// It must be a problem document (RFC 9457) with this status, and say what is wrong in a sentence.
    #[allow(clippy::must_use_candidate, reason = "called for the panic, too")]
    pub fn is_problem(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], status, "{}", self.body);
        for member in ["type", "title", "detail"] {
            let told = self.body[member].as_str().is_some_and(|text| !text.is_empty());
            assert!(told, "no `{member}` in {}", self.body);
        }
        self
    }

    /// Its `errors` must name exactly these fields.
    pub fn names(&self, pointers: &[&str]) -> &Self {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named: Vec<_> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!(named, pointers, "{}", self.body);
        self
    }
}

/// The problem document that a call was refused with.
pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> ProblemDetails {
    let error = outcome.expect_err("a refusal");
    error.problem().unwrap_or_else(|| panic!("not a refusal: {error}")).clone()
}
