//! Puts the parts together.

use crate::{config::Config, faults::Faults, http, ledger::Ledger};
use chrono::TimeDelta;
use rest::server;
use runtime::{
    health::Health,
    lifecycle::{BoxError, Lifecycle},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What requests share.
pub(crate) struct App {
    /// What was done.
    pub ledger: Ledger,
    /// What is made to go wrong.
    pub faults: Faults,
    /// The one key that is let in; any, where none is set.
    pub api_key: Option<String>,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
}

/// Runs until the process is told to end.
pub(crate) async fn run(config: Config) -> Result<(), BoxError> {
    let mut lifecycle = Lifecycle::default();
    let retention = TimeDelta::hours(config.idempotency_hours.into());
    let (ledger, writer) = Ledger::open(&config.ledger_file, retention)?;
    let listener = server::bind(config.listen).await?;

    let app = Arc::new(App {
        ledger,
        faults: Faults::new(config.faults()),
        api_key: config.api_key,
        shutdown: lifecycle.shutdown(),
    });
    // A charge is delayed, or held, as long as the faults say.
    let router = server::app_of_another_kind(http::routes(app), Health::default());
    // The writer ends when the server, and with it the last holder of the ledger, has ended.
    lifecycle.spawn("ledger", async { Ok(writer.run().await?) });
    lifecycle.spawn("http", server::serve(listener, router, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}
