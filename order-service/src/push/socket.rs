//! Serves one WebSocket with the protocol of `contract::push`.

use super::{
    connection::{Connection, End},
    hub::{Membership, News, Topic},
    progress::{Progress, Step},
    watch::Watch,
};
use crate::{db, state::AppState};
use chrono::{DateTime, Duration as ChronoDuration, Utc};
use contract::{
    events::OrderEvent,
    ids::OrderId,
    orders::Order,
    push::{ClientFrame, ServerFrame, StatusFrame, close},
};
use rest::auth::caller::{Caller, Person};
use std::time::Duration;
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

/// The time in which the client must authenticate.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(5);
/// The time between two pings. A client that sends nothing for two of these intervals, not even a pong, is
/// gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A snapshot includes final orders that changed within this time.
const RECENT: ChronoDuration = ChronoDuration::hours(24);
/// The largest number of orders in a snapshot.
pub(super) const SNAPSHOT: usize = 100;

impl From<sqlx::Error> for End {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(%error, "a socket cannot read the database");
        // The client resumes from the last version that it has seen.
        Self::Close(close::TRY_AGAIN_LATER, "orders cannot be read now; connect again and resume".to_owned())
    }
}

/// Serves one client until it leaves, its socket is closed, or the process shuts down.
pub(crate) async fn serve(mut socket: Connection, state: AppState) {
    let end = match timeout(AUTHENTICATE_WITHIN, authenticate(&mut socket, &state)).await {
        Ok(Ok(caller)) => match Session::start(&mut socket, &state, &caller).await {
            Ok(mut session) => session.run().await,
            Err(end) => end,
        },
        Ok(Err(end)) => end,
        Err(_) => End::unauthenticated("the first frame must be `authenticate`, within 5 s"),
    };
    socket.close(end).await;
}

async fn authenticate(socket: &mut Connection, state: &AppState) -> Result<Caller, End> {
    loop {
        match socket.next().await? {
            Some(ClientFrame::Authenticate { token }) => {
                return state.verifier.verify(&token).await.map_err(End::unauthenticated);
            }
            Some(ClientFrame::Subscribe { .. } | ClientFrame::WatchOrders {}) => {
                return Err(End::unauthenticated("the first frame must be `authenticate`"));
            }
            None => {}
        }
    }
}

/// Returns when the token of a socket ends. From then on, HTTP requests with the token are refused, too. The
/// result is in monotonic time, which does not jump.
fn end_of(caller: &Caller) -> Instant {
    Instant::now() + (caller.accepted_until() - Utc::now()).to_std().unwrap_or_default()
}

/// An authenticated client.
pub(super) struct Session<'a> {
    socket: &'a mut Connection,
    pub(super) state: &'a AppState,
    pub(super) person: Person,
    /// The time when the token and thus the socket end.
    expires: Instant,
    pub(super) membership: Membership,
    news: Receiver<News>,
    pub(super) progress: Progress,
    /// The versions of deliveries that the client has seen.
    pub(super) deliveries: Progress,
    /// The hints for staff that any order of the shop has changed.
    watch: Watch,
    /// The time since which this socket has missed no events of its user's orders.
    pub(super) complete_since: DateTime<Utc>,
}

impl<'a> Session<'a> {
    async fn start(socket: &'a mut Connection, state: &'a AppState, caller: &Caller) -> Result<Self, End> {
        let person = caller.person().map_err(|problem| End::unauthenticated(problem.details.detail))?;
        let (membership, news) = state.hub.join();
        let session = Self {
            socket,
            state,
            person,
            expires: end_of(caller),
            membership,
            news,
            progress: Progress::default(),
            deliveries: Progress::default(),
            watch: Watch::default(),
            complete_since: Utc::now(),
        };
        session.socket.send(&ServerFrame::Authenticated { expires_at: caller.expires_at }).await?;
        Ok(session)
    }

