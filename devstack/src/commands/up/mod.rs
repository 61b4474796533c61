//! `./dev up`: runs the whole system until Ctrl-C.

mod browser;
mod customer;
mod watch;

use std::collections::{HashMap, HashSet};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use super::overview::Overview;
use super::system::{Lifetime, System};
use crate::instance::{Folder, Instance};
use crate::logs::Follower;
use crate::progress::{Progress, say};
use crate::services::Service;
use crate::shutdown::Shutdown;
use crate::slot::Slot;
use crate::stack::{Builder, Stack};
use crate::web;
use watch::Watch;

/// The time between two checks of the processes. New log lines are printed at the same time.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The largest number of restarts of a replica within a minute. After more restarts, the system stops with an
/// error.
const MAX_RESTARTS: usize = 5;

/// The options of `./dev up`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Open the shop in a browser.
    pub open: bool,
    /// Follow the logs.
    pub logs: bool,
    /// Rebuild and restart the programs whose sources change.
    pub watch: bool,
}

pub(crate) async fn run(
    scale: &[(&'static Service, usize)],
    options: Options,
    shutdown: &Shutdown,
) -> Result<ExitCode> {
    let instance = Instance::take("up")?;
    Overview::forget(instance.folder()); // A killed run leaves its overview.
    shutdown.unless(web::build_showing(Progress::Shown)).await?;
    let system = shutdown.unless(System::start(&instance, describe(scale), Lifetime::Lasting)).await?;
    let ended = serve(&system, options, instance.folder(), shutdown).await;
    Overview::forget(instance.folder());
    let stopped = system.shut_down().await;
    ended.and(stopped)?;
    Ok(ExitCode::SUCCESS)
}

fn describe(scale: &[(&'static Service, usize)]) -> Builder {
    let builder = Stack::builder().gateway();
    scale.iter().fold(builder, |builder, (service, count)| builder.scale(service.name, *count))
}

async fn serve(system: &System, options: Options, folder: &Folder, shutdown: &Shutdown) -> Result<()> {
    let customer = customer::ready(&system.stack).await?;
    let keep_overview = || {
        let overview = Overview::of(system, customer.clone(), folder)?;
        overview.write(folder)?;
        anyhow::Ok(overview)
    };
    keep_overview()?.print(|_| String::new());
    say!(
        "Ctrl-C stops everything. Orders are kept for the next `./dev up`. `./dev status` shows this again.\n"
    );
    if options.open {
        browser::open(system.stack.gateway_url()?);
    }
    let mut follower = if options.logs { Some(follow(&system.stack)?) } else { None };
    let mut watch = if options.watch { Some(Watch::start(&system.stack, folder)?) } else { None };
    let mut restarts = Restarts { keep_failed: options.watch, ..Restarts::default() };
    loop {
        tokio::select! {
            () = shutdown.requested() => {
                say!();
                return Ok(());
            }
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        if let Some(follower) = &mut follower {
            follower.print_new_lines()?;
        }
        let mut any_new = look_after(system, &mut restarts)?;
        if let Some(watch) = &mut watch {
            any_new |= shutdown.unless(watch.step(&system.stack)).await?;
        }
        if any_new {
            keep_overview()?;
        }
    }
}

/// Follows the logs of all processes that may be restarted.
fn follow(stack: &Stack) -> Result<Follower> {
    let replicas = stack.all_replicas();
    let slots =
        replicas.iter().map(|replica| &replica.slot).chain(stack.gateway().map(|gateway| &gateway.slot));
    let logs = slots.map(|slot| Ok((slot.name().to_owned(), slot.process()?.log().to_owned())));
    Ok(Follower::new(logs.collect::<Result<Vec<_>>>()?))
}

/// Fails if a process has failed. Restarts processes that were ended from outside, and returns whether there
/// were any.
fn look_after(system: &System, restarts: &mut Restarts) -> Result<bool> {
    for slot in system.servers.slots() {
        if let Some((process, status)) = slot.unexpected_end() {
            bail!(process.post_mortem(status));
        }
    }
    restart_ended(&system.stack, restarts)
}

/// Restarts processes that were ended from outside, like an orchestrator. A process that ended by itself is
/// an error.
fn restart_ended(stack: &Stack, restarts: &mut Restarts) -> Result<bool> {
    let mut any = false;
    for replica in stack.all_replicas() {
        if restarts.is_due(&replica.slot)? {
            stack.spawn(&replica)?;
            any = true;
        }
    }
    if let Some(gateway) = stack.gateway()
        && restarts.is_due(&gateway.slot)?
    {
        stack.spawn_gateway(gateway)?;
        any = true;
    }
    Ok(any)
}

/// A service ends with success after SIGTERM, so success counts as an end from outside.
fn was_ended_from_outside(status: ExitStatus) -> bool {
    let signals = [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT].map(|signal| Some(signal as i32));
    status.success() || (status.signal().is_some() && signals.contains(&status.signal()))
}

#[derive(Default)]
struct Restarts {
    times: HashMap<String, Vec<Instant>>,
    /// A failed process does not end the system: the next change of its sources may repair it.
    keep_failed: bool,
    /// The ids of failed processes that were shown.
    shown: HashSet<i32>,
}

impl Restarts {
    /// Returns whether the process of this slot must be restarted. Fails if the process has failed or has
    /// ended too often.
    fn is_due(&mut self, slot: &Slot) -> Result<bool> {
        let Some((process, status)) = slot.unexpected_end() else {
            return Ok(false);
        };
        if !was_ended_from_outside(status) || self.count(process.name()) > MAX_RESTARTS {
            if !self.keep_failed {
                bail!(process.post_mortem(status));
            }
            if self.shown.insert(process.pid()) {
                say!("{}\nThe next change of its sources starts it again.", process.post_mortem(status));
            }
            return Ok(false);
        }
        say!("{} was ended from outside ({status}); starting it again", process.name());
        Ok(true)
    }

    /// Counts a restart, and returns the number of restarts in the last minute.
    fn count(&mut self, name: &str) -> usize {
        let times = self.times.entry(name.to_owned()).or_default();
        times.retain(|time| time.elapsed() < Duration::from_mins(1));
        times.push(Instant::now());
        times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_not_an_end_from_outside() {
        assert!(was_ended_from_outside(ExitStatus::from_raw(Signal::SIGKILL as i32)));
        assert!(was_ended_from_outside(ExitStatus::from_raw(0)));
        assert!(!was_ended_from_outside(ExitStatus::from_raw(Signal::SIGSEGV as i32)));
        assert!(!was_ended_from_outside(ExitStatus::from_raw(1 << 8)));
    }
}
