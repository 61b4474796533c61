//! What may go wrong.

use std::{fmt, time::Duration};

/// One thing that goes wrong, with how long it lasts where that is for chance to say.
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
    CutFeeds,
    Purge(&'static str),
    DeleteQueue(&'static str),
    MemoryAlarm(Duration),
    ProviderTimesOut(u32),
    ProviderIsAway(Duration),
    Poison(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill((service, replica), away) => {
                write!(f, "kill -9 {service}-{replica}, away {}", Seconds(*away))
            }
            Self::Restart((service, replica)) => write!(f, "SIGTERM to {service}-{replica}, started again"),
            Self::Freeze((service, replica), away) => {
                write!(f, "SIGSTOP to {service}-{replica} for {}", Seconds(*away))
            }
            Self::KillBroker(away) => write!(f, "kill -9 RabbitMQ, away {}", Seconds(*away)),
            Self::RestartBroker => write!(f, "RabbitMQ is stopped and started"),
            Self::KillPostgres(away) => write!(f, "kill -9 PostgreSQL, away {}", Seconds(*away)),
            Self::RestartPostgres => write!(f, "PostgreSQL is stopped and started"),
            Self::ResetBrokerConnections => write!(f, "connections to RabbitMQ are reset"),
            Self::ResetDatabaseConnections => write!(f, "connections to PostgreSQL are reset"),
            Self::BlackHole(silence) => {
                write!(f, "connections to RabbitMQ lead into a black hole for {}", Seconds(*silence))
            }
            Self::DatabaseBlackHole(silence) => {
                write!(f, "connections to PostgreSQL lead into a black hole for {}", Seconds(*silence))
            }
            Self::SlowNetwork(time) => {
                write!(f, "connections to RabbitMQ and PostgreSQL are slow for {}", Seconds(*time))
            }
            Self::CutFeeds => write!(f, "the replicas' feeds of events are cut"),
            Self::Purge(queue) => write!(f, "queue {queue} is purged"),
            Self::DeleteQueue(queue) => write!(f, "queue {queue} is deleted"),
            Self::MemoryAlarm(time) => write!(f, "RabbitMQ is short of memory for {}", Seconds(*time)),
            Self::ProviderTimesOut(times) => {
                write!(f, "the provider captures and does not answer, {times} x")
            }
            Self::ProviderIsAway(away) => write!(f, "the provider answers 503 for {}", Seconds(*away)),
            Self::Poison(queue) => write!(f, "a message to {queue} that makes no sense"),
        }
    }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}
