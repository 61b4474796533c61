//! Sends requests and reads answers.

use crate::error::Error;
use contract::problems::ProblemDetails;
use reqwest::{RequestBuilder, Response};
use runtime::trace::{TRACEPARENT, TraceContext};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Longer than the services' own limit of 10 s, so that their timeout answer still arrives.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(12);

/// Sends a request, within the current trace if there is one. Returns any answer, whatever its status.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, Error> {
    let request = match TraceContext::current() {
        Some(context) => request.header(TRACEPARENT, context.child().to_string()),
        None => request,
    };
    Ok(request.send().await?)
}

/// Reads the body of a successful answer.
pub(crate) async fn body<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let response = accepted(response).await?;
    let (url, status) = (Box::new(response.url().clone()), response.status());
    let bytes = response.bytes().await?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Unreadable {
        url,
        status,
        detail: error.to_string(),
    })
}

/// Returns the answer if its status is a success, and the problem otherwise.
pub(crate) async fn accepted(response: Response) -> Result<Response, Error> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let url = Box::new(response.url().clone());
    let bytes = response.bytes().await?;
    Err(match serde_json::from_slice::<ProblemDetails>(&bytes) {
        Ok(problem) => Error::Refused(Box::new(problem)),
        Err(_) => Error::Unreadable { url, status, detail: "no problem document".to_owned() },
    })
}
