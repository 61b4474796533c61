//! Asks before an action that cannot be undone.

use super::text::Text;
use std::io::{self, IsTerminal, Write};

/// Whether the command runs in a terminal, so that it can ask.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Prints lines and a question, and reads the answer. Every answer except yes is no.
pub(crate) fn ask(lines: Vec<String>, question: &str) -> io::Result<bool> {
    let mut terminal = io::stderr();
    write!(terminal, "{}{question} [y/N] ", Text::Lines(lines).render(false))?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes("Yes\r\n"));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("n\n") && !is_yes("yep\n"));
    }
}
