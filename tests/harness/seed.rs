//! Random numbers that can be repeated with a seed.

use rand::{SeedableRng, rngs::StdRng};

/// The environment variable with the seed of the run to repeat.
const VARIABLE: &str = "FAULT_SEED";

/// The seed of all random numbers. The output of a failed test shows it.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The seed in `FAULT_SEED`, or a random one. Prints it.
    #[must_use]
    pub fn from_env() -> Self {
        let named = std::env::var(VARIABLE).ok().map(|text| text.parse().expect("FAULT_SEED is a number"));
        let seed = named.unwrap_or_else(|| u64::from(rand::random::<u32>()));
        println!("{VARIABLE}={seed} repeats the random choices of this run");
        Self(seed)
    }

    /// A generator for one purpose. The sequences of other purposes do not depend on it.
    #[must_use]
    pub fn rng(self, purpose: u64) -> StdRng {
        StdRng::seed_from_u64(self.0 ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}
