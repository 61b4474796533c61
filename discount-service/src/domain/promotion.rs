//! The rules for the terms of promotions.

use super::basket::money_error;
use contract::{
    discounts::{PromotionTerms, Reduction, Scope},
    folding,
    money::{Currency, Money},
    problems::FieldError,
    text,
};
use std::{collections::HashSet, hash::Hash};

/// The most exclusivity groups with promotions that have not ended.
pub(crate) const MAX_GROUPS: i64 = 4;
/// The most promotions of a group that have not ended. The pricing compares at most
/// `MAX_GROUP_MEMBERS` to the power of `MAX_GROUPS` combinations: 4,096.
pub(crate) const MAX_GROUP_MEMBERS: i64 = 8;

const MAX_BASIS_POINTS: u32 = 10_000;
const MAX_PRODUCTS: usize = 500;
const MAX_CATEGORIES: usize = 50;
const MAX_TOTAL_LIMIT: i64 = 1_000_000_000;
const MAX_CUSTOMER_LIMIT: i64 = 1_000_000;
const MAX_PRIORITY: i32 = 1_000;

/// Checks the terms. The errors name every invalid field. Surrounding space is removed from texts.
pub(crate) fn parse(terms: PromotionTerms, currency: Currency) -> Result<PromotionTerms, Vec<FieldError>> {
    let mut errors = Vec::new();
    let terms = PromotionTerms {
        name: kept(text::line("/name", "name", &terms.name, 100), &mut errors),
        exclusive_group: terms
            .exclusive_group
            .map(|group| kept(text::line("/exclusive_group", "group", &group, 64), &mut errors)),
        scope: parse_scope(terms.scope, &mut errors),
        ..terms
    };
    errors.extend(reduction_error(terms.reduction, currency));
    errors.extend(terms.code.as_deref().and_then(code_error));
    errors.extend(window_error(&terms));
    let amount_error = |(pointer, money): (&str, Option<Money>)| money_error(pointer, money?, currency);
    errors.extend([("/minimum", terms.minimum), ("/cap", terms.cap)].into_iter().filter_map(amount_error));
    errors.extend(range_error("/total_limit", terms.total_limit, MAX_TOTAL_LIMIT));
    errors.extend(range_error("/customer_limit", terms.customer_limit, MAX_CUSTOMER_LIMIT));
    if !(-MAX_PRIORITY..=MAX_PRIORITY).contains(&terms.priority) {
        let expected =
            format!("a priority is from -{MAX_PRIORITY} to {MAX_PRIORITY}, not {}", terms.priority);
        errors.push(FieldError::new("/priority", expected));
    }
    if errors.is_empty() { Ok(terms) } else { Err(errors) }
}

/// The code in the form in which codes are compared.
pub(crate) fn folded_code(terms: &PromotionTerms) -> Option<String> {
    terms.code.as_deref().map(folding::folded)
}

fn kept(text: Result<String, FieldError>, errors: &mut Vec<FieldError>) -> String {
    text.unwrap_or_else(|error| {
        errors.push(error);
        String::new()
    })
}

fn parse_scope(scope: Scope, errors: &mut Vec<FieldError>) -> Scope {
    match scope {
        Scope::Order {} => scope,
        Scope::Products { product_ids } => {
            check_list("/scope/product_ids", "products", &product_ids, MAX_PRODUCTS, errors);
            Scope::Products { product_ids }
        }
        Scope::Categories { categories } => {
            let category = |(index, category): (usize, String)| {
                kept(text::line(format!("/scope/categories/{index}"), "category", &category, 64), errors)
            };
            let categories: Vec<_> = categories.into_iter().enumerate().map(category).collect();
            check_list("/scope/categories", "categories", &categories, MAX_CATEGORIES, errors);
            Scope::Categories { categories }
        }
    }
}

fn check_list<T: Eq + Hash>(
    pointer: &str,
    name: &str,
    values: &[T],
    max: usize,
    errors: &mut Vec<FieldError>,
) {
    if !(1..=max).contains(&values.len()) {
        let expected = format!("a promotion has 1 to {max} {name}, not {}", values.len());
        errors.push(FieldError::new(pointer, expected));
    }
    let mut seen = HashSet::new();
    let repeated = values.iter().position(|value| !seen.insert(value));
    errors.extend(
        repeated.map(|index| FieldError::new(format!("{pointer}/{index}"), "this is in the list already")),
    );
}

fn reduction_error(reduction: Reduction, currency: Currency) -> Option<FieldError> {
    match reduction {
        Reduction::Percent { basis_points } => {
            let good = (1..=MAX_BASIS_POINTS).contains(&basis_points);
            let expected =
                format!("a percentage is from 1 to {MAX_BASIS_POINTS} hundredths, not {basis_points}");
            (!good).then(|| FieldError::new("/reduction/basis_points", expected))
        }
        Reduction::Amount { amount } => money_error("/reduction/amount", amount, currency),
    }
}

