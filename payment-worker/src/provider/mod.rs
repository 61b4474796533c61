//! A client of the payment provider, with the part of Stripe's HTTP API that this worker needs
//! (<https://docs.stripe.com/api>): form-encoded requests, JSON answers, idempotency keys.
//!
//! Stripe saves the first answer to a key, even a 500, and returns it again for at least 24 hours
//! (<https://docs.stripe.com/api/idempotent_requests>). So all retries of a charge use the same key. If an
//! answer leaves open whether the request was executed, the worker searches for the payment.

mod amount;
mod charges;
mod error;
mod payment_intents;
mod refunds;

use crate::charge::Charge;
use error::{ErrorBody, ErrorDetail};
use reqwest::{Client, Method, RequestBuilder, Url};
use runtime::trace::{TRACEPARENT, TraceContext};
use serde::de::DeserializeOwned;
pub(crate) use {amount::charged, error::ProviderError, payment_intents::Answer};

/// The client of the provider. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Provider {
    http: Client,
    base: Url,
    key: String,
}

impl Provider {
    /// A client of the provider at `base` with our API key. `http` sets the time limit of each request.
    pub(crate) const fn new(http: Client, base: Url, key: String) -> Self {
        Self { http, base, key }
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ProviderError> {
        let address = self.base.join(path).map_err(|error| ProviderError::Address(error.to_string()))?;
        let request = self.http.request(method, address).bearer_auth(&self.key);
        Ok(match TraceContext::current() {
            Some(context) => request.header(TRACEPARENT, context.child().to_string()),
            None => request,
        })
    }

    /// A request with an idempotency key, so that the provider executes it only once.
    fn command(&self, path: &str, verb: &str, charge: &Charge) -> Result<RequestBuilder, ProviderError> {
        let key = format!("{verb}-{}-{}", charge.order_id, charge.attempt);
        Ok(self.request(Method::POST, path)?.header("Idempotency-Key", key))
    }
}

/// Sends a request and reads its answer.
async fn send<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ProviderError> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    // An error without Stripe's body comes from a proxy.
    let error = match response.json::<ErrorBody>().await {
        Ok(body) => body.error,
        Err(_) => ErrorDetail::default(),
    };
    Err(ProviderError::Refused { status, error: Box::new(error) })
}
