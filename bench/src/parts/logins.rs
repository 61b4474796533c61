//! Orders while fifty clients do nothing but log in: hashing passwords takes cores, and must not take all of them.

use crate::{
    Extent,
    arena::Arena,
    figures::{Figures, Goal, percentile},
    load,
};
use anyhow::{Result, ensure};
use reqwest::{StatusCode, header::RETRY_AFTER};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const CLIENTS: usize = 50;
/// Orders a second.
const RATE: u32 = 200;
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Answers {
    let_in: usize,
    put_off: usize,
}

pub(super) async fn measure(arena: &Arena, extent: Extent) -> Result<Figures> {
    let (mut quiet, mut stormy, mut let_in, mut put_off) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        arena.clear().await?;
        quiet.push(percentile(&load::answered(arena, RATE, extent.length).await?, 99.0));
        let calm = CancellationToken::new();
        let storm = storm(arena, &calm)?;
        let times = load::answered(arena, RATE, extent.length).await?;
        calm.cancel();
        stormy.push(percentile(&times, 99.0));
        let mut answers = Answers::default();
        for client in storm.join_all().await {
            let client = client?;
            answers.let_in += client.let_in;
            answers.put_off += client.put_off;
        }
        let_in.push(answers.let_in as f64 / extent.length.as_secs_f64());
        put_off.push(answers.put_off as f64 / extent.length.as_secs_f64());
    }
    let ratios = quiet.iter().zip(&stormy).map(|(quiet, stormy)| stormy / quiet).collect();
    let mut figures = Figures::default();
    figures.add("answer p99 at 200 orders/s", "ms", quiet);
    figures.add("answer p99 at 200 orders/s while 50 log in", "ms", stormy);
    figures.aim("the same, against calm", "×", ratios, Goal::Under(3.0));
    figures.add("logged in meanwhile", "1/s", let_in);
    figures.add("put off meanwhile, with Retry-After", "1/s", put_off);
    Ok(figures)
}

/// Clients that log in, again and again.
fn storm(arena: &Arena, calm: &CancellationToken) -> Result<JoinSet<Result<Answers>>> {
    let url = format!("{}/login", arena.stack.url("user-service", 1)?);
    let http = runtime::http_client::client(ANSWER_WITHIN)?;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (url, http, calm) = (url.clone(), http.clone(), calm.clone());
        clients.spawn(async move {
            let mut answers = Answers::default();
            loop {
                let answer = http.post(&url).json(&Arena::login()).send().await?;
                // Whoever is answered after the storm still had to wait, but counts for nothing in it.
                if calm.is_cancelled() {
                    return Ok(answers);
                }
                match answer.status() {
                    StatusCode::OK => answers.let_in += 1,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                        ensure!(
                            answer.headers().contains_key(RETRY_AFTER),
                            "it is not said when to come again"
                        );
                        answers.put_off += 1;
                    }
                    other => ensure!(false, "a log-in was answered {other}"),
                }
            }
        });
    }
    Ok(clients)
}
