//! Promotions and lines for tests.

use super::basket::{Basket, Code, Line};
use chrono::{DateTime, Utc};
use contract::{
    discounts::{Promotion, PromotionTerms, Reduction, Scope},
    folding,
    ids::{ProductId, PromotionId},
    money::{Currency, Money},
};

pub(crate) fn euro() -> Currency {
    "EUR".parse().unwrap()
}

pub(crate) fn eur(amount_minor: i64) -> Money {
    Money { amount_minor, currency: euro() }
}

/// The time of all decisions.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

pub(crate) fn percent(basis_points: u32) -> Reduction {
    Reduction::Percent { basis_points }
}

pub(crate) fn amount(amount_minor: i64) -> Reduction {
    Reduction::Amount { amount: eur(amount_minor) }
}

/// Terms for the whole order, without conditions.
pub(crate) fn terms(reduction: Reduction) -> PromotionTerms {
    PromotionTerms::new("Sale", reduction, Scope::Order {})
}

/// Terms for all products of this category.
pub(crate) fn terms_for(category: &str, reduction: Reduction) -> PromotionTerms {
    PromotionTerms { scope: Scope::Categories { categories: vec![category.into()] }, ..terms(reduction) }
}

/// A promotion with these terms and this name, which no order has used.
pub(crate) fn promotion(name: &str, terms: PromotionTerms) -> Promotion {
    let terms = PromotionTerms { name: name.into(), ..terms };
    Promotion { id: PromotionId::new(), terms, used: 0, updated_at: DateTime::default() }
}

pub(crate) fn line(category: &str, quantity: u32, list_price: i64) -> Line {
    Line { product_id: ProductId::new(), category: category.into(), quantity, list_price }
}

pub(crate) fn basket(lines: &[Line], codes: &[&str]) -> Basket {
    let code = |entered: &&str| Code { entered: (*entered).into(), folded: folding::folded(entered) };
    Basket { lines: lines.to_vec(), currency: euro(), codes: codes.iter().map(code).collect() }
}
