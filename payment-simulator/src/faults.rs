//! Faults that can be switched on and off while the simulator runs.

use crate::domain::{
    payment_intent::PaymentIntent,
    payment_method::{Decline, Outcome},
};
use rest::switches::{Percent, Times};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use utoipa::ToSchema;

/// The fault switches. Faults that are not listed stay off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FaultSwitches {
    /// The percentage of charges on good cards that are declined.
    pub decline_percent: Percent,
    /// The delay of each charge and refund, in milliseconds.
    #[schema(example = 250)]
    pub delay_ms: u64,
    /// The number of captured charges that are never answered. The connection stays open until the client
    /// gives up. The saved answer is the success.
    pub timeout_after_capture: Times,
    /// The number of captured charges that are answered 500. As with Stripe, later requests with the same
    /// idempotency key are answered 500 too.
    pub error_after_capture: Times,
    /// The percentage of requests under `/v1` that are answered 503 and not executed.
    pub unavailable_percent: Percent,
    /// While this is on, captured payments have the status `processing`, as if the bank had not confirmed
    /// them yet.
    pub processing: bool,
}

/// The answer to a captured charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterCapture {
    /// The normal answer.
    Answer,
    /// No answer.
    Hold,
    /// The answer 500.
    Fail,
}

/// The current switches.
pub(crate) struct Faults(Mutex<FaultSwitches>);

impl Faults {
    /// Starts with these switches.
    pub(crate) const fn new(switches: FaultSwitches) -> Self {
        Self(Mutex::new(switches))
    }

    /// The current switches. Counts show the remaining faults.
    pub(crate) fn get(&self) -> FaultSwitches {
        *self.lock()
    }

    /// Sets all switches.
    pub(crate) fn set(&self, switches: FaultSwitches) {
        *self.lock() = switches;
    }

    /// The delay before a request is executed.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.lock().delay_ms)
    }

    /// Whether to answer this request with 503.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.lock().unavailable_percent.strikes()
    }

    /// The outcome of a charge. A random decline may replace an approval.
    pub(crate) fn decline_at_random(&self, outcome: Outcome) -> Outcome {
        if outcome == Outcome::Approved && self.lock().decline_percent.strikes() {
            return Outcome::Declined(Decline::GENERIC);
        }
        outcome
    }

    /// A payment with its visible status.
    pub(crate) fn shown(&self, payment: PaymentIntent) -> PaymentIntent {
        if self.lock().processing { payment.before_confirmation() } else { payment }
    }

    /// The answer to the charge that was captured now. Decrements the count of the fault.
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
    }

    #[test]
    fn a_counted_fault_happens_that_many_times() {
        let faults = Faults::new(switches(r#"{"timeout_after_capture":1,"error_after_capture":2}"#));
        let struck: Vec<_> = (0..4).map(|_| faults.after_capture()).collect();
        assert_eq!(struck, [Hold, Fail, Fail, Answer]);
        assert_eq!(faults.get(), FaultSwitches::default());

        faults.set(switches(r#"{"error_after_capture":"all"}"#));
        assert!((0..4).all(|_| faults.after_capture() == Fail));
    }

    #[test]
    fn random_declines_affect_good_cards() {
        let none = Faults::new(FaultSwitches::default());
        assert_eq!(none.decline_at_random(Outcome::Approved), Outcome::Approved);
        let all = Faults::new(switches(r#"{"decline_percent":100}"#));
        assert_eq!(all.decline_at_random(Outcome::Approved), Outcome::Declined(Decline::GENERIC));
    }
}
