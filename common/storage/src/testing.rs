//! Pools and migrations for this crate's tests.

use crate::{DatabaseUrl, migrate::migrate};
use runtime::health::Health;
use sqlx::{
    PgPool, SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;

pub(crate) async fn migrated(pool: &PgPool, migrations: &[(i64, &'static str)]) -> Result<(), MigrateError> {
    let migrations = migrations.iter().map(|(version, sql)| {
        Migration::new(*version, "test".into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let gate = Health::default().gate("schema", "closed");
    let migrator = Migrator::with_migrations(migrations.collect());
    migrate(pool, &migrator, &gate, &CancellationToken::new()).await
}

/// The pool of a replica. Unlike the test's pool, it keeps idle connections open.
pub(crate) fn replica(pool: &PgPool) -> PgPool {
    PgPoolOptions::new().connect_lazy_with(PgConnectOptions::clone(&pool.connect_options()))
}

/// The URL of the test's database. `hosts` gets the address of the server and returns the hosts for the URL.
pub(crate) fn url(test: &PgPool, hosts: impl Fn(&str) -> String) -> String {
    let options = test.connect_options();
    let server = std::env::var("DATABASE_URL").unwrap().parse::<DatabaseUrl>().unwrap();
    let server = server.with_database(options.get_database().unwrap()).reveal();
    let address = format!("{}:{}", options.get_host(), options.get_port());
    assert!(server.contains(&address), "DATABASE_URL names one host with its port");
    server.replace(&address, &hosts(&address))
}

/// The pool of a service.
pub(crate) fn service(test: &PgPool) -> PgPool {
    crate::pool(&url(test, str::to_owned), "test", 4).unwrap()
}
