//! Sends requests at a steady rate. The generator does not wait for answers, so slow answers do not reduce
//! the rate and hide their latency.

use crate::system::System;
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

/// The longest wait for the next completed order.
const COMPLETION_TIMEOUT: Duration = Duration::from_mins(1);

/// Latencies in milliseconds, from the time just before the request is sent.
#[derive(Default)]
pub(crate) struct Times {
    /// The time until the answer.
    pub(crate) answered: Vec<f64>,
    /// The time until `completed` arrives on the customer's socket.
    pub(crate) completed: Vec<f64>,
}

/// Sends `rate` requests per second for this long. `request` gets the number of each request.
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

/// Places `rate` orders per second for this long.
async fn place(system: &System, rate: u32, length: Duration) -> Result<JoinSet<Result<Placed>>> {
    steadily(rate, length, |number| {
        let (session, order) = (system.customer(number)?.clone(), system.order(number));
        Ok(async move {
            let sent = Instant::now();
            let id = session.place(&order).await?.id;
            Ok(Placed { id, sent, answered: Instant::now() })
        })
    })
    .await
}

/// An accepted order.
struct Placed {
    id: OrderId,
    sent: Instant,
    answered: Instant,
}

/// Measures the answers to orders at this rate, in milliseconds.
pub(crate) async fn answered(system: &System, rate: u32, length: Duration) -> Result<Vec<f64>> {
    let mut placing = place(system, rate, length).await?;
    let mut times = Vec::new();
    while let Some(placed) = placing.join_next().await {
        let placed = placed??;
        times.push(milliseconds(placed.answered - placed.sent));
    }
    Ok(times)
}

/// Measures orders at this rate until they are completed. Each customer has a socket.
pub(crate) async fn completed(system: &System, rate: u32, length: Duration) -> Result<Times> {
    let (seen_sender, mut seen) = mpsc::unbounded_channel();
    let mut watching = JoinSet::new();
    for mut socket in sockets(system).await? {
        let seen_sender = seen_sender.clone();
        watching.spawn(async move {
            while let Ok(frame) = socket.next().await {
                if let ServerFrame::Status(status) = frame
                    && status.status == OrderStatus::Completed
                    && seen_sender.send((status.order_id, Instant::now())).is_err()
                {
                    break;
                }
            }
        });
    }
    drop(seen_sender);

    let mut times = Times::default();
    let mut sent = HashMap::new();
    let mut placing = place(system, rate, length).await?;
    while let Some(placed) = placing.join_next().await {
        let placed = placed??;
        times.answered.push(milliseconds(placed.answered - placed.sent));
        sent.insert(placed.id, placed.sent);
    }
    while times.completed.len() < sent.len() {
        let (id, at) = timeout(COMPLETION_TIMEOUT, seen.recv()).await?.context("every socket is closed")?;
        // A socket also shows orders of earlier rounds.
        if let Some(sent) = sent.get(&id) {
            times.completed.push(milliseconds(at - *sent));
        }
    }
    Ok(times)
}

/// Opens a socket for each customer, with a subscription to all their orders.
async fn sockets(system: &System) -> Result<Vec<Socket>> {
    let opening = system.customers.iter().map(async |session| {
        let mut socket = session.socket().await?;
        subscribe(&mut socket).await?;
        anyhow::Ok(socket)
    });
    try_join_all(opening).await
}

/// Subscribes to all orders, and waits for the confirmation.
pub(crate) async fn subscribe(socket: &mut Socket) -> Result<()> {
    socket.send(&ClientFrame::Subscribe { order_id: None, after: None }).await?;
    loop {
        match socket.next().await? {
            ServerFrame::Subscribed { .. } => return Ok(()),
            ServerFrame::Status(_) | ServerFrame::Delivery(_) | ServerFrame::DeliveriesChanged {} => {}
            other => ensure!(false, "a subscription was answered with {other:?}"),
        }
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
