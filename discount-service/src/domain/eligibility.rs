//! Decides whether an order can use a promotion, apart from other promotions.

use super::{
    basket::{Basket, Code},
    reduction::matches,
};
use chrono::{DateTime, Utc};
use contract::{
    discounts::{NotApplied, Promotion, PromotionTerms, Reduction},
    folding,
    ids::PromotionId,
    money::{Currency, Money},
};
use std::collections::HashMap;

/// The uses of promotions by other orders of the customer.
pub(crate) type CustomerUses = HashMap<PromotionId, i64>;

/// The reason why a promotion does not apply, with a sentence for the customer.
pub(super) type Reason = (NotApplied, String);

/// A promotion that is considered for an order.
#[derive(Debug)]
pub(super) struct Considered<'a> {
    pub(super) promotion: &'a Promotion,
    /// The code that the customer entered. `None` if the promotion is automatic.
    pub(super) code: Option<&'a Code>,
    /// The reason why the order cannot use the promotion, if there is one.
    pub(super) reason: Option<Reason>,
}

/// Finds the promotions to consider: those whose code was entered, and the current automatic ones for at
/// least one line. The first one has the highest priority. The older one of two with the same priority is
/// first.
pub(super) fn consider<'a>(
    basket: &'a Basket,
    promotions: &'a [Promotion],
    uses: &CustomerUses,
    at: DateTime<Utc>,
) -> Vec<Considered<'a>> {
    let mut considered: Vec<_> = promotions
        .iter()
        .filter(|promotion| is_in(&promotion.terms, basket.currency))
        .filter_map(|promotion| {
            let terms = &promotion.terms;
            let code = match &terms.code {
                Some(code) => {
                    let folded = folding::folded(code);
                    Some(basket.codes.iter().find(|entered| entered.folded == folded)?)
                }
                None if outside_window(terms, at).is_some() || !has_matching_line(terms, basket) => {
                    return None;
                }
                None => None,
            };
            let reason = reason(promotion, basket, uses.get(&promotion.id).copied().unwrap_or(0), at);
            Some(Considered { promotion, code, reason })
        })
        .collect();
    considered.sort_by_key(|considered| {
        (std::cmp::Reverse(considered.promotion.terms.priority), considered.promotion.id)
    });
    considered
}

/// Whether all amounts of the promotion are in this currency. They are not if the shop has changed its
/// currency.
fn is_in(terms: &PromotionTerms, currency: Currency) -> bool {
    let reduction = match terms.reduction {
        Reduction::Amount { amount } => Some(amount),
        Reduction::Percent { .. } => None,
    };
    [reduction, terms.minimum, terms.cap].into_iter().flatten().all(|money| money.currency == currency)
}

fn has_matching_line(terms: &PromotionTerms, basket: &Basket) -> bool {
    basket.lines.iter().any(|line| matches(&terms.scope, line))
}

fn outside_window(terms: &PromotionTerms, at: DateTime<Utc>) -> Option<Reason> {
    let name = &terms.name;
    if let Some(start) = terms.starts_at.filter(|start| at < *start) {
        return Some((NotApplied::NotStarted, format!("{name} starts on {}.", for_people(start))));
    }
    let end = terms.ends_at.filter(|end| *end <= at)?;
    Some((NotApplied::Expired, format!("{name} ended on {}.", for_people(end))))
}

fn for_people(time: DateTime<Utc>) -> impl std::fmt::Display {
    time.format("%Y-%m-%d %H:%M UTC")
}

