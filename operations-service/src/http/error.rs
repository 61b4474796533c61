//! The errors of requests and their HTTP answers.

use crate::management::ManagementError;
use axum::response::{IntoResponse, Response};
use contract::problems::{FieldError, ProblemType};
use messaging::parking::{Outcome, ParkingError};
use rest::problem::Problem;

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller may not do this.
    NotAllowed(Problem),
    /// Fields of the request are not valid.
    Invalid(Vec<FieldError>),
    /// Parked messages could not be read, replayed or discarded.
    Parking(ParkingError),
    /// The queues cannot be counted.
    Management(ManagementError),
    /// A message could not be sent back to its queue.
    StillParked { queue: Option<String>, outcome: Outcome },
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAllowed(problem) => problem,
            Error::Invalid(errors) => Self::validation(errors),
            Error::Parking(error) => parking(&error),
            Error::Management(error) => {
                tracing::warn!(%error, "queues cannot be counted");
                match error.refusal() {
                    Some(status) => refused(&format!("its management API answers {status}")),
                    None => Self::unavailable("RabbitMQ"),
                }
            }
            Error::StillParked { queue, outcome } => still_parked(&queue.unwrap_or_default(), outcome),
        }
    }
}

fn parking(error: &ParkingError) -> Problem {
    let detail = match error {
        ParkingError::Unknown(id) => {
            return Problem::not_found(format!(
                "No parked message has the id {id}. It may have been replayed or discarded already. Nothing was changed."
            ));
        }
        ParkingError::Busy => {
            "Another request is reading the parked messages. Nothing was changed. Try again in 2 s."
        }
        ParkingError::Publish(_) | ParkingError::Lost => {
            "The connection to RabbitMQ was lost. List the parked messages again. It is safe to replay those still listed."
        }
        ParkingError::Broker(error) if error.is_answer() => {
            tracing::warn!(%error, "RabbitMQ refuses to read or change the parked messages");
            return refused(&error.to_string());
        }
        ParkingError::Broker(_) => "",
    };
    tracing::warn!(%error, "cannot read or change the parked messages");
    let problem = Problem::unavailable("RabbitMQ");
    if detail.is_empty() { problem } else { problem.with_detail(detail) }
}

/// Reports a refusal by RabbitMQ to staff, with RabbitMQ's own reason.
fn refused(reason: &str) -> Problem {
    let detail = format!("RabbitMQ refuses: {reason}. Nothing was changed. An operator must fix this first.");
    Problem::unavailable("RabbitMQ").with_detail(detail)
}

fn still_parked(queue: &str, outcome: Outcome) -> Problem {
    match outcome {
        Outcome::UnknownOrigin => Problem::new(
            ProblemType::UnknownOrigin,
            "The message does not say which work queue it came from, so it cannot be replayed. It is still parked and can be discarded.",
        ),
        Outcome::NoQueue => Problem::new(
            ProblemType::NoQueue,
            format!(
                "The queue {queue} no longer exists. The message is still parked and can be replayed once the worker runs again."
            ),
        ),
        Outcome::Refused | Outcome::Replayed => {
            let detail = format!(
                "The queue {queue} does not accept the message now. It is still parked. Try again later."
            );
            Problem::unavailable("RabbitMQ").with_detail(detail)
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

impl From<ParkingError> for Error {
    fn from(error: ParkingError) -> Self {
        Self::Parking(error)
    }
}

impl From<ManagementError> for Error {
    fn from(error: ManagementError) -> Self {
        Self::Management(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
