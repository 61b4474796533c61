//! Builds the service from its parts and runs it.

use crate::{
    config::Config,
    http::{self, AppState},
    management::Management,
    watch,
};
use messaging::{connection::Broker, parking::Parking};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    health::Health,
    lifecycle::{Lifecycle, TaskResult},
};
use std::sync::Arc;

/// Runs the service. It listens immediately. `/health/ready` fails until the keys for tokens are available.
///
/// Readiness does not depend on the broker. While the broker is unavailable, this service must still receive
/// requests and report the outage.
pub(crate) async fn run(config: Config) -> TaskResult {
    let listener = server::bind(config.listen).await?;
    let management = Arc::new(Management::new(&config.broker.amqp_url, config.amqp_management_url.as_ref())?);
    let parking = Parking::new(Broker::new(&config.broker, env!("CARGO_PKG_NAME")));
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let keys = health.gate("keys", "not fetched from user-service yet");
    let state = AppState {
        parking: Arc::new(parking),
        management: Arc::clone(&management),
        verifier: verifier.clone(),
    };
    let app = server::app(http::routes(state), health);

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    lifecycle.spawn("http", server::serve(listener, app, shutdown.clone()));
    lifecycle.spawn("watch", watch::run(management, shutdown.clone()));
    lifecycle.spawn("keys", verifier.keep_keys(keys, shutdown));
    Ok(lifecycle.run().await?)
}
