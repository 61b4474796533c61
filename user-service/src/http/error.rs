//! What can go wrong in this service's routes, and how each of it is said in HTTP.

use crate::{db::users::StoreUserError, passwords::PasswordError};
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use contract::problems::{FieldError, ProblemDetails, ProblemType};
use rest::problem::{self, Problem};

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Fields are not what they must be: all of them.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// Somebody else has the name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Somebody else has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// No such user, or not their password. Which of the two is nobody's business.
    #[error("wrong user name or password")]
    WrongCredentials,
    /// Never issued, used before, expired, or of a session that has ended.
    #[error("the refresh token is not good")]
    RefreshToken,
    /// A page of another site had a browser send this.
    #[error("a cross-site request")]
    CrossSite,
    /// There is no such user, or not for the caller.
    #[error("no such user")]
    NoSuchUser,
    /// An answer of the crate `rest`: a limit, a missing token.
    #[error(transparent)]
    Worded(Problem),
    /// No password could be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// No token could be signed.
    #[error("cannot sign a token: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// PostgreSQL.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Worded(problem)
    }
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
            Error::UsernameTaken => taken(ProblemType::UsernameTaken, "/username", "that user name is taken"),
            Error::EmailTaken => taken(ProblemType::EmailTaken, "/email", "that e-mail address is taken"),
            Error::WrongCredentials => {
                Self::new(ProblemType::WrongCredentials, "The user name or the password is wrong.")
                    .with_challenge()
            }
            Error::RefreshToken => Self::new(
                ProblemType::RefreshToken,
                "The refresh token was used before, has expired or was never one. Log in again.",
            )
            .with_challenge(),
            Error::CrossSite => Self::new(
                ProblemType::CrossSite,
                "Log in on the shop's own pages. Programs use POST /login, /refresh and /logout.",
            ),
            Error::NoSuchUser => Self::not_found("There is no such user."),
            Error::Worded(problem) => problem,
            Error::Password(PasswordError::Busy) => busy(),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Password(_) | Error::Signing(_) => problem::internal(&error),
        }
    }
}

fn taken(kind: ProblemType, pointer: &str, detail: &str) -> Problem {
    let errors = vec![FieldError::new(pointer, detail)];
    let details = ProblemDetails::new(kind, format!("{}; choose another.", kind.title()));
    ProblemDetails { errors, ..details }.into()
}

fn busy() -> Problem {
    let detail = "Too many passwords are being checked at this moment. Try again in 2 s.";
    Problem::new(ProblemType::Busy, detail).with_header(header::RETRY_AFTER, HeaderValue::from_static("2"))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
