//! Aligned columns.

use super::{colour::Colour, printable::printable};
use comfy_table::{CellAlignment, presets::NOTHING};
use std::fmt;

/// Rows of cells. Each column is as wide as its widest cell.
pub(crate) struct Table(comfy_table::Table);

/// One cell.
#[derive(Clone)]
pub(crate) struct Cell(comfy_table::Cell);

impl Cell {
    /// Text, aligned left.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self(comfy_table::Cell::new_owned(printable(text.as_ref())))
    }

    /// A number or an amount, aligned right.
    pub(crate) fn number(number: impl fmt::Display) -> Self {
        Self(Self::text(number.to_string()).0.set_alignment(CellAlignment::Right))
    }

    /// Sets the colour.
    pub(crate) fn coloured(self, colour: Colour) -> Self {
        Self(colour.paint(self.0))
    }
}

impl Table {
    /// A table without a head.
    pub(crate) fn new() -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).style_text_only();
        Self(table)
    }

    /// A table with a head. A name that starts with `>` is aligned right.
    pub(crate) fn with_head<const N: usize>(names: [&str; N]) -> Self {
        let cell = |name: &str| match name.strip_prefix('>') {
            Some(name) => Cell::number(name),
            None => Cell::text(name),
        };
        let mut table = Self::new();
        table.row(names.map(|name| cell(name).coloured(Colour::Bold)));
        table
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.0.add_row(cells.map(|cell| cell.0));
    }

    /// The lines, each with a line break.
    pub(crate) fn render(&self, colours: bool) -> String {
        let mut table = self.0.clone();
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        // `colours` decides, not the library's own check of the terminal, which accepts `TERM=dumb`.
        if colours {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.trim_fmt() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

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
