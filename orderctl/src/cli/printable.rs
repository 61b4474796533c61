//! Text for a terminal. Names, notes and addresses come from other users. Some characters are invisible,
//! change the text direction, or control the terminal. They are shown as escapes.

use contract::text::hidden;

/// Returns one line in which invisible characters are escapes, such as `\u{202e}` or `\n`.
pub(crate) fn printable(text: &str) -> String {
    escaped(text, |c| c.escape_default().collect())
}

/// Returns JSON with the same meaning, in which invisible characters are escapes.
pub(crate) fn printable_json(json: &str) -> String {
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    // Outside of strings, JSON has no such characters except line breaks.
    escaped(json, |c| match c {
        '\n' => c.to_string(),
        _ => c.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
    })
}

/// Escapes hidden characters. Joiners and variation selectors that scripts and emoji need are not hidden.
fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // The empty Braille pattern looks like a space outside of Braille.
        match hidden(text, at, c).or_else(|| (c == '\u{2800}').then_some(c)) {
            Some(c) => shown += &escape(c),
            None => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped() {
        for (text, shown) in [
            ("a\u{202e}b", r"a\u{202e}b"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("a\u{200b}b\u{2028}c\u{2029}", r"a\u{200b}b\u{2028}c\u{2029}"),
            ("\u{1b}[2J\u{7f}\u{9b}", r"\u{1b}[2J\u{7f}\u{9b}"),
            ("two\nlines\ttab\r", r"two\nlines\ttab\r"),
            (
                "\u{3164}\u{2800}\u{115f}\u{ad}\u{180e}\u{feff}",
                r"\u{3164}\u{2800}\u{115f}\u{ad}\u{180e}\u{feff}",
            ),
            ("\u{e0041}\u{61c}\u{200e}", r"\u{e0041}\u{61c}\u{200e}"),
            // Joiners and selectors without a character to join or select.
            ("a\u{200d}b", r"a\u{200d}b"),
            ("\u{fe0f}b", r"\u{fe0f}b"),
            ("é\u{fe0f}\u{fe0f}", "é\u{fe0f}\\u{fe0f}"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn visible_text_is_unchanged() {
        for text in [
            "Thé vert, 100 g",
            "煎茶 ☕",
            "قهوة",
            "می\u{200c}خواهم",
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}",
            "👁\u{fe0f}\u{200d}🗨\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            r"C:\new",
        ] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn json_keeps_its_meaning_and_escapes_hidden_characters() {
        let value = serde_json::json!({ "note": "a\u{202e}b\nc\u{e0041}" });
        let json = printable_json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(json, "{\n  \"note\": \"a\\u202eb\\nc\\udb40\\udc41\"\n}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    }
}
