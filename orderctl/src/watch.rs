//! Follows orders across lost connections and expired tokens.

use crate::{
    error::Error,
    follow::Follow,
    live::Live,
    session::Session,
    socket_error::SocketError,
    versions::{Verdict, Versions},
};
use backon::ExponentialBackoff;
use contract::{
    ids::OrderId,
    push::{ServerFrame, StatusFrame, close},
};
use futures_util::{Stream, stream};
use runtime::backoff;
use std::{fmt, time::Duration};
use tokio::time::{Instant, sleep_until};

/// After a connection of this length, back-off starts from the beginning.
const STABLE_AFTER: Duration = Duration::from_secs(10);
/// The default limit for the time without a connection.
const GIVE_UP_AFTER: Duration = Duration::from_mins(2);

/// An update from a watch.
#[derive(Debug)]
pub enum Update {
    /// The status of an order. The versions of each order rise by one.
    Status(StatusFrame),
    /// The connection is lost. The watch reconnects.
    Lost(Error),
    /// The connection works again. Missed statuses follow.
    Resumed,
}

/// Follows orders, and resumes at the last version after each lost connection. All of its methods are safe to
/// cancel: the next call continues.
pub struct Watch {
    session: Session,
    follow: Follow,
    versions: Versions,
    connection: Connection,
    waits: ExponentialBackoff,
    give_up_after: Duration,
}

enum Connection {
    Live(Box<Live>),
    Lost(Lost),
}

#[derive(Clone, Copy)]
struct Lost {
    since: Instant,
    next_try: Instant,
    /// The service refused the token. Two refusals in a row end the watch.
    refused: bool,
}

impl Session {
    /// Follows orders. The connection is subscribed when this returns.
    pub async fn watch(&self, follow: Follow) -> Result<Watch, Error> {
        Watch::start(self.clone(), follow).await
    }
}

impl Watch {
    /// Connects and subscribes. At this first connection, any error ends the watch.
    pub(crate) async fn start(session: Session, follow: Follow) -> Result<Self, Error> {
        let mut versions = Versions::default();
        if let Follow::Order { id, after: Some(after) } = follow {
            versions.skip(id, after);
        }
        let live = match Live::start(&session, follow, false).await {
            Err(error) if is_unauthenticated(&error) => Live::start(&session, follow, true).await?,
            started => started?,
        };
        let connection = Connection::Live(Box::new(live));
        let (waits, give_up_after) = (backoff::reconnecting(), GIVE_UP_AFTER);
        Ok(Self { session, follow, versions, connection, waits, give_up_after })
    }

    /// Sets the time without a connection after which the watch ends with an error.
    #[must_use]
    pub fn give_up_after(self, give_up_after: Duration) -> Self {
        Self { give_up_after, ..self }
    }

    /// The last delivered version of an order.
    #[must_use]
    pub fn last_version(&self, order: OrderId) -> Option<u32> {
        self.versions.last(order)
    }

    /// The next status. Reconnects if necessary.
    pub async fn next(&mut self) -> Result<StatusFrame, Error> {
        loop {
            if let Update::Status(frame) = self.update().await? {
                return Ok(frame);
            }
        }
    }

    /// The statuses as a stream, which ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<StatusFrame, Error>> + Send {
        stream::unfold(Some(self), |watch| async {
            let mut watch = watch?;
            let next = watch.next().await;
            let rest = next.is_ok().then_some(watch);
            Some((next, rest))
        })
    }

    /// The next update: a status, or a change of the connection.
    pub async fn update(&mut self) -> Result<Update, Error> {
        loop {
            let received = match &mut self.connection {
                Connection::Live(live) => live.next(&self.session).await,
                Connection::Lost(lost) => {
                    let lost = *lost;
                    if self.resume(lost).await? {
                        return Ok(Update::Resumed);
                    }
                    continue;
                }
            };
            match received {
                Ok(ServerFrame::Status(frame)) if self.is_next(&frame) => return Ok(Update::Status(frame)),
                Ok(ServerFrame::Refused { order_id: Some(order), detail }) => self.refused(order, detail)?,
                Ok(_) => {}
                Err(error) => return self.lost(error).map(Update::Lost),
            }
        }
    }

    /// Whether to deliver a frame. If earlier ones are missing, requests them instead.
    fn is_next(&mut self, frame: &StatusFrame) -> bool {
        match self.versions.judge(frame) {
            Verdict::Next => true,
            Verdict::Known | Verdict::Awaited => false,
            Verdict::Gap { after } => {
                if let Connection::Live(live) = &mut self.connection {
                    live.ask(frame.order_id, after);
                }
                false
            }
        }
    }

    /// Handles the refusal of an order. If it is the followed order, the watch ends.
    fn refused(&mut self, order: OrderId, detail: String) -> Result<(), Error> {
        self.versions.forget(order);
        match self.follow {
            Follow::Order { id, .. } if id == order => Err(SocketError::Refused(detail).into()),
            _ => Ok(()),
        }
    }

    /// Records that the connection is lost. Returns the reason, or fails if reconnecting cannot help.
    fn lost(&mut self, error: Error) -> Result<Error, Error> {
        let Connection::Live(live) = &self.connection else { return Ok(error) };
        let refused = is_unauthenticated(&error);
        if !refused && !error.is_unanswered() {
            return Err(error);
        }
        if live.age() >= STABLE_AFTER {
            self.waits = backoff::reconnecting();
        }
        let now = Instant::now();
        self.connection = Connection::Lost(Lost { since: now, next_try: now, refused });
        Ok(error)
    }

    /// Tries once to connect and catch up. Returns `false` if another try is needed.
    async fn resume(&mut self, lost: Lost) -> Result<bool, Error> {
        sleep_until(lost.next_try).await;
        // Set before the try. A caller may drop this future and call again, and must not retry faster by
        // that.
        let wait = self.waits.next().unwrap_or(STABLE_AFTER);
        self.connection = Connection::Lost(Lost { next_try: Instant::now() + wait, ..lost });

        match Live::resume(&self.session, self.follow, &mut self.versions, lost.refused).await {
            Ok(live) => {
                self.connection = Connection::Live(Box::new(live));
                Ok(true)
            }
            Err(error) if is_unauthenticated(&error) && !lost.refused => {
                self.connection = Connection::Lost(Lost { refused: true, ..lost });
                Ok(false)
            }
            Err(error) if error.is_unanswered() && lost.since.elapsed() < self.give_up_after => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("follow", &self.follow).finish_non_exhaustive()
    }
}

fn is_unauthenticated(error: &Error) -> bool {
    matches!(error, Error::Socket(error) if error.close_code() == Some(close::UNAUTHENTICATED))
}
