//! Why a command did not do what was asked, and its exit code.

use super::output::printable;
use common::{
    amqp::parking::ParkingError,
    contract::{ids::OrderId, orders::OrderStatus},
    http::problem::Problem,
};
use orderctl::{Error, FileError};
use std::io;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line is not valid.
    #[error("{0}")]
    Usage(String),
    /// The user has not logged in.
    #[error("you are not logged in; log in with `orderctl login USERNAME`")]
    NotLoggedIn,
    /// The session belongs to other services. Its tokens must not be sent to these.
    #[error("you are logged in at {there}, not at {here}; log in here with `orderctl login USERNAME`")]
    LoggedInElsewhere {
        /// user-service of the session.
        there: String,
        /// user-service of this command.
        here: String,
    },
    /// The catalogue does not have it.
    #[error("the catalogue has no {0}; `orderctl products` lists what there is")]
    UnknownSku(String),
    /// It is not known whether the order was placed.
    #[error(
        "{error}\nThe order may have been placed all the same. Repeat the command with \
         `--idempotency-key {key}` to find out. It never places a second order."
    )]
    PlacingUnknown {
        /// What happened.
        error: Error,
        /// The key that it was sent with.
        key: String,
    },
    /// The order that was followed ended, but not well.
    #[error("order {order} is {status}{}", hint(*.order, *.status))]
    Ended {
        /// The order.
        order: OrderId,
        /// Its end.
        status: OrderStatus,
    },
    /// A call failed.
    #[error("{}", sentence(.0))]
    Call(#[from] Error),
    /// Messages that are parked could not be looked at, replayed or discarded.
    #[error("{}{}", printable(&.0.to_string()), list_hint(.0))]
    Parked(#[from] ParkingError),
    /// Some of the messages that were to be replayed could not be.
    #[error("{0} messages could not be replayed and are still parked")]
    NotReplayed(usize),
    /// `reconcile` found differences.
    #[error("the records differ in {}", places(*.0))]
    Differences(usize),
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The exit code of the process. `--help` lists them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NotLoggedIn
            | Self::LoggedInElsewhere { .. }
            | Self::Call(Error::SessionEnded | Error::File(FileError::Malformed { .. })) => 4,
            Self::Ended { .. } => 5,
            Self::Differences(_) => 6,
            Self::Call(error) if error.is_unanswered() => 3,
            Self::PlacingUnknown { .. }
            | Self::Parked(
                ParkingError::Broker(_) | ParkingError::Publish(_) | ParkingError::Busy | ParkingError::Lost,
            ) => 3,
            Self::UnknownSku(_)
            | Self::Call(_)
            | Self::Parked(_)
            | Self::NotReplayed(_)
            | Self::Output(_) => 1,
        }
    }

    /// The reason of a service that refused.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Call(error) | Self::PlacingUnknown { error, .. } => error.problem(),
            _ => None,
        }
    }

    /// `orderctl … | head`: the reader has ended.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn sentence(error: &Error) -> String {
    match error {
        Error::SessionEnded => "the session has ended; log in with `orderctl login USERNAME`".to_owned(),
        // The fields follow, each with what is wrong; the detail only says that they do.
        Error::Refused(problem) if !problem.errors.is_empty() => format!("{}:", problem.title),
        error => printable(&error.to_string()),
    }
}

fn list_hint(error: &ParkingError) -> &'static str {
    match error {
        ParkingError::Unknown(_) => "; `orderctl parked list` shows what is",
        _ => "",
    }
}

fn places(count: usize) -> String {
    if count == 1 { "one place".to_owned() } else { format!("{count} places") }
}

fn hint(order: OrderId, status: OrderStatus) -> String {
    match status {
        OrderStatus::PaymentFailed => format!(
            ", and its goods stay reserved for now; pay with another method: `orderctl pay {order} --with pm_…`"
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::http::problem::FieldError;

    fn refused(problem: Problem) -> Failure {
        Failure::Call(Error::Refused(Box::new(problem)))
    }

    #[test]
    fn exit_codes_are_those_of_the_help() {
        let ended = Failure::Ended { order: OrderId::new(), status: OrderStatus::Rejected };
        for (failure, code) in [
            (refused(Problem::validation(vec![FieldError::new("/items", "none")])), 1),
            (refused(Problem::unavailable("The database")), 3),
            (Failure::Usage(String::new()), 2),
            (Failure::NotLoggedIn, 4),
            (Error::SessionEnded.into(), 4),
            (ended, 5),
            (Failure::Differences(2), 6),
        ] {
            assert_eq!(failure.exit_code(), code, "{failure}");
        }
    }

    #[test]
    fn a_declined_payment_says_how_to_go_on() {
        let order = OrderId::new();
        let text = Failure::Ended { order, status: OrderStatus::PaymentFailed }.to_string();
        assert!(text.contains(&format!("orderctl pay {order} --with")), "{text}");
    }
}
