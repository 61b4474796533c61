//! Aligned columns.

use super::{colour::Colour, printable::printable};
use std::fmt;
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

/// Rows of cells. Each column is as wide as its widest cell.
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone)]
pub(crate) struct Cell {
    text: String,
    colour: Option<Colour>,
    right: bool,
}

impl Cell {
    /// Text, aligned left.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self { text: printable(text.as_ref()), colour: None, right: false }
    }

    /// A number or an amount, aligned right.
    pub(crate) fn number(number: impl fmt::Display) -> Self {
        Self { right: true, ..Self::text(format!("{number}")) }
    }

    /// Sets the colour.
    pub(crate) fn coloured(self, colour: Colour) -> Self {
        Self { colour: Some(colour), ..self }
    }

    fn width(&self) -> usize {
        self.text.width()
    }

    fn render(&self, width: usize, is_last: bool, colours: bool) -> String {
        let padding = " ".repeat(width.saturating_sub(self.width()));
        let text = match self.colour {
            Some(colour) if colours => colour.paint(&self.text),
            _ => self.text.clone(),
        };
        match (self.right, is_last) {
            (true, _) => padding + &text,
            (false, false) => text + &padding,
            // The last cell of a row needs no padding.
            (false, true) => text,
        }
    }
}

impl Table {
    /// A table without a head.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// A table with a head. A name that starts with `>` is aligned right.
    pub(crate) fn with_head<const N: usize>(names: [&str; N]) -> Self {
        let cell = |name: &str| match name.strip_prefix('>') {
            Some(name) => Cell::number(name),
            None => Cell::text(name),
        };
        let head = names.into_iter().map(|name| cell(name).coloured(Colour::Bold)).collect();
        Self { rows: vec![head] }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    /// The lines, each with a line break.
    pub(crate) fn render(&self, colours: bool) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| cell.render(*width, column + 1 == row.len(), colours))
                .collect();
            text.push_str(cells.join(GAP).trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::with_head(["SKU", ">PRICE", "NAME"]);
        table.row([Cell::text("TEA-1"), Cell::number("12.99 EUR"), Cell::text("Thé vert")]);
        table.row([Cell::text("C"), Cell::number("1299 JPY"), Cell::text("Evil\u{1b}[2J")]);
        table
    }

    #[test]
    fn columns_are_aligned() {
        assert_eq!(
            table().render(false),
            "SKU        PRICE  NAME\nTEA-1  12.99 EUR  Thé vert\nC       1299 JPY  Evil\\u{1b}[2J\n"
        );
    }

    #[test]
    fn cells_are_as_wide_as_they_look() {
        let mut table = Table::new();
        for name in ["煎茶", "☕ Tea", "Te\u{301}a", "👩\u{200d}👩\u{200d}👧", "a\u{202e}", "קפה"]
        {
            table.row([Cell::text(name), Cell::text("|")]);
        }
        let lines = table.render(false);
        assert!(lines.lines().all(|line| line.width() == 12 && line.ends_with("  |")), "{lines}");
    }

    #[test]
    fn colours_do_not_change_the_width() {
        let coloured = table().render(true);
        assert!(coloured.starts_with("\u{1b}[1mSKU\u{1b}[0m        \u{1b}[1mPRICE\u{1b}[0m  "), "{coloured}");
    }
}