fn reason(promotion: &Promotion, basket: &Basket, uses: i64, at: DateTime<Utc>) -> Option<Reason> {
    let Promotion { terms, used, .. } = promotion;
    let name = &terms.name;
    if let Some(reason) = outside_window(terms, at) {
        return Some(reason);
    }
    if !has_matching_line(terms, basket) {
        return Some((NotApplied::NoMatchingLine, format!("{name} is for other products.")));
    }
    if terms.total_limit.is_some_and(|limit| *used >= limit) {
        return Some((NotApplied::UsedUp, format!("{name} is used up.")));
    }
    if let Some(limit) = terms.customer_limit.filter(|limit| uses >= *limit) {
        let often = if limit == 1 { "once".to_owned() } else { format!("{limit} times") };
        let detail = format!("Each customer can use {name} {often}, and you have done so.");
        return Some((NotApplied::UsedUpByCustomer, detail));
    }
    let total = Money { amount_minor: basket.list_total(), currency: basket.currency };
    let minimum = terms.minimum.filter(|minimum| total.amount_minor < minimum.amount_minor)?;
    let detail = format!("{name} needs list prices of {minimum} or more. Yours sum to {total}.");
    Some((NotApplied::BelowMinimum, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{amount, basket, eur, line, noon, percent, promotion, terms, terms_for};
    use chrono::TimeDelta;

    fn reason_of(terms: PromotionTerms, used: i64, uses: i64) -> Option<String> {
        let promotion =
            Promotion { used, ..promotion("Sale", PromotionTerms { code: Some("Sale".into()), ..terms }) };
        let basket = basket(&[line("Tea", 2, 1_000)], &["SALE"]);
        let uses = HashMap::from([(promotion.id, uses)]);
        let considered = consider(&basket, std::slice::from_ref(&promotion), &uses, noon());
        considered[0].reason.as_ref().map(|(reason, detail)| format!("{} {detail}", reason.as_str()))
    }

    #[test]
    fn the_reason_says_why_a_code_cannot_be_used() {
        let free = || terms(percent(1_000));
        let (before, after) = (Some(noon() - TimeDelta::hours(1)), Some(noon() + TimeDelta::hours(1)));
        for (terms, expected) in [
            (
                PromotionTerms { starts_at: after, ..free() },
                "not_started Sale starts on 2026-06-15 13:00 UTC.",
            ),
            (PromotionTerms { ends_at: before, ..free() }, "expired Sale ended on 2026-06-15 11:00 UTC."),
            (terms_for("Cups", percent(1_000)), "no_matching_line Sale is for other products."),
            (
                PromotionTerms { minimum: Some(eur(2_001)), ..free() },
                "below_minimum Sale needs list prices of 20.01 EUR or more. Yours sum to 20.00 EUR.",
            ),
            (PromotionTerms { total_limit: Some(5), ..free() }, "used_up Sale is used up."),
            (
                PromotionTerms { customer_limit: Some(2), ..free() },
                "used_up_by_customer Each customer can use Sale 2 times, and you have done so.",
            ),
        ] {
            assert_eq!(reason_of(terms, 5, 2).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_promotion_applies_up_to_its_limits() {
        let terms = PromotionTerms {
            starts_at: Some(noon()),
            ends_at: Some(noon() + TimeDelta::microseconds(1)),
            minimum: Some(eur(2_000)),
            total_limit: Some(6),
            customer_limit: Some(3),
            ..terms_for("Tea", percent(1_000))
        };
        assert_eq!(reason_of(terms.clone(), 5, 2), None);
        let over = PromotionTerms { ends_at: Some(noon()), ..terms };
        assert!(reason_of(over, 5, 2).unwrap().starts_with("expired "), "the end is not part of the window");
    }

    #[test]
    fn automatic_promotions_are_considered_only_if_they_concern_the_order() {
        let later = Some(noon() + TimeDelta::hours(1));
        let promotions = [
            promotion("Cups", terms_for("Cups", percent(1_000))),
            promotion("Later", PromotionTerms { starts_at: later, ..terms(percent(1_000)) }),
            promotion("Code", PromotionTerms { code: Some("X".into()), ..terms(percent(1_000)) }),
            promotion("Big", PromotionTerms { minimum: Some(eur(9_999)), ..terms(percent(1_000)) }),
            promotion("Tea", PromotionTerms { priority: 1, ..terms_for("Tea", percent(1_000)) }),
            promotion("Foreign", {
                let foreign = Money { amount_minor: 1, currency: "USD".parse().unwrap() };
                PromotionTerms { cap: Some(foreign), ..terms(percent(1_000)) }
            }),
            promotion("Order", terms(amount(100))),
        ];
        let basket = basket(&[line("Tea", 1, 1_000)], &["Y"]);
        let considered = consider(&basket, &promotions, &HashMap::new(), noon());
        let names: Vec<_> = considered.iter().map(|one| &*one.promotion.terms.name).collect();
        assert_eq!(names, ["Tea", "Big", "Order"], "by priority, then by age");
    }
}
