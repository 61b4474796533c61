//! The failures of commands, and their exit codes.

use super::printable::printable;
use contract::problems::ProblemDetails;
use contract::{ids::OrderId, orders::OrderStatus};
use orderctl::{Error, FileError};
use std::io;

/// The reasons why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line is not valid.
    #[error("{0}")]
    Usage(String),
    /// The user has not logged in.
    #[error("you are not logged in; log in with `orderctl login USERNAME`")]
    NotLoggedIn,
    /// The session belongs to other services. Its tokens must not be sent to the current ones.
    #[error("you are logged in at {there}, not at {here}; log in here with `orderctl login USERNAME`")]
    LoggedInElsewhere {
        /// user-service of the session.
        there: String,
        /// user-service of this command.
        here: String,
    },
    /// The catalogue does not have this SKU.
    #[error("the catalogue has no product {0}; `orderctl products` lists the SKUs")]
    UnknownSku(String),
    /// Several products have this SKU in different case.
    #[error("{sku} matches several products: {}; use the exact SKU", listed(.skus))]
    AmbiguousSku {
        /// The SKU as the user wrote it.
        sku: String,
        /// The SKUs of the catalogue.
        skus: Vec<String>,
    },
    /// The catalogue does not have this category.
    #[error("there is no category {name}{}", categories_hint(.categories))]
    UnknownCategory {
        /// The category as the user wrote it.
        name: String,
        /// The categories of the catalogue.
        categories: Vec<String>,
    },
    /// No order that the user can see ends with these digits.
    #[error("no order ends with {0}; `orderctl orders` lists your orders")]
    UnknownOrder(String),
    /// None of the newest orders ends with these digits. Older orders were not searched.
    #[error("none of the newest orders ends with {0}; use the full id for an older order")]
    NotAmongNewestOrders(String),
    /// Several orders end with these digits.
    #[error("{} orders end with {digits}: {}; use more digits", .orders.len(), listed(.orders))]
    AmbiguousOrder {
        /// The digits.
        digits: String,
        /// The full ids, with details.
        orders: Vec<String>,
    },
    /// A customer asks for the refund of a completed order.
    #[error(
        "order {} is completed, and only the shop's staff can refund it now; ask them for a return",
        .order.short()
    )]
    RefundIsForStaff {
        /// The order.
        order: OrderId,
        /// The service's refusal.
        error: Error,
    },
    /// It is not known whether the order was placed.
    #[error(
        "{error}\nThe order may have been placed. Repeat the command with \
         `--idempotency-key {key}` to find out. It never places a second order."
    )]
    PlacingUnknown {
        /// The failure of the request.
        error: Error,
        /// The idempotency key of the request.
        key: String,
    },
    /// The followed order ended without being completed.
    #[error("order {} is {status}{}", .order.short(), hint(*.order, *.status))]
    Ended {
        /// The order.
        order: OrderId,
        /// Its last status.
        status: OrderStatus,
    },
    /// A call to a service failed.
    #[error("{}", sentence(.0))]
    Call(#[from] Error),
    /// Some parked messages were not replayed or discarded.
    #[error("{}", not_done(*.count, .done))]
    NotDone {
        /// Their number.
        count: usize,
        /// The action: `replayed` or `discarded`.
        done: &'static str,
    },
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
            Self::PlacingUnknown { .. } => 3,
            Self::UnknownSku(_)
            | Self::AmbiguousSku { .. }
            | Self::UnknownCategory { .. }
            | Self::UnknownOrder(_)
            | Self::NotAmongNewestOrders(_)
            | Self::AmbiguousOrder { .. }
            | Self::RefundIsForStaff { .. }
            | Self::Call(_)
            | Self::NotDone { .. }
            | Self::Output(_) => 1,
        }
    }

    /// The problem document, if a service refused the request.
    pub(crate) fn problem(&self) -> Option<&ProblemDetails> {
        match self {
            Self::Call(error) | Self::PlacingUnknown { error, .. } | Self::RefundIsForStaff { error, .. } => {
                error.problem()
            }
            _ => None,
        }
    }

    /// Whether the reader of the output has ended, as in `orderctl … | head`.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn sentence(error: &Error) -> String {
    match error {
        Error::SessionEnded => "the session has ended; log in with `orderctl login USERNAME`".to_owned(),
        // The invalid fields follow, so the detail adds nothing.
        Error::Refused(problem) if !problem.errors.is_empty() => format!("{}:", problem.title),
        error => printable(&error.to_string()),
    }
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn categories_hint(categories: &[String]) -> String {
    match categories {
        [] => ", because the catalogue is empty".to_owned(),
        [only] => format!("; the only one is {only}"),
        several => format!("; the categories are {}", listed(several)),
    }
}

fn not_done(count: usize, done: &str) -> String {
    let messages = if count == 1 { "1 message was".to_owned() } else { format!("{count} messages were") };
    format!("{messages} not {done}; the lines above say why")
}

fn places(count: usize) -> String {
    if count == 1 { "one place".to_owned() } else { format!("{count} places") }
}

fn hint(order: OrderId, status: OrderStatus) -> String {
    match status {
        OrderStatus::PaymentFailed => format!(
            ", and its items stay reserved for now; pay with another method: `orderctl pay {} --with pm_…`",
            order.short()
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::problems::{FieldError, ProblemType};

    fn refused(problem: ProblemDetails) -> Failure {
        Failure::Call(Error::Refused(Box::new(problem)))
    }

    #[test]
    fn exit_codes_match_the_help() {
        let ended = Failure::Ended { order: OrderId::new(), status: OrderStatus::Rejected };
        for (failure, code) in [
            (refused(ProblemDetails::validation(vec![FieldError::new("/items", "none")])), 1),
            (refused(ProblemDetails::new(ProblemType::Unavailable, "The database does not answer now.")), 3),
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
    fn an_unknown_or_ambiguous_name_lists_the_choices() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let unknown = |categories: &[&str]| {
            Failure::UnknownCategory { name: "Teas".into(), categories: names(categories) }.to_string()
        };
        assert_eq!(unknown(&["Tea", "Cups"]), "there is no category Teas; the categories are Tea and Cups");
        assert_eq!(unknown(&["Tea"]), "there is no category Teas; the only one is Tea");
        assert_eq!(unknown(&[]), "there is no category Teas, because the catalogue is empty");
        let orders = names(&["1 (paid)", "2 (new)", "3 (new)"]);
        let ambiguous = Failure::AmbiguousOrder { digits: "750a".into(), orders };
        let expected = "3 orders end with 750a: 1 (paid), 2 (new) and 3 (new); use more digits";
        assert_eq!(ambiguous.to_string(), expected);
    }

    #[test]
    fn a_declined_payment_names_the_next_command() {
        let order = OrderId::new();
        let text = Failure::Ended { order, status: OrderStatus::PaymentFailed }.to_string();
        assert!(text.contains(&format!("orderctl pay {} --with", order.short())), "{text}");
    }
}
