//! Amounts as people write them: `12.99 EUR`.

use common::contract::money::{Currency, Money};

/// Reads a number and a currency, with or without a space between; not less than zero.
pub(crate) fn parse(text: &str) -> Result<Money, String> {
    read(text.trim()).ok_or_else(|| "an amount is a number and a currency, such as \"12.99 EUR\"".to_owned())
}

fn read(text: &str) -> Option<Money> {
    let (number, code) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let currency: Currency = code.to_ascii_uppercase().parse().ok()?;
    let amount_minor = minor_units(number.trim_end(), currency.assigned_digits()?)?;
    Some(Money { amount_minor, currency })
}

/// `12.9` with two digits is 1290. More digits than the currency has are no amount of it.
fn minor_units(number: &str, minor_digits: u32) -> Option<i64> {
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let missing = minor_digits.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    digits.checked_mul(10_i64.checked_pow(missing)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, amount_minor, currency) in [
            ("12.99 EUR", 1299, "EUR"),
            ("12.99eur", 1299, "EUR"),
            ("12.9 EUR", 1290, "EUR"),
            ("12 EUR", 1200, "EUR"),
            ("0 EUR", 0, "EUR"),
            ("1299 JPY", 1299, "JPY"),
            ("1.299 KWD", 1299, "KWD"),
            ("690.5 HUF", 69_050, "HUF"),
        ] {
            let currency = currency.parse().unwrap();
            assert_eq!(parse(text), Ok(Money { amount_minor, currency }), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "EUR",
            "12.99",
            "12.999 EUR",
            "12. EUR",
            ".5 EUR",
            "-1 EUR",
            "1,000 EUR",
            "1.5 JPY",
            "12 €",
            "12 XYZ",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("99999999999999999999 EUR").is_err());
    }
}
