//! Charges as payment-worker lists them for staff, from its ledger and from the payment provider.

use crate::{ids::OrderId, money::Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A charge in payment-worker's ledger: one attempt to pay an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerCharge {
    /// The order.
    pub order_id: OrderId,
    /// The attempt of the order, from 1.
    #[schema(value_type = u64, minimum = 1)]
    pub attempt: u32,
    /// Its state.
    pub status: ChargeStatus,
    /// The total of the order.
    pub total: Money,
    /// The amount that the provider is asked for. It differs from the total where the provider rounds amounts in the
    /// order's currency.
    pub charged: Money,
    /// The provider's id of the payment, once money was captured.
    #[schema(example = "pi_019a0000000070008000000000000001")]
    pub payment_id: Option<String>,
    /// The provider's code for a decline.
    #[schema(example = "insufficient_funds")]
    pub decline_code: Option<String>,
    /// The provider's id of the refund.
    pub refund_id: Option<String>,
    /// When the charge was started.
    pub started_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The state of a charge in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The provider was asked, or was about to be. The outcome is not known.
    Started,
    /// The provider has the money.
    Captured,
    /// No money moved.
    Declined,
    /// The money went back.
    Refunded,
}

impl ChargeStatus {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Captured => "captured",
            Self::Declined => "declined",
            Self::Refunded => "refunded",
        }
    }
}

impl fmt::Display for ChargeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A charge in the payment provider's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderCharge {
    /// The provider's id of the payment.
    #[schema(example = "pi_019a0000000070008000000000000001")]
    pub payment_id: String,
    /// The order that it is for. It is missing for payments that this shop did not make.
    pub order_id: Option<OrderId>,
    /// The attempt of the order.
    #[schema(value_type = Option<u64>)]
    pub attempt: Option<u32>,
    /// Its state.
    pub status: ProviderChargeStatus,
    /// The amount that was asked for.
    pub charged: Money,
    /// The amount that went back, in minor units.
    #[schema(example = 0)]
    pub refunded_minor: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The state of a charge at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderChargeStatus {
    /// The bank has not confirmed it yet.
    Pending,
    /// The money is captured; some or all of it may have gone back since.
    Captured,
    /// No money moved.
    Failed,
}

impl ProviderCharge {
    /// Whether the provider still holds some of the captured money.
    #[must_use]
    pub fn holds_money(&self) -> bool {
        self.status == ProviderChargeStatus::Captured && self.refunded_minor < self.charged.amount_minor
    }
}

impl ProviderChargeStatus {
    /// The name used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Captured => "captured",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for ProviderChargeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_as_json() {
        let eur = Money { amount_minor: 1299, currency: "EUR".parse().unwrap() };
        let order_id: OrderId = "01900000-0000-7000-8000-000000000002".parse().unwrap();
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let ledger = LedgerCharge {
            order_id,
            attempt: 1,
            status: ChargeStatus::Captured,
            total: eur,
            charged: eur,
            payment_id: Some("pi_1".into()),
            decline_code: None,
            refund_id: None,
            started_at: at,
            updated_at: at,
        };
        let json = r#"{"order_id":"01900000-0000-7000-8000-000000000002","attempt":1,"status":"captured","total":{"amount_minor":1299,"currency":"EUR"},"charged":{"amount_minor":1299,"currency":"EUR"},"payment_id":"pi_1","decline_code":null,"refund_id":null,"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(serde_json::to_string(&ledger).unwrap(), json);
        assert_eq!(serde_json::from_str::<LedgerCharge>(json).unwrap(), ledger);

        let provider = ProviderCharge {
            payment_id: "pi_1".into(),
            order_id: Some(order_id),
            attempt: Some(1),
            status: ProviderChargeStatus::Captured,
            charged: eur,
            refunded_minor: 0,
            created_at: at,
        };
        let json = r#"{"payment_id":"pi_1","order_id":"01900000-0000-7000-8000-000000000002","attempt":1,"status":"captured","charged":{"amount_minor":1299,"currency":"EUR"},"refunded_minor":0,"created_at":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(serde_json::to_string(&provider).unwrap(), json);
        assert_eq!(serde_json::from_str::<ProviderCharge>(json).unwrap(), provider);
    }
}
