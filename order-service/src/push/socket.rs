//! One WebSocket: the protocol of `common::contract::push`.

use super::{
    hub::{Membership, News, Topic},
    progress::{Progress, Step},
};
use crate::{db, http::Services};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use chrono::{DateTime, Duration as ChronoDuration, Utc};
use common::{
    auth::caller::{Caller, Person},
    contract::{
        events::OrderEvent,
        ids::OrderId,
        orders::Order,
        push::{ClientFrame, ServerFrame, StatusFrame, close},
    },
};
use std::time::Duration;
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

/// For the first frame.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(5);
/// Between pings; a client that has sent nothing, not even a pong, for two of them is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// For a frame to leave. A client that blocks us longer reads too slowly.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// How far back a snapshot goes for orders that are final.
const RECENT: ChronoDuration = ChronoDuration::hours(24);
/// Orders in a snapshot at most, the latest.
const SNAPSHOT: i64 = 100;

/// Why a socket ends, as the client is told.
#[derive(Debug, thiserror::Error)]
enum End {
    /// The client left, or the way to it broke: nobody to tell.
    #[error("gone")]
    Gone,
    /// This side closes.
    #[error("{1}")]
    Close(u16, String),
}

impl End {
    fn bad_frame(why: impl std::fmt::Display) -> Self {
        Self::Close(close::BAD_FRAME, format!("bad frame: {why}"))
    }

    fn unauthenticated(why: impl std::fmt::Display) -> Self {
        Self::Close(close::UNAUTHENTICATED, why.to_string())
    }

    fn too_slow() -> Self {
        Self::Close(close::TOO_SLOW, "this client reads too slowly; connect again and resume".to_owned())
    }
}

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(%error, "a socket's look-up failed");
        // 1013, "try again later": the client resumes from what it has seen.
        Self::Close(1013, "orders cannot be read now; connect again and resume".to_owned())
    }
}

/// Talks to one client until it leaves, is closed, or the process is to end.
pub(crate) async fn serve(mut socket: WebSocket, services: Services) {
    let end = match timeout(AUTHENTICATE_WITHIN, authenticate(&mut socket, &services)).await {
        Ok(Ok(caller)) => match Session::start(&mut socket, &services, &caller).await {
            Ok(mut session) => session.run().await,
            Err(end) => end,
        },
        Ok(Err(end)) => end,
        Err(_) => End::unauthenticated("the first frame must be `authenticate`, within 5 s"),
    };
    if let End::Close(code, reason) = end {
        // RFC 6455, 5.5: a control frame carries 125 bytes, two of them the code.
        let reason: String = reason.chars().filter(char::is_ascii).take(123).collect();
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // Whether it arrives or not, this side is done.
        drop(timeout(SEND_WITHIN, socket.send(frame)).await);
    }
}

async fn authenticate(socket: &mut WebSocket, services: &Services) -> Result<Caller, End> {
    loop {
        match next_frame(socket).await? {
            Some(ClientFrame::Authenticate { token }) => {
                return services.verifier.verify(&token).await.map_err(End::unauthenticated);
            }
            Some(ClientFrame::Subscribe { .. }) => {
                return Err(End::unauthenticated("the first frame must be `authenticate`"));
            }
            None => {}
        }
    }
}

/// The next frame; `None` for a ping or pong, which only shows that the client lives.
async fn next_frame(socket: &mut WebSocket) -> Result<Option<ClientFrame>, End> {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).map(Some).map_err(End::bad_frame),
        Some(Ok(Message::Binary(_))) => Err(End::bad_frame("frames are text")),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
    }
}

/// A time of day on this process' own clock, which nobody sets back.
fn instant(at: DateTime<Utc>) -> Instant {
    Instant::now() + (at - Utc::now()).to_std().unwrap_or_default()
}

/// An authenticated client.
struct Session<'a> {
    socket: &'a mut WebSocket,
    services: &'a Services,
    person: Person,
    /// When the token ends.
    expires: Instant,
    membership: Membership,
    news: Receiver<News>,
    progress: Progress,
}

impl<'a> Session<'a> {
    async fn start(socket: &'a mut WebSocket, services: &'a Services, caller: &Caller) -> Result<Self, End> {
        let person = caller.person().map_err(|problem| End::unauthenticated(problem.detail))?;
        let (membership, news) = services.hub.join();
        let mut session = Self {
            socket,
            services,
            person,
            expires: instant(caller.expires_at),
            membership,
            news,
            progress: Progress::default(),
        };
        session.send(&ServerFrame::Authenticated { expires_at: caller.expires_at }).await?;
        Ok(session)
    }

