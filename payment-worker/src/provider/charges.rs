//! The provider's list of charges (<https://docs.stripe.com/api/charges/list>).

use super::{Provider, ProviderError, amount::from_stripe, send};
use chrono::{DateTime, Utc};
use contract::{
    money::Currency,
    page::Page,
    payments::{ProviderCharge, ProviderChargeStatus},
};
use reqwest::Method;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Charge {
    id: String,
    amount: i64,
    amount_refunded: i64,
    created: i64,
    currency: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
    payment_intent: Option<String>,
    status: String,
}

#[derive(Deserialize)]
struct ChargeList {
    data: Vec<Charge>,
    has_more: bool,
}

impl Provider {
    /// One page of the provider's charges since a time, newest first. `after` is the cursor of the previous
    /// page.
    pub(crate) async fn list(
        &self,
        since: Option<DateTime<Utc>>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ProviderCharge>, ProviderError> {
        let mut query = vec![("limit", limit.to_string())];
        query.extend(since.map(|since| ("created[gte]", since.timestamp().to_string())));
        query.extend(after.map(|after| ("starting_after", after.to_owned())));
        let found: ChargeList = send(self.request(Method::GET, "v1/charges")?.query(&query)).await?;
        let next_cursor = found.data.last().filter(|_| found.has_more).map(|last| last.id.clone());
        let items = found.data.into_iter().filter_map(Charge::read).collect();
        Ok(Page { items, next_cursor })
    }
}

impl Charge {
    /// Converts the charge. Returns `None` if its currency or time is invalid.
    fn read(self) -> Option<ProviderCharge> {
        let currency: Currency = self.currency.to_ascii_uppercase().parse().ok()?;
        let metadata = |name: &str| self.metadata.get(name);
        Some(ProviderCharge {
            order_id: metadata("order_id").and_then(|id| id.parse().ok()),
            attempt: metadata("attempt").and_then(|attempt| attempt.parse().ok()),
            status: match self.status.as_str() {
                "succeeded" => ProviderChargeStatus::Captured,
                "failed" => ProviderChargeStatus::Failed,
                _ => ProviderChargeStatus::Pending,
            },
            charged: from_stripe(self.amount, currency),
            refunded_minor: from_stripe(self.amount_refunded, currency).amount_minor,
            created_at: DateTime::from_timestamp(self.created, 0)?,
            payment_id: self.payment_intent.unwrap_or(self.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ProviderCharge {
        serde_json::from_str::<Charge>(json).unwrap().read().unwrap()
    }

    #[test]
    fn a_charge_is_converted_with_its_order_and_minor_units() {
        let ours = read(
            r#"{"id":"ch_1","object":"charge","amount":69700,"amount_captured":69700,"amount_refunded":69700,
                "created":1767323045,"currency":"ugx","payment_intent":"pi_1","refunded":true,"status":"succeeded",
                "metadata":{"order_id":"01900000-0000-7000-8000-000000000002","attempt":"2"}}"#,
        );
        assert_eq!((ours.payment_id.as_str(), ours.attempt), ("pi_1", Some(2)));
        assert_eq!(ours.order_id.unwrap().to_string(), "01900000-0000-7000-8000-000000000002");
        assert_eq!((ours.charged.to_string().as_str(), ours.refunded_minor), ("697 UGX", 697));
        assert_eq!(ours.status, ProviderChargeStatus::Captured);

        let other = r#"{"id":"ch_2","amount":100,"amount_refunded":0,"created":1767323045,"currency":"eur","payment_intent":null,"status":"pending"}"#;
        let other = read(other);
        assert_eq!((other.payment_id.as_str(), other.order_id), ("ch_2", None));
        assert_eq!(other.status, ProviderChargeStatus::Pending);
    }
}
