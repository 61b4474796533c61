//! Colours of a terminal.

use contract::orders::OrderStatus;

/// The colour of a status.
pub(crate) const fn colour(status: OrderStatus) -> Colour {
    match status {
        OrderStatus::Paid | OrderStatus::Completed => Colour::Green,
        OrderStatus::New | OrderStatus::Reserved | OrderStatus::RefundRequested => Colour::Yellow,
        OrderStatus::Rejected | OrderStatus::PaymentFailed => Colour::Red,
        OrderStatus::Cancelled | OrderStatus::Refunded => Colour::Dim,
    }
}

/// Colours of a terminal (ECMA-48, select graphic rendition).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Green,
    Yellow,
    Red,
    Dim,
    Bold,
}

impl Colour {
    pub(crate) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
