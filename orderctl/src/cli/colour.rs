//! Colours of a terminal.

use comfy_table::{Attribute, Cell, Color};
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
    pub(crate) fn paint(self, cell: Cell) -> Cell {
        match self {
            Self::Bold => cell.add_attribute(Attribute::Bold),
            Self::Dim => cell.add_attribute(Attribute::Dim),
            Self::Red => cell.fg(Color::DarkRed),
            Self::Green => cell.fg(Color::DarkGreen),
            Self::Yellow => cell.fg(Color::DarkYellow),
        }
    }
}
