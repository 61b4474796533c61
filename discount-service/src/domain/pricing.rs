//! The price of a basket under promotions. Quotes, product prices and orders all use [`price`].
//!
//! Each promotion for products or categories takes fixed amounts off the lines, computed from list prices.
//! Then each promotion for the whole order takes a part of the rest, by priority. So a promotion never raises
//! a total.

use super::{
    basket::{Basket, Line},
    eligibility::{Considered, CustomerUses, consider},
    reduction::Cut,
    selection::{Entrant, best, shares},
};
use chrono::{DateTime, Utc};
use contract::{
    adjustment::Adjustment,
    catalog::Product,
    discounts::{
        ClaimRefusal, ConsideredPromotion, NotApplied, PricedLine, Pricing, ProductPrice, Promotion,
        PromotionResult, Scope,
    },
    ids::PromotionId,
    money::Money,
};
use std::collections::{HashMap, HashSet};

/// Prices a basket. `promotions` has at least the automatic ones and those whose codes were entered.
pub(crate) fn price(
    basket: &Basket,
    promotions: &[Promotion],
    uses: &CustomerUses,
    at: DateTime<Utc>,
) -> Pricing {
    // In this order, the last units of an allocation do not depend on the order of the request.
    let mut positions: Vec<(usize, &Line)> = basket.lines.iter().enumerate().collect();
    positions.sort_by_key(|(_, line)| line.product_id);
    let lines: Vec<_> = positions.iter().map(|(_, line)| *line).collect();
    let list_totals: Vec<_> = lines.iter().map(|line| line.list_total()).collect();

    let considered = consider(basket, promotions, uses, at);
    let usable = considered.iter().filter(|one| one.reason.is_none());
    let entrants: Vec<_> = usable
        .map(|one| Entrant { promotion: one.promotion, cut: Cut::of(&one.promotion.terms, &lines) })
        .collect();
    let chosen = best(&list_totals, &entrants);
    let shares = shares(&list_totals, &chosen);

    let money = |amount_minor| Money { amount_minor, currency: basket.currency };
    let mut priced: Vec<_> =
        positions.iter().map(|(position, line)| (*position, unreduced(line, &money))).collect();
    for (entrant, shares) in &shares {
        for ((_, line), share) in priced.iter_mut().zip(shares).filter(|(_, share)| **share > 0) {
            line.total.amount_minor -= share;
            line.adjustments.push(Adjustment {
                promotion_id: entrant.promotion.id,
                name: entrant.promotion.terms.name.clone(),
                amount: money(*share),
            });
        }
    }
    priced.sort_by_key(|(position, _)| *position);
    let lines: Vec<_> = priced.into_iter().map(|(_, line)| line).collect();

    let amounts =
        shares.iter().map(|(entrant, shares)| (entrant.promotion.id, shares.iter().sum())).collect();
    Pricing {
        promotions: results(basket, &considered, &amounts, &money),
        list_total: money(basket.list_total()),
        total: money(lines.iter().map(|line| line.total.amount_minor).sum()),
        lines,
    }
}

fn unreduced(line: &Line, money: &impl Fn(i64) -> Money) -> PricedLine {
    PricedLine {
        product_id: line.product_id,
        category: line.category.clone(),
        quantity: line.quantity,
        list_price: money(line.list_price),
        adjustments: Vec::new(),
        total: money(line.list_total()),
    }
}

/// The result of each considered promotion, then of each unknown code. `amounts` has what the chosen
/// promotions take off.
fn results(
    basket: &Basket,
    considered: &[Considered],
    amounts: &HashMap<PromotionId, i64>,
    money: &impl Fn(i64) -> Money,
) -> Vec<ConsideredPromotion> {
    let known: HashSet<_> = considered.iter().filter_map(|one| Some(&*one.code?.folded)).collect();
    let unknown = basket.codes.iter().filter(|code| !known.contains(&*code.folded)).map(|code| {
        let detail = format!("The shop has no code {}.", code.entered);
        ConsideredPromotion {
            promotion_id: None,
            name: None,
            code: Some(code.entered.clone()),
            result: PromotionResult::NotApplied { reason: NotApplied::UnknownCode, detail },
        }
    });
    let known = considered.iter().map(|one| {
        let reason = one.reason.clone().or_else(|| match amounts.get(&one.promotion.id) {
            None => Some(beaten(one, considered, amounts)),
            Some(0) => {
                let detail = format!("{} takes nothing off this order.", one.promotion.terms.name);
                Some((NotApplied::NoEffect, detail))
            }
            Some(_) => None,
        });
        let amount = amounts.get(&one.promotion.id).copied().unwrap_or(0);
        ConsideredPromotion {
            promotion_id: Some(one.promotion.id),
            name: Some(one.promotion.terms.name.clone()),
            code: one.code.map(|code| code.entered.clone()),
            result: match reason {
                Some((reason, detail)) => PromotionResult::NotApplied { reason, detail },
                None => PromotionResult::Applied { amount: money(amount) },
            },
        }
    });
    known.chain(unknown).collect()
}

