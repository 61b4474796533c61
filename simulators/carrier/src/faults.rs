//! Faults that can be switched on and off while the simulator runs.

use crate::domain::parcel::End;
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
    /// The delay of each answer and of each webhook, in milliseconds.
    #[schema(example = 250)]
    pub delay_ms: u32,
    /// The percentage of requests that are answered 503 and not executed.
    pub unavailable_percent: Percent,
    /// The percentage of new parcels that are refused with 422.
    pub refuse_percent: Percent,
    /// The number of taken parcels that are answered 500. The parcel is taken nevertheless.
    pub error_after_taking: Times,
    /// The percentage of webhooks that are sent twice.
    pub duplicate_percent: Percent,
    /// The percentage of webhooks that are sent after later ones.
    pub reorder_percent: Percent,
    /// The percentage of webhooks that come with a forged one. It says that the parcel comes back, and has
    /// the signature of another secret.
    pub forge_percent: Percent,
    /// While this is on, no webhooks are sent.
    pub mute: bool,
    /// The percentage of parcels that are lost.
    pub lost_percent: Percent,
    /// The percentage of parcels that come back.
    pub returned_percent: Percent,
}

/// How a webhook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sending {
    /// How often it is sent. Zero if it is not sent at all.
    pub copies: u8,
    /// Whether later webhooks may overtake it.
    pub is_late: bool,
    /// Whether a forged webhook comes with it.
    pub has_forgery: bool,
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

    /// The delay of an answer or a webhook.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.lock().delay_ms.into())
    }

    /// Whether to answer this request with 503.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.lock().unavailable_percent.strikes()
    }

    /// Whether to refuse this parcel.
    pub(crate) fn refuses(&self) -> bool {
        self.lock().refuse_percent.strikes()
    }

    /// Whether to answer 500 although the parcel was taken. Decrements the count of the fault.
    pub(crate) fn fails_after_taking(&self) -> bool {
        self.lock().error_after_taking.strikes()
    }

    /// The end of a new parcel.
    pub(crate) fn end(&self) -> End {
        let switches = self.lock();
        if switches.lost_percent.strikes() {
            End::Lost
        } else if switches.returned_percent.strikes() {
            End::Returned
        } else {
            End::Delivered
        }
    }

    /// How to send a webhook.
    pub(crate) fn sending(&self) -> Sending {
        let switches = self.lock();
        let copies = match (switches.mute, switches.duplicate_percent.strikes()) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        Sending {
            copies,
            is_late: switches.reorder_percent.strikes(),
            has_forgery: !switches.mute && switches.forge_percent.strikes(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, FaultSwitches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Faults {
        Faults::new(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn switches_as_json() {
        let json = r#"{"delay_ms":250,"unavailable_percent":1,"refuse_percent":2,"error_after_taking":"all","duplicate_percent":3,"reorder_percent":4,"forge_percent":5,"mute":true,"lost_percent":6,"returned_percent":7}"#;
        assert_eq!(serde_json::to_string(&faults(json).get()).unwrap(), json);
        assert_eq!(faults("{}").get(), FaultSwitches::default());
        assert!(serde_json::from_str::<FaultSwitches>(r#"{"lost":1}"#).is_err());
    }

    #[test]
    fn the_switches_decide_about_parcels_and_webhooks() {
        assert_eq!(faults("{}").end(), End::Delivered);
        assert_eq!(faults(r#"{"lost_percent":100,"returned_percent":100}"#).end(), End::Lost);
        assert_eq!(faults(r#"{"returned_percent":100}"#).end(), End::Returned);
        let usual = Sending { copies: 1, is_late: false, has_forgery: false };
        assert_eq!(faults("{}").sending(), usual);
        let all = faults(r#"{"duplicate_percent":100,"reorder_percent":100,"forge_percent":100}"#).sending();
        assert_eq!(all, Sending { copies: 2, is_late: true, has_forgery: true });
        let mute = faults(r#"{"mute":true,"duplicate_percent":100,"forge_percent":100}"#).sending();
        assert_eq!(mute, Sending { copies: 0, ..usual });
        let once = faults(r#"{"error_after_taking":1}"#);
        assert_eq!([once.fails_after_taking(), once.fails_after_taking()], [true, false]);
    }
}
