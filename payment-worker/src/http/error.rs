//! Everything that can go wrong with a request, and the one place that turns it into HTTP.

use crate::provider::ProviderError;
use axum::response::{IntoResponse, Response};
use contract::problems::FieldError;
use rest::problem::{self, Problem};

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller may not do this.
    NotAllowed(Problem),
    /// Parameters are not valid.
    Invalid(Vec<FieldError>),
    /// The ledger failed, or is away.
    Ledger(sqlx::Error),
    /// The provider did not answer as it should.
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
            // Also where it refuses: the request is ours, and nothing that the caller sent is wrong.
            Self::Provider(error) => {
                tracing::warn!(%error, "the provider's charges cannot be listed");
                Problem::unavailable("The payment provider")
            }
        };
        problem.into_response()
    }
}
