//! `./dev up --watch`: rebuilds and restarts the programs whose sources change, and serves the web client with
//! Vite's own reload.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::process::Child;

use crate::commands::cargo;
use crate::instance::{self, Folder};
use crate::ports;
use crate::process::{Ending, Process};
use crate::progress::say;
use crate::services::SERVICES;
use crate::stack::Stack;
use crate::web;

/// The time without changes before a build. An editor may write several files at once.
const QUIET: Duration = Duration::from_millis(200);
/// Folders of the checkout without sources of programs.
const IGNORED: [&str; 6] = [".data", ".git", ".github", "docs", "target", "web"];
/// The types of files that cargo reads.
const SOURCES: [&str; 5] = ["json", "lock", "rs", "sql", "toml"];

/// Watches the sources of the programs.
pub(super) struct Watch {
    changes: Receiver<()>,
    changed_at: Option<Instant>,
    build: Option<Child>,
    /// The time at which each program was built.
    built: HashMap<&'static str, SystemTime>,
    // Dropping it ends the notifications.
    _watcher: RecommendedWatcher,
    /// Vite ends with this value.
    _vite: Process,
}

impl Watch {
    /// Starts to watch, and starts Vite.
    pub(super) fn start(stack: &Stack, folder: &Folder) -> Result<Self> {
        let (sender, changes) = mpsc::channel();
        let checkout = instance::checkout()?;
        let root = checkout.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // After an overflow of the queue, the kernel reports an error. Then anything may have changed.
            let is_change = event.map_or(true, |event| {
                !event.kind.is_access() && event.paths.iter().any(|path| is_source(&root, path))
            });
            if is_change {
                // The receiver is gone only at the end of the program.
                let _ = sender.send(());
            }
        })?;
        // Not the checkout as a whole: `target` has more folders than the kernel allows to watch.
        watcher.watch(&checkout, RecursiveMode::NonRecursive)?;
        for entry in fs::read_dir(&checkout).context("read the checkout")? {
            let path = entry?.path();
            if path.is_dir() && !is_ignored(&checkout, &path) {
                watcher.watch(&path, RecursiveMode::Recursive)?;
            }
        }
        let (vite, url) = start_vite(stack, folder)?;
        say!("Watching the sources. The shop with live reload is at {url}\n");
        let built = SERVICES.iter().map(|service| Ok((service.name, built_at(service.name)?)));
        Ok(Self {
            changes,
            changed_at: None,
            build: None,
            built: built.collect::<Result<_>>()?,
            _watcher: watcher,
            _vite: vite,
        })
    }

    /// Starts a build after changes, and restarts the programs that a finished build has changed. Returns
    /// whether a program was restarted.
    pub(super) async fn step(&mut self, stack: &Stack) -> Result<bool> {
        if self.changes.try_iter().count() > 0 {
            self.changed_at = Some(Instant::now());
        }
        if let Some(build) = &mut self.build {
            let Some(status) = build.try_wait()? else { return Ok(false) };
            self.build = None;
            return self.finish(stack, status).await;
        }
        if self.changed_at.is_some_and(|at| at.elapsed() > QUIET) {
            self.changed_at = None;
            say!("Building the changed programs");
            let mut command = cargo::command("cargo", &["build", "--quiet", "--workspace", "--bins"])?;
            command.env("SQLX_OFFLINE", "true").kill_on_drop(true);
            self.build = Some(command.spawn().context("cannot start cargo")?);
        }
        Ok(false)
    }

    async fn finish(&mut self, stack: &Stack, status: ExitStatus) -> Result<bool> {
        if !status.success() {
            say!("The build failed. The running programs are not replaced.");
            return Ok(false);
        }
        let mut restarted = false;
        for replica in stack.all_replicas() {
            let service = replica.service.name;
            let built = built_at(service)?;
            if self.built.get(service) == Some(&built) {
                continue;
            }
            let begun = Instant::now();
            match stack.restart(service, replica.number).await {
                Ok(()) => {
                    say!("{} was restarted in {:.1} s", replica.slot.name(), begun.elapsed().as_secs_f64());
                }
                Err(error) => say!("{error:#}\nThe next change restarts it."),
            }
            restarted = true;
        }
        for (service, built) in &mut self.built {
            *built = built_at(service)?;
        }
        if !restarted {
            say!("No program has changed.");
        }
        Ok(restarted)
    }
}

fn built_at(service: &str) -> Result<SystemTime> {
    let program = instance::program(service)?;
    fs::metadata(&program)
        .and_then(|metadata| metadata.modified())
        .with_context(|| format!("read {}", program.display()))
}

fn is_ignored(checkout: &Path, path: &Path) -> bool {
    let first = path.strip_prefix(checkout).ok().and_then(|path| path.components().next());
    first.is_some_and(|first| IGNORED.iter().any(|ignored| first == Component::Normal(ignored.as_ref())))
}

fn is_source(checkout: &Path, path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    !is_ignored(checkout, path) && extension.is_some_and(|extension| SOURCES.contains(&extension))
}

/// Starts Vite in front of the services, like the gateway. Returns the address of Vite.
fn start_vite(stack: &Stack, folder: &Folder) -> Result<(Process, String)> {
    let port = ports::free_or(5173)?;
    // Not through npm, which would leave Vite behind when it is killed.
    let mut command = std::process::Command::new("node");
    command
        .args(["node_modules/vite/bin/vite.js", "--strictPort", "--port", &port.to_string()])
        .current_dir(web::folder()?)
        .env("USER_SERVICE_URL", stack.url("user-service", 1)?)
        .env("CATALOG_SERVICE_URL", stack.url("catalog-service", 1)?)
        .env("DISCOUNT_SERVICE_URL", stack.url("discount-service", 1)?)
        .env("ORDER_SERVICE_URL", stack.url("order-service", 1)?)
        .env("DELIVERY_SERVICE_URL", stack.url("delivery-service", 1)?)
        .env("OPERATIONS_SERVICE_URL", stack.url("operations-service", 1)?);
    let vite = Process::spawn(command, "vite", &folder.log("vite"), &folder.records(), Ending::SERVICE)?;
    Ok((vite, format!("http://127.0.0.1:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_cargo_reads_cause_a_build() {
        let checkout = Path::new("/shop");
        for source in
            ["order-service/src/main.rs", "Cargo.lock", "common/rest/Cargo.toml", "a/migrations/1.sql"]
        {
            assert!(is_source(checkout, &checkout.join(source)), "{source}");
        }
        for other in
            ["target/debug/x.rs", "web/src/x.json", "README.md", ".git/index.lock", "order-service/src/x.rs~"]
        {
            assert!(!is_source(checkout, &checkout.join(other)), "{other}");
        }
    }
}
