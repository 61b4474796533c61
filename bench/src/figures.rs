//! The measured figures, and their output.

use serde::Serialize;
use std::fmt::Write as _;

/// One line of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    what: String,
    unit: &'static str,
    /// One value per round.
    values: Vec<f64>,
    median: f64,
    goal: Option<Goal>,
}

/// The goal of a figure on two cores that all processes share.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtLeast(f64),
    Under(f64),
}

/// All figures, in the order of their measurement.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// Adds a figure with the values of its rounds.
    pub(crate) fn add(&mut self, what: impl Into<String>, unit: &'static str, values: Vec<f64>) {
        self.push(what, unit, values, None);
    }

    /// Adds a figure that has a goal.
    pub(crate) fn aim(&mut self, what: impl Into<String>, unit: &'static str, values: Vec<f64>, goal: Goal) {
        self.push(what, unit, values, Some(goal));
    }

    fn push(&mut self, what: impl Into<String>, unit: &'static str, values: Vec<f64>, goal: Option<Goal>) {
        let figure = Figure { what: what.into(), unit, median: percentile(&values, 50.0), values, goal };
        eprintln!("  {}", figure.summary());
        self.0.push(figure);
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// A table in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut table = String::from("| figure | median | from – to | goal |\n|---|---:|---:|---:|\n");
        for figure in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{}", figure.row());
        }
        table
    }
}

impl Figure {
    fn summary(&self) -> String {
        format!("{}: {} {}", self.what, round(self.median), self.unit)
    }

    fn row(&self) -> String {
        let (least, most) = (percentile(&self.values, 0.0), percentile(&self.values, 100.0));
        let spread = if self.values.len() > 1 {
            format!("{} – {}", round(least), round(most))
        } else {
            String::new()
        };
        let goal = match self.goal {
            None => String::new(),
            Some(Goal::AtLeast(goal)) => format!("≥ {} {}", round(goal), met(self.median >= goal)),
            Some(Goal::Under(goal)) => format!("< {} {}", round(goal), met(self.median < goal)),
        };
        format!("| {} | {} {} | {spread} | {goal} |", self.what, round(self.median), self.unit)
    }
}

fn met(is_met: bool) -> &'static str {
    if is_met { "✓" } else { "✗" }
}

/// Rounds a value to about three significant digits.
fn round(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A count with separators: `10,000,000`.
pub(crate) fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// The percentile by the nearest-rank method. Returns NaN if there are no values.
pub(crate) fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values = [4.0, 1.0, 3.0, 2.0];
        let seen = [0.0, 25.0, 50.0, 51.0, 99.0, 100.0].map(|percent| percentile(&values, percent) as u32);
        assert_eq!(seen, [1, 1, 2, 3, 4, 4]);
        assert!(percentile(&[], 50.0).is_nan());
    }

    #[test]
    fn a_count_is_in_groups_of_three() {
        assert_eq!([7, 1000, 123_456, 10_000_000].map(grouped), ["7", "1,000", "123,456", "10,000,000"]);
    }

    #[test]
    fn a_row_says_whether_its_goal_is_met() {
        let row = |goal| {
            let mut figures = Figures::default();
            figures.aim("accepted", "orders/s", vec![9000.0, 11_000.0, 10_500.0], goal);
            figures.markdown().lines().last().unwrap_or_default().to_owned()
        };
        assert_eq!(row(Goal::AtLeast(1e4)), "| accepted | 10500 orders/s | 9000 – 11000 | ≥ 10000 ✓ |");
        assert_eq!(row(Goal::Under(40.0)), "| accepted | 10500 orders/s | 9000 – 11000 | < 40.0 ✗ |");
    }
}
