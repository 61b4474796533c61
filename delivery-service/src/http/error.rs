//! The errors of this service's routes and their HTTP answers.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use contract::{
    ids::OrderId,
    problems::{FieldError, ProblemType},
};
use rest::{
    problem::{self, Problem},
    webhook::SignatureError,
};

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A finished answer of the crate `rest`, for example about a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// The order has no delivery, or it belongs to another customer.
    #[error("no delivery of order {0}")]
    NoDelivery(OrderId),
    /// The carrier may have the parcel, so its address cannot change.
    #[error("the carrier may have the parcel")]
    HandedOver,
    /// The webhook has no valid signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The shop does not know the parcel of the webhook.
    #[error("unknown parcel")]
    UnknownParcel,
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
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
            Error::NoDelivery(id) => Self::not_found(format!(
                "There is no delivery of order {id}. It begins a moment after the order is completed."
            )),
            Error::HandedOver => Self::new(
                ProblemType::HandedOver,
                "The carrier has the parcel, or the shop is handing it over now. Its address cannot change any more.",
            ),
            Error::Signature(error) => Self::new(
                ProblemType::BadSignature,
                format!("Sign the time and the raw body with the shared secret: {error}."),
            )
            // A 401 must have a challenge (RFC 9110, 15.5.2).
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Carrier-Signature")),
            Error::UnknownParcel => Self::not_found("The shop has no such parcel."),
            Error::Database(error) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
        }
    }
}
