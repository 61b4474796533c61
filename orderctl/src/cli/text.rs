//! Results as text.

use super::{printable::printable, table::Table};

/// A result as text.
pub(crate) enum Text {
    /// Lines of text.
    Lines(Vec<String>),
    /// Aligned columns.
    Table(Box<Table>),
    /// Several parts with a blank line between them.
    Parts(Vec<Text>),
}

impl Text {
    /// The text, each line with a line break.
    pub(crate) fn render(&self, colours: bool) -> String {
        match self {
            Self::Lines(lines) => lines.iter().map(|line| printable(line) + "\n").collect(),
            Self::Table(table) => table.render(colours),
            Self::Parts(parts) => {
                parts.iter().map(|part| part.render(colours)).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

impl From<String> for Text {
    fn from(line: String) -> Self {
        Self::Lines(vec![line])
    }
}

impl From<Table> for Text {
    fn from(table: Table) -> Self {
        Self::Table(Box::new(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_a_blank_line_between_them() {
        let lines = |text: &str| Text::from(text.to_owned());
        assert_eq!(Text::Parts(vec![lines("a\nb"), lines("c")]).render(false), "a\\nb\n\nc\n");
    }
}
