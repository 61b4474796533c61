//! A refund: Stripe's `Refund` (<https://docs.stripe.com/api/refunds/object>).

use super::{Metadata, new_id, payment_intent::PaymentIntent, seconds};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A merchant's request for a refund.
#[derive(Clone, Debug, ToSchema)]
pub(crate) struct RefundRequest {
    /// The payment to refund: `pi_…`.
    #[schema(example = "pi_019a0000000070008000000000000001")]
    pub payment_intent: String,
    /// The amount in the currency's smallest unit. By default, the remaining amount.
    #[schema(minimum = 1, example = 1999)]
    pub amount: Option<u64>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    #[schema(example = "requested_by_customer")]
    pub reason: Option<String>,
    /// Sent as `metadata[order_id]=…`.
    pub metadata: Metadata,
}

/// A refund of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Refund {
    /// `re_…`
    #[schema(example = "re_019a0000000070008000000000000001")]
    pub id: String,
    /// Always `refund`.
    pub object: String,
    /// The amount in the currency's smallest unit.
    #[schema(example = 1999)]
    pub amount: u64,
    /// The refunded charge: `ch_…`.
    pub charge: String,
    /// The creation time, in seconds since 1970.
    #[schema(example = 1_767_323_045)]
    pub created: i64,
    /// ISO 4217, in lower case.
    #[schema(example = "eur")]
    pub currency: String,
    /// The merchant's key-value pairs.
    pub metadata: Metadata,
    /// The refunded payment: `pi_…`.
    pub payment_intent: String,
    /// The merchant's reason.
    pub reason: Option<String>,
    /// Always `succeeded`: cards are refunded immediately.
    pub status: String,
}

/// The reason why a refund is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundError {
    /// The payment was never captured.
    NothingCaptured,
    /// The whole payment is already refunded.
    AlreadyRefunded,
    /// The request exceeds the remaining amount.
    TooMuch {
        /// The requested amount.
        asked: u64,
        /// The remaining amount.
        left: u64,
    },
}

impl Refund {
    /// Makes the refund in `request`. `refunded` is the amount of earlier refunds of `payment`.
    pub(crate) fn of(
        payment: &PaymentIntent,
        refunded: u64,
        request: RefundRequest,
        at: DateTime<Utc>,
    ) -> Result<Self, RefundError> {
        if payment.amount_received == 0 {
            return Err(RefundError::NothingCaptured);
        }
        let left = payment.amount_received.saturating_sub(refunded);
        let amount = request.amount.unwrap_or(left);
        if left == 0 {
            return Err(RefundError::AlreadyRefunded);
        }
        if amount > left {
            return Err(RefundError::TooMuch { asked: amount, left });
        }
        Ok(Self {
            id: new_id("re"),
            object: "refund".into(),
            amount,
            charge: payment.latest_charge.clone(),
            created: seconds(at),
            currency: payment.currency.clone(),
            metadata: request.metadata,
            payment_intent: payment.id.clone(),
            reason: request.reason,
            status: "succeeded".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        payment_intent::ChargeRequest,
        payment_method::{Decline, Outcome},
    };

    fn tried(outcome: Outcome) -> PaymentIntent {
        let payment = ChargeRequest {
            amount: 1000,
            currency: "eur".into(),
            payment_method: "pm_card_visa".into(),
            description: None,
            metadata: Metadata::new(),
        };
        PaymentIntent::tried(payment, outcome, Utc::now())
    }

    fn refund(payment: &PaymentIntent, refunded: u64, amount: Option<u64>) -> Result<u64, RefundError> {
        let request = RefundRequest {
            payment_intent: payment.id.clone(),
            amount,
            reason: None,
            metadata: Metadata::new(),
        };
        Refund::of(payment, refunded, request, Utc::now()).map(|refund| refund.amount)
    }

    #[test]
    fn refunds_never_exceed_the_captured_amount() {
        let payment = tried(Outcome::Approved);
        assert_eq!(refund(&payment, 0, None), Ok(1000));
        assert_eq!(refund(&payment, 400, None), Ok(600));
        assert_eq!(refund(&payment, 400, Some(600)), Ok(600));
        assert_eq!(refund(&payment, 400, Some(601)), Err(RefundError::TooMuch { asked: 601, left: 600 }));
        assert_eq!(refund(&payment, 1000, None), Err(RefundError::AlreadyRefunded));
        assert_eq!(refund(&payment, 1000, Some(1)), Err(RefundError::AlreadyRefunded));
    }

    #[test]
    fn an_uncaptured_payment_cannot_be_refunded() {
        let payment = tried(Outcome::Declined(Decline::GENERIC));
        assert_eq!(refund(&payment, 0, None), Err(RefundError::NothingCaptured));
    }
}
