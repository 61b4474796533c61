//! Limits on unpaid orders. They keep one account from holding all stock without paying, and from testing stolen cards.

use clap::Args;
use std::time::Duration;

/// A declined payment counts for this long.
pub(crate) const DECLINE_WINDOW: Duration = Duration::from_hours(1);

/// Limits on what one customer has unpaid. A value of 0 means no limit.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Pieces in one customer's unpaid orders, at most; 0 for no limit.
    #[arg(long, env = "UNPAID_PIECES_PER_CUSTOMER", default_value = "2000")]
    pub(crate) unpaid_pieces_per_customer: u32,
    /// Payments of one customer that are under way or were declined within the last hour, at most; 0 for no limit.
    #[arg(long, env = "PAYMENT_ATTEMPTS_PER_HOUR", default_value = "100")]
    pub(crate) payment_attempts_per_hour: u32,
    /// Payment attempts of one order, at most; 0 for no limit.
    #[arg(long, env = "PAYMENT_ATTEMPTS_PER_ORDER", default_value = "10")]
    pub(crate) payment_attempts_per_order: u32,
}

impl Limits {
    /// Pieces in one customer's unpaid orders, where they are limited.
    pub(crate) fn unpaid_pieces(self) -> Option<u32> {
        limited(self.unpaid_pieces_per_customer)
    }

    /// Payments of one customer that are under way or were declined, where they are limited.
    pub(crate) fn attempts_of_customer(self) -> Option<u32> {
        limited(self.payment_attempts_per_hour)
    }

    /// Payment attempts of one order, where they are limited.
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
    /// All unpaid orders of the customer together would have more pieces.
    #[error(
        "your unpaid orders can have {most} pieces in all; pay for one, cancel one, or wait until one expires"
    )]
    UnpaidPieces {
        /// The limit.
        most: u32,
    },
    /// Too many payments of the customer are under way or were declined.
    #[error(
        "too many of your payments were declined within the last hour, or are under way; try again later"
    )]
    PaymentAttempts {
        /// Until one of them no longer counts.
        wait: Duration,
    },
    /// All attempts of the order were declined.
    #[error("this order's payment was declined {most} times; cancel it and place a new one")]
    AttemptsOfOrder {
        /// The limit.
        most: u32,
    },
}
