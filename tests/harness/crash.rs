//! Makes processes die at named failpoints, see `runtime::crash`.

use crate::{eventually::within, shop::Shop};
use devstack::stack::Builder;
use std::{os::unix::process::ExitStatusExt, time::Duration};

/// The environment variable that `runtime::crash` reads.
const FAILPOINTS: &str = "FAILPOINTS";
/// Longer than a loaded system takes to reach any failpoint the wanted number of times.
const DEATH_DEADLINE: Duration = Duration::from_mins(3);
/// No test starts this many replicas.
const MAX_REPLICAS: usize = 32;
/// `abort` ends the process with this signal.
const SIGABRT: i32 = 6;

/// Every replica of a service dies at the failpoint `moment`, after it has passed it `after` times.
#[must_use]
pub fn dying(system: Builder, service: &str, moment: &str, after: u32) -> Builder {
    system.env(service, FAILPOINTS, &failpoint(moment, after))
}

fn failpoint(moment: &str, after: u32) -> String {
    match after {
        0 => format!("{moment}=return"),
        _ => format!("{moment}={after}*off->return"),
    }
}

impl Shop {
    /// The number of replicas of a service.
    #[must_use]
    pub fn replicas(&self, service: &str) -> usize {
        (1..=MAX_REPLICAS).take_while(|replica| self.stack().url(service, *replica).is_ok()).count()
    }

    /// Waits until replicas of a service have died `times` times at their failpoint. Restarts each of them.
    /// Then restarts all replicas without the failpoint.
    pub async fn restarts_dead_replicas(&self, service: &str, times: usize) {
        for death in 1..=times {
            let replica = self.death_of(service).await;
            if death == times {
                self.lives(service);
            }
            // The replica may die again before it is ready, so this does not wait.
            self.stack().launch(service, replica).expect("start it again");
        }
        for replica in 1..=self.replicas(service) {
            self.stack().restart(service, replica).await.expect("disarm it");
        }
    }

    /// Waits until a replica of a service has died at its failpoint, and returns its number.
    pub async fn death_of(&self, service: &str) -> usize {
        within(DEATH_DEADLINE, &format!("{service} dies"), async || {
            (1..=self.replicas(service)).find(|replica| {
                let end = self.stack().unexpected_end(service, *replica).expect("a replica");
                end.inspect(|end| assert_eq!(end.signal(), Some(SIGABRT), "{service}-{replica}: {end}"))
                    .is_some()
            })
        })
        .await
    }

    /// Sets a failpoint for the next start of a service. The service dies at the point `moment`, after it has
    /// passed this point `after` times.
    pub fn dies(&self, service: &str, moment: &str, after: u32) {
        self.stack().set_env(service, FAILPOINTS, &failpoint(moment, after)).expect("a service");
    }

    /// After its next start, a service no longer dies at a failpoint.
    pub fn lives(&self, service: &str) {
        self.stack().set_env(service, FAILPOINTS, "").expect("a service");
    }
}
