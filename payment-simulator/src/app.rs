//! Starts the simulator.

use crate::{config::Config, faults::Faults, http, ledger::Ledger, state::AppState};
use chrono::TimeDelta;
use rest::server;
use runtime::{
    health::Health,
    lifecycle::{BoxError, Lifecycle},
};
use std::sync::Arc;

/// Runs until the process gets a signal to end.
pub(crate) async fn run(config: Config) -> Result<(), BoxError> {
    let mut lifecycle = Lifecycle::default();
    let retention = TimeDelta::hours(config.idempotency_hours.into());
    let (ledger, writer) = Ledger::open(&config.ledger_file, retention)?;
    let listener = server::bind(config.listen).await?;

    let app = Arc::new(AppState {
        ledger,
        faults: Faults::new(config.faults()),
        api_key: config.api_key,
        shutdown: lifecycle.shutdown(),
    });
    // Faults may delay or hold an answer, so this server has no time limit for requests.
    let router = server::simulator_app(http::routes(app), Health::default());
    // The writer ends after the server, which has the last handle of the ledger.
    lifecycle.spawn("ledger", async { Ok(writer.run().await?) });
    lifecycle.spawn("http", server::serve(listener, router, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}
