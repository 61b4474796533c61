//! Refunds a charge (<https://docs.stripe.com/api/refunds>).

use super::{Provider, error::ProviderError, send};
use crate::charge::Charge;
use reqwest::Method;
use serde::Deserialize;

#[derive(Deserialize)]
struct Refund {
    id: String,
    status: String,
}

#[derive(Deserialize)]
struct RefundList {
    data: Vec<Refund>,
}

impl Provider {
    /// Refunds a captured charge in full, or finds its earlier refund. Returns the id of the refund.
    pub(crate) async fn refund(&self, charge: &Charge, payment_id: &str) -> Result<String, ProviderError> {
        let request = self.command("v1/refunds", "refund", charge)?.form(&[
            ("payment_intent", payment_id),
            ("metadata[order_id]", &charge.order_id.to_string()),
            ("metadata[attempt]", &charge.attempt.to_string()),
        ]);
        match send::<Refund>(request).await {
            Ok(refund) if refund.is_valid() => Ok(refund.id),
            Ok(refund) => Err(ProviderError::RefundFailed(refund.status)),
            // The charge may already be refunded, by a request whose key expired or whose answer was lost.
            Err(error) if error.leaves_open() || error.is_already_refunded() => {
                self.find_refund(payment_id).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn find_refund(&self, payment_id: &str) -> Result<Option<String>, ProviderError> {
        let request = self.request(Method::GET, "v1/refunds")?.query(&[("payment_intent", payment_id)]);
        let found: RefundList = send(request).await?;
        Ok(found.data.into_iter().find(Refund::is_valid).map(|refund| refund.id))
    }
}

impl Refund {
    /// Whether the refund is done or in progress.
    fn is_valid(&self) -> bool {
        !matches!(self.status.as_str(), "failed" | "canceled")
    }
}

impl ProviderError {
    fn is_already_refunded(&self) -> bool {
        match self {
            Self::Refused { error, .. } => error.code.as_deref() == Some("charge_already_refunded"),
            _ => false,
        }
    }
}
