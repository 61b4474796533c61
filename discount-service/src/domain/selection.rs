//! Chooses the best promotion of each exclusivity group, and applies the chosen promotions.
//!
//! The choice compares all combinations, because promotions can compete for the same line. Staff cannot
//! create so many groups that this takes long: see [`super::promotion::MAX_GROUPS`].

use super::{
    allocation::allocate,
    reduction::{Cut, off_rest},
};
use contract::{discounts::Promotion, ids::PromotionId};
use std::collections::BTreeMap;

/// A promotion that the order can use.
#[derive(Debug)]
pub(super) struct Entrant<'a> {
    pub(super) promotion: &'a Promotion,
    pub(super) cut: Cut,
}

impl Entrant<'_> {
    fn group(&self) -> Option<&str> {
        self.promotion.terms.exclusive_group.as_deref()
    }

    fn id(&self) -> PromotionId {
        self.promotion.id
    }
}

/// Chooses promotions so that the total is the smallest. All promotions without a group are chosen, and one
/// of each group. If two choices give the same total, the promotion with the higher priority wins. The
/// entrants and the chosen ones are in the order of priority.
pub(super) fn best<'e, 'a>(list_totals: &[i64], entrants: &'e [Entrant<'a>]) -> Vec<&'e Entrant<'a>> {
    let mut groups: BTreeMap<&str, Vec<&Entrant>> = BTreeMap::new();
    let mut left = list_totals.to_vec();
    for entrant in entrants {
        match entrant.group() {
            Some(group) => groups.entry(group).or_default().push(entrant),
            None => cut_lines(&mut left, entrant),
        }
    }
    let mut selections = vec![Vec::new()];
    for members in groups.values() {
        let with_each_member = |selection: Vec<PromotionId>| {
            members.iter().map(move |member| {
                let mut longer = selection.clone();
                longer.push(member.id());
                longer
            })
        };
        selections = selections.into_iter().flat_map(with_each_member).collect();
    }
    // The first of several smallest totals, so the members with the highest priority.
    let best = selections.into_iter().min_by_key(|selection| total(&left, entrants, selection));
    let best = best.unwrap_or_default();
    entrants.iter().filter(|entrant| entrant.group().is_none() || best.contains(&entrant.id())).collect()
}

/// The total under these members of groups. `left` is the rest of each line after the promotions without a
/// group.
fn total(left: &[i64], entrants: &[Entrant], selection: &[PromotionId]) -> i64 {
    let is_selected = |entrant: &&Entrant| selection.contains(&entrant.id());
    let mut left = left.to_vec();
    for entrant in entrants.iter().filter(is_selected) {
        cut_lines(&mut left, entrant);
    }
    entrants
        .iter()
        .filter(|entrant| matches!(entrant.cut, Cut::Rest))
        .filter(|entrant| entrant.group().is_none() || is_selected(entrant))
        .fold(left.iter().sum(), |rest, entrant| rest - off_rest(&entrant.promotion.terms, rest))
}

fn cut_lines(left: &mut [i64], entrant: &Entrant) {
    if let Cut::Lines(cuts) = &entrant.cut {
        for (left, cut) in left.iter_mut().zip(cuts) {
            *left -= (*cut).min(*left);
        }
    }
}

/// The amounts that each of the chosen promotions takes off each line. Promotions for the whole order follow
/// the others.
pub(super) fn shares<'e, 'a>(
    list_totals: &[i64],
    chosen: &[&'e Entrant<'a>],
) -> Vec<(&'e Entrant<'a>, Vec<i64>)> {
    let mut left = list_totals.to_vec();
    let mut shares = Vec::with_capacity(chosen.len());
    let (whole, lines): (Vec<_>, Vec<_>) =
        chosen.iter().copied().partition(|entrant| matches!(entrant.cut, Cut::Rest));
    for entrant in lines.into_iter().chain(whole) {
        let before = left.clone();
        match &entrant.cut {
            Cut::Lines(_) => cut_lines(&mut left, entrant),
            Cut::Rest => {
                let off = off_rest(&entrant.promotion.terms, left.iter().sum());
                for (left, share) in left.iter_mut().zip(allocate(off, &before)) {
                    *left -= share;
                }
            }
        }
        shares.push((entrant, before.iter().zip(&left).map(|(before, left)| before - left).collect()));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{amount, percent, promotion, terms};
    use contract::discounts::PromotionTerms;

    fn grouped(name: &str, group: &str, terms: PromotionTerms) -> Promotion {
        promotion(name, PromotionTerms { exclusive_group: Some(group.into()), ..terms })
    }

    fn chosen(list_totals: &[i64], entrants: &[Entrant]) -> Vec<String> {
        best(list_totals, entrants).into_iter().map(|one| one.promotion.terms.name.clone()).collect()
    }

    #[test]
    fn the_best_promotion_of_a_group_depends_on_the_others() {
        let free = promotion("free cup", terms(percent(1)));
        let tea = grouped("tea", "sale", terms(percent(1)));
        let cup = grouped("cup", "sale", terms(percent(1)));
        let entrant = |promotion, cuts: [i64; 2]| Entrant { promotion, cut: Cut::Lines(cuts.into()) };
        let alone = [entrant(&tea, [100, 0]), entrant(&cup, [0, 120])];
        assert_eq!(chosen(&[1_000, 600], &alone), ["cup"]);
        // The cup costs 60 under the first promotion, so 120 off the cup is less than it seems.
        let combined = [entrant(&free, [0, 540]), entrant(&tea, [100, 0]), entrant(&cup, [0, 120])];
        assert_eq!(chosen(&[1_000, 600], &combined), ["free cup", "tea"]);
    }

    #[test]
    fn the_higher_priority_wins_between_equals() {
        let (first, second) =
            (grouped("first", "sale", terms(amount(5))), grouped("second", "sale", terms(amount(5))));
        let entrants = [&first, &second].map(|promotion| Entrant { promotion, cut: Cut::Rest });
        assert_eq!(chosen(&[1_000], &entrants), ["first"]);
    }

    #[test]
    fn groups_are_independent_and_each_gives_one_promotion() {
        let promotions = [
            grouped("a5", "a", terms(amount(5))),
            grouped("b7", "b", terms(amount(7))),
            grouped("a9", "a", terms(amount(9))),
            promotion("always", terms(amount(1))),
            grouped("b3", "b", terms(amount(3))),
        ];
        let entrants = promotions.each_ref().map(|promotion| Entrant { promotion, cut: Cut::Rest });
        assert_eq!(chosen(&[1_000], &entrants), ["b7", "a9", "always"]);
    }

    #[test]
    fn a_promotion_takes_only_the_rest_that_earlier_ones_leave() {
        let promotions = [promotion("order", terms(amount(100))), promotion("tea", terms(amount(1)))];
        let [order, tea] = promotions.each_ref();
        let entrants = [
            Entrant { promotion: order, cut: Cut::Rest },
            Entrant { promotion: tea, cut: Cut::Lines(vec![30, 999]) },
        ];
        let chosen = best(&[50, 60], &entrants);
        let shares: Vec<_> = shares(&[50, 60], &chosen).into_iter().map(|(_, shares)| shares).collect();
        assert_eq!(shares, [[30, 60], [20, 0]]);
    }
}
