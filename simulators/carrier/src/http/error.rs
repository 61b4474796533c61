//! The errors of the carrier's API.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An error answer.
#[derive(Debug)]
pub(super) struct Error {
    status: StatusCode,
    body: ErrorBody,
}

/// The body of an error answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// One sentence about the error.
    #[schema(example = "The carrier does not deliver to this address.")]
    pub error: String,
}

impl Error {
    fn new(status: StatusCode, error: &str) -> Self {
        Self { status, body: ErrorBody { error: error.to_owned() } }
    }

    /// 400: the request cannot be read.
    pub(super) fn bad_request(error: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// 401: the API key is missing or wrong.
    pub(super) fn bad_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Send your API key as `Authorization: Bearer <key>`.")
    }

    /// 404: there is no such parcel.
    pub(super) fn unknown_parcel() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such parcel.")
    }

    /// 409: the address of the parcel can no longer change.
    pub(super) fn too_late() -> Self {
        Self::new(StatusCode::CONFLICT, "The parcel is out for delivery, or its delivery has ended.")
    }

    /// 422: the key was used for another request.
    pub(super) fn key_reused() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another parcel.")
    }

    /// 422: the carrier does not take the parcel.
    pub(super) fn refused() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "The carrier does not deliver to this address.")
    }

    /// 500: the request may or may not have been executed.
    pub(super) fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "An error occurred.")
    }

    /// 503: the request was not executed.
    pub(super) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The carrier is not available. Try again later.")
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the file of parcels cannot be written");
        Self::broken()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
