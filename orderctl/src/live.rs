//! The connection of a [`Watch`](crate::Watch).

use crate::{
    error::Error, follow::Follow, session::Session, socket::Socket, socket_error::SocketError,
    tokens::Tokens, versions::Versions,
};
use chrono::Utc;
use contract::{
    ids::OrderId,
    push::{ClientFrame, ServerFrame},
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// The limit for the service to confirm the first subscription.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(10);
/// The delay before another try to renew the token.
const RENEWAL_RETRY: Duration = Duration::from_secs(5);

/// One authenticated connection. It sends a new token before the old one expires.
pub(crate) struct Live {
    socket: Socket,
    access_token: String,
    renew_at: Option<Instant>,
    connected_at: Instant,
    /// A frame is removed only after it was sent, so a dropped future loses no frame.
    outbox: VecDeque<ClientFrame>,
}

impl Live {
    /// Connects and subscribes for the first time. The subscription is confirmed when this returns. If the
    /// last token was `refused`, a new one is used.
    pub(crate) async fn start(session: &Session, follow: Follow, refused: bool) -> Result<Self, Error> {
        let mut live = Self::connect(session, refused).await?;
        live.outbox.push_back(subscription(follow));
        let subscribed = async {
            match live.next(session).await? {
                ServerFrame::Subscribed { .. } => Ok(()),
                ServerFrame::Refused { detail, .. } => Err(SocketError::Refused(detail).into()),
                other => Err(SocketError::Unreadable(format!("{other:?} before `subscribed`")).into()),
            }
        };
        match timeout(SUBSCRIBE_TIMEOUT, subscribed).await {
            Ok(result) => result.map(|()| live),
            Err(_) => Err(SocketError::TimedOut("subscribing").into()),
        }
    }

    /// Connects again and requests the statuses after the last version of each order. If the last token was
    /// `refused`, a new one is used.
    pub(crate) async fn resume(
        session: &Session,
        follow: Follow,
        versions: &mut Versions,
        refused: bool,
    ) -> Result<Self, Error> {
        let mut live = Self::connect(session, refused).await?;
        // Orders are resumed one by one, because the snapshot of all orders omits old finished ones. They
        // come before the snapshot, so that the snapshot contains nothing new about them.
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
            connected_at: Instant::now(),
            outbox: VecDeque::new(),
        })
    }

    /// The time since the connection was made.
    pub(crate) fn age(&self) -> Duration {
        self.connected_at.elapsed()
    }

    /// Requests the statuses of an order after this version.
    pub(crate) fn ask(&mut self, order: OrderId, after: u32) {
        self.outbox.push_back(subscribe(order, after));
    }

    /// The next frame.
    pub(crate) async fn next(&mut self, session: &Session) -> Result<ServerFrame, Error> {
        loop {
            self.flush().await?;
            tokio::select! {
                frame = self.socket.next() => return Ok(frame?),
                () = at(self.renew_at) => self.renew(session).await?,
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
            // The connection lasts as long as its token, so there is time for another try.
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

/// The time to renew these tokens, by the monotonic clock.
fn renewal(tokens: &Tokens) -> Option<Instant> {
    tokens.refresh_token.as_ref()?;
    let left = (tokens.renew_at - Utc::now()).to_std().unwrap_or_default();
    Some(Instant::now() + left)
}

/// Waits until this moment, or for ever if there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
