//! The values of the fault switches of simulators: a probability, or a number of times.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// A percentage from 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u8")]
#[schema(value_type = u8, minimum = 0, maximum = 100, example = 10)]
pub struct Percent(u8);

/// How often a fault happens: a number of times, or `"all"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a count or \"all\"")]
pub enum Times {
    /// The remaining number of times. Each fault decrements it.
    #[schema(example = 1)]
    Next(u32),
    /// Every time.
    Every(All),
}

/// The word `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum All {
    /// `all`
    All,
}

/// A value that is neither a percentage nor a count.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSwitch {
    /// Not a percentage.
    #[error("a percentage is a number from 0 to 100")]
    Percent,
    /// Not a count.
    #[error("expected a count or `all`")]
    Times,
}

impl Times {
    /// Whether the fault happens this time. Decrements the count.
    pub fn strikes(&mut self) -> bool {
        match self {
            Self::Next(0) => false,
            Self::Next(left) => {
                *left -= 1;
                true
            }
            Self::Every(All::All) => true,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::Next(0)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Next(times) => times.fmt(f),
            Self::Every(All::All) => f.write_str("all"),
        }
    }
}

impl FromStr for Times {
    type Err = InvalidSwitch;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::Every(All::All));
        }
        text.parse().map(Self::Next).map_err(|_| InvalidSwitch::Times)
    }
}

impl Percent {
    /// Returns true at random, with this probability.
    #[must_use]
    pub fn strikes(self) -> bool {
        rand::random_range(0..100) < self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Percent {
    type Err = InvalidSwitch;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<u8>().map_err(|_| InvalidSwitch::Percent)?.try_into()
    }
}

impl TryFrom<u8> for Percent {
    type Error = InvalidSwitch;

    fn try_from(percent: u8) -> Result<Self, Self::Error> {
        if percent <= 100 { Ok(Self(percent)) } else { Err(InvalidSwitch::Percent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_values_are_refused() {
        assert!("101".parse::<Percent>().is_err());
        assert!("-1".parse::<Times>().is_err());
    }

    #[test]
    fn a_count_is_used_up_and_all_is_not() {
        let (mut two, mut all) = ("2".parse::<Times>().unwrap(), "all".parse::<Times>().unwrap());
        assert_eq!([(); 3].map(|()| two.strikes()), [true, true, false]);
        assert_eq!([(); 3].map(|()| all.strikes()), [true; 3]);
        assert_eq!([0, 100].map(|percent: u8| Percent::try_from(percent).unwrap().strikes()), [false, true]);
    }
}
