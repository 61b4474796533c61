//! Builds the simulator from its parts and runs it.

use crate::{config::Config, faults::Faults, http, ledger::Ledger, state::AppState};
use chrono::TimeDelta;
use rest::server;
use runtime::{
    health::Health,
    lifecycle::{Lifecycle, TaskResult},
};
use std::sync::Arc;

/// Runs the simulator until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let mut lifecycle = Lifecycle::default();
    let retention = TimeDelta::hours(config.idempotency_hours.into());
    let (ledger, writer) =
        Ledger::open(&config.ledger_file, retention).map_err(|error| format!("LEDGER_FILE: {error}"))?;
    let listener = server::bind(config.listen).await?;

    let state = AppState {
        ledger,
        faults: Arc::new(Faults::new(config.faults())),
        api_key: config.api_key.map(Into::into),
        shutdown: lifecycle.shutdown(),
    };
    // Faults may delay or hold an answer, so this server has no time limit for requests.
    let app = server::simulator_app(http::routes(state), Health::default());
    // The writer ends after the server, which has the last handle of the ledger.
    lifecycle.spawn("ledger", async { Ok(writer.run().await?) });
    lifecycle.spawn("http", server::serve(listener, app, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}