fn code_error(code: &str) -> Option<FieldError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let good = (1..=64).contains(&code.len()) && code.bytes().all(allowed);
    (!good).then(|| FieldError::new("/code", "a code is 1 to 64 letters, digits, `.`, `_` or `-`"))
}

fn window_error(terms: &PromotionTerms) -> Option<FieldError> {
    let (start, end) = (terms.starts_at?, terms.ends_at?);
    (end <= start)
        .then(|| FieldError::new("/ends_at", "a promotion ends after it starts; choose a later time"))
}

fn range_error(pointer: &str, limit: Option<i64>, max: i64) -> Option<FieldError> {
    let limit = limit.filter(|limit| !(1..=max).contains(limit))?;
    Some(FieldError::new(pointer, format!("a limit is from 1 to {max}, not {limit}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{amount, eur, euro, noon, percent, terms, terms_for};
    use contract::ids::ProductId;

    fn bad_fields(terms: PromotionTerms) -> Vec<String> {
        parse(terms, euro()).unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn good_terms_are_trimmed() {
        let terms = PromotionTerms {
            name: " Tea week ".into(),
            exclusive_group: Some(" seasonal ".into()),
            ..terms_for(" Tea ", percent(1))
        };
        let parsed = parse(terms, euro()).unwrap();
        assert_eq!((&*parsed.name, parsed.exclusive_group.as_deref()), ("Tea week", Some("seasonal")));
        assert_eq!(parsed.scope, Scope::Categories { categories: vec!["Tea".into()] });
    }

    #[test]
    fn errors_name_every_invalid_field() {
        let usd = Money { amount_minor: 1, currency: "USD".parse().unwrap() };
        let bad = PromotionTerms {
            name: " ".into(),
            code: Some("TEA WEEK".into()),
            starts_at: Some(noon()),
            ends_at: Some(noon()),
            minimum: Some(usd),
            cap: Some(eur(0)),
            total_limit: Some(0),
            customer_limit: Some(1_000_001),
            exclusive_group: Some("a\u{200b}".into()),
            priority: 1_001,
            ..terms_for("a\nb", percent(0))
        };
        assert_eq!(
            bad_fields(bad),
            [
                "/name",
                "/exclusive_group",
                "/scope/categories/0",
                "/reduction/basis_points",
                "/code",
                "/ends_at",
                "/minimum/currency",
                "/cap/amount_minor",
                "/total_limit",
                "/customer_limit",
                "/priority",
            ]
        );
    }

    #[test]
    fn a_percentage_is_more_than_zero_and_at_most_all() {
        for good in [1, 10_000] {
            assert!(parse(terms(percent(good)), euro()).is_ok());
        }
        for bad in [0, 10_001] {
            assert_eq!(bad_fields(terms(percent(bad))), ["/reduction/basis_points"]);
        }
    }

    #[test]
    fn an_amount_is_more_than_zero_in_the_currency_of_the_shop() {
        assert!(parse(terms(amount(1)), euro()).is_ok());
        assert_eq!(bad_fields(terms(amount(0))), ["/reduction/amount/amount_minor"]);
        let dollars = parse(terms(amount(1)), "USD".parse().unwrap()).unwrap_err();
        assert_eq!(dollars[0].pointer, "/reduction/amount/currency");
    }

    #[test]
    fn a_scope_has_different_products_or_categories() {
        let scoped = |scope| bad_fields(PromotionTerms { scope, ..terms(percent(1)) });
        let (tea, many) = (ProductId::new(), (0..501).map(|_| ProductId::new()).collect());
        assert_eq!(scoped(Scope::Products { product_ids: vec![] }), ["/scope/product_ids"]);
        assert_eq!(scoped(Scope::Products { product_ids: many }), ["/scope/product_ids"]);
        assert_eq!(scoped(Scope::Products { product_ids: vec![tea, tea] }), ["/scope/product_ids/1"]);
        let twice = vec!["Tea".into(), " Tea ".into()];
        assert_eq!(scoped(Scope::Categories { categories: twice }), ["/scope/categories/1"]);
    }

    #[test]
    fn case_makes_no_difference_to_a_code() {
        let folded =
            |code: &str| folded_code(&PromotionTerms { code: Some(code.into()), ..terms(percent(1)) });
        assert_eq!(folded("Tea-WEEK"), folded("tea-week"));
        assert_eq!(folded_code(&terms(percent(1))), None);
    }
}
