//! Everything that can go wrong with a request, and the one place that turns it into HTTP.

use crate::{db::products::SKU_KEY, domain::reservation::AlreadyReleased};
use axum::response::{IntoResponse, Response};
use common::{
    contract::{
        ids::{OrderId, ProductId},
        problems::ProblemType,
    },
    http::problem::{self, FieldError, Problem},
};

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller may not do this.
    NotAllowed(Problem),
    /// Fields of the request are not valid.
    Invalid(Vec<FieldError>),
    /// The shop has no such product, or no longer.
    NoProduct(ProductId),
    /// Another product has this code.
    SkuTaken(String),
    /// The count is less than what is held for orders.
    BelowReserved { reserved: i64 },
    /// The order has not reserved anything.
    NoReservation(OrderId),
    /// The order has given its stock back.
    AlreadyReleased,
    /// The database failed, or is away.
    Database(sqlx::Error),
}

impl Error {
    /// For a statement that writes a product's code.
    pub(crate) fn writing_sku(error: sqlx::Error, sku: String) -> Self {
        let violated = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
        if violated == Some(SKU_KEY) { Self::SkuTaken(sku) } else { Self::Database(error) }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAllowed(problem) => problem,
            Error::Invalid(errors) => Self::validation(errors),
            Error::NoProduct(id) => Self::not_found(format!("The shop has no product {id}.")),
            Error::SkuTaken(sku) => {
                Self::new(ProblemType::SkuTaken, format!("The code `{sku}` belongs to another product."))
            }
            Error::BelowReserved { reserved } => Self::new(
                ProblemType::StockBelowReserved,
                format!("{reserved} pieces are held for orders; the count cannot be lower."),
            )
            .with("reserved", reserved),
            Error::NoReservation(order_id) => {
                Self::not_found(format!("There is no reservation for order {order_id}."))
            }
            Error::AlreadyReleased => Self::new(
                ProblemType::ReservationReleased,
                "This order has given its stock back and cannot have it sent any more.",
            )
            .with("current_status", "released"),
            Error::Database(error) => problem::database(&error),
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

impl From<AlreadyReleased> for Error {
    fn from(_: AlreadyReleased) -> Self {
        Self::AlreadyReleased
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
