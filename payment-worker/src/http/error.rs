//! The errors of requests, and their HTTP answers.

use crate::provider::ProviderError;
use axum::response::{IntoResponse, Response};
use contract::problems::FieldError;
use rest::problem::{self, Problem};

/// The reason why a request failed.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller has no permission.
    NotAllowed(Problem),
    /// Parameters are invalid.
    Invalid(Vec<FieldError>),
    /// The ledger failed or is unavailable.
    Ledger(sqlx::Error),
    /// The provider failed or is unavailable.
    Provider(ProviderError),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::NotAllowed(problem)
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Ledger(error)
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::NotAllowed(problem) => problem,
            Self::Invalid(errors) => Problem::validation(errors),
            Self::Ledger(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            // A refusal too is not the caller's fault, because the worker made the request.
            Self::Provider(error) => {
                tracing::warn!(%error, "the provider's charges cannot be listed");
                Problem::unavailable("The payment provider")
            }
        };
        problem.into_response()
    }
}
