//! The errors of this service's routes and their HTTP answers.

use crate::{
    backlog::{self, Full},
    change::ChangeError,
    domain::{idempotency::InvalidKey, limits::Exceeded},
};
use axum::response::{IntoResponse, Response};
use contract::{
    ids::OrderId,
    problems::{FieldError, ProblemType},
};
use rest::problem::{self, Problem};
use std::time::Duration;
use storage::group_commit::CommitError;

/// The retry delay for a customer with too many unpaid pieces. Payments in progress end within this time.
const PIECES_RETRY: Duration = Duration::from_mins(1);

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A finished answer of the crate `rest`, for example about a limit or a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    InvalidKey(#[from] InvalidKey),
    #[error("this Idempotency-Key was used for another request, which placed order {0}")]
    KeyReused(OrderId),
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error(transparent)]
    Full(#[from] Full),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Invalid(errors) => Self::validation(errors),
            Error::Change(ChangeError::IllegalTransition(illegal)) => {
                Self::new(ProblemType::IllegalTransition, sentence(&illegal))
                    .with("current_status", illegal.current.as_str())
            }
            Error::Change(ChangeError::UnknownOrder(id)) => {
                Self::not_found(format!("There is no order {id}."))
            }
            Error::Change(ChangeError::Contended) => {
                let detail = "Another request is changing this order. Try again in 2 s.";
                Self::unavailable("The order").with_detail(detail)
            }
            Error::Exceeded(exceeded) | Error::Change(ChangeError::Exceeded(exceeded)) => refused(exceeded),
            Error::Full(full) => {
                let detail = format!("{} Try again in {} s.", sentence(&full), backlog::RETRY.as_secs());
                Self::new(ProblemType::Busy, detail).retry_after(backlog::RETRY)
            }
            Error::InvalidKey(invalid) => Self::bad_request(sentence(&invalid)),
            Error::KeyReused(id) => Self::new(
                ProblemType::IdempotencyKeyReused,
                "This key placed the order `order_id`. Use a new Idempotency-Key for another order.",
            )
            .with("order_id", id.to_string()),
            Error::Database(error) | Error::Change(ChangeError::Database(error)) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Commit(error) | Error::Change(ChangeError::Commit(error)) => match error {
                CommitError::Database(error) => {
                    problem::of_dependency("The database", &error, storage::is_temporary(&error))
                }
                CommitError::Silent => Self::unavailable("The database"),
                CommitError::Died => problem::internal(&error),
            },
            Error::Json(error) => problem::internal(&error),
        }
    }
}

fn refused(exceeded: Exceeded) -> Problem {
    metrics::counter!("rate_limited_total").increment(1);
    let detail = sentence(&exceeded);
    match exceeded {
        Exceeded::UnpaidPieces { .. } => {
            Problem::new(ProblemType::TooManyUnpaidPieces, detail).retry_after(PIECES_RETRY)
        }
        Exceeded::PaymentAttempts { wait } => {
            Problem::new(ProblemType::TooManyPaymentAttempts, detail).retry_after(wait)
        }
        // No `Retry-After`, because waiting does not help.
        Exceeded::AttemptsOfOrder { .. } => Problem::new(ProblemType::TooManyPaymentAttempts, detail),
    }
}

fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
