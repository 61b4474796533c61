//! Money: integer minor units and a currency, never a float.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units of the currency: cents for EUR and USD, yen for JPY.
    #[schema(example = 1299)]
    pub amount_minor: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

/// The schema of a price of one piece, which is [`Money`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Price {
    /// Minor units of the currency: cents for EUR and USD, yen for JPY.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 1299)]
    amount_minor: i64,
    /// The shop's currency, as an ISO 4217 code.
    currency: Currency,
}

/// The schema of an expected total, which is [`Money`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ExpectedTotal {
    /// Minor units of the currency: cents for EUR and USD, yen for JPY.
    #[schema(minimum = 0, example = 2598)]
    amount_minor: i64,
    /// ISO 4217 code.
    currency: Currency,
}

/// An ISO 4217 currency code: three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "EUR", pattern = "^[A-Z]{3}$")]
pub struct Currency([u8; 3]);

/// For people: `12.99 EUR`, `1299 JPY`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let unit = 10_u64.pow(digits);
        let amount = self.amount_minor.unsigned_abs();
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        write!(f, "{sign}{}", amount / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", amount % unit, width = digits as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}

/// The text is not a currency code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three upper-case letters (ISO 4217), such as EUR")]
pub struct InvalidCurrency;

impl Currency {
    /// The code, such as `EUR`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The code has only ASCII letters, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimal digits of its minor unit; 2 for a code that ISO 4217 does not list.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        self.assigned_digits().unwrap_or(2)
    }

    /// Decimal digits of its minor unit; `None` for a code that ISO 4217 does not assign to a currency with a
    /// minor unit. Gold, test codes and the like have none.
    #[must_use]
    pub fn assigned_digits(&self) -> Option<u32> {
        let holds = |codes: &str| codes.split_ascii_whitespace().any(|code| code == self.as_str());
        ASSIGNED.iter().find(|(_, codes)| holds(codes)).map(|(digits, _)| *digits)
    }

    /// Every currency that can have a price, by code.
    #[must_use]
    pub fn assigned() -> Vec<CurrencyDigits> {
        let all = ASSIGNED.iter().flat_map(|(digits, codes)| {
            let currencies = codes.split_ascii_whitespace().filter_map(|code| code.parse().ok());
            currencies.map(|code| CurrencyDigits { code, digits: *digits })
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|currency| currency.code.0);
        all
    }
}

/// The digits of minor units by currency: ISO 4217, list one, of 2026-01-01
/// (<https://www.six-group.com/en/products-services/financial-information/data-standards.html>). This is the
/// only such table. CLDR, which browsers format with, has other digits for 17 of these currencies.
const ASSIGNED: [(u32, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
         CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
         GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL \
         MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
         PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
         TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// Answer to `GET /currencies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Currencies {
    /// The currency of every price in this shop.
    pub shop: Currency,
    /// Every currency that ISO 4217 assigns, by code.
    pub currencies: Vec<CurrencyDigits>,
}

/// A currency, and how its amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrencyDigits {
    /// ISO 4217 code.
    pub code: Currency,
    /// Decimal digits of its minor unit: 2 for EUR, 0 for JPY.
    #[schema(value_type = u64, minimum = 0, maximum = 4, example = 2)]
    pub digits: u32,
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(InvalidCurrency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_three_upper_case_letters() {
        assert_eq!("EUR".parse::<Currency>().unwrap().to_string(), "EUR");
        for bad in ["", "EU", "EURO", "eur", "E1R", "€"] {
            assert_eq!(bad.parse::<Currency>(), Err(InvalidCurrency), "{bad}");
        }
    }

    #[test]
    fn money_is_written_for_people() {
        let cases = [
            (1299, "EUR", "12.99 EUR"),
            (5, "EUR", "0.05 EUR"),
            (-1299, "EUR", "-12.99 EUR"),
            (1299, "JPY", "1299 JPY"),
            (1299, "KWD", "1.299 KWD"),
            // CLDR has no decimals for these two.
            (69_000, "HUF", "690.00 HUF"),
            (123_456, "IQD", "123.456 IQD"),
            (12_345, "CLF", "1.2345 CLF"),
            (i64::MIN, "JPY", "-9223372036854775808 JPY"),
        ];
        for (amount_minor, currency, text) in cases {
            assert_eq!(Money { amount_minor, currency: currency.parse().unwrap() }.to_string(), text);
        }
    }

    #[test]
    fn every_currency_of_iso_4217_has_its_digits_once() {
        let all = Currency::assigned();
        let count = |digits| all.iter().filter(|currency| currency.digits == digits).count();
        assert_eq!([0, 2, 3, 4].map(count), [17, 139, 7, 2]);
        assert!(all.is_sorted_by(|one, next| one.code.as_str() < next.code.as_str()), "{all:?}");
        for CurrencyDigits { code, digits } in all {
            assert_eq!((code.assigned_digits(), code.minor_digits()), (Some(digits), digits), "{code}");
        }
    }

    #[test]
    fn a_code_without_a_minor_unit_is_not_assigned() {
        for code in ["XYZ", "XAU", "XTS", "XXX", "DEM", "HRK"] {
            assert_eq!(code.parse::<Currency>().unwrap().assigned_digits(), None, "{code}");
        }
    }

    #[test]
    fn currencies_as_json() {
        let eur = "EUR".parse().unwrap();
        let currencies = Currencies { shop: eur, currencies: vec![CurrencyDigits { code: eur, digits: 2 }] };
        let json = r#"{"shop":"EUR","currencies":[{"code":"EUR","digits":2}]}"#;
        assert_eq!(serde_json::to_string(&currencies).unwrap(), json);
        assert_eq!(serde_json::from_str::<Currencies>(json).unwrap(), currencies);
    }

    #[test]
    fn money_as_json() {
        let money = Money { amount_minor: 1299, currency: "EUR".parse().unwrap() };
        let json = r#"{"amount_minor":1299,"currency":"EUR"}"#;
        assert_eq!(serde_json::to_string(&money).unwrap(), json);
        assert_eq!(serde_json::from_str::<Money>(json).unwrap(), money);
    }
}
