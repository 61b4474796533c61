//! What can be made to go wrong, and is switched while the simulator runs.

use crate::domain::{
    payment_intent::PaymentIntent,
    payment_method::{Decline, Outcome},
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use utoipa::ToSchema;

/// The switches. What is left out is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FaultSwitches {
    /// So many of a hundred charges on good cards are declined.
    pub decline_percent: Percent,
    /// A charge or refund is carried out so many milliseconds after it was asked for.
    #[schema(example = 250)]
    pub delay_ms: u64,
    /// Captured charges that are never answered: the connection is held until the client gives up.
    /// The saved answer is the success.
    pub timeout_after_capture: Times,
    /// Captured charges that are answered 500. So is, as with Stripe, every further request with the
    /// same idempotency key.
    pub error_after_capture: Times,
    /// So many of a hundred requests under `/v1` are answered 503, before anything happens.
    pub unavailable_percent: Percent,
    /// While this is on, captured payments are shown as `processing`, as for a bank that has not confirmed yet.
    pub processing: bool,
}

/// 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u8")]
#[schema(value_type = u8, minimum = 0, maximum = 100, example = 10)]
pub(crate) struct Percent(u8);

/// How often a fault strikes: the next so many times, or `"all"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a count or \"all\"")]
pub(crate) enum Times {
    /// The next so many times; counts down.
    #[schema(example = 1)]
    Next(u32),
    /// Every time.
    Every(All),
}

/// The word `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum All {
    /// `all`
    All,
}

/// What is neither a percentage nor a count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSwitch {
    /// No percentage.
    #[error("a percentage is a number from 0 to 100")]
    Percent,
    /// No count.
    #[error("expected a count or `all`")]
    Times,
}

/// What the simulator does to a charge that was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterCapture {
    /// Answers it.
    Answer,
    /// Never answers it.
    Hold,
    /// Answers 500.
    Fail,
}

/// The switches as they stand.
pub(crate) struct Faults(Mutex<FaultSwitches>);

impl Faults {
    /// With what was set at start.
    pub(crate) const fn new(switches: FaultSwitches) -> Self {
        Self(Mutex::new(switches))
    }

    /// How they stand; counts show what is left.
    pub(crate) fn get(&self) -> FaultSwitches {
        *self.lock()
    }

    /// Sets all of them.
    pub(crate) fn set(&self, switches: FaultSwitches) {
        *self.lock() = switches;
    }

    /// How long to wait before carrying out a request.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.lock().delay_ms)
    }

    /// Whether a request is turned away.
    pub(crate) fn turns_away(&self) -> bool {
        self.lock().unavailable_percent.strikes()
    }

    /// The outcome of a charge, after chance had its say.
    pub(crate) fn befall(&self, outcome: Outcome) -> Outcome {
        if outcome == Outcome::Approved && self.lock().decline_percent.strikes() {
            return Outcome::Declined(Decline::GENERIC);
        }
        outcome
    }

    /// A payment as it is shown now.
    pub(crate) fn shown(&self, payment: PaymentIntent) -> PaymentIntent {
        if self.lock().processing { payment.before_confirmation() } else { payment }
    }

    /// What happens to the charge that was captured now. Uses up one time of the fault that strikes.
    pub(crate) fn after_capture(&self) -> AfterCapture {
        let mut switches = self.lock();
        if switches.timeout_after_capture.strikes() {
            AfterCapture::Hold
        } else if switches.error_after_capture.strikes() {
            AfterCapture::Fail
        } else {
            AfterCapture::Answer
        }
    }

    fn lock(&self) -> MutexGuard<'_, FaultSwitches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn strikes(&mut self) -> bool {
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
    /// As often as it says.
    fn strikes(self) -> bool {
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
    use AfterCapture::{Answer, Fail, Hold};

    fn switches(json: &str) -> FaultSwitches {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn switches_as_json() {
        let json = r#"{"decline_percent":10,"delay_ms":250,"timeout_after_capture":3,"error_after_capture":"all","unavailable_percent":100,"processing":true}"#;
        assert_eq!(serde_json::to_string(&switches(json)).unwrap(), json);
        assert_eq!(switches("{}"), FaultSwitches::default());
    }

    #[test]
    fn bad_switches_are_refused() {
        for (bad, why) in [
            (r#"{"decline_percent":101}"#, "from 0 to 100"),
            (r#"{"timeout_after_capture":"some"}"#, "expected a count or \"all\""),
            (r#"{"timeout":1}"#, "unknown field"),
        ] {
            let error = serde_json::from_str::<FaultSwitches>(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
        assert!("101".parse::<Percent>().is_err());
        assert!("-1".parse::<Times>().is_err());
    }

    #[test]
    fn a_count_strikes_so_often() {
        let faults = Faults::new(switches(r#"{"timeout_after_capture":1,"error_after_capture":2}"#));
        let struck: Vec<_> = (0..4).map(|_| faults.after_capture()).collect();
        assert_eq!(struck, [Hold, Fail, Fail, Answer]);
        assert_eq!(faults.get(), FaultSwitches::default());

        faults.set(switches(r#"{"error_after_capture":"all"}"#));
        assert!((0..4).all(|_| faults.after_capture() == Fail));
    }

    #[test]
    fn chance_declines_good_cards_only() {
        let none = Faults::new(FaultSwitches::default());
        assert_eq!(none.befall(Outcome::Approved), Outcome::Approved);
        let all = Faults::new(switches(r#"{"decline_percent":100}"#));
        assert_eq!(all.befall(Outcome::Approved), Outcome::Declined(Decline::GENERIC));
    }
}
