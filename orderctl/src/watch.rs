//! Following orders for as long as it takes, across lost connections and ended tokens.

use crate::{
    error::Error,
    live::Live,
    session::Session,
    socket::SocketError,
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

/// A connection that held this long was a good one: back-off starts anew.
const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long a watch goes on without a connection, unless told otherwise.
const GIVE_UP_AFTER: Duration = Duration::from_mins(2);

/// What to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// All of one's orders. Each unfinished or recent one begins with where it stands.
    All,
    /// One order.
    Order {
        /// The order.
        id: OrderId,
        /// The last version already known, 0 for none: what came since is sent first. Without it,
        /// the order begins with where it stands.
        after: Option<u32>,
    },
}

/// What a watch has to tell.
#[derive(Debug)]
pub enum Update {
    /// An order has this status. Of each order, versions have no gap and rise.
    Status(StatusFrame),
    /// The connection is lost; it is being made again.
    Lost(Error),
    /// The connection stands again, and what was missed follows.
    Resumed,
}

/// Follows orders, resuming where it was after each lost connection. Dropping the future of any of
/// its methods loses nothing: ask again and it goes on.
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
    /// The service refused our token; twice running is the end.
    refused: bool,
}

impl Watch {
    /// Connects and subscribes. This first time, an error is final.
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

    /// The same, but it ends with an error when there has been no connection for this long.
    #[must_use]
    pub fn give_up_after(self, give_up_after: Duration) -> Self {
        Self { give_up_after, ..self }
    }

    /// The last version of an order that was told.
    #[must_use]
    pub fn last_version(&self, order: OrderId) -> Option<u32> {
        self.versions.last(order)
    }

    /// The next status, whatever happens to the connection.
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

    /// What happens next, to the connection too.
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

    /// Whether to tell a frame. Where some are missing before it, asks for them instead.
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

    /// The service will not tell of an order: the end where it is the one that is followed.
    fn refused(&mut self, order: OrderId, detail: String) -> Result<(), Error> {
        self.versions.forget(order);
        match self.follow {
            Follow::Order { id, .. } if id == order => Err(SocketError::Refused(detail).into()),
            _ => Ok(()),
        }
    }

    /// Notes that the connection is lost; returns why, or fails where there is no coming back.
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

    /// Tries once to connect and to catch up; `false` is not yet.
    async fn resume(&mut self, lost: Lost) -> Result<bool, Error> {
        sleep_until(lost.next_try).await;
        // Noted before the try: a caller that drops this future and asks again must not try faster.
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
