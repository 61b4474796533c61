//! The sequence of faults. It depends only on the seed, so the same seed gives the same faults.

use crate::fault::Fault;
use rand::{RngExt, rngs::StdRng};
use std::time::Duration;
use system_tests::Seed;

/// The purpose of the random numbers. Customers have smaller numbers.
const PURPOSE: u64 = u64::MAX;
/// The pause between two faults, in milliseconds.
const PAUSES: std::ops::Range<u64> = 500..5_000;
/// How long a process or server is unavailable, in milliseconds.
const OUTAGES: std::ops::Range<u64> = 200..6_000;
/// How long a connection is silent, in milliseconds. Some silences are longer than the detection time.
const SILENCES: std::ops::Range<u64> = 2_000..30_000;

pub(crate) struct Schedule(StdRng);

impl Schedule {
    pub(crate) fn of(seed: Seed) -> Self {
        Self(seed.rng(PURPOSE))
    }

    /// The next fault, and the time before it.
    pub(crate) fn draw(&mut self) -> (Duration, Fault) {
        (self.time(PAUSES), self.fault())
    }

    fn fault(&mut self) -> Fault {
        let outage = self.time(OUTAGES);
        match self.0.random_range(0..100) {
            0..24 => Fault::Kill(self.replica(), outage),
            24..36 => Fault::Restart(self.replica()),
            36..46 => Fault::Freeze(self.replica(), outage),
            46..50 => Fault::KillBroker(outage),
            50..53 => Fault::RestartBroker,
            53..57 => Fault::KillPostgres(outage),
            57..60 => Fault::RestartPostgres,
            60..68 => Fault::ResetBrokerConnections,
            68..76 => Fault::ResetDatabaseConnections,
            76..79 => Fault::BlackHole(self.time(SILENCES)),
            79..81 => Fault::DatabaseBlackHole(self.time(SILENCES)),
            81..83 => Fault::SlowNetwork(outage),
            83..86 => Fault::ClosePushConnections,
            86..89 => Fault::Purge(self.queue()),
            89..91 => Fault::DeleteQueue(self.queue()),
            91..93 => Fault::MemoryAlarm(outage),
            93..96 => Fault::ProviderTimesOut(self.0.random_range(1..4)),
            96..98 => Fault::ProviderIsUnavailable(outage),
            _ => Fault::Poison(self.queue()),
        }
    }

    fn time(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.0.random_range(range))
    }

    fn replica(&mut self) -> (&'static str, usize) {
        let replicas = crate::system::REPLICAS;
        replicas[self.0.random_range(0..replicas.len())]
    }

    fn queue(&mut self) -> &'static str {
        ["order-processor", "payment-worker"][self.0.random_range(0..2)]
    }
}
