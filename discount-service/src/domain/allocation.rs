//! Divides an amount between lines by largest remainder.

use std::cmp::Reverse;

/// Divides `amount` in proportion to the weights. The shares sum to `amount`, and no share exceeds its
/// weight. Needs weights that are not negative and sum to at least `amount`. The first of two equal
/// remainders gets the last unit.
pub(super) fn allocate(amount: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().copied().map(i128::from).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(amount) * i128::from(*weight);
        // Never larger than the weight, so the conversion cannot fail.
        shares.push(i64::try_from(product / sum).unwrap_or(*weight));
        remainders.push((Reverse(product % sum), index));
    }
    remainders.sort_unstable();
    let units = usize::try_from(amount - shares.iter().sum::<i64>()).unwrap_or(0);
    for (_, index) in remainders.into_iter().take(units) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_remainders_get_the_last_units() {
        assert_eq!(allocate(100, &[1_000, 1_000, 1_000]), [34, 33, 33]);
        assert_eq!(allocate(10, &[500, 300, 200]), [5, 3, 2]);
        assert_eq!(allocate(5, &[999, 1, 1_000]), [2, 0, 3]);
        assert_eq!(allocate(7, &[3, 4]), [3, 4]);
        assert_eq!(allocate(0, &[0, 0]), [0, 0]);
        assert_eq!(allocate(0, &[]), [0; 0]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_amount_and_none_exceeds_its_weight(
            weights in prop::collection::vec(prop_oneof![0..10_i64, 0..=1_000_000_000_000_000_i64], 0..100),
            part in 0..=1_000_i64,
        ) {
            let sum: i64 = weights.iter().sum();
            let amount = i64::try_from(i128::from(sum) * i128::from(part) / 1_000).unwrap();
            let shares = allocate(amount, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), amount);
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(0 <= *share && share <= weight, "{} of {}", share, weight);
            }
        }
    }
}
