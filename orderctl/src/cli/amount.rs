//! Parses amounts such as `12.99 EUR`.

use contract::money::{Currency, Money};

/// Parses a number and a currency, with or without a space. The number must not be negative.
pub(crate) fn parse(text: &str) -> Result<Money, String> {
    let text = text.trim();
    let (number, code) = text.split_at(text.find(char::is_alphabetic).unwrap_or(text.len()));
    let number = number.trim_end();
    if number.is_empty() || code.is_empty() {
        return Err("an amount is a number and a currency, such as \"12.99 EUR\"".to_owned());
    }
    let currency = code.to_ascii_uppercase().parse::<Currency>().ok();
    let Some((currency, digits)) =
        currency.and_then(|currency| Some((currency, currency.assigned_digits()?)))
    else {
        return Err(format!("{code} is not a currency; use a code of ISO 4217, such as EUR"));
    };
    let amount_minor = minor_units(number, digits).ok_or_else(|| expected(currency, digits))?;
    Ok(Money { amount_minor, currency })
}

fn expected(currency: Currency, digits: u32) -> String {
    let such_as = Money { amount_minor: 1299, currency };
    let decimals = match digits {
        0 => "without decimals".to_owned(),
        digits => format!("with a point and at most {digits} decimals"),
    };
    format!("an amount of {currency} is a number {decimals}, such as \"{such_as}\"")
}

/// `12.9` with two digits is 1290. Returns `None` if the currency has fewer decimals than the number.
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
    fn an_invalid_amount_is_refused() {
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

    #[test]
    fn an_error_shows_a_valid_amount() {
        let currency = "is not a currency; use a code of ISO 4217, such as EUR";
        for (text, expected) in [
            ("12.99", "an amount is a number and a currency, such as \"12.99 EUR\""),
            ("12.99 EURO", &format!("EURO {currency}")),
            ("12 XYZ", &format!("XYZ {currency}")),
            (
                "12,99 eur",
                "an amount of EUR is a number with a point and at most 2 decimals, such as \"12.99 EUR\"",
            ),
            ("1.5 JPY", "an amount of JPY is a number without decimals, such as \"1299 JPY\""),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }
}