/// The reason of a promotion that was not chosen, with the name of the promotion of its group that was
/// chosen.
fn beaten(
    one: &Considered,
    considered: &[Considered],
    amounts: &HashMap<PromotionId, i64>,
) -> (NotApplied, String) {
    let group = &one.promotion.terms.exclusive_group;
    let winner = considered
        .iter()
        .map(|other| other.promotion)
        .find(|other| other.terms.exclusive_group == *group && amounts.contains_key(&other.id));
    let winner = winner.map_or("another promotion", |winner| &winner.terms.name);
    let detail =
        format!("{} cannot be combined with {winner}, which is better for you.", one.promotion.terms.name);
    (NotApplied::BetterPromotion, detail)
}

/// The promotions that take something off.
pub(crate) fn applied(pricing: &Pricing) -> impl Iterator<Item = PromotionId> {
    pricing.promotions.iter().filter_map(|one| match one.result {
        PromotionResult::Applied { .. } => one.promotion_id,
        PromotionResult::NotApplied { .. } => None,
    })
}

/// The reason to refuse an order with this pricing: the first code that cannot be used.
pub(crate) fn refusal(pricing: &Pricing) -> Option<ClaimRefusal> {
    pricing.promotions.iter().find_map(|one| match (&one.code, &one.result) {
        (Some(code), PromotionResult::NotApplied { reason, detail }) if reason.refuses_order() => {
            Some(ClaimRefusal { code: code.clone(), reason: *reason, detail: detail.clone() })
        }
        _ => None,
    })
}

