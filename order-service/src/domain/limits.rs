//! Limits on unpaid orders. They prevent an account from holding all stock without paying and from testing
//! stolen cards.

use clap::Args;
use std::time::Duration;

/// The time during which a declined payment counts.
pub(crate) const DECLINE_WINDOW: Duration = Duration::from_hours(1);

/// Limits on the unpaid orders of one customer. A value of 0 means no limit.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// The largest number of pieces in one customer's unpaid orders. 0 means no limit.
    #[arg(long, env = "UNPAID_PIECES_PER_CUSTOMER", default_value = "2000")]
    pub(crate) unpaid_pieces_per_customer: u32,
    /// The largest number of payments of one customer that are in progress or were declined within the last
    /// hour. 0 means no limit.
    #[arg(long, env = "PAYMENT_ATTEMPTS_PER_HOUR", default_value = "100")]
    pub(crate) payment_attempts_per_hour: u32,
    /// The largest number of payment attempts of one order. 0 means no limit.
    #[arg(long, env = "PAYMENT_ATTEMPTS_PER_ORDER", default_value = "10")]
    pub(crate) payment_attempts_per_order: u32,
}

impl Limits {
    /// The limit on pieces in one customer's unpaid orders, if any.
    pub(crate) fn unpaid_pieces(self) -> Option<u32> {
        limited(self.unpaid_pieces_per_customer)
    }

    /// The limit on payments of one customer that are in progress or were declined, if any.
    pub(crate) fn attempts_of_customer(self) -> Option<u32> {
        limited(self.payment_attempts_per_hour)
    }

    /// The limit on payment attempts of one order, if any.
    pub(crate) fn attempts_of_order(self) -> Option<u32> {
        limited(self.payment_attempts_per_order)
    }
}

fn limited(limit: u32) -> Option<u32> {
    (limit > 0).then_some(limit)
}

/// The limit that an order or a payment would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Exceeded {
    /// The unpaid orders of the customer would have too many pieces.
    #[error(
        "your unpaid orders can have {most} pieces in total; pay or cancel one, or wait until one expires"
    )]
    UnpaidPieces {
        /// The limit.
        most: u32,
    },
    /// Too many payments of the customer are in progress or were declined.
    #[error(
        "too many of your payments are in progress or were declined within the last hour; try again later"
    )]
    PaymentAttempts {
        /// The time until one of them no longer counts.
        wait: Duration,
    },
    /// All attempts of the order were declined.
    #[error("this order's payment was declined {most} times; cancel it and place a new one")]
    AttemptsOfOrder {
        /// The limit.
        most: u32,
    },
}
