//! Builds the service from its parts and runs it.

use crate::{catalogue::Catalogue, config::Config, db, http, state::AppState};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    health::Health,
    lifecycle::{Lifecycle, TaskResult},
};
use storage::group_commit::GroupCommit;

/// Runs the service until shutdown.
///
/// The service is ready without catalog-service, because claims do not need it. Quotes are answered with 503
/// meanwhile.
pub(crate) async fn run(config: Config) -> TaskResult {
    let listener = server::bind(config.listen).await?;
    let database_url = config.database_url.reveal();
    let pool = storage::pool(&database_url, env!("CARGO_PKG_NAME"), config.database_connections)?;
    let verifier = Verifier::fetching(config.jwks_url, &config.token_issuer, &config.token_audience)?;

    let mut health = Health::default();
    let schema = health.schema();
    let keys = health.keys();
    let pinged = pool.clone();
    health.check("database", move || {
        let pool = pinged.clone();
        async move { storage::ping(&pool).await }
    });

    let state = AppState {
        pool: pool.clone(),
        claims: GroupCommit::to(&pool),
        catalogue: Catalogue::at(config.catalog_service_url)?,
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
        shutdown.cancelled().await;
        Ok(())
    });
    Ok(lifecycle.run().await?)
}
