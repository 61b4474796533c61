//! The errors of requests and their HTTP answers.

use super::etag;
use crate::{
    db::products::{Change, FOLDED_SKU_KEY, SKU_KEY, Versioned},
    domain::warehouse::Refusal,
};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::{
    catalog::ReservationRefusal,
    ids::ProductId,
    problems::{FieldError, ProblemType},
};
use rest::problem::{self, Problem};
use storage::group_commit::CommitError;

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller may not do this.
    NotAllowed(Problem),
    /// Fields of the request are not valid.
    Invalid(Vec<FieldError>),
    /// The shop does not have this product, or it was deleted.
    NoProduct(ProductId),
    /// The product has changed, so the request's `If-Match` does not match.
    Stale(Box<Versioned>),
    /// Another product has this code.
    SkuTaken(String),
    /// The count is less than the number of pieces that are held for orders.
    BelowReserved { reserved: i64 },
    /// The warehouse refused a request for an order's stock.
    Refused(Refusal),
    /// The database failed or is unavailable.
    Database(sqlx::Error),
    /// The group commit of the request failed.
    Commit(CommitError),
}

impl Error {
    /// Converts the error of a statement that writes a product's code.
    pub(crate) fn writing_sku(error: sqlx::Error, sku: String) -> Self {
        let violated = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
        if matches!(violated, Some(SKU_KEY | FOLDED_SKU_KEY)) {
            Self::SkuTaken(sku)
        } else {
            Self::Database(error)
        }
    }

    /// Returns the result of a change, or an error if the change was not made.
    pub(super) fn unless_made<T>(change: Change<T>, id: ProductId) -> Result<T, Self> {
        match change {
            Change::Made(made) => Ok(made),
            Change::Stale(current) => Err(Self::Stale(current)),
            Change::NoProduct => Err(Self::NoProduct(id)),
        }
    }
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

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        Self::Commit(error)
    }
}

/// The answer to the caller.
pub(super) enum Answer {
    Problem(Problem),
    /// The order is refused, but the request itself did not fail.
    Refusal(ReservationRefusal),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self.into() {
            Answer::Problem(problem) => problem.into_response(),
            Answer::Refusal(refusal) => (StatusCode::CONFLICT, Json(refusal)).into_response(),
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Self::Problem(match error {
            Error::NotAllowed(problem) => problem,
            Error::Invalid(errors) => Problem::validation(errors),
            Error::NoProduct(id) => Problem::not_found(format!("The shop has no product {id}.")),
            Error::Stale(current) => stale(*current),
            Error::SkuTaken(sku) => Problem::new(
                ProblemType::SkuTaken,
                format!(
                    "Another product has the code `{sku}`, perhaps in another case. Choose another code."
                ),
            ),
            Error::BelowReserved { reserved } => Problem::new(
                ProblemType::StockBelowReserved,
                format!("{reserved} pieces are held for orders; the count cannot be lower."),
            )
            .with("reserved", reserved),
            Error::Refused(Refusal::Unmet(refusal)) => return Self::Refusal(refusal),
            Error::Refused(Refusal::NotReserved(order_id)) => {
                Problem::not_found(format!("There is no reservation for order {order_id}."))
            }
            Error::Refused(Refusal::AlreadyReleased) => Problem::new(
                ProblemType::ReservationReleased,
                "This order has released its stock, so the stock cannot be sent.",
            )
            .with("current_status", "released"),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Commit(CommitError::Database(error)) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Commit(CommitError::Silent) => Problem::unavailable("The database"),
            Error::Commit(error @ CommitError::Died) => problem::internal(&error),
        })
    }
}

fn stale(Versioned { product, version }: Versioned) -> Problem {
    let detail = "The product was changed since you read it. Compare `current_product` with your change, and send \
                  it again with the new ETag.";
    match serde_json::to_value(product) {
        Ok(product) => Problem::new(ProblemType::ProductChanged, detail)
            .with("current_product", product)
            .with_header(header::ETAG, etag::of(version)),
        Err(error) => problem::internal(&error),
    }
}
