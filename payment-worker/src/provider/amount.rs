//! Converts between Stripe's units and the minor units of ISO 4217, which the rest of the system uses
//! (<https://docs.stripe.com/currencies#zero-decimal>, `#special-cases`, `#three-decimal`).

use contract::money::{Currency, Money};

/// An amount that Stripe cannot charge, with the error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unchargeable(pub &'static str);

/// The amount of a charge in Stripe's units.
///
/// An amount that Stripe cannot express is rounded, half up. The last digit of a three-decimal amount must be
/// 0, so it is rounded to ten. MGA has no decimals at Stripe, so it is rounded to whole ariary.
pub(super) fn to_stripe(total: Money) -> Result<i64, Unchargeable> {
    let scale = Scale::of(total.currency);
    let units = total.amount_minor.checked_mul(scale.factor).ok_or(Unchargeable("amount_too_large"))?;
    let amount = round(units, scale.step).ok_or(Unchargeable("amount_too_large"))? / scale.divisor;
    if amount > 0 { Ok(amount) } else { Err(Unchargeable("amount_too_small")) }
}

/// Converts an amount in Stripe's units to minor units of ISO 4217.
pub(super) fn from_stripe(amount: i64, currency: Currency) -> Money {
    let scale = Scale::of(currency);
    let amount_minor = amount.saturating_mul(scale.divisor) / scale.factor;
    Money { amount_minor, currency }
}

/// The charged amount of this total. It differs from the total only if it was rounded for Stripe.
pub(crate) fn charged(total: Money) -> Money {
    to_stripe(total).map_or(total, |amount| from_stripe(amount, total.currency))
}

/// The conversion to Stripe's units: `minor * factor`, rounded to `step`, divided by `divisor`.
struct Scale {
    factor: i64,
    step: i64,
    divisor: i64,
}

impl Scale {
    fn of(currency: Currency) -> Self {
        let (factor, step, divisor) = match currency.as_str() {
            // These currencies have no minor units, but Stripe expects two decimals that are always 00.
            "ISK" | "UGX" => (100, 100, 1),
            "BHD" | "JOD" | "KWD" | "OMR" | "TND" => (1, 10, 1),
            // MGA has two decimals in ISO 4217, and none at Stripe.
            "MGA" => (1, 100, 100),
            _ => (1, 1, 1),
        };
        Self { factor, step, divisor }
    }
}

/// The nearest multiple of `step`, half up.
fn round(amount: i64, step: i64) -> Option<i64> {
    Some(amount.checked_add(step / 2)? / step * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount_minor: i64, code: &str) -> Money {
        Money { amount_minor, currency: code.parse().unwrap() }
    }

    #[test]
    fn an_amount_follows_the_providers_rules_for_its_currency() {
        for (minor, code, expected) in [
            (1299, "EUR", Ok(1299)),
            (690, "HUF", Ok(690)),
            (697, "JPY", Ok(697)),
            (697, "UGX", Ok(69_700)),
            (5, "ISK", Ok(500)),
            (5124, "KWD", Ok(5120)),
            (5125, "KWD", Ok(5130)),
            (1, "EUR", Ok(1)),
            (4, "KWD", Err(Unchargeable("amount_too_small"))),
            (690, "MGA", Ok(7)),
            (49, "MGA", Err(Unchargeable("amount_too_small"))),
            (i64::MAX, "UGX", Err(Unchargeable("amount_too_large"))),
            (i64::MAX, "KWD", Err(Unchargeable("amount_too_large"))),
        ] {
            assert_eq!(to_stripe(money(minor, code)), expected, "{minor} {code}");
        }
    }

    #[test]
    fn an_amount_is_converted_to_stripe_and_back() {
        for (minor, code, charged) in [
            (1299, "EUR", 1299),
            (697, "UGX", 697),
            (697, "JPY", 697),
            (5124, "KWD", 5120),
            (690, "MGA", 700),
        ] {
            let amount = to_stripe(money(minor, code)).unwrap();
            assert_eq!(from_stripe(amount, code.parse().unwrap()), money(charged, code), "{minor} {code}");
        }
    }
}
