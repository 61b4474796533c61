//! The rules for the details and the stock of products.

use contract::{
    catalog::{ProductDraft, StockCount},
    folding,
    money::{Currency, Money},
    problems::FieldError,
    text,
};
use uuid::Uuid;

/// The largest number of pieces that staff can set as on hand.
const MAX_ON_HAND: i64 = 1_000_000_000;
/// Keeps the total of the largest order, 100 lines of 1,000 pieces, far below `i64::MAX`.
const MAX_PRICE_MINOR: i64 = 1_000_000_000_000;

/// The valid details of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) category: String,
    pub(crate) price: Money,
}

impl Details {
    /// Checks a draft. The errors name every invalid field. Surrounding space is removed.
    pub(crate) fn parse(draft: ProductDraft, shop_currency: Currency) -> Result<Self, Vec<FieldError>> {
        let mut errors: Vec<_> = sku_error(&draft.sku).into_iter().collect();
        let mut kept = |text: Result<String, FieldError>| {
            text.unwrap_or_else(|error| {
                errors.push(error);
                String::new()
            })
        };
        let details = Self {
            sku: draft.sku,
            name: kept(text::line("/name", "name", &draft.name, 200)),
            description: kept(text::lines("/description", "description", &draft.description, 4_000)),
            category: kept(text::line("/category", "category", &draft.category, 64)),
            price: draft.price,
        };
        errors.extend(amount_error(details.price));
        errors.extend(currency_error(details.price.currency, shop_currency));
        if errors.is_empty() { Ok(details) } else { Err(errors) }
    }

    /// The text that searches compare with.
    pub(crate) fn search_text(&self) -> String {
        search_text(&self.name, &self.description)
    }
}

/// Folds the name and the description. A line break separates them. A search is one line, so it never matches
/// across the two.
pub(crate) fn search_text(name: &str, description: &str) -> String {
    folding::folded(&format!("{name}\n{description}"))
}

fn sku_error(sku: &str) -> Option<FieldError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let good = (1..=64).contains(&sku.len()) && sku.bytes().all(allowed);
    let detail = if !good {
        "a code is 1 to 64 letters, digits, `.`, `_` or `-`"
    } else if Uuid::try_parse(sku).is_ok() {
        // Clients accept either an id or a code, so a code must not look like an id.
        "this code looks like an id (a UUID); choose a code of another form"
    } else {
        return None;
    };
    Some(FieldError::new("/sku", detail))
}

fn amount_error(price: Money) -> Option<FieldError> {
    let good = (1..=MAX_PRICE_MINOR).contains(&price.amount_minor);
    (!good).then(|| {
        let [least, most] = [1, MAX_PRICE_MINOR].map(|amount_minor| Money { amount_minor, ..price });
        FieldError::new("/price/amount_minor", format!("a price is from {least} to {most}, not {price}"))
    })
}

fn currency_error(currency: Currency, shop_currency: Currency) -> Option<FieldError> {
    (currency != shop_currency)
        .then(|| FieldError::new("/price/currency", format!("this shop's prices are in {shop_currency}")))
}

/// Checks a count of pieces in the warehouse.
pub(crate) fn parse_on_hand(count: StockCount) -> Result<i64, Vec<FieldError>> {
    let StockCount { on_hand } = count;
    if (0..=MAX_ON_HAND).contains(&on_hand) {
        return Ok(on_hand);
    }
    let expected = format!("a count is from 0 to {MAX_ON_HAND} pieces, not {on_hand}");
    Err(vec![FieldError::new("/on_hand", expected)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ProductDraft {
        ProductDraft {
            sku: "TEA-1".into(),
            name: " Earl Grey ".into(),
            description: "Black tea,\nbergamot.".into(),
            category: "Tea".into(),
            price: Money { amount_minor: 450, currency: "EUR".parse().unwrap() },
        }
    }

    fn bad_fields(draft: ProductDraft) -> Vec<String> {
        let errors = Details::parse(draft, "EUR".parse().unwrap()).unwrap_err();
        errors.into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_good_draft_is_trimmed() {
        let details = Details::parse(draft(), "EUR".parse().unwrap()).unwrap();
        assert_eq!(details.name, "Earl Grey");
        assert_eq!(details.description, "Black tea,\nbergamot.");
    }

    #[test]
    fn errors_name_every_invalid_field() {
        let bad = ProductDraft {
            sku: "TEA 1".into(),
            name: "  ".into(),
            description: "x".repeat(4_001),
            category: "a\nb".into(),
            price: Money { amount_minor: 0, currency: "USD".parse().unwrap() },
        };
        assert_eq!(
            bad_fields(bad),
            ["/sku", "/name", "/description", "/category", "/price/amount_minor", "/price/currency"]
        );
    }

    #[test]
    fn text_that_the_database_cannot_hold_is_refused() {
        assert_eq!(bad_fields(ProductDraft { description: "a\0b".into(), ..draft() }), ["/description"]);
        assert_eq!(bad_fields(ProductDraft { name: "a\0b".into(), ..draft() }), ["/name"]);
    }

    #[test]
    fn invisible_text_is_refused_in_each_field() {
        for text in ["\u{200b}", "\u{3164}", "\u{2800}", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(bad_fields(ProductDraft { name: text.into(), ..draft() }), ["/name"]);
            assert_eq!(bad_fields(ProductDraft { category: text.into(), ..draft() }), ["/category"]);
            assert_eq!(bad_fields(ProductDraft { description: text.into(), ..draft() }), ["/description"]);
        }
    }

    #[test]
    fn text_is_kept_in_one_normalisation_form() {
        let draft = ProductDraft {
            name: "The\u{301}".into(),
            description: "Tre\u{300}s vert".into(),
            category: "Cafe\u{301}".into(),
            ..draft()
        };
        let details = Details::parse(draft, "EUR".parse().unwrap()).unwrap();
        assert_eq!([details.name, details.description, details.category], ["Thé", "Très vert", "Café"]);
    }

    #[test]
    fn a_code_that_looks_like_an_id_is_refused() {
        for sku in ["01900000-0000-7000-8000-000000000001", "01900000000070008000000000000001"] {
            assert_eq!(bad_fields(ProductDraft { sku: sku.into(), ..draft() }), ["/sku"]);
        }
        for sku in ["01900000-0000-7000-8000-00000000000", "TEA-01900000-0000-7000-8000-000000000001"] {
            let draft = ProductDraft { sku: sku.into(), ..draft() };
            assert!(Details::parse(draft, "EUR".parse().unwrap()).is_ok(), "{sku}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        let name = "é".repeat(200);
        assert!(Details::parse(ProductDraft { name, ..draft() }, "EUR".parse().unwrap()).is_ok());
        assert_eq!(bad_fields(ProductDraft { name: "é".repeat(201), ..draft() }), ["/name"]);
    }

    #[test]
    fn a_count_is_neither_negative_nor_too_large() {
        assert_eq!(parse_on_hand(StockCount { on_hand: 0 }), Ok(0));
        for on_hand in [-1, MAX_ON_HAND + 1, i64::MAX] {
            assert!(parse_on_hand(StockCount { on_hand }).is_err(), "{on_hand}");
        }
    }
}
