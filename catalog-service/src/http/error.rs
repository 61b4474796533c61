//! The errors of this service's routes and their HTTP answers.

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
use rest::{
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
    /// The shop does not have this product, or it was deleted.
    #[error("no such product: {0}")]
    NoProduct(ProductId),
    /// The product has changed, so the request's `If-Match` does not match.
    #[error("the product has changed")]
    Stale(Box<Versioned>),
    /// Another product has this code.
    #[error("the code is taken: {0}")]
    SkuTaken(String),
    /// The count is less than the number of pieces that are held for orders.
    #[error("{reserved} pieces are held for orders")]
    BelowReserved { reserved: i64 },
    /// The warehouse refused a request for an order's stock.
    #[error("the warehouse refused the request")]
    Refused(Refusal),
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The group commit of the request failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Error {
    /// Converts the error of a statement that writes a product's code.
    pub(super) fn writing_sku(error: sqlx::Error, sku: String) -> Self {
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
            Error::Problem(problem) => problem,
            Error::Invalid(errors) => Problem::validation(errors),
            Error::NoProduct(id) => Problem::not_found(format!("The shop has no product {id}.")),
            Error::Stale(current) => stale(*current),
            Error::SkuTaken(sku) => {
                let detail = format!("another product has the code `{sku}`, perhaps in another case");
                problem::taken(ProblemType::SkuTaken, "/sku", &detail)
            }
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
