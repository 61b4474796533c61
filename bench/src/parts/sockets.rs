//! Measures many sockets on one replica: the memory of an idle socket, and the time until all sockets show an
//! order.

use crate::{
    figures::{Figures, Goal, percentile},
    load::{milliseconds, subscribe},
    progress::say,
    system::System,
    usage::Usage,
};
use anyhow::{Context as _, Result};
use contract::{orders::OrderStatus, push::ServerFrame};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::time::{Duration, Instant};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};

const SOCKETS: usize = 10_000;
/// The number of concurrent handshakes.
const CONCURRENT_HANDSHAKES: usize = 32;
/// The number of orders, which all sockets show.
const ORDERS: usize = 10;
const PUSH_TIMEOUT: Duration = Duration::from_mins(1);
/// After this time, a replica has freed the memory of the handshakes.
const SETTLE_TIME: Duration = Duration::from_secs(3);

/// All sockets belong to one customer, so each order reaches every socket.
pub(super) async fn measure(system: &System) -> Result<Figures> {
    system.clear().await?;
    let replica = system.stack.pid("order-service", 1)?;
    let customer = system.customer(0)?;
    let before = Usage::of(replica)?.memory;
    let opening = stream::iter(0..SOCKETS).map(async |_| {
        let mut socket = customer.socket().await?;
        subscribe(&mut socket).await?;
        anyhow::Ok(socket)
    });
    let sockets: Vec<_> = opening.buffer_unordered(CONCURRENT_HANDSHAKES).try_collect().await?;
    sleep(SETTLE_TIME).await;
    let each = (Usage::of(replica)?.memory - before) * 1000.0 / SOCKETS as f64;
    say("  10,000 sockets are open");

    let (seen_sender, mut seen) = mpsc::unbounded_channel();
    let mut listening = JoinSet::new();
    for mut socket in sockets {
        let seen_sender = seen_sender.clone();
        listening.spawn(async move {
            while let Ok(frame) = socket.next().await {
                if matches!(frame, ServerFrame::Status(status) if status.status == OrderStatus::New)
                    && seen_sender.send(Instant::now()).is_err()
                {
                    break;
                }
            }
        });
    }
    let mut times = Vec::new();
    for number in 0..ORDERS {
        let sent = Instant::now();
        customer.place(&system.order(number)).await?;
        for _ in 0..SOCKETS {
            let at = timeout(PUSH_TIMEOUT, seen.recv()).await?.context("every socket is closed")?;
            times.push(milliseconds(at - sent));
        }
    }
    let mut figures = Figures::default();
    figures.aim("memory of an idle socket, of 10,000", "KB", vec![each], Goal::Under(40.0));
    figures.add("POST to all of 10,000 sockets, p50", "ms", vec![percentile(&times, 50.0)]);
    figures.aim(
        "POST to all of 10,000 sockets, p99",
        "ms",
        vec![percentile(&times, 99.0)],
        Goal::Under(500.0),
    );
    Ok(figures)
}
