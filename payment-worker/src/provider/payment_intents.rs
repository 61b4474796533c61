//! Charges a card with a `PaymentIntent` that is confirmed and captured in one request
//! (<https://docs.stripe.com/api/payment_intents/create>).

use super::{
    Provider,
    amount::{Unchargeable, to_stripe},
    error::{ErrorDetail, ProviderError},
    send,
};
use crate::charge::Charge;
use reqwest::{Method, StatusCode};
use serde::Deserialize;

/// The decline code of a charge in a currency that the provider does not support. Stripe has no code for
/// that.
const CURRENCY_NOT_SUPPORTED: &str = "currency_not_supported";

/// The provider's answer to a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The money is captured.
    Captured {
        /// The id of the payment.
        payment_id: String,
    },
    /// No money moved, and no money will move.
    Declined {
        /// The provider's code for the reason.
        code: String,
    },
    /// The provider has not decided yet, so money may still move. The order must not be charged again
    /// meanwhile.
    Undecided {
        /// The provider's status of the payment, such as `processing`.
        status: String,
    },
}

#[derive(Deserialize)]
struct PaymentIntent {
    id: String,
    status: String,
    last_payment_error: Option<ErrorDetail>,
}

#[derive(Deserialize)]
struct SearchResult {
    data: Vec<PaymentIntent>,
}

impl Provider {
    /// Charges, or returns the earlier answer to this charge.
    pub(crate) async fn charge(&self, charge: &Charge) -> Result<Answer, ProviderError> {
        let amount = match to_stripe(charge.total) {
            Ok(amount) => amount.to_string(),
            Err(Unchargeable(code)) => return Ok(Answer::Declined { code: code.to_owned() }),
        };
        let currency = charge.total.currency.as_str().to_ascii_lowercase();
        let request = self.command("v1/payment_intents", "charge", charge)?.form(&[
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("payment_method", &charge.payment_method),
            ("payment_method_types[]", "card"),
            ("confirm", "true"),
            // The customer cannot confirm anything here, so a card that needs a confirmation is declined.
            ("error_on_requires_action", "true"),
            ("metadata[order_id]", &charge.order_id.to_string()),
            ("metadata[attempt]", &charge.attempt.to_string()),
        ]);
        match send::<PaymentIntent>(request).await {
            Ok(intent) => Ok(intent.answer()),
            Err(error) => match declined(&error) {
                Some(answer) => Ok(answer),
                None if error.leaves_open() => self.find(charge).await?.ok_or(error),
                None => Err(error),
            },
        }
    }

    /// Finds the provider's answer to this charge. Returns `None` if the search does not find the charge.
    ///
    /// Stripe's search may lag by a minute (<https://docs.stripe.com/search#data-freshness>), so `None` does
    /// not mean that nothing was captured. A retry is still safe, because its idempotency key is valid much
    /// longer than the lag.
    pub(crate) async fn find(&self, charge: &Charge) -> Result<Option<Answer>, ProviderError> {
        let query = format!(
            "metadata['order_id']:'{}' AND metadata['attempt']:'{}'",
            charge.order_id, charge.attempt
        );
        let request = self.request(Method::GET, "v1/payment_intents/search")?.query(&[("query", query)]);
        let found: SearchResult = send(request).await?;
        Ok(decisive(&found.data))
    }
}

impl PaymentIntent {
    /// The answer that follows from the status (<https://docs.stripe.com/payments/paymentintents/lifecycle>).
    fn answer(&self) -> Answer {
        match (self.status.as_str(), &self.last_payment_error) {
            ("succeeded", _) => Answer::Captured { payment_id: self.id.clone() },
            ("requires_payment_method", Some(error)) => Answer::Declined { code: error.reason().to_owned() },
            ("canceled", _) => Answer::Declined { code: "canceled".to_owned() },
            (status, _) => Answer::Undecided { status: status.to_owned() },
        }
    }
}

/// The decisive answer if a charge has several payments. Money that moved, or may still move, outweighs a
/// decline.
fn decisive(found: &[PaymentIntent]) -> Option<Answer> {
    found.iter().map(PaymentIntent::answer).min_by_key(|answer| match answer {
        Answer::Captured { .. } => 0,
        Answer::Undecided { .. } => 1,
        Answer::Declined { .. } => 2,
    })
}

