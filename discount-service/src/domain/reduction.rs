//! The amount that a promotion takes off.

use super::{allocation::allocate, basket::Line};
use contract::discounts::{PromotionTerms, Reduction, Scope};

/// 100 %.
const ALL_BASIS_POINTS: i128 = 10_000;

/// The amounts that a promotion takes off an order.
#[derive(Debug)]
pub(super) enum Cut {
    /// Fixed amounts of each line, which depend on list prices only.
    Lines(Vec<i64>),
    /// A part of the rest that other promotions leave.
    Rest,
}

impl Cut {
    /// The cut of a promotion with these terms.
    pub(super) fn of(terms: &PromotionTerms, lines: &[&Line]) -> Self {
        if matches!(terms.scope, Scope::Order {}) {
            return Self::Rest;
        }
        let cuts: Vec<_> = lines.iter().map(|line| cut_of_line(terms, line)).collect();
        match &terms.cap {
            Some(cap) if cap.amount_minor < cuts.iter().sum() => {
                Self::Lines(allocate(cap.amount_minor, &cuts))
            }
            _ => Self::Lines(cuts),
        }
    }
}

/// Whether a line is in the scope of a promotion.
pub(super) fn matches(scope: &Scope, line: &Line) -> bool {
    match scope {
        Scope::Order {} => true,
        Scope::Products { product_ids } => product_ids.contains(&line.product_id),
        Scope::Categories { categories } => categories.contains(&line.category),
    }
}

/// Each piece is reduced alone, so that three pieces cost three times as much as one.
fn cut_of_line(terms: &PromotionTerms, line: &Line) -> i64 {
    if !matches(&terms.scope, line) {
        return 0;
    }
    amount_of(&terms.reduction, line.list_price) * i64::from(line.quantity)
}

/// The amount that a promotion for the whole order takes off this rest.
pub(super) fn off_rest(terms: &PromotionTerms, rest: i64) -> i64 {
    let amount = amount_of(&terms.reduction, rest);
    terms.cap.map_or(amount, |cap| amount.min(cap.amount_minor))
}

/// At most `price`. Half a minor unit is rounded up.
fn amount_of(reduction: &Reduction, price: i64) -> i64 {
    match reduction {
        Reduction::Percent { basis_points } => {
            let product = i128::from(price) * i128::from(*basis_points);
            let rounded = (product + ALL_BASIS_POINTS / 2) / ALL_BASIS_POINTS;
            // At most 100 %, so the conversion cannot fail.
            i64::try_from(rounded).unwrap_or(price)
        }
        Reduction::Amount { amount } => amount.amount_minor.min(price),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{amount, eur, line, percent, terms};
    use contract::ids::ProductId;

    fn cuts(terms: &PromotionTerms, lines: &[&Line]) -> Vec<i64> {
        match Cut::of(terms, lines) {
            Cut::Lines(cuts) => cuts,
            Cut::Rest => panic!("it is for the whole order"),
        }
    }

    fn tea_terms(reduction: Reduction) -> PromotionTerms {
        PromotionTerms { scope: Scope::Categories { categories: vec!["Tea".into()] }, ..terms(reduction) }
    }

    #[test]
    fn a_percentage_is_rounded_for_each_piece() {
        let [one, three] = [1, 3].map(|quantity| line("Tea", quantity, 695));
        assert_eq!(cuts(&tea_terms(percent(1_000)), &[&one, &three]), [70, 210]);
        assert_eq!(cuts(&tea_terms(percent(10_000)), &[&one, &three]), [695, 2_085]);
        assert_eq!(cuts(&tea_terms(percent(1)), &[&one]), [0]);
        assert_eq!(cuts(&tea_terms(percent(1)), &[&line("Tea", 1, 5_000)]), [1], "half a cent is rounded up");
    }

    #[test]
    fn an_amount_is_taken_off_each_piece_and_never_exceeds_its_price() {
        let (tea, sugar) = (line("Tea", 2, 690), line("Tea", 2, 99));
        assert_eq!(cuts(&tea_terms(amount(100)), &[&tea, &sugar]), [200, 198]);
    }

    #[test]
    fn only_lines_in_the_scope_are_reduced() {
        let (tea, cup) = (line("Tea", 1, 690), line("Cups", 1, 1_200));
        assert_eq!(cuts(&tea_terms(percent(1_000)), &[&tea, &cup]), [69, 0]);
        let cup_only = Scope::Products { product_ids: vec![ProductId::new(), cup.product_id] };
        let terms = PromotionTerms { scope: cup_only, ..terms(percent(1_000)) };
        assert_eq!(cuts(&terms, &[&tea, &cup]), [0, 120]);
    }

    #[test]
    fn a_cap_is_shared_by_the_lines() {
        let (tea, more) = (line("Tea", 1, 1_000), line("Tea", 1, 2_000));
        let capped = PromotionTerms { cap: Some(eur(100)), ..tea_terms(percent(5_000)) };
        assert_eq!(cuts(&capped, &[&tea, &more]), [33, 67]);
        let high = PromotionTerms { cap: Some(eur(1_500)), ..tea_terms(percent(5_000)) };
        assert_eq!(cuts(&high, &[&tea, &more]), [500, 1_000]);
    }

    #[test]
    fn a_cap_limits_what_is_taken_off_the_rest() {
        let terms = PromotionTerms { cap: Some(eur(100)), ..terms(percent(1_000)) };
        assert_eq!([900, 1_000, 5_000].map(|rest| off_rest(&terms, rest)), [90, 100, 100]);
    }
}
