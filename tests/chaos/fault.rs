//! The faults.

use std::{fmt, time::Duration};

/// A fault. If its length is random, the fault includes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Kill((&'static str, usize), Duration),
    Restart((&'static str, usize)),
    Freeze((&'static str, usize), Duration),
    KillBroker(Duration),
    RestartBroker,
    KillPostgres(Duration),
    RestartPostgres,
    ResetBrokerConnections,
    ResetDatabaseConnections,
    BlackHole(Duration),
    DatabaseBlackHole(Duration),
    SlowNetwork(Duration),
    ClosePushConnections,
    Purge(&'static str),
    DeleteQueue(&'static str),
    MemoryAlarm(Duration),
    ProviderTimesOut(u32),
    ProviderIsUnavailable(Duration),
    Poison(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill((service, replica), outage) => {
                write!(f, "kill -9 {service}-{replica}, started again after {}", Seconds(*outage))
            }
            Self::Restart((service, replica)) => write!(f, "SIGTERM to {service}-{replica}, started again"),
            Self::Freeze((service, replica), outage) => {
                write!(f, "SIGSTOP to {service}-{replica} for {}", Seconds(*outage))
            }
            Self::KillBroker(outage) => {
                write!(f, "kill -9 RabbitMQ, started again after {}", Seconds(*outage))
            }
            Self::RestartBroker => write!(f, "RabbitMQ is stopped and started"),
            Self::KillPostgres(outage) => {
                write!(f, "kill -9 PostgreSQL, started again after {}", Seconds(*outage))
            }
            Self::RestartPostgres => write!(f, "PostgreSQL is stopped and started"),
            Self::ResetBrokerConnections => write!(f, "connections to RabbitMQ are reset"),
            Self::ResetDatabaseConnections => write!(f, "connections to PostgreSQL are reset"),
            Self::BlackHole(silence) => {
                write!(f, "connections to RabbitMQ drop all data for {}", Seconds(*silence))
            }
            Self::DatabaseBlackHole(silence) => {
                write!(f, "connections to PostgreSQL drop all data for {}", Seconds(*silence))
            }
            Self::SlowNetwork(time) => {
                write!(f, "connections to RabbitMQ and PostgreSQL are slow for {}", Seconds(*time))
            }
            Self::ClosePushConnections => write!(f, "the push connections of order-service are closed"),
            Self::Purge(queue) => write!(f, "queue {queue} is purged"),
            Self::DeleteQueue(queue) => write!(f, "queue {queue} is deleted"),
            Self::MemoryAlarm(time) => write!(f, "RabbitMQ is short of memory for {}", Seconds(*time)),
            Self::ProviderTimesOut(times) => {
                write!(f, "the provider captures without an answer, {times} x")
            }
            Self::ProviderIsUnavailable(outage) => {
                write!(f, "the provider answers 503 for {}", Seconds(*outage))
            }
            Self::Poison(queue) => write!(f, "a poison message to {queue}"),
        }
    }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}
