//! The effect that a promotion would have had on past orders.

use super::{
    basket::{Basket, Line},
    eligibility::CustomerUses,
    pricing,
};
use chrono::{DateTime, Utc};
use contract::{
    discounts::{Pricing, Promotion, PromotionEffect, PromotionResult, PromotionTerms},
    ids::{PromotionId, UserId},
    money::{Currency, Money},
    problems::FieldError,
};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

const MAX_ORDERS: u32 = 1_000;

/// The query of `POST /promotions/effect`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EffectQuery {
    /// The number of orders to price, 1 to 1,000.
    #[serde(default = "default_orders")]
    #[param(value_type = u64, minimum = 1, maximum = 1_000, default = 100)]
    orders: u32,
    /// The promotion whose terms these would replace. By default the promotion is new.
    #[param(required = false)]
    pub(crate) replaces: Option<PromotionId>,
}

fn default_orders() -> u32 {
    100
}

impl EffectQuery {
    /// The number of orders. The error names the parameter.
    pub(crate) fn orders(&self) -> Result<u32, Vec<FieldError>> {
        let orders = self.orders;
        if (1..=MAX_ORDERS).contains(&orders) {
            return Ok(orders);
        }
        let expected = format!("the number of orders is from 1 to {MAX_ORDERS}, not {orders}");
        Err(vec![FieldError::new("orders", expected)])
    }
}

/// An order of the past, at its list prices.
#[derive(Debug)]
pub(crate) struct PastOrder {
    user_id: UserId,
    basket: Basket,
}

impl PastOrder {
    /// The order of this customer that was priced so.
    pub(crate) fn new(user_id: UserId, pricing: Pricing) -> Self {
        let lines = pricing.lines.into_iter().map(|line| Line {
            product_id: line.product_id,
            category: line.category,
            quantity: line.quantity,
            list_price: line.list_price.amount_minor,
        });
        let basket = Basket { lines: lines.collect(), currency: pricing.total.currency, codes: Vec::new() };
        Self { user_id, basket }
    }
}

/// Prices these orders with and without a promotion, under the automatic promotions of today.
///
/// `orders` are sorted from the oldest to the newest, because the limits of the promotion count orders in this
/// sequence. Its window is ignored, and every customer is assumed to enter its code.
pub(crate) fn effect(
    orders: &[PastOrder],
    automatic: &[Promotion],
    terms: PromotionTerms,
    currency: Currency,
    at: DateTime<Utc>,
) -> PromotionEffect {
    let terms = PromotionTerms { code: None, starts_at: None, ends_at: None, ..terms };
    let mut promotion = Promotion { id: PromotionId::new(), terms, used: 0, updated_at: at };
    let mut uses: HashMap<UserId, i64> = HashMap::new();
    let (mut without, mut with) = (0, 0);
    for order in orders {
        without += pricing::price(&order.basket, automatic, &CustomerUses::new(), at).total.amount_minor;
        let promotions = [automatic, std::slice::from_ref(&promotion)].concat();
        let own_uses = uses.entry(order.user_id).or_default();
        let customer = CustomerUses::from([(promotion.id, *own_uses)]);
        let pricing = pricing::price(&order.basket, &promotions, &customer, at);
        with += pricing.total.amount_minor;
        if is_applied(&pricing, promotion.id) {
            promotion.used += 1;
            *own_uses += 1;
        }
    }
    let money = |amount_minor| Money { amount_minor, currency };
    PromotionEffect {
        orders: orders.len().try_into().unwrap_or(u64::MAX),
        orders_with_promotion: promotion.used.unsigned_abs(),
        total_without: money(without),
        total_with: money(with),
    }
}

fn is_applied(pricing: &Pricing, id: PromotionId) -> bool {
    let mut applied =
        pricing.promotions.iter().filter(|one| matches!(one.result, PromotionResult::Applied { .. }));
    applied.any(|one| one.promotion_id == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{
        amount, basket, eur, euro, line, noon, percent, promotion, terms, terms_for,
    };
    use chrono::TimeDelta;

    fn orders(user_id: UserId, totals: &[i64]) -> Vec<PastOrder> {
        let order = |total: &i64| PastOrder { user_id, basket: basket(&[line("Tea", 1, *total)], &[]) };
        totals.iter().map(order).collect()
    }

    fn seen(orders: &[PastOrder], automatic: &[Promotion], terms: PromotionTerms) -> (u64, i64, i64) {
        let seen = effect(orders, automatic, terms, euro(), noon());
        assert_eq!(seen.orders, orders.len() as u64);
        (seen.orders_with_promotion, seen.total_without.amount_minor, seen.total_with.amount_minor)
    }

    #[test]
    fn the_number_of_orders_is_limited() {
        let parsed = |orders| EffectQuery { orders, replaces: None }.orders();
        assert_eq!((parsed(1), parsed(1_000)), (Ok(1), Ok(1_000)));
        for bad in [0, 1_001] {
            assert_eq!(parsed(bad).unwrap_err()[0].pointer, "orders");
        }
    }

    #[test]
    fn only_orders_that_meet_the_terms_are_cheaper() {
        let orders = orders(UserId::new(), &[1_000, 2_000, 3_000]);
        let from_20 = PromotionTerms { minimum: Some(eur(2_000)), ..terms(percent(1_000)) };
        assert_eq!(seen(&orders, &[], from_20), (2, 6_000, 5_500));
        assert_eq!(seen(&orders, &[], terms_for("Cups", percent(1_000))), (0, 6_000, 6_000));
    }

    #[test]
    fn the_code_counts_as_entered_and_the_window_as_open() {
        let later = Some(noon() + TimeDelta::days(1));
        let planned = PromotionTerms { code: Some("X".into()), starts_at: later, ..terms(amount(100)) };
        assert_eq!(seen(&orders(UserId::new(), &[1_000]), &[], planned), (1, 1_000, 900));
    }

    #[test]
    fn limits_count_the_oldest_orders_first() {
        let (ada, bob) = (UserId::new(), UserId::new());
        let all = [orders(ada, &[1_000, 2_000]), orders(bob, &[3_000, 4_000])];
        let all: Vec<_> = all.into_iter().flatten().collect();
        let once = PromotionTerms { customer_limit: Some(1), ..terms(percent(1_000)) };
        assert_eq!(seen(&all, &[], once), (2, 10_000, 9_600));
        let three = PromotionTerms { total_limit: Some(3), ..terms(percent(1_000)) };
        assert_eq!(seen(&all, &[], three), (3, 10_000, 9_400));
    }

    #[test]
    fn the_promotion_competes_with_others_of_its_group() {
        let group = |reduction| PromotionTerms { exclusive_group: Some("x".into()), ..terms(reduction) };
        let automatic = [promotion("Old", group(percent(2_000)))];
        let orders = orders(UserId::new(), &[1_000]);
        assert_eq!(seen(&orders, &automatic, group(percent(1_000))), (0, 800, 800));
        assert_eq!(seen(&orders, &automatic, group(percent(5_000))), (1, 800, 500));
    }
}
