//! Builds the service from its parts and runs it.

use crate::{config::Config, db, http, state::AppState};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    health::{Gate, Health},
    lifecycle::{Lifecycle, TaskResult},
    outage::Outage,
};
use sqlx::PgPool;
use std::time::Duration;
use storage::{self, group_commit::GroupCommit};

/// The time between two searches for products that a replica of the last release has added or changed. The
/// product search does not find these products until then.
const FOLD_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the service until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let listener = server::bind(config.listen).await?;
    let database_url = config.database_url.reveal();
    let pool = storage::pool(&database_url, env!("CARGO_PKG_NAME"), config.database_connections)?;
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let schema = health.schema();
    let keys = health.keys();
    let searchable = health.gate("search", "products are not folded yet");
    let pinged = pool.clone();
    health.check("database", move || {
        let pool = pinged.clone();
        async move { storage::ping(&pool).await }
    });

    let state = AppState {
        pool: pool.clone(),
        stock: GroupCommit::to(&pool),
        verifier: verifier.clone(),
        currency: config.shop_currency,
    };
    let app = server::app(http::routes(state), health);

    let mut lifecycle = Lifecycle::default();
    let shutdown = lifecycle.shutdown();
    lifecycle.spawn("http", server::serve(listener, app, shutdown.clone()));
    lifecycle.spawn("keys", verifier.keep_keys(keys, shutdown.clone()));
    lifecycle.spawn("database keeper", async move {
        storage::migrate(&pool, &db::MIGRATIONS, &schema, &shutdown).await?;
        shutdown.run_until_cancelled(keep_searchable(&pool, &searchable)).await;
        Ok(())
    });
    Ok(lifecycle.run().await?)
}

async fn keep_searchable(pool: &PgPool, searchable: &Gate) {
    let mut outage = Outage::default();
    loop {
        match db::search::fold_all(pool).await {
            Ok(count) => {
                outage.end();
                searchable.open();
                if count > 0 {
                    tracing::info!(count, "folded products for the search");
                }
            }
            Err(error) if outage.has_new_reason(&error.to_string()) => {
                tracing::warn!(%error, "cannot fold products for the search now");
            }
            Err(_) => {}
        }
        tokio::time::sleep(FOLD_INTERVAL).await;
    }
}
