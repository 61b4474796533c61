//! Having processes die at named moments, see `runtime::crash`.

use crate::{eventually::within, shop::Shop};
use devstack::stack::Builder;
use std::{os::unix::process::ExitStatusExt, time::Duration};

/// What `runtime::crash` listens to.
const FAILPOINTS: &str = "FAILPOINTS";
/// Longer than a loaded system takes to come to any moment so often.
const PATIENCE: Duration = Duration::from_mins(3);
/// More replicas than any test has.
const MOST: usize = 32;
/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// Every replica of a service dies at a moment, after it has survived it so many times.
#[must_use]
pub fn dying(system: Builder, service: &str, moment: &str, after: u32) -> Builder {
    system.env(service, FAILPOINTS, &death(moment, after))
}

fn death(moment: &str, after: u32) -> String {
    match after {
        0 => format!("{moment}=return"),
        _ => format!("{moment}={after}*off->return"),
    }
}

impl Shop {
    /// The replicas of a service.
    #[must_use]
    pub fn replicas(&self, service: &str) -> usize {
        (1..=MOST).take_while(|replica| self.stack().url(service, *replica).is_ok()).count()
    }

    /// Starts each replica of a service that dies at its moment again, until they have died so many
    /// times; from then on they live.
    pub async fn outlives_deaths(&self, service: &str, times: usize) {
        for death in 1..=times {
            let replica = self.death_of(service).await;
            if death == times {
                self.lives(service);
            }
            // It may die again before it is ready.
            self.stack().launch(service, replica).expect("start it again");
        }
        for replica in 1..=self.replicas(service) {
            self.stack().restart(service, replica).await.expect("disarm it");
        }
    }

    /// Waits until a replica of a service has died at its moment, and says which.
    pub async fn death_of(&self, service: &str) -> usize {
        within(PATIENCE, &format!("{service} dies"), async || {
            (1..=self.replicas(service)).find(|replica| {
                let end = self.stack().unexpected_end(service, *replica).expect("a replica");
                end.inspect(|end| assert_eq!(end.signal(), Some(SIGABRT), "{service}-{replica}: {end}"))
                    .is_some()
            })
        })
        .await
    }

    /// From the next start on, a service dies at a moment, after it has survived it so many times.
    pub fn dies(&self, service: &str, moment: &str, after: u32) {
        self.stack().set_env(service, FAILPOINTS, &death(moment, after)).expect("a service");
    }

    /// From the next start on, a service does not die any more.
    pub fn lives(&self, service: &str) {
        self.stack().set_env(service, FAILPOINTS, "").expect("a service");
    }
}
