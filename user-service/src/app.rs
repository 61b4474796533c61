//! Builds the service from its parts and runs it.

use crate::{
    config::Config,
    db::{self, sessions},
    domain::service_client::ServiceClients,
    http,
    passwords::Passwords,
    signing_key,
    staff::{self, EnsureStaffError, StaffAccount},
    state::{AppState, Limits},
};
use rest::{auth::verifier::Verifier, server};
use runtime::{
    backoff,
    health::{Gate, Health},
    lifecycle::{BoxError, Lifecycle, TaskResult},
};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A few connections are enough, because bcrypt limits this service and PostgreSQL does not.
const DATABASE_CONNECTIONS: u32 = 10;

/// The time between two deletions of expired data.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_mins(5);

/// Runs the service until shutdown.
pub(crate) async fn run(config: Config) -> TaskResult {
    let staff = config.staff()?;
    let state = state(&config)?;
    let listener = server::bind(config.listen).await?;

    let mut lifecycle = Lifecycle::default();
    let mut health = Health::default();
    let schema = health.schema();
    let staffed = health.gate("staff", "the staff user is not created yet");
    let pool = state.pool.clone();
    health.check("database", move || {
        let pool = pool.clone();
        async move { storage::ping(&pool).await }
    });

    let keeper = Keeper { state: state.clone(), staff, schema, staffed, shutdown: lifecycle.shutdown() };
    lifecycle.spawn("database keeper", keeper.run());
    let app = server::app(http::routes(state), health);
    lifecycle.spawn("http", server::serve(listener, app, lifecycle.shutdown()));
    Ok(lifecycle.run().await?)
}

fn state(config: &Config) -> Result<AppState, BoxError> {
    let clients = ServiceClients::from_json(&config.service_clients)
        .map_err(|error| format!("SERVICE_CLIENTS: {error}"))?;
    let signer = signing_key::signer(config)?;
    let pool = storage::pool(&config.database_url.reveal(), env!("CARGO_PKG_NAME"), DATABASE_CONNECTIONS)?;
    let verifier = Verifier::with_keys(signer.keys(), &config.token_issuer, &config.token_audience);
    Ok(AppState {
        pool,
        passwords: Passwords::new(config.bcrypt_cost),
        signer: Arc::new(signer),
        verifier,
        clients: Arc::new(clients),
        limits: Arc::new(Limits::new(config.login_per_minute, config.register_per_minute)),
        session_lifetime: config.session_lifetime(),
        session_cookie_name: config.session_cookie_name.clone(),
        session_cookie_path: config.session_cookie_path.clone(),
        trust_forwarded_for: config.trust_forwarded_for,
    })
}

/// Migrates the database, creates the staff user, and then deletes expired data periodically.
struct Keeper {
    state: AppState,
    staff: Option<StaffAccount>,
    schema: Gate,
    staffed: Gate,
    shutdown: CancellationToken,
}

impl Keeper {
    /// Stops at any point on shutdown. PostgreSQL rolls back an interrupted migration.
    async fn run(self) -> TaskResult {
        self.shutdown.run_until_cancelled(self.keep()).await.unwrap_or(Ok(()))
    }

    async fn keep(&self) -> TaskResult {
        storage::migrate(&self.state.pool, &db::MIGRATIONS, &self.schema, &self.shutdown).await?;
        if let Some(staff) = &self.staff {
            self.ensure(staff).await?;
        }
        self.staffed.open();
        loop {
            self.tidy().await;
            sleep(HOUSEKEEPING_INTERVAL).await;
        }
    }

    /// Retries while PostgreSQL is unavailable or the cores are busy.
    async fn ensure(&self, account: &StaffAccount) -> Result<(), EnsureStaffError> {
        let mut delays = backoff::reconnecting();
        while let Err(error) = staff::ensure(&self.state.pool, &self.state.passwords, account).await {
            if !error.is_temporary() {
                return Err(error);
            }
            tracing::warn!(%error, "trying again");
            sleep(delays.next().unwrap_or_default()).await;
        }
        Ok(())
    }

    async fn tidy(&self) {
        self.state.limits.forget_idle();
        match sessions::prune(&self.state.pool).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted expired sessions"),
            Err(error) => tracing::warn!(%error, "cannot delete expired sessions now"),
        }
    }
}
