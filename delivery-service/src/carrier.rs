//! The client of the carrier's API.

use crate::domain::report::Parcel;
use contract::{ids::OrderId, orders::Address};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use runtime::causes::Causes;
use serde::{Deserialize, Serialize};

/// The longest text of a refusal that is stored.
const MAX_REFUSAL: usize = 300;

/// The client of the carrier. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Carrier {
    http: Client,
    base: Url,
    key: String,
}

/// Why the carrier did not give the expected answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CarrierError {
    /// The carrier was not reached, so it has not carried out the request.
    #[error("the carrier cannot be reached: {}", Causes(.0))]
    Unreachable(reqwest::Error),
    /// The carrier refuses this request, and has not carried it out.
    #[error("the carrier refuses: {0}")]
    Refused(String),
    /// The carrier does not accept requests now, and has not carried this one out.
    #[error("the carrier does not accept requests now: {0}")]
    Busy(StatusCode),
    /// The carrier may have carried out the request.
    #[error("the carrier's answer is missing: {0}")]
    Unknown(String),
}

/// The body of `POST /shipments`.
#[derive(Serialize)]
struct NewParcel<'a> {
    reference: OrderId,
    address: &'a Address,
}

/// The body of an error of the carrier.
#[derive(Deserialize)]
struct Complaint {
    error: String,
}

impl Carrier {
    /// The client of the carrier at `base`, with this API key.
    pub(crate) fn new(http: Client, base: Url, key: String) -> Self {
        Self { http, base, key }
    }

    /// Asks the carrier to take a parcel. The key of the request is the order, so a repeated request gets the
    /// parcel of the first one.
    pub(crate) async fn take(&self, order_id: OrderId, address: &Address) -> Result<Parcel, CarrierError> {
        let request =
            self.http.post(self.address("shipments")?).json(&NewParcel { reference: order_id, address });
        self.send(request.header("Idempotency-Key", order_id.to_string())).await
    }

    /// Asks for the state of a parcel.
    pub(crate) async fn find(&self, parcel: &str) -> Result<Parcel, CarrierError> {
        self.send(self.http.get(self.address(&format!("shipments/{parcel}"))?)).await
    }

    fn address(&self, path: &str) -> Result<Url, CarrierError> {
        self.base.join(path).map_err(|error| CarrierError::Refused(error.to_string()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Parcel, CarrierError> {
        let response = request.bearer_auth(&self.key).send().await.map_err(|error| {
            if error.is_connect() {
                CarrierError::Unreachable(error)
            } else {
                CarrierError::Unknown(Causes(&error).to_string())
            }
        })?;
        let status = response.status();
        if status.is_success() {
            let read = response.json().await;
            return read.map_err(|error| CarrierError::Unknown(Causes(&error).to_string()));
        }
        Err(match status.as_u16() {
            // The key, the time, the rate or the carrier is at fault, not this parcel. The carrier has not
            // begun.
            401 | 403 | 408 | 425 | 429 | 503 => CarrierError::Busy(status),
            400..500 => CarrierError::Refused(complaint(response).await),
            _ => CarrierError::Unknown(status.to_string()),
        })
    }
}

async fn complaint(response: Response) -> String {
    let status = response.status();
    let text = response.json::<Complaint>().await.map_or_else(|_| status.to_string(), |body| body.error);
    text.chars().filter(|c| !c.is_control()).take(MAX_REFUSAL).collect()
}
