//! Builds the simulator from its parts and runs it.

use crate::{
    config::Config, faults::Faults, http, journey, ledger::Ledger, state::AppState, webhooks::Webhooks,
};
use chrono::TimeDelta;
use rest::{server, webhook::WebhookSecret};
use runtime::{
    health::Health,
    http_client,
    lifecycle::{Lifecycle, TaskResult},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The time limit of a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the simulator until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let mut lifecycle = Lifecycle::default();
    let step = TimeDelta::milliseconds(config.step_ms.into());
    let ledger = Ledger::open(&config.parcels_file, step)
        .map_err(|error| format!("PARCELS_FILE: {}: {error}", config.parcels_file.display()))?;
    let ledger = Arc::new(ledger);
    let listener = server::bind(config.listen).await?;
    let faults = Arc::new(Faults::new(config.faults()));
    let forger: WebhookSecret = Uuid::now_v7().to_string().parse()?;
    let webhooks = Webhooks::new(
        http_client::client(WEBHOOK_TIMEOUT)?,
        config.webhook_url,
        [config.webhook_secret, forger],
        Arc::clone(&faults),
        Duration::from_millis(config.step_ms.into()),
    );
    let state = AppState { ledger: Arc::clone(&ledger), faults, api_key: config.api_key.map(Into::into) };
    let app = server::simulator_app(http::routes(state, webhooks.clone()), Health::default());
    lifecycle.spawn("journey", journey::run(ledger, webhooks, lifecycle.shutdown()));
    lifecycle.spawn("http", server::serve(listener, app, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}
