//! What can go wrong in a handler, and what the caller is told.

use crate::domain::{idempotency::InvalidKey, status::IllegalTransition};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use common::{
    contract::ids::OrderId,
    http::problem::{self, FieldError, Problem},
};

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Of the caller, the token, or a limit.
    #[error(transparent)]
    Refused(#[from] Problem),
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    /// There is no such order, or it is not the caller's: they cannot tell which.
    #[error("there is no order {0}")]
    UnknownOrder(OrderId),
    #[error(transparent)]
    InvalidKey(#[from] InvalidKey),
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Others changed the order each time between reading and writing it.
    #[error("the order is being changed by others")]
    Contended,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(problem) => problem,
            Error::Invalid(errors) => Self::validation(errors),
            Error::IllegalTransition(illegal) => {
                Self::conflict("illegal-transition", "The order does not allow this", sentence(&illegal))
                    .with("current_status", illegal.current.as_str())
            }
            Error::UnknownOrder(id) => Self::not_found(format!("There is no order {id}.")),
            Error::InvalidKey(invalid) => Self::bad_request(sentence(&invalid)),
            Error::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The Idempotency-Key was used for another request",
                "Use a new Idempotency-Key for a new order; repeat a request with the very same body.",
            ),
            Error::Database(error) => problem::database(&error),
            Error::Json(error) => problem::internal(&error),
            Error::Contended => Self::unavailable("The order, which others are changing,"),
        }
    }
}

fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
