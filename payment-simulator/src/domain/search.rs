//! The part of Stripe's search language that finds payments by metadata and status, such as
//! `metadata['order_id']:'…' AND status:'succeeded'`
//! (<https://docs.stripe.com/search#search-query-language>).

use super::payment_intent::PaymentIntent;

/// A search query. It matches payments that match every term.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query(Vec<Term>);

#[derive(Debug, PartialEq, Eq)]
enum Term {
    Metadata { key: String, value: String },
    Status(String),
}

/// The text is not a query, or it uses syntax that only Stripe supports.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at `{rest}`")]
pub(crate) struct ParseError {
    expected: &'static str,
    rest: String,
}

impl Query {
    /// Parses a query.
    pub(crate) fn parse(text: &str) -> Result<Self, ParseError> {
        let mut input = Input(text.trim());
        let mut terms = vec![input.term()?];
        while !input.0.is_empty() {
            input.keyword_and()?;
            terms.push(input.term()?);
        }
        Ok(Self(terms))
    }

    /// Whether the query matches `payment`.
    pub(crate) fn matches(&self, payment: &PaymentIntent) -> bool {
        self.0.iter().all(|term| match term {
            Term::Metadata { key, value } => payment.metadata.get(key) == Some(value),
            Term::Status(status) => payment.status.as_str() == status,
        })
    }

    /// The order id in the query, if it has one. All matching payments are for this order.
    pub(crate) fn order_id(&self) -> Option<&str> {
        self.0.iter().find_map(|term| match term {
            Term::Metadata { key, value } if key == "order_id" => Some(value.as_str()),
            _ => None,
        })
    }
}

/// The unread rest of the query.
struct Input<'a>(&'a str);

impl Input<'_> {
    fn term(&mut self) -> Result<Term, ParseError> {
        if self.eat("metadata[") {
            let key = self.quoted()?;
            self.expect("]:", "`]:`")?;
            Ok(Term::Metadata { key, value: self.quoted()? })
        } else if self.eat("status:") {
            Ok(Term::Status(self.quoted()?))
        } else {
            Err(self.error("`metadata['…']:'…'` or `status:'…'`"))
        }
    }

    /// Reads `AND`, the only supported operator. Stripe also has `OR`, but payment-worker does not use it.
    fn keyword_and(&mut self) -> Result<(), ParseError> {
        self.expect(" ", "` AND `")?;
        self.0 = self.0.trim_start();
        self.expect("AND ", "`AND `")?;
        self.0 = self.0.trim_start();
        Ok(())
    }

    /// Reads text in single or double quotes. A backslash escapes the next character.
    fn quoted(&mut self) -> Result<String, ParseError> {
        let mut characters = self.0.char_indices();
        let Some((_, quote @ ('\'' | '"'))) = characters.next() else {
            return Err(self.error("a quoted text"));
        };
        let mut text = String::new();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => text.extend(characters.next().map(|(_, plain)| plain)),
                end if end == quote => {
                    self.0 = self.0.get(at + quote.len_utf8()..).unwrap_or_default();
                    return Ok(text);
                }
                other => text.push(other),
            }
        }
        Err(self.error("a closing quote"))
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, prefix: &str, expected: &'static str) -> Result<(), ParseError> {
        if self.eat(prefix) { Ok(()) } else { Err(self.error(expected)) }
    }

    fn error(&self, expected: &'static str) -> ParseError {
        ParseError { expected, rest: self.0.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn metadata(key: &str, value: &str) -> Term {
        Term::Metadata { key: key.into(), value: value.into() }
    }

    #[test]
    fn queries_are_parsed() {
        let golden = [
            ("metadata['order_id']:'42'", vec![metadata("order_id", "42")]),
            (r#" metadata["a b"]:"it's" "#, vec![metadata("a b", "it's")]),
            (r"metadata['a']:'it\'s'", vec![metadata("a", "it's")]),
            (
                "metadata['order_id']:'42' AND  status:'succeeded'",
                vec![metadata("order_id", "42"), Term::Status("succeeded".into())],
            ),
        ];
        for (text, terms) in golden {
            assert_eq!(Query::parse(text), Ok(Query(terms)), "{text}");
        }
    }

    #[test]
    fn a_parse_error_names_the_expected_syntax() {
        let golden = [
            ("", "expected `metadata['…']:'…'` or `status:'…'` at ``"),
            ("amount>1000", "expected `metadata['…']:'…'` or `status:'…'` at `amount>1000`"),
            ("metadata['a':'b'", "expected `]:` at `:'b'`"),
            ("metadata['a']:b", "expected a quoted text at `b`"),
            ("status:'succeeded", "expected a closing quote at `'succeeded`"),
            ("status:'a' OR status:'b'", "expected `AND ` at `OR status:'b'`"),
            ("status:'a'AND status:'b'", "expected ` AND ` at `AND status:'b'`"),
        ];
        for (text, message) in golden {
            assert_eq!(Query::parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    /// Quotes and escapes a text like a client of the API.
    fn quoted(text: &str) -> String {
        format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(
            text in prop_oneof![
                any::<String>(),
                r#"(metadata\[|status|:|'|"|\\|\]| AND |[a-z]{0,4}|é){0,12}"#,
            ]
        ) {
            if let Err(error) = Query::parse(&text) {
                prop_assert!(text.contains(&error.rest));
            }
        }

        #[test]
        fn quoted_text_is_parsed_unchanged(
            key in any::<String>(),
            value in any::<String>(),
            status in "[a-z_]{1,9}",
        ) {
            let text = format!("metadata[{}]:{} AND status:{}", quoted(&key), quoted(&value), quoted(&status));
            prop_assert_eq!(Query::parse(&text), Ok(Query(vec![metadata(&key, &value), Term::Status(status)])));
        }
    }
}
