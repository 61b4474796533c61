//! The errors of this service's routes and their HTTP answers.

use crate::provider::ProviderError;
use axum::response::{IntoResponse, Response};
use contract::problems::FieldError;
use rest::problem::{self, Problem};

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A finished answer of the crate `rest`, for example about a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The payment provider failed or is unavailable.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Invalid(errors) => Self::validation(errors),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            // A refusal too is not the caller's fault, because the worker made the request.
            Error::Provider(error) => {
                tracing::warn!(%error, "the provider's charges cannot be listed");
                Self::unavailable("The payment provider")
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
