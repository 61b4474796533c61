//! Chance that can be repeated.

use rand::{SeedableRng, rngs::StdRng};

/// Names the seed of a run that is to be repeated.
const VARIABLE: &str = "FAULT_SEED";

/// Where chance comes from. Tests capture their output, so it is seen where one fails.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The one that `FAULT_SEED` names, else one that nobody has had.
    #[must_use]
    pub fn from_env() -> Self {
        let named = std::env::var(VARIABLE).ok().map(|text| text.parse().expect("FAULT_SEED is a number"));
        let seed = named.unwrap_or_else(|| u64::from(rand::random::<u32>()));
        println!("{VARIABLE}={seed} repeats what chance decided here");
        Self(seed)
    }

    /// A sequence of its own for each purpose, so that one that draws more does not change the others.
    #[must_use]
    pub fn chance(self, purpose: u64) -> StdRng {
        StdRng::seed_from_u64(self.0 ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}