/// Converts an error to a decline if the payment method, amount or currency cannot be charged. A parked event
/// would leave the order waiting. A decline lets the customer try another card, or ends the order.
fn declined(error: &ProviderError) -> Option<Answer> {
    let ProviderError::Refused { status, error } = error else { return None };
    let is_about = |param| error.param.as_deref() == Some(param);
    let code = match *status {
        StatusCode::PAYMENT_REQUIRED => error.reason(),
        StatusCode::BAD_REQUEST if error.kind != "invalid_request_error" => return None,
        StatusCode::BAD_REQUEST if is_about("currency") => CURRENCY_NOT_SUPPORTED,
        StatusCode::BAD_REQUEST if is_about("payment_method") || is_about("amount") => error.reason(),
        _ => return None,
    };
    Some(Answer::Declined { code: code.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::error::ErrorBody;
    use super::*;

    fn refused(status: u16, json: &str) -> ProviderError {
        let body: ErrorBody = serde_json::from_str(json).unwrap();
        ProviderError::Refused { status: StatusCode::from_u16(status).unwrap(), error: Box::new(body.error) }
    }

    fn intent(json: &str) -> PaymentIntent {
        serde_json::from_str(json).unwrap()
    }

    const CAPTURED: &str =
        r#"{"id":"pi_1","object":"payment_intent","status":"succeeded","last_payment_error":null}"#;
    const DECLINED: &str = r#"{"id":"pi_2","status":"requires_payment_method","last_payment_error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds","message":"Your card has insufficient funds."}}"#;

    #[test]
    fn a_payment_is_captured_declined_or_undecided() {
        let captured = Answer::Captured { payment_id: "pi_1".into() };
        let declined = Answer::Declined { code: "insufficient_funds".into() };
        assert_eq!(intent(CAPTURED).answer(), captured);
        assert_eq!(intent(DECLINED).answer(), declined);
        let cancelled = Answer::Declined { code: "canceled".into() };
        assert_eq!(intent(r#"{"id":"pi_3","status":"canceled"}"#).answer(), cancelled);
        for status in ["processing", "requires_payment_method", "requires_confirmation", "requires_action"] {
            let payment = intent(&format!(r#"{{"id":"pi_3","status":"{status}"}}"#));
            assert_eq!(payment.answer(), Answer::Undecided { status: status.into() });
        }
    }

    #[test]
    fn a_payment_that_moves_money_is_decisive() {
        const PROCESSING: &str = r#"{"id":"pi_3","status":"processing"}"#;
        let decided = |found: &[&str]| decisive(&found.iter().map(|json| intent(json)).collect::<Vec<_>>());
        assert_eq!(decided(&[DECLINED, PROCESSING, CAPTURED]), Some(intent(CAPTURED).answer()));
        assert_eq!(decided(&[DECLINED, PROCESSING]), Some(intent(PROCESSING).answer()));
        assert_eq!(decided(&[DECLINED]), Some(intent(DECLINED).answer()));
        assert_eq!(decided(&[]), None);
    }

    #[test]
    fn an_impossible_charge_is_a_decline() {
        let code = |status, json: &str| match declined(&refused(status, json)) {
            Some(Answer::Declined { code }) => Some(code),
            _ => None,
        };
        let card = r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card","message":"Your card was declined."}}"#;
        assert_eq!(code(402, card).as_deref(), Some("lost_card"));
        let expired = r#"{"error":{"type":"card_error","code":"expired_card"}}"#;
        assert_eq!(code(402, expired).as_deref(), Some("expired_card"));
        let unknown = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"payment_method","message":"No such PaymentMethod: 'pm_x'"}}"#;
        assert_eq!(code(400, unknown).as_deref(), Some("resource_missing"));
        let large =
            r#"{"error":{"type":"invalid_request_error","code":"amount_too_large","param":"amount"}}"#;
        assert_eq!(code(400, large).as_deref(), Some("amount_too_large"));
        let currency = r#"{"error":{"type":"invalid_request_error","param":"currency","message":"Invalid currency: iqd."}}"#;
        assert_eq!(code(400, currency).as_deref(), Some("currency_not_supported"));
        let fraction = r#"{"error":{"type":"invalid_request_error","code":"invalid_charge_amount_no_decimal_compatible","param":"amount"}}"#;
        assert_eq!(code(400, fraction).as_deref(), Some("invalid_charge_amount_no_decimal_compatible"));
    }

    #[test]
    fn other_errors_are_not_declines() {
        let malformed = refused(
            400,
            r#"{"error":{"type":"invalid_request_error","code":"parameter_unknown","param":"amout"}}"#,
        );
        assert!(declined(&malformed).is_none() && !malformed.is_temporary() && !malformed.leaves_open());

        let broken = refused(500, r#"{"error":{"type":"api_error","message":"Sorry."}}"#);
        assert!(declined(&broken).is_none() && broken.is_temporary() && broken.leaves_open());

        let in_use =
            refused(409, r#"{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}"#);
        assert!(declined(&in_use).is_none() && in_use.is_temporary() && !in_use.leaves_open());

        let reused = refused(400, r#"{"error":{"type":"idempotency_error","message":"Other parameters."}}"#);
        assert!(declined(&reused).is_none() && !reused.is_temporary() && reused.leaves_open());
    }
}
