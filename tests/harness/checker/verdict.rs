//! The result of a check.

use contract::ids::OrderId;
use std::fmt;

/// An invariant that must hold after every fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Every order that was answered 201 reaches a final status. A key places one order.
    A,
    /// A paid order has one charge that was captured and not refunded. Other orders have none.
    B,
    /// The versions that a customer saw rise without a gap and end with the last version of the order.
    C,
    /// Every event is published. Work and retry queues are empty.
    D,
    /// Exactly the injected poison messages are parked.
    E,
    /// Pieces on hand and committed pieces add up to the initial stock. None is reserved.
    F,
    /// The uses of each promotion are within its limits and belong to completed orders.
    G,
    /// Each completed order has exactly one shipment, and its status never moved back.
    I,
}

impl Invariant {
    /// All invariants.
    pub const ALL: [Self; 8] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F, Self::G, Self::I];

    const fn text(self) -> &'static str {
        match self {
            Self::A => "each 201 is one order, and it becomes final",
            Self::B => "paid orders are charged once, others never",
            Self::C => "seen versions rise without a gap to the last one",
            Self::D => "events published, work and retry queues empty",
            Self::E => "exactly the injected poison is parked",
            Self::F => "stock: on hand + committed = initial, reserved = 0",
            Self::G => "discounts: uses within limits, only of completed orders",
            Self::I => "completed orders have one shipment, which moves forward",
        }
    }
}

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The violated invariant.
    pub invariant: Invariant,
    /// The order, if the violation is about one order.
    pub order: Option<OrderId>,
    /// The description.
    pub what: String,
}

/// The result of a check. Displays as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// A summary of the checked data.
    pub looked_at: String,
    /// All violations.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether all invariants hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }

    /// The violations of one invariant.
    pub fn violations_of(&self, invariant: Invariant) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(move |violation| violation.invariant == invariant)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Checked {}.", self.looked_at)?;
        for invariant in Invariant::ALL {
            let verdict = match self.violations_of(invariant).count() {
                0 => "holds".to_owned(),
                1 => "1 violation".to_owned(),
                many => format!("{many} violations"),
            };
            writeln!(f, "  {invariant:?}  {:<54} {verdict}", invariant.text())?;
        }
        for Violation { invariant, order, what } in &self.violations {
            match order {
                Some(order) => writeln!(f, "  {invariant:?}  order {order}: {what}")?,
                None => writeln!(f, "  {invariant:?}  {what}")?,
            }
        }
        Ok(())
    }
}
