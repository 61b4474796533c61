//! Requests at a steady rate, whether or not the ones before are done: how long each takes is not hidden by a generator
//! that waits for it.

use crate::arena::Arena;
use anyhow::{Context as _, Result, ensure};
use contract::{
    ids::OrderId,
    orders::OrderStatus,
    push::{ClientFrame, ServerFrame},
};
use futures_util::future::try_join_all;
use orderctl::Socket;
use std::{
    collections::HashMap,
    future::Future,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

/// After the last order, until the last of them is completed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Milliseconds from the moment before the request is sent.
#[derive(Default)]
pub(crate) struct Times {
    /// Until it is answered.
    pub(crate) answered: Vec<f64>,
    /// Until `completed` is on the customer's socket.
    pub(crate) completed: Vec<f64>,
}

/// Sends `rate` requests a second for this long; each is told its number.
pub(crate) async fn steadily<T: Send + 'static, F: Future<Output = Result<T>> + Send + 'static>(
    rate: u32,
    length: Duration,
    mut request: impl FnMut(usize) -> Result<F>,
) -> Result<JoinSet<Result<T>>> {
    let count = usize::try_from(u64::from(rate) * length.as_secs())?;
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sent = JoinSet::new();
    for number in 0..count {
        ticks.tick().await;
        sent.spawn(request(number)?);
    }
    Ok(sent)
}

/// Places `rate` orders a second for this long.
async fn place(arena: &Arena, rate: u32, length: Duration) -> Result<JoinSet<Result<Placed>>> {
    steadily(rate, length, |number| {
        let (session, order) = (arena.customer(number)?.clone(), arena.order(number));
        Ok(async move {
            let sent = Instant::now();
            let id = session.place(&order).await?.id;
            Ok(Placed { id, sent, answered: Instant::now() })
        })
    })
    .await
}

/// An order that was accepted.
struct Placed {
    id: OrderId,
    sent: Instant,
    answered: Instant,
}

/// The answers to orders at this rate.
pub(crate) async fn answered(arena: &Arena, rate: u32, length: Duration) -> Result<Vec<f64>> {
    let mut placing = place(arena, rate, length).await?;
    let mut times = Vec::new();
    while let Some(placed) = placing.join_next().await {
        let placed = placed??;
        times.push(milliseconds(placed.answered - placed.sent));
    }
    Ok(times)
}

/// The whole way of orders at this rate, seen by customers who each have a socket.
pub(crate) async fn completed(arena: &Arena, rate: u32, length: Duration) -> Result<Times> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut watching = JoinSet::new();
    for mut socket in sockets(arena).await? {
        let tell = tell.clone();
        watching.spawn(async move {
            while let Ok(frame) = socket.next().await {
                if let ServerFrame::Status(status) = frame
                    && status.status == OrderStatus::Completed
                    && tell.send((status.order_id, Instant::now())).is_err()
                {
                    break;
                }
            }
        });
    }
    drop(tell);

    let mut times = Times::default();
    let mut sent = HashMap::new();
    let mut placing = place(arena, rate, length).await?;
    while let Some(placed) = placing.join_next().await {
        let placed = placed??;
        times.answered.push(milliseconds(placed.answered - placed.sent));
        sent.insert(placed.id, placed.sent);
    }
    while times.completed.len() < sent.len() {
        let (id, at) = timeout(PATIENCE, told.recv()).await?.context("every socket is closed")?;
        // A customer's socket also shows orders of rounds before.
        if let Some(sent) = sent.get(&id) {
            times.completed.push(milliseconds(at - *sent));
        }
    }
    Ok(times)
}

/// A socket for each customer, which shows all of their orders.
async fn sockets(arena: &Arena) -> Result<Vec<Socket>> {
    let opening = arena.customers.iter().map(async |session| {
        let mut socket = session.socket().await?;
        subscribe(&mut socket).await?;
        anyhow::Ok(socket)
    });
    try_join_all(opening).await
}

/// Asks for all orders, and waits until the subscription stands.
pub(crate) async fn subscribe(socket: &mut Socket) -> Result<()> {
    socket.send(&ClientFrame::Subscribe { order_id: None, after: None }).await?;
    loop {
        match socket.next().await? {
            ServerFrame::Subscribed { .. } => return Ok(()),
            ServerFrame::Status(_) => {}
            other => ensure!(false, "a subscription was answered with {other:?}"),
        }
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