    async fn run(&mut self) -> End {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let shutdown = self.services.shutdown.clone();
        loop {
            let step = tokio::select! {
                frame = next_frame(self.socket) => {
                    heard = Instant::now();
                    match frame {
                        Ok(Some(frame)) => self.obey(frame).await,
                        Ok(None) => Ok(()),
                        Err(end) => Err(end),
                    }
                }
                news = self.news.recv() => match news {
                    Some(News::Event(event)) => self.forward(&event).await,
                    Some(News::Resync) => self.catch_up().await,
                    None => Err(End::too_slow()),
                },
                _ = pings.tick() => self.ping(heard).await,
                () = sleep_until(self.expires) => {
                    Err(End::unauthenticated("the token has expired; connect again with a new one"))
                }
                () = shutdown.cancelled() => {
                    Err(End::Close(close::GOING_AWAY, "this replica goes away; connect again and resume".to_owned()))
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn obey(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Authenticate { token } => self.renew(&token).await,
            ClientFrame::Subscribe { order_id: None, after: None } => self.follow_all().await,
            ClientFrame::Subscribe { order_id: None, after: Some(_) } => {
                Err(End::bad_frame("`after` goes with an `order_id`"))
            }
            ClientFrame::Subscribe { order_id: Some(id), after } => self.follow_one(id, after).await,
        }
    }

    /// A further token, of the same person.
    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let caller = self.services.verifier.verify(token).await.map_err(End::unauthenticated)?;
        if caller.person().ok() != Some(self.person) {
            return Err(End::unauthenticated("a socket belongs to one user"));
        }
        self.expires = instant(caller.expires_at);
        self.send(&ServerFrame::Authenticated { expires_at: caller.expires_at }).await
    }

    async fn follow_all(&mut self) -> Result<(), End> {
        // First follow, then look: what happens in between comes twice and is sent once.
        self.membership.follow(Topic::User(self.person.id));
        let since = Utc::now() - RECENT;
        let orders =
            db::orders::current_of_user(&self.services.orders.db, self.person.id, since, SNAPSHOT).await?;
        self.send(&ServerFrame::Subscribed { order_id: None }).await?;
        for order in orders {
            self.snapshot(&order).await?;
        }
        Ok(())
    }

    async fn follow_one(&mut self, id: OrderId, after: Option<u32>) -> Result<(), End> {
        self.membership.follow(Topic::Order(id));
        let order = match db::orders::find(&self.services.orders.db, id).await? {
            Some(order) if self.person.is_staff() || order.user_id == self.person.id => order,
            _ => {
                self.membership.leave(Topic::Order(id));
                let detail = "There is no such order.".to_owned();
                return self.send(&ServerFrame::Refused { order_id: id, detail }).await;
            }
        };
        self.send(&ServerFrame::Subscribed { order_id: Some(id) }).await?;
        match after {
            // A client that claims to have seen more than there is would miss what is to come.
            Some(after) => self.replay(id, after.min(order.version)).await,
            None => self.snapshot(&order).await,
        }
    }

    /// Where an order stands now; what came before is not sent.
    async fn snapshot(&mut self, order: &Order) -> Result<(), End> {
        self.progress.saw(order.id, order.version);
        self.send(&ServerFrame::Status(StatusFrame {
            order_id: order.id,
            status: order.status,
            version: order.version,
            at: order.updated_at,
            reason: order.reason.clone(),
            detail: order.detail.clone(),
            snapshot: true,
        }))
        .await
    }

    /// What happened to an order after this version.
    async fn replay(&mut self, id: OrderId, after: u32) -> Result<(), End> {
        self.progress.saw(id, after);
        for event in db::events::after(&self.services.orders.db, id, after).await? {
            self.status(&event).await?;
        }
        Ok(())
    }

    /// An event from the feed.
    async fn forward(&mut self, event: &OrderEvent) -> Result<(), End> {
        match self.progress.step(event.order_id, event.version) {
            Step::Seen => Ok(()),
            Step::Next => self.status(event).await,
            Step::Gap { after } => self.replay(event.order_id, after).await,
        }
    }

    /// After the feed was interrupted: everything that may have been missed.
    async fn catch_up(&mut self) -> Result<(), End> {
        if self.membership.follows(Topic::User(self.person.id)) {
            let since = Utc::now() - RECENT;
            let orders =
                db::orders::current_of_user(&self.services.orders.db, self.person.id, since, SNAPSHOT)
                    .await?;
            for order in orders {
                if self.progress.step(order.id, order.version) != Step::Seen {
                    self.replay(order.id, self.progress.seen(order.id)).await?;
                }
            }
        }
        for id in self.membership.orders() {
            self.replay(id, self.progress.seen(id)).await?;
        }
        Ok(())
    }

    async fn status(&mut self, event: &OrderEvent) -> Result<(), End> {
        self.progress.saw(event.order_id, event.version);
        self.send(&ServerFrame::Status(StatusFrame {
            order_id: event.order_id,
            status: event.status,
            version: event.version,
            at: event.at,
            reason: event.change.reason().map(str::to_owned),
            detail: event.change.detail().map(str::to_owned),
            snapshot: false,
        }))
        .await
    }

    async fn ping(&mut self, heard: Instant) -> Result<(), End> {
        if heard.elapsed() > 2 * PING_EVERY {
            return Err(End::Gone);
        }
        self.write(Message::Ping(Vec::new().into())).await
    }

    async fn send(&mut self, frame: &ServerFrame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|error| {
            tracing::error!(%error, "cannot write a frame");
            End::Close(1011, "internal fault".to_owned())
        })?;
        self.write(Message::Text(text.into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_WITHIN, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::too_slow()),
        }
    }
}
