//! Measures orders while fifty clients log in all the time. Password hashes need CPU, but must not use all
//! cores.

use crate::{
    extent::Extent,
    figures::{Figures, Goal, percentile},
    load,
    system::System,
};
use anyhow::{Result, ensure};
use reqwest::{StatusCode, header::RETRY_AFTER};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const CLIENTS: usize = 50;
/// Orders per second.
const RATE: u32 = 200;
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Answers {
    accepted: usize,
    refused: usize,
}

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    let (mut quiet, mut stormy, mut accepted, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        system.clear().await?;
        quiet.push(percentile(&load::answered(system, RATE, extent.length).await?, 99.0));
        let stop = CancellationToken::new();
        let storm = storm(system, &stop)?;
        let times = load::answered(system, RATE, extent.length).await?;
        stop.cancel();
        stormy.push(percentile(&times, 99.0));
        let mut answers = Answers::default();
        for client in storm.join_all().await {
            let client = client?;
            answers.accepted += client.accepted;
            answers.refused += client.refused;
        }
        accepted.push(answers.accepted as f64 / extent.length.as_secs_f64());
        refused.push(answers.refused as f64 / extent.length.as_secs_f64());
    }
    let ratios = quiet.iter().zip(&stormy).map(|(quiet, stormy)| stormy / quiet).collect();
    let mut figures = Figures::default();
    figures.add("answer p99 at 200 orders/s", "ms", quiet);
    figures.add("answer p99 at 200 orders/s while 50 log in", "ms", stormy);
    figures.aim("the same, against calm", "×", ratios, Goal::Under(3.0));
    figures.add("logged in meanwhile", "1/s", accepted);
    figures.add("put off meanwhile, with Retry-After", "1/s", refused);
    Ok(figures)
}

/// Starts clients that log in again and again.
fn storm(system: &System, stop: &CancellationToken) -> Result<JoinSet<Result<Answers>>> {
    let url = format!("{}/login", system.stack.url("user-service", 1)?);
    let http = runtime::http_client::client(LOGIN_TIMEOUT)?;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (url, http, stop) = (url.clone(), http.clone(), stop.clone());
        clients.spawn(async move {
            let mut answers = Answers::default();
            loop {
                let answer = http.post(&url).json(&System::login()).send().await?;
                // An answer after the end of the storm does not count.
                if stop.is_cancelled() {
                    return Ok(answers);
                }
                match answer.status() {
                    StatusCode::OK => answers.accepted += 1,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                        ensure!(answer.headers().contains_key(RETRY_AFTER), "a refusal has no Retry-After");
                        answers.refused += 1;
                    }
                    other => ensure!(false, "a login was answered {other}"),
                }
            }
        });
    }
    Ok(clients)
}