    async fn run(&mut self) -> End {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let shutdown = self.state.shutdown.clone();
        loop {
            let step = tokio::select! {
                frame = self.socket.next() => {
                    heard = Instant::now();
                    match frame {
                        Ok(Some(frame)) => self.handle(frame).await,
                        Ok(None) => Ok(()),
                        Err(end) => Err(end),
                    }
                }
                news = self.news.recv() => match news {
                    Some(News::Event(event)) => self.forward(&event).await,
                    Some(News::Delivery(event)) => self.delivery(&event).await,
                    Some(News::Changed(order)) => self.replay(order, self.progress.seen(order)).await,
                    Some(News::Resync) => self.catch_up().await,
                    None => Err(End::too_slow()),
                },
                () = self.watch.changed() => self.socket.send(&ServerFrame::OrdersChanged {}).await,
                _ = pings.tick() => self.ping(heard).await,
                () = sleep_until(self.expires) => {
                    Err(End::unauthenticated("the token has expired; connect again with a new one"))
                }
                () = shutdown.cancelled() => {
                    Err(End::Close(close::GOING_AWAY, "this replica is shutting down; connect again and resume".to_owned()))
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn handle(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Authenticate { token } => self.renew(&token).await,
            ClientFrame::Subscribe { order_id: None, after: None } => self.follow_all().await,
            ClientFrame::Subscribe { order_id: None, after: Some(_) } => {
                Err(End::bad_frame("`after` requires an `order_id`"))
            }
            ClientFrame::Subscribe { order_id: Some(id), after } => self.follow_one(id, after).await,
            ClientFrame::WatchOrders {} => self.watch_orders().await,
        }
    }

    /// Replaces the token with a new one of the same person.
    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let caller = self.state.verifier.verify(token).await.map_err(End::unauthenticated)?;
        if caller.person().ok() != Some(self.person) {
            return Err(End::unauthenticated("a socket belongs to one user"));
        }
        self.expires = end_of(&caller);
        self.socket.send(&ServerFrame::Authenticated { expires_at: caller.expires_at }).await
    }

    async fn follow_all(&mut self) -> Result<(), End> {
        let all = Topic::User(self.person.id);
        if !self.membership.follows(all) {
            self.complete_since = Utc::now();
        }
        // Follow before the query, so that no event is missed. An event in between comes twice and is sent
        // once.
        self.membership.follow(all);
        let orders = self.current_orders().await?;
        self.socket.send(&ServerFrame::Subscribed { order_id: None }).await?;
        for order in orders {
            self.snapshot(&order).await?;
        }
        Ok(())
    }

    async fn follow_one(&mut self, id: OrderId, after: Option<u32>) -> Result<(), End> {
        // Check the permission before the socket follows the order, because its events would otherwise get
        // into the queue. The owner of an order never changes.
        if find_permitted(self.state, self.person, id).await?.is_none() {
            let detail = "There is no such order.".to_owned();
            return self.socket.send(&ServerFrame::Refused { order_id: Some(id), detail }).await;
        }
        // Follow before the second query, so that no event is missed. An event in between comes twice and is
        // sent once.
        self.membership.follow(Topic::Order(id));
        let Some(order) = find_permitted(self.state, self.person, id).await? else { return Ok(()) };
        self.socket.send(&ServerFrame::Subscribed { order_id: Some(id) }).await?;
        match after {
            // A client that claims a version above the latest one would miss later events.
            Some(after) => self.replay(id, after.min(order.version)).await,
            None => self.snapshot(&order).await,
        }
    }

    async fn watch_orders(&mut self) -> Result<(), End> {
        if !self.person.is_staff() {
            let detail = "Only staff can watch all orders.".to_owned();
            return self.socket.send(&ServerFrame::Refused { order_id: None, detail }).await;
        }
        self.watch = Watch::start(&self.state.hub);
        Ok(())
    }

    /// Sends the current state of an order without its history.
    pub(super) async fn snapshot(&mut self, order: &Order) -> Result<(), End> {
        self.progress.saw(order.id, order.version);
        self.socket
            .send(&ServerFrame::Status(StatusFrame {
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

    /// Reads the latest of the user's orders that are not final or have changed recently.
    pub(super) async fn current_orders(&mut self) -> Result<Vec<Order>, sqlx::Error> {
        let since = Utc::now() - RECENT;
        let limit = i64::try_from(SNAPSHOT).unwrap_or(i64::MAX);
        db::orders::current_of_user(&self.state.orders.db, self.person.id, since, limit).await
    }

    /// Handles an event from the feed.
    pub(super) async fn forward(&mut self, event: &OrderEvent) -> Result<(), End> {
        match self.progress.step(event.order_id, event.version) {
            Step::Seen => Ok(()),
            Step::Next => self.status(event).await,
            Step::Gap { after } => self.replay(event.order_id, after).await,
        }
    }

    pub(super) async fn status(&mut self, event: &OrderEvent) -> Result<(), End> {
        self.progress.saw(event.order_id, event.version);
        self.socket
            .send(&ServerFrame::Status(StatusFrame {
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

    pub(super) async fn send(&mut self, frame: &ServerFrame) -> Result<(), End> {
        self.socket.send(frame).await
    }

    async fn ping(&mut self, heard: Instant) -> Result<(), End> {
        if heard.elapsed() > 2 * PING_EVERY {
            return Err(End::Gone);
        }
        self.socket.ping().await
    }
}

/// Finds an order that this person may see.
async fn find_permitted(state: &AppState, person: Person, id: OrderId) -> Result<Option<Order>, sqlx::Error> {
    let order = db::orders::find(&state.orders.db, id).await?;
    Ok(order.filter(|order| person.is_staff() || order.user_id == person.id))
}
