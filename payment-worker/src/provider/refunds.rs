//! Paying a charge back (<https://docs.stripe.com/api/refunds>).

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
    /// Pays all of a captured charge back, or finds that it was paid back before. The answer is the
    /// refund's id.
    pub(crate) async fn refund(&self, charge: &Charge, payment_id: &str) -> Result<String, ProviderError> {
        let request = self.command("v1/refunds", "refund", charge)?.form(&[
            ("payment_intent", payment_id),
            ("metadata[order_id]", &charge.order_id.to_string()),
            ("metadata[attempt]", &charge.attempt.to_string()),
        ]);
        match send::<Refund>(request).await {
            Ok(refund) if refund.stands() => Ok(refund.id),
            Ok(refund) => Err(ProviderError::RefundFailed(refund.status)),
            // Paid back before, by a try whose key is forgotten or whose answer was lost.
            Err(error) if error.leaves_open() || error.is_already_refunded() => {
                self.find_refund(payment_id).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn find_refund(&self, payment_id: &str) -> Result<Option<String>, ProviderError> {
        let request = self.request(Method::GET, "v1/refunds")?.query(&[("payment_intent", payment_id)]);
        let found: RefundList = send(request).await?;
        Ok(found.data.into_iter().find(Refund::stands).map(|refund| refund.id))
    }
}

impl Refund {
    /// Whether the money is back or on its way.
    fn stands(&self) -> bool {
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
