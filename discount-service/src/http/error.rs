//! The errors of this service's routes and their HTTP answers.

use crate::{
    db::promotions::{CODE_KEY, Change, Versioned, WITHIN_LIMIT},
    domain::promotion::{MAX_GROUP_MEMBERS, MAX_GROUPS},
};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use contract::{
    ids::{OrderId, PromotionId},
    problems::{FieldError, ProblemType},
};
use rest::{
    client::CallError,
    etag,
    problem::{self, Problem},
};
use storage::group_commit::CommitError;

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A finished answer of the crate `rest`, for example about a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// The shop does not have this promotion, or it was deleted.
    #[error("no such promotion: {0}")]
    NoPromotion(PromotionId),
    /// The promotion has changed, so the request's `If-Match` does not match.
    #[error("the promotion has changed")]
    Stale(Box<Versioned>),
    /// Another promotion has this code.
    #[error("the code is taken")]
    CodeTaken,
    /// The order has no claim.
    #[error("no claim of order {0}")]
    NotClaimed(OrderId),
    /// The order has released its claim.
    #[error("the claim was released")]
    ClaimReleased,
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The group commit of the request failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// catalog-service does not answer, or refuses.
    #[error(transparent)]
    Catalogue(#[from] CallError),
}

impl Error {
    /// Returns the result of a change, or an error if the change was not made.
    pub(super) fn unless_made<T>(change: Change<T>, id: PromotionId) -> Result<T, Self> {
        match change {
            Change::Made(made) => Ok(made),
            Change::Stale(current) => Err(Self::Stale(current)),
            Change::NoPromotion => Err(Self::NoPromotion(id)),
            Change::GroupsFull => {
                let detail = format!(
                    "at most {MAX_GROUPS} groups with {MAX_GROUP_MEMBERS} promotions each may be current; \
                     end or delete a promotion first"
                );
                Err(Self::Invalid(vec![FieldError::new("/exclusive_group", detail)]))
            }
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) {
            Some(CODE_KEY) => Self::CodeTaken,
            Some(WITHIN_LIMIT) => {
                let detail = "more orders use the promotion already; choose a limit of at least `used`";
                Self::Invalid(vec![FieldError::new("/total_limit", detail)])
            }
            _ => Self::Database(error),
        }
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
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
            Error::NoPromotion(id) => Self::not_found(format!("The shop has no promotion {id}.")),
            Error::Stale(current) => stale(*current),
            Error::CodeTaken => {
                let detail = "another promotion has this code, perhaps in another case";
                problem::taken(ProblemType::CodeTaken, "/code", detail)
            }
            Error::NotClaimed(order_id) => Self::not_found(format!("There is no claim of order {order_id}.")),
            Error::ClaimReleased => Self::new(
                ProblemType::ClaimReleased,
                "This order has released its claim, so the claim cannot be committed.",
            )
            .with("current_status", "released"),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Commit(CommitError::Database(error)) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Commit(CommitError::Silent) => Self::unavailable("The database"),
            Error::Commit(error @ CommitError::Died) => problem::internal(&error),
            Error::Catalogue(error) => problem::of_dependency("The catalogue", &error, error.is_temporary()),
        }
    }
}

fn stale(Versioned { promotion, version }: Versioned) -> Problem {
    let detail = "The promotion was changed since you read it. Compare `current_promotion` with your change, and send \
                  it again with the new ETag.";
    match serde_json::to_value(promotion) {
        Ok(promotion) => Problem::new(ProblemType::PromotionChanged, detail)
            .with("current_promotion", promotion)
            .with_header(header::ETAG, etag::of(version)),
        Err(error) => problem::internal(&error),
    }
}
