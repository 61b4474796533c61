//! A watch's connection while it stands.

use crate::{
    error::Error,
    session::Session,
    socket::{Socket, SocketError},
    tokens::Tokens,
    versions::Versions,
    watch::Follow,
};
use chrono::Utc;
use contract::{
    ids::OrderId,
    push::{ClientFrame, ServerFrame},
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// From a subscription until the service says that it stands.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(10);
/// When a new token cannot be had now.
const RENEWAL_RETRY: Duration = Duration::from_secs(5);

/// One authenticated connection, which gives the service a new token before the old one ends.
pub(crate) struct Live {
    socket: Socket,
    access_token: String,
    renew_at: Option<Instant>,
    since: Instant,
    /// Frames leave it only when they are sent, so that a dropped future leaves nothing unsaid.
    outbox: VecDeque<ClientFrame>,
}

impl Live {
    /// Connects and subscribes for the first time; the subscription stands when this returns.
    /// With a new token where the last one was `refused`.
    pub(crate) async fn start(session: &Session, follow: Follow, refused: bool) -> Result<Self, Error> {
        let mut live = Self::connect(session, refused).await?;
        live.outbox.push_back(subscription(follow));
        let standing = async {
            match live.next(session).await? {
                ServerFrame::Subscribed { .. } => Ok(()),
                ServerFrame::Refused { detail, .. } => Err(SocketError::Refused(detail).into()),
                other => Err(SocketError::Unreadable(format!("{other:?} before `subscribed`")).into()),
            }
        };
        match timeout(SUBSCRIBE_TIMEOUT, standing).await {
            Ok(stands) => stands.map(|()| live),
            Err(_) => Err(SocketError::TimedOut("subscribing").into()),
        }
    }

    /// Connects again, with a new token where the last one was `refused`, and asks for what came
    /// after the last version shown.
    pub(crate) async fn resume(
        session: &Session,
        follow: Follow,
        versions: &mut Versions,
        refused: bool,
    ) -> Result<Self, Error> {
        let mut live = Self::connect(session, refused).await?;
        // One by one: orders that have finished and grown old meanwhile are not in the snapshot of
        // all. They come first, so that the snapshot tells nothing that they have not.
        let resumed = versions.reconnected();
        live.outbox.extend(resumed.iter().map(|&(order, after)| subscribe(order, after)));
        match follow {
            Follow::Order { id, .. } if versions.last(id).is_some() => {}
            follow => live.outbox.push_back(subscription(follow)),
        }
        live.flush().await?;
        Ok(live)
    }

    async fn connect(session: &Session, refused: bool) -> Result<Self, Error> {
        let mut tokens = session.tokens().await?;
        if refused {
            tokens = session.renewed(&tokens.access_token).await?;
        }
        let mut socket = Socket::connect(&session.client().endpoints().socket).await?;
        socket.authenticate(&tokens.access_token).await?;
        Ok(Self {
            socket,
            renew_at: renewal(&tokens),
            access_token: tokens.access_token,
            since: Instant::now(),
            outbox: VecDeque::new(),
        })
    }

    /// How long it has stood.
    pub(crate) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Asks for what came of an order after this version.
    pub(crate) fn ask(&mut self, order: OrderId, after: u32) {
        self.outbox.push_back(subscribe(order, after));
    }

    /// The next frame.
    pub(crate) async fn next(&mut self, session: &Session) -> Result<ServerFrame, Error> {
        loop {
            self.flush().await?;
            tokio::select! {
                frame = self.socket.next() => return Ok(frame?),
                () = until(self.renew_at) => self.renew(session).await?,
            }
        }
    }

    async fn flush(&mut self) -> Result<(), SocketError> {
        while let Some(frame) = self.outbox.front() {
            self.socket.send(frame).await?;
            self.outbox.pop_front();
        }
        Ok(())
    }

    async fn renew(&mut self, session: &Session) -> Result<(), Error> {
        match session.renewed(&self.access_token).await {
            Ok(tokens) => {
                self.renew_at = renewal(&tokens);
                self.access_token.clone_from(&tokens.access_token);
                self.outbox.push_back(ClientFrame::Authenticate { token: tokens.access_token });
                Ok(())
            }
            // The connection stands as long as its token is good: there is time for another try.
            Err(error) if error.is_unanswered() => {
                self.renew_at = Some(Instant::now() + RENEWAL_RETRY);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

fn subscription(follow: Follow) -> ClientFrame {
    match follow {
        Follow::All => ClientFrame::Subscribe { order_id: None, after: None },
        Follow::Order { id, after } => ClientFrame::Subscribe { order_id: Some(id), after },
    }
}

fn subscribe(order: OrderId, after: u32) -> ClientFrame {
    subscription(Follow::Order { id: order, after: Some(after) })
}

/// When these tokens are due, by the clock that does not jump.
fn renewal(tokens: &Tokens) -> Option<Instant> {
    tokens.refresh_token.as_ref()?;
    let left = (tokens.renew_at - Utc::now()).to_std().unwrap_or_default();
    Some(Instant::now() + left)
}

/// Never, where there is no such moment.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
