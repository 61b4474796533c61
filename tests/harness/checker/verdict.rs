//! What the checker has found.

use contract::ids::OrderId;
use std::fmt;

/// What must hold after every fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Every order that was answered 201 reaches a final status, and a key places one order.
    A,
    /// One captured and not refunded charge for an order that is paid for, none for another.
    B,
    /// The versions a customer saw are gap-free, rise, and end at the order's final one.
    C,
    /// Every event is published; work and retry queues are empty.
    D,
    /// Parking holds exactly the poison that was injected.
    E,
    /// Stock: on hand and committed are what was there at first, nothing is reserved.
    F,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    const fn text(self) -> &'static str {
        match self {
            Self::A => "answered 201 means: one order, and it becomes final",
            Self::B => "charged once if paid for, else not at all",
            Self::C => "versions seen: no gap, rising, up to the final one",
            Self::D => "events published, work and retry queues empty",
            Self::E => "parking holds the injected poison and nothing else",
            Self::F => "stock: on hand + committed = at first, reserved = 0",
        }
    }
}

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What it violates.
    pub invariant: Invariant,
    /// The order that it is about, where it is about one.
    pub order: Option<OrderId>,
    /// What is wrong.
    pub what: String,
}

/// What the checker has found. Displays as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was looked at, in a few words.
    pub looked_at: String,
    /// Everything that is wrong.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }

    /// What violates one invariant.
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
