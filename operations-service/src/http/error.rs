//! The errors of this service's routes and their HTTP answers.

use crate::{management::ManagementError, replay::ReplayError};
use axum::response::{IntoResponse, Response};
use contract::{
    parked::{ParkedOutcome, ParkedResult},
    problems::{FieldError, ProblemType},
};
use messaging::publisher::PublishError;
use rest::problem::{self, Problem};
use uuid::Uuid;

/// An error of a route.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A finished answer of the crate `rest`, for example about a missing token.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// All invalid fields of the request.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// No parked message has this id.
    #[error("no such message: {0}")]
    Unknown(Uuid),
    /// The message was not replayed or discarded.
    #[error("the message was not replayed or discarded")]
    NotDone(ParkedResult),
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Messages could not be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The queues could not be counted.
    #[error(transparent)]
    Management(#[from] ManagementError),
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
            Error::Unknown(id) => {
                Self::not_found(format!("No parked message has the id {id}. Use an id that the list shows."))
            }
            Error::NotDone(result) => not_done(&result),
            Error::Database(error) | Error::Replay(ReplayError::Database(error)) => {
                problem::of_dependency("The database", &error, storage::is_temporary(&error))
            }
            Error::Replay(ReplayError::Publish(error)) => unpublished(&error),
            Error::Replay(error @ ReplayError::Died) => problem::internal(&error),
            Error::Management(error) => {
                tracing::warn!(%error, "queues cannot be counted");
                match error.refusal() {
                    Some(status) => refused(&format!("its management API answers {status}")),
                    None => Self::unavailable("RabbitMQ"),
                }
            }
        }
    }
}

fn unpublished(error: &PublishError) -> Problem {
    tracing::warn!(%error, "cannot replay parked messages");
    match error {
        PublishError::Broker(error) if error.is_answer() => refused(&error.to_string()),
        _ => Problem::unavailable("RabbitMQ").with_detail(
            "RabbitMQ does not answer now. Messages without a confirm are still parked. Try again in 2 s; a second replay does no harm.",
        ),
    }
}

/// RabbitMQ answers, and refuses. For staff, in its own words.
fn refused(reason: &str) -> Problem {
    let detail = format!("RabbitMQ refuses: {reason}. Nothing was changed. An operator must fix this first.");
    Problem::unavailable("RabbitMQ").with_detail(detail)
}

fn not_done(ParkedResult { id, queue, outcome, .. }: &ParkedResult) -> Problem {
    let queue = queue.as_deref().unwrap_or_default();
    match outcome {
        ParkedOutcome::NotFound => Error::Unknown(*id).into(),
        ParkedOutcome::NotParked => Problem::new(
            ProblemType::NotParked,
            "The message was already replayed or discarded. Nothing was changed. If it failed again, the list shows it under a new id.",
        ),
        ParkedOutcome::InUse => Problem::new(
            ProblemType::NotParked,
            "Another request is replaying this message. Nothing was changed. Read the message again in a few seconds.",
        ),
        ParkedOutcome::UnknownOrigin => Problem::new(
            ProblemType::UnknownOrigin,
            "The message does not say which work queue it came from, so it cannot be replayed. It is still parked and can be discarded.",
        ),
        ParkedOutcome::NoQueue => Problem::new(
            ProblemType::NoQueue,
            format!(
                "The queue {queue} no longer exists. The message is still parked and can be replayed once the worker runs again."
            ),
        ),
        ParkedOutcome::Refused | ParkedOutcome::Replayed | ParkedOutcome::Discarded => {
            let detail = format!(
                "The queue {queue} does not accept the message now. It is still parked. Try again later."
            );
            Problem::unavailable("RabbitMQ").with_detail(detail)
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
