//! `./dev prepare`: checks all SQL queries against a fresh PostgreSQL server, and writes their offline data.
//!
//! The build needs no database. With `SQLX_OFFLINE=true`, `sqlx::query!` reads the files that this command
//! writes.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use storage::DatabaseUrl;

use super::cargo;
use crate::database;
use crate::postgres::Postgres;
use crate::progress::Progress;
use crate::services::SERVICES;
use crate::shutdown::Shutdown;
use crate::{
    instance::{self, Instance},
    secrets::Secrets,
};

pub(crate) async fn run(shutdown: &Shutdown) -> Result<ExitCode> {
    let instance = Instance::take_empty("prepare")?;
    let secrets = Secrets::of(instance.folder())?;
    Progress::Shown.begin("Starting PostgreSQL");
    let postgres = shutdown.unless(Postgres::start_in(instance.folder(), &secrets.postgres)).await?;
    for (service, (database, variable)) in
        SERVICES.iter().filter_map(|service| Some((service, service.database?)))
    {
        let begun = Instant::now();
        let url = postgres.url()?;
        let folder = instance::checkout()?.join(service.name);
        create_and_migrate(&url, database, &folder.join("migrations")).await?;
        let url = url.with_database(database).reveal();
        let fresh = instance.folder().path(service.name);
        fs::create_dir(&fresh)?;
        // The macros write the data only when their crate is compiled, so force a compilation.
        touch(&folder.join("src/main.rs"))?;
        let mut command =
            cargo::command("cargo", &["check", "--quiet", "--all-targets", "--package", service.name])?;
        command.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &fresh).env(variable, url);
        if !cargo::run(command, shutdown).await?.success() {
            bail!("{} does not build against its migrations", service.name);
        }
        let count = replace(&folder.join(".sqlx"), &fresh)?;
        Progress::Shown.done(service.name, &format!("{count} queries"), begun);
    }
    postgres.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn create_and_migrate(server: &DatabaseUrl, database: &str, migrations: &Path) -> Result<()> {
    let mut connection = database::connect(server).await?;
    database::create(&mut connection, database).await?;
    connection.close().await?;
    let mut connection = database::connect(&server.clone().with_database(database)).await?;
    let migrator =
        Migrator::new(migrations).await.with_context(|| format!("read {}", migrations.display()))?;
    migrator.run(&mut connection).await.with_context(|| format!("apply {}", migrations.display()))?;
    Ok(connection.close().await?)
}

fn touch(file: &Path) -> Result<()> {
    let opened =
        fs::File::options().append(true).open(file).with_context(|| format!("open {}", file.display()))?;
    Ok(opened.set_modified(std::time::SystemTime::now())?)
}

/// Replaces the old files with the fresh ones, and returns their number. All queries were checked before.
fn replace(old: &Path, fresh: &Path) -> Result<usize> {
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    fs::create_dir(old)?;
    let mut count = 0;
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        fs::copy(entry.path(), old.join(entry.file_name()))?;
        count += 1;
    }
    Ok(count)
}
