//! Errors in Stripe's format (<https://docs.stripe.com/api/errors>).

use crate::{
    domain::{
        currency::AmountError,
        payment_intent::{CardError, PaymentIntent},
        refund::RefundError,
    },
    ledger::{Answer, Closed},
};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An error answer.
#[derive(Debug)]
pub(super) struct Error {
    status: StatusCode,
    body: ErrorBody,
}

/// The body of an error answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// The error.
    pub error: Box<ErrorDetail>,
}

/// The error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorDetail {
    /// The kind of the error.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// The error code, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "card_declined")]
    pub code: Option<String>,
    /// The issuer's reason for a decline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "insufficient_funds")]
    pub decline_code: Option<String>,
    /// A message for people.
    #[schema(example = "Your card has insufficient funds.")]
    pub message: String,
    /// The wrong parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// The failed charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// The attempted payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<PaymentIntent>,
}

/// Stripe's kinds of error.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) enum ErrorType {
    /// An error of Stripe.
    #[serde(rename = "api_error")]
    Api,
    /// The card was declined.
    #[serde(rename = "card_error")]
    Card,
    /// An idempotency key was used for two different requests, or concurrently.
    #[serde(rename = "idempotency_error")]
    Idempotency,
    /// The request is invalid.
    #[serde(rename = "invalid_request_error")]
    InvalidRequest,
}

impl Error {
    fn new(status: StatusCode, kind: ErrorType, message: impl Into<String>) -> Self {
        let error = ErrorDetail {
            kind,
            code: None,
            decline_code: None,
            message: message.into(),
            param: None,
            charge: None,
            payment_intent: None,
        };
        Self { status, body: ErrorBody { error: Box::new(error) } }
    }

    /// 400: the request is invalid.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorType::InvalidRequest, message)
    }

    /// Sets the status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets the code.
    pub(super) fn with_code(mut self, code: &str) -> Self {
        self.body.error.code = Some(code.to_owned());
        self
    }

    /// Sets the wrong parameter.
    pub(super) fn about(mut self, param: &str) -> Self {
        self.body.error.param = Some(param.to_owned());
        self
    }

    /// 400: `param` names an object that does not exist.
    pub(super) fn no_such(object: &str, param: &str, id: &str) -> Self {
        Self::invalid(format!("No such {object}: '{id}'")).with_code("resource_missing").about(param)
    }

    /// 402: the card was declined.
    pub(super) fn declined(error: CardError, payment: PaymentIntent) -> Self {
        let mut answer = Self::new(StatusCode::PAYMENT_REQUIRED, ErrorType::Card, error.message);
        let detail = &mut answer.body.error;
        detail.code = Some(error.code);
        detail.decline_code = Some(error.decline_code);
        detail.charge = Some(error.charge);
        detail.payment_intent = Some(payment);
        answer
    }

    /// 400: the idempotency key belongs to another request.
    pub(super) fn key_reused(key: &str, path: &str, first_path: &str) -> Self {
        let what = if path == first_path {
            "with the same parameters they were first used with".to_owned()
        } else {
            format!("for the same endpoint they were first used for ('{path}' vs '{first_path}')")
        };
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorType::Idempotency,
            format!(
                "Keys for idempotent requests can only be used {what}. Try using a key other than '{key}' if you meant to execute a different request."
            ),
        )
    }

    /// 409: the first request with this idempotency key is still in progress.
    pub(super) fn key_in_use(key: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            ErrorType::Idempotency,
            format!(
                "There is currently another in-progress request using this idempotency key: {key}. Please try again later."
            ),
        )
        .with_code("idempotency_key_in_use")
    }

    /// 500: an internal error. The request may or may not have been executed.
    pub(super) fn broken() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorType::Api,
            "An error occurred while processing this request.",
        )
    }

    /// 503: the request was not executed.
    pub(super) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorType::Api,
            "The service is temporarily unavailable. Please try again later.",
        )
    }

    /// Converts the error to an answer that can be saved.
    pub(super) fn into_answer(self) -> Answer {
        Answer::new(self.status, &self.body)
    }
}

impl From<AmountError> for Error {
    fn from(error: AmountError) -> Self {
        let (message, code) = match error {
            AmountError::ThirdDecimal => (
                "Invalid amount. The last digit of an amount in a three-decimal currency must be 0.",
                "invalid_charge_amount",
            ),
            // <https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds>
            AmountError::Fraction => (
                "Invalid amount. The currency has become effectively zero-decimal and charged amounts must be evenly divisible by 100.",
                "invalid_charge_amount_no_decimal_compatible",
            ),
        };
        Self::invalid(message).with_code(code).about("amount")
    }
}

impl From<RefundError> for Error {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::NothingCaptured => {
                Self::invalid("This PaymentIntent does not have a successful charge to refund.")
                    .about("payment_intent")
            }
            RefundError::AlreadyRefunded => {
                Self::invalid("The charge has already been refunded.").with_code("charge_already_refunded")
            }
            // Stripe has no code for this error.
            RefundError::TooMuch { asked, left } => Self::invalid(format!(
                "Refund amount ({asked}) is greater than unrefunded amount on charge ({left})"
            ))
            .about("amount"),
        }
    }
}

impl From<Closed> for Error {
    fn from(error: Closed) -> Self {
        tracing::error!(%error, "request failed");
        Self::broken()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
