//! Charging a card, as a `PaymentIntent` that is confirmed and captured in one request
//! (<https://docs.stripe.com/api/payment_intents/create>).

use super::{
    Provider,
    error::{ErrorDetail, ProviderError},
    send,
};
use crate::charge::Charge;
use reqwest::{Method, StatusCode};
use serde::Deserialize;

/// What the provider says became of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The money is captured.
    Captured {
        /// The payment.
        payment_id: String,
    },
    /// No money moved, and none will.
    Declined {
        /// Why, in the provider's word.
        code: String,
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
    /// Charges, or gives the outcome that the charge had before.
    pub(crate) async fn charge(&self, charge: &Charge) -> Result<Answer, ProviderError> {
        let currency = charge.total.currency.as_str().to_ascii_lowercase();
        let request = self.command("v1/payment_intents", "charge", charge)?.form(&[
            ("amount", charge.total.amount_minor.to_string().as_str()),
            ("currency", &currency),
            ("payment_method", &charge.payment_method),
            ("payment_method_types[]", "card"),
            ("confirm", "true"),
            // The customer is not here to confirm anything: a card that needs that is declined.
            ("error_on_requires_action", "true"),
            ("metadata[order_id]", &charge.order_id.to_string()),
            ("metadata[attempt]", &charge.attempt.to_string()),
        ]);
        match send::<PaymentIntent>(request).await {
            Ok(intent) => intent.answer().ok_or(ProviderError::Undecided(intent.status)),
            Err(error) => match declined(&error) {
                Some(answer) => Ok(answer),
                None if error.leaves_open() => self.find(charge).await?.ok_or(error),
                None => Err(error),
            },
        }
    }

    /// What the provider has for this charge, if anything.
    ///
    /// Stripe's search lags behind by up to a minute
    /// (<https://docs.stripe.com/search#data-freshness>), so nothing found does not mean nothing
    /// done: a charge is tried again under its key, which protects it for as long as the search does
    /// not know it.
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
    /// The outcome, where there is one.
    fn answer(&self) -> Option<Answer> {
        match (self.status.as_str(), &self.last_payment_error) {
            ("succeeded", _) => Some(Answer::Captured { payment_id: self.id.clone() }),
            ("requires_payment_method", Some(error)) => {
                Some(Answer::Declined { code: error.reason().to_owned() })
            }
            _ => None,
        }
    }
}

/// Money that moved counts more than a card that was declined.
fn decisive(found: &[PaymentIntent]) -> Option<Answer> {
    let answers = || found.iter().filter_map(PaymentIntent::answer);
    answers().find(|answer| matches!(answer, Answer::Captured { .. })).or_else(|| answers().next())
}

/// Whether an error is the answer: this means of payment, or this amount, cannot be charged. The
/// customer can try another way, which a parked event would not let them.
fn declined(error: &ProviderError) -> Option<Answer> {
    let ProviderError::Refused { status, error } = error else { return None };
    let is_answer = match *status {
        StatusCode::PAYMENT_REQUIRED => true,
        StatusCode::BAD_REQUEST if error.kind == "invalid_request_error" => {
            error.param.as_deref() == Some("payment_method")
                || matches!(error.code.as_deref(), Some("amount_too_large" | "amount_too_small"))
        }
        _ => false,
    };
    is_answer.then(|| Answer::Declined { code: error.reason().to_owned() })
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
    fn a_payment_tells_what_became_of_it() {
        let captured = Some(Answer::Captured { payment_id: "pi_1".into() });
        let declined = Some(Answer::Declined { code: "insufficient_funds".into() });
        assert_eq!(intent(CAPTURED).answer(), captured);
        assert_eq!(intent(DECLINED).answer(), declined);
        for undecided in ["processing", "requires_payment_method", "requires_confirmation"] {
            let payment = intent(&format!(r#"{{"id":"pi_3","status":"{undecided}"}}"#));
            assert_eq!(payment.answer(), None, "{undecided}");
        }
        assert_eq!(decisive(&[intent(DECLINED), intent(CAPTURED)]), captured);
        assert_eq!(decisive(&[intent(DECLINED)]), declined);
        assert_eq!(decisive(&[]), None);
    }

    #[test]
    fn what_the_customer_can_mend_is_a_decline() {
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
    }

    #[test]
    fn other_errors_are_no_answer() {
        let malformed = refused(
            400,
            r#"{"error":{"type":"invalid_request_error","code":"parameter_unknown","param":"amout"}}"#,
        );
        assert!(declined(&malformed).is_none() && !malformed.passes() && !malformed.leaves_open());

        let broken = refused(500, r#"{"error":{"type":"api_error","message":"Sorry."}}"#);
        assert!(declined(&broken).is_none() && broken.passes() && broken.leaves_open());

        let in_use =
            refused(409, r#"{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}"#);
        assert!(declined(&in_use).is_none() && in_use.passes() && !in_use.leaves_open());

        let reused = refused(400, r#"{"error":{"type":"idempotency_error","message":"Other parameters."}}"#);
        assert!(declined(&reused).is_none() && !reused.passes() && reused.leaves_open());
    }
}
