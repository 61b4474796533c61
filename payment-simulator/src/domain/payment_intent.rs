//! A payment: Stripe's `PaymentIntent` (<https://docs.stripe.com/api/payment_intents/object>).

use super::{
    Metadata, new_id,
    payment_method::{Decline, Outcome},
    seconds,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A merchant's request to charge a card.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct ChargeRequest {
    /// The amount in the currency's smallest unit.
    #[schema(minimum = 1, maximum = 99_999_999, example = 1999)]
    pub amount: u64,
    /// ISO 4217, in lower case.
    #[schema(example = "eur")]
    pub currency: String,
    /// A test payment method, such as `pm_card_visa` or `pm_card_chargeDeclined`.
    #[schema(example = "pm_card_visa")]
    pub payment_method: String,
    /// A note of the merchant.
    pub description: Option<String>,
    /// Sent as `metadata[order_id]=…`. The simulator's own routes find payments by `order_id`.
    pub metadata: Metadata,
}

/// An attempted payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PaymentIntent {
    /// `pi_…`
    #[schema(example = "pi_019a0000000070008000000000000001")]
    pub id: String,
    /// Always `payment_intent`.
    pub object: String,
    /// The requested amount in the currency's smallest unit.
    #[schema(example = 1999)]
    pub amount: u64,
    /// The captured amount: the whole amount, or 0.
    #[schema(example = 1999)]
    pub amount_received: u64,
    /// Always `automatic`: captured immediately.
    pub capture_method: String,
    /// The creation time, in seconds since 1970.
    #[schema(example = 1_767_323_045)]
    pub created: i64,
    /// ISO 4217, in lower case.
    #[schema(example = "eur")]
    pub currency: String,
    /// A note of the merchant.
    pub description: Option<String>,
    /// The reason of a decline.
    pub last_payment_error: Option<CardError>,
    /// The captured or failed charge: `ch_…`.
    #[schema(example = "ch_019a0000000070008000000000000001")]
    pub latest_charge: String,
    /// Always `false`: no money moves here.
    pub livemode: bool,
    /// The merchant's key-value pairs.
    pub metadata: Metadata,
    /// The payment method. `null` after a decline, as with Stripe.
    pub payment_method: Option<String>,
    /// The status of the payment.
    pub status: Status,
}

/// The status of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The card was declined. Stripe waits for another one.
    RequiresPaymentMethod,
    /// The bank has not confirmed yet.
    Processing,
    /// Captured.
    Succeeded,
}

impl Status {
    /// The name used in JSON and in searches.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
        }
    }
}

/// The reason of a decline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CardError {
    /// Always `card_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Stripe's error code.
    #[schema(example = "card_declined")]
    pub code: String,
    /// The issuer's reason code.
    #[schema(example = "insufficient_funds")]
    pub decline_code: String,
    /// A message for the customer.
    #[schema(example = "Your card has insufficient funds.")]
    pub message: String,
    /// The failed charge.
    pub charge: String,
}

impl PaymentIntent {
    /// A payment at the time `at` with this outcome.
    pub(crate) fn tried(payment: ChargeRequest, outcome: Outcome, at: DateTime<Utc>) -> Self {
        let ChargeRequest { amount, currency, payment_method, description, metadata } = payment;
        let latest_charge = new_id("ch");
        let (status, amount_received, payment_method, last_payment_error) = match outcome {
            Outcome::Approved => (Status::Succeeded, amount, Some(payment_method), None),
            Outcome::Declined(decline) => {
                let error = CardError::new(decline, latest_charge.clone());
                (Status::RequiresPaymentMethod, 0, None, Some(error))
            }
        };
        Self {
            id: new_id("pi"),
            object: "payment_intent".into(),
            amount,
            amount_received,
            capture_method: "automatic".into(),
            created: seconds(at),
            currency,
            description,
            last_payment_error,
            latest_charge,
            livemode: false,
            metadata,
            payment_method,
            status,
        }
    }

    /// Returns a captured payment as it was before the bank confirmed it.
    pub(crate) fn before_confirmation(self) -> Self {
        match self.status {
            Status::Succeeded => Self { status: Status::Processing, amount_received: 0, ..self },
            Status::Processing | Status::RequiresPaymentMethod => self,
        }
    }

    /// The order of the payment, if the metadata has it.
    pub(crate) fn order_id(&self) -> Option<&str> {
        self.metadata.get("order_id").map(String::as_str)
    }
}

impl CardError {
    fn new(decline: Decline, charge: String) -> Self {
        Self {
            kind: "card_error".into(),
            code: decline.code.into(),
            decline_code: decline.reason.into(),
            message: decline.message.into(),
            charge,
        }
    }
}