/// The price of one piece, under the promotions that apply to every customer and order.
pub(crate) fn price_of_one(product: &Product, promotions: &[Promotion], at: DateTime<Utc>) -> ProductPrice {
    let always: Vec<_> = promotions
        .iter()
        .filter(|promotion| {
            let terms = &promotion.terms;
            let is_for_lines = !matches!(terms.scope, Scope::Order {});
            is_for_lines && terms.minimum.is_none() && terms.customer_limit.is_none()
        })
        .cloned()
        .collect();
    let line = Line {
        product_id: product.id,
        category: product.category.clone(),
        quantity: 1,
        list_price: product.price.amount_minor,
    };
    let basket = Basket { lines: vec![line], currency: product.price.currency, codes: Vec::new() };
    let pricing = price(&basket, &always, &CustomerUses::new(), at);
    ProductPrice {
        product_id: product.id,
        list_price: product.price,
        price: pricing.total,
        adjustments: pricing.lines.into_iter().flat_map(|line| line.adjustments).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{amount, basket, eur, line, noon, percent, promotion, terms, terms_for};
    use contract::discounts::{PromotionTerms, Reduction};
    use contract::ids::ProductId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn priced(basket: &Basket, promotions: &[Promotion]) -> Pricing {
        price(basket, promotions, &CustomerUses::new(), noon())
    }

    fn totals(pricing: &Pricing) -> Vec<i64> {
        pricing.lines.iter().map(|line| line.total.amount_minor).collect()
    }

    /// The name of each considered promotion, with what it takes off or the reason.
    fn outcomes(pricing: &Pricing) -> Vec<String> {
        let outcome = |one: &ConsideredPromotion| {
            let name = one.name.as_deref().or(one.code.as_deref()).unwrap_or_default();
            match &one.result {
                PromotionResult::Applied { amount } => format!("{name}: {amount}"),
                PromotionResult::NotApplied { detail, .. } => format!("{name}: {detail}"),
            }
        };
        pricing.promotions.iter().map(outcome).collect()
    }

    fn with_code(code: &str, terms: PromotionTerms) -> PromotionTerms {
        PromotionTerms { code: Some(code.into()), ..terms }
    }

    fn in_group(group: &str, terms: PromotionTerms) -> PromotionTerms {
        PromotionTerms { exclusive_group: Some(group.into()), ..terms }
    }

    #[test]
    fn without_promotions_the_list_prices_apply() {
        let pricing = priced(&basket(&[line("Tea", 2, 690), line("Cups", 1, 1_200)], &[]), &[]);
        assert_eq!((totals(&pricing), pricing.total), (vec![1_380, 1_200], eur(2_580)));
        assert_eq!((pricing.list_total, pricing.promotions), (eur(2_580), vec![]));
    }

    #[test]
    fn promotions_for_lines_count_from_list_prices_and_those_for_the_order_from_the_rest() {
        let promotions = [
            promotion("order", PromotionTerms { priority: 9, ..terms(percent(1_000)) }),
            promotion("tea", terms_for("Tea", percent(2_000))),
            promotion("more tea", terms_for("Tea", amount(100))),
        ];
        let pricing = priced(&basket(&[line("Tea", 1, 1_000), line("Cups", 1, 1_000)], &[]), &promotions);
        assert_eq!(outcomes(&pricing), ["order: 1.70 EUR", "tea: 2.00 EUR", "more tea: 1.00 EUR"]);
        assert_eq!((totals(&pricing), pricing.total), (vec![630, 900], eur(1_530)));
        let names: Vec<_> = pricing.lines[0].adjustments.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["tea", "more tea", "order"]);
    }

    #[test]
    fn a_higher_priority_applies_first() {
        let terms = |priority, reduction| PromotionTerms { priority, ..terms(reduction) };
        let promotions =
            [promotion("percent", terms(0, percent(1_000))), promotion("amount", terms(1, amount(500)))];
        let pricing = priced(&basket(&[line("Tea", 1, 2_000)], &[]), &promotions);
        assert_eq!(outcomes(&pricing), ["amount: 5.00 EUR", "percent: 1.50 EUR"]);
    }

    #[test]
    fn a_discount_for_the_order_is_divided_between_the_lines() {
        let lines = [line("Tea", 1, 1_000), line("Cups", 1, 1_000), line("Milk", 1, 1_000)];
        let pricing = priced(&basket(&lines, &[]), &[promotion("order", terms(amount(100)))]);
        assert_eq!((totals(&pricing), pricing.total), (vec![966, 967, 967], eur(2_900)));
    }

    #[test]
    fn an_amount_above_the_price_takes_the_price() {
        let promotions = [
            promotion("tea", terms_for("Tea", percent(10_000))),
            promotion("order", terms(amount(99_999))),
            promotion("late", terms(percent(5_000))),
        ];
        let pricing = priced(&basket(&[line("Tea", 1, 500), line("Cups", 1, 100)], &[]), &promotions);
        assert_eq!(pricing.total, eur(0));
        assert_eq!(
            outcomes(&pricing),
            ["tea: 5.00 EUR", "order: 1.00 EUR", "late: late takes nothing off this order.",]
        );
        assert_eq!(applied(&pricing).count(), 2, "a promotion without an effect is not used");
    }

    #[test]
    fn only_the_best_promotion_of_a_group_applies() {
        let promotions = [
            promotion("Sale", in_group("x", terms_for("Tea", percent(1_000)))),
            promotion("Welcome", with_code("HI", in_group("x", terms(percent(1_500))))),
            promotion("Other", in_group("y", terms(amount(10)))),
        ];
        let pricing = priced(&basket(&[line("Tea", 1, 1_000)], &["hi"]), &promotions);
        assert_eq!(
            outcomes(&pricing),
            [
                "Sale: Sale cannot be combined with Welcome, which is better for you.",
                "Welcome: 1.50 EUR",
                "Other: 0.10 EUR",
            ]
        );
        assert_eq!(refusal(&pricing), None);
        let beaten = priced(
            &basket(&[line("Tea", 1, 1_000)], &["hi"]),
            &[
                promotion("Sale", in_group("x", terms_for("Tea", percent(5_000)))),
                promotion("Welcome", with_code("HI", in_group("x", terms(percent(1_500))))),
            ],
        );
        assert_eq!(refusal(&beaten), None, "a code that is not needed does not refuse the order");
    }

    #[test]
    fn a_code_that_cannot_be_used_refuses_the_order() {
        let ended = PromotionTerms { ends_at: Some(noon()), ..terms(percent(1_000)) };
        let promotions =
            [promotion("Tea week", with_code("TEA", ended)), promotion("Always", terms(percent(100)))];
        let lines = [line("Tea", 1, 1_000)];
        let refused = |codes: &[&str]| refusal(&priced(&basket(&lines, codes), &promotions));
        assert_eq!(refused(&[]), None);
        let expired = refused(&["tea"]).unwrap();
        assert_eq!((&*expired.code, expired.reason), ("tea", NotApplied::Expired));
        assert_eq!(expired.detail, "Tea week ended on 2026-06-15 12:00 UTC.");
        let unknown = refused(&["NOPE"]).unwrap();
        assert_eq!(
            (unknown.reason, &*unknown.detail),
            (NotApplied::UnknownCode, "The shop has no code NOPE.")
        );
    }

    #[test]
    fn a_product_price_has_the_automatic_promotions_that_apply_to_everyone() {
        let tea = Product {
            id: ProductId::new(),
            sku: "T".into(),
            name: "Tea".into(),
            description: String::new(),
            category: "Tea".into(),
            price: eur(1_000),
            available: 0,
            updated_at: DateTime::default(),
        };
        let tea_terms = || terms_for("Tea", percent(1_000));
        let promotions = [
            promotion("tea", tea_terms()),
            promotion("code", with_code("X", tea_terms())),
            promotion("minimum", PromotionTerms { minimum: Some(eur(1)), ..tea_terms() }),
            promotion("once", PromotionTerms { customer_limit: Some(1), ..tea_terms() }),
            promotion("order", terms(percent(1_000))),
            promotion("cups", terms_for("Cups", percent(1_000))),
        ];
        let price = price_of_one(&tea, &promotions, noon());
        assert_eq!((price.list_price, price.price), (eur(1_000), eur(900)));
        assert_eq!(price.adjustments.iter().map(|one| &*one.name).collect::<Vec<_>>(), ["tea"]);
    }

    const CATEGORIES: [&str; 3] = ["Tea", "Cups", "Milk"];

    fn product(number: u128) -> ProductId {
        Uuid::from_u128(number).into()
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let price = prop_oneof![1..20_i64, 1..5_000_i64];
        (prop::sample::select(&CATEGORIES[..]), 1..5_u32, price)
            .prop_map(|(category, quantity, price)| line(category, quantity, price))
    }

    fn any_basket() -> impl Strategy<Value = Basket> {
        let codes: Vec<_> = (0..4).map(|number| format!("C{number}")).collect();
        let codes = prop::sample::subsequence(codes, 0..=4);
        (prop::collection::vec(any_line(), 1..7), codes).prop_map(|(mut lines, codes)| {
            for (line, number) in lines.iter_mut().zip(0..) {
                line.product_id = product(number);
            }
            basket(&lines, &codes.iter().map(|code| &**code).collect::<Vec<_>>())
        })
    }

    fn any_reduction() -> impl Strategy<Value = Reduction> {
        prop_oneof![
            (1..=10_000_u32).prop_map(percent),
            Just(percent(10_000)),
            (1..30_i64).prop_map(amount),
            (1..9_000_i64).prop_map(amount),
        ]
    }

    fn any_scope() -> impl Strategy<Value = Scope> {
        let products = prop::collection::vec((0..6_u128).prop_map(product), 1..4);
        let categories = prop::sample::subsequence(CATEGORIES.to_vec(), 1..=3);
        prop_oneof![
            Just(Scope::Order {}),
            products.prop_map(|product_ids| Scope::Products { product_ids }),
            categories.prop_map(|names| {
                Scope::Categories { categories: names.into_iter().map(str::to_owned).collect() }
            }),
        ]
    }

    fn any_promotion() -> impl Strategy<Value = Promotion> {
        let limits = (
            prop::option::of((1..9_000_i64).prop_map(eur)),
            prop::option::weighted(0.3, (1..3_000_i64).prop_map(eur)),
            prop::option::of(Just(1_i64)),
            0..2_i64,
        );
        let group = prop::option::of(prop::sample::select(vec!["x", "y", "z"]));
        let code = prop::option::of((0..4_u32).prop_map(|number| format!("c{number}")));
        (any_reduction(), any_scope(), limits, group, code, -1..=1_i32).prop_map(
            |(reduction, scope, (cap, minimum, total_limit, used), group, code, priority)| {
                let exclusive_group = group.map(str::to_owned);
                let terms = PromotionTerms {
                    scope,
                    cap,
                    minimum,
                    total_limit,
                    exclusive_group,
                    code,
                    priority,
                    ..terms(reduction)
                };
                Promotion { used, ..promotion("Sale", terms) }
            },
        )
    }

    fn any_promotions() -> impl Strategy<Value = Vec<Promotion>> {
        prop::collection::vec(any_promotion(), 0..8)
    }

    fn shuffled<T: Clone + std::fmt::Debug>(
        values: impl Strategy<Value = Vec<T>>,
    ) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
        values.prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()))
    }

    proptest! {
        #[test]
        fn shares_sum_exactly_and_no_line_is_below_zero(basket in any_basket(), promotions in any_promotions()) {
            let pricing = priced(&basket, &promotions);
            for (line, wanted) in pricing.lines.iter().zip(&basket.lines) {
                let off: i64 = line.adjustments.iter().map(|one| one.amount.amount_minor).sum();
                prop_assert!(line.adjustments.iter().all(|one| one.amount.amount_minor > 0));
                prop_assert_eq!(line.total.amount_minor, wanted.list_total() - off);
                prop_assert!(line.total.amount_minor >= 0, "{:?}", line);
            }
            prop_assert_eq!(pricing.total.amount_minor, totals(&pricing).iter().sum::<i64>());
            let mut off = 0;
            for one in &pricing.promotions {
                let PromotionResult::Applied { amount } = &one.result else { continue };
                let adjustments = pricing.lines.iter().flat_map(|line| &line.adjustments);
                let own = adjustments.filter(|adjustment| Some(adjustment.promotion_id) == one.promotion_id);
                prop_assert_eq!(own.map(|own| own.amount.amount_minor).sum::<i64>(), amount.amount_minor);
                off += amount.amount_minor;
            }
            prop_assert_eq!(pricing.total.amount_minor, pricing.list_total.amount_minor - off);
        }

        #[test]
        fn the_order_of_lines_and_promotions_does_not_matter(
            basket in any_basket(),
            positions in shuffled(Just((0..6_usize).collect::<Vec<_>>())),
            (promotions, other) in shuffled(any_promotions()),
        ) {
            let order: Vec<_> = positions.1.into_iter().filter(|position| *position < basket.lines.len()).collect();
            let lines = order.iter().map(|position| basket.lines[*position].clone()).collect();
            let moved = priced(&Basket { lines, ..basket.clone() }, &other);
            let pricing = priced(&basket, &promotions);
            let lines: Vec<_> = order.iter().map(|position| pricing.lines[*position].clone()).collect();
            prop_assert_eq!(&lines, &moved.lines);
            prop_assert_eq!(&pricing.promotions, &moved.promotions);
            prop_assert_eq!(pricing.total, moved.total);
        }

        #[test]
        fn adding_a_promotion_never_raises_a_total(
            basket in any_basket(),
            promotions in any_promotions(),
            added in any_promotion(),
        ) {
            let before = priced(&basket, &promotions).total.amount_minor;
            let after = priced(&basket, &[promotions, vec![added]].concat()).total.amount_minor;
            prop_assert!(after <= before, "{} > {}", after, before);
        }

        #[test]
        fn the_best_promotion_of_a_group_applies_and_no_other(
            basket in any_basket(),
            promotions in any_promotions(),
        ) {
            let pricing = priced(&basket, &promotions);
            let used: HashSet<_> = applied(&pricing).collect();
            for group in ["x", "y", "z"] {
                let (members, others): (Vec<_>, Vec<_>) = promotions
                    .iter()
                    .cloned()
                    .partition(|promotion| promotion.terms.exclusive_group.as_deref() == Some(group));
                let winners = members.iter().filter(|member| used.contains(&member.id)).count();
                prop_assert!(winners <= 1);
                for member in members {
                    let wins = used.contains(&member.id);
                    let alone = priced(&basket, &[others.clone(), vec![member]].concat()).total.amount_minor;
                    prop_assert!(alone >= pricing.total.amount_minor);
                    prop_assert!(!wins || alone == pricing.total.amount_minor);
                }
            }
        }

        #[test]
        fn every_code_has_a_result(basket in any_basket(), promotions in any_promotions()) {
            let pricing = priced(&basket, &promotions);
            for code in &basket.codes {
                prop_assert!(pricing.promotions.iter().any(|one| one.code.as_ref() == Some(&code.entered)));
            }
        }
    }
}
