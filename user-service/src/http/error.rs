//! The errors of this service's routes and their HTTP answers.

use crate::{db::users::StoreUserError, passwords::PasswordError};
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use contract::problems::{FieldError, ProblemType};
use rest::problem::{self, Problem};

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// Another account has the name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The user does not exist, or the password is wrong. The answer must be the same in both cases.
    #[error("wrong user name or password")]
    WrongCredentials,
    /// The token was never issued, was used before, has expired, or its session has ended.
    #[error("the refresh token is invalid")]
    RefreshToken,
    /// A page of another site made a browser send the request.
    #[error("a cross-site request")]
    CrossSite,
    /// The user does not exist, or the caller may not see it.
    #[error("no such user")]
    NoSuchUser,
    /// An answer that the crate `rest` has made, for example about a limit or a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// A password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A token could not be signed.
    #[error("cannot sign a token: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<StoreUserError> for Error {
    fn from(error: StoreUserError) -> Self {
        match error {
            StoreUserError::UsernameTaken => Self::UsernameTaken,
            StoreUserError::EmailTaken => Self::EmailTaken,
            StoreUserError::Database(error) => Self::Database(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(errors) => Self::validation(errors),
            Error::UsernameTaken => {
                problem::taken(ProblemType::UsernameTaken, "/username", "that user name is taken")
            }
            Error::EmailTaken => {
                problem::taken(ProblemType::EmailTaken, "/email", "that e-mail address is taken")
            }
            Error::WrongCredentials => {
                Self::new(ProblemType::WrongCredentials, "The user name or the password is wrong.")
                    .with_challenge()
            }
            Error::RefreshToken => Self::new(
                ProblemType::RefreshToken,
                "The refresh token is invalid, has expired or was used before. Log in again.",
            )
            .with_challenge(),
            Error::CrossSite => Self::new(
                ProblemType::CrossSite,
                "Log in on the shop's own pages. Programs use POST /login, /refresh and /logout.",
            ),
            Error::NoSuchUser => Self::not_found("There is no such user."),
            Error::Problem(problem) => problem,
            Error::Password(PasswordError::Busy) => busy(),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Password(_) | Error::Signing(_) => problem::internal(&error),
        }
    }
}

fn busy() -> Problem {
    let detail = "Too many passwords are being checked now. Try again in 2 s.";
    Problem::new(ProblemType::Busy, detail).with_header(header::RETRY_AFTER, HeaderValue::from_static("2"))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
