//! One request, one answer.

use crate::error::Error;
use contract::problems::ProblemDetails;
use reqwest::{RequestBuilder, Response};
use runtime::trace::{TRACEPARENT, TraceContext};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A little longer than the services' own limit, so that their answer is heard where there is one.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(12);

/// Sends a request, as part of the current trace where there is one. Any answer is a success here.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, Error> {
    let request = match TraceContext::current() {
        Some(context) => request.header(TRACEPARENT, context.child().to_string()),
        None => request,
    };
    Ok(request.send().await?)
}

/// What a good answer says.
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

/// The answer, where it is a good one.
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
