//! `./dev up`: the whole system until Ctrl-C.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use super::system::{Lifetime, System};
use crate::instance::Instance;
use crate::logs::Follower;
use crate::progress::say;
use crate::services::Service;
use crate::shutdown::Shutdown;
use crate::stack::Stack;

/// How often new log lines are shown and processes looked at.
const GLANCE: Duration = Duration::from_millis(50);
/// A replica that is started anew this often within a minute does not come up by itself.
const MOST_RESTARTS: usize = 5;

pub(crate) async fn run(scale: &[(&'static Service, usize)], shutdown: &Shutdown) -> Result<ExitCode> {
    let instance = Instance::take("up")?;
    let system = shutdown.unless(System::start(&instance, scale, Lifetime::Lasting)).await?;
    print_addresses(&system)?;
    let ended = watch(&system, shutdown).await;
    let stopped = system.shut_down().await;
    ended.and(stopped)?;
    Ok(ExitCode::SUCCESS)
}

fn print_addresses(system: &System) -> Result<()> {
    let stack = &system.stack;
    say!("\nOrderflow is up:");
    for replica in stack.all_replicas() {
        let path = if replica.is_worker() { "/metrics" } else { "/docs" };
        let pid = replica.slot.process()?.pid();
        say!("  {:<22} {:<36} process {pid}", replica.slot.name(), format!("{}{path}", replica.url()));
    }
    let broker = system.servers.default_amqp_url()?;
    let (user, password) = (broker.username(), broker.password().unwrap_or_default());
    say!(
        "  {:<22} {:<36} user {user}, password {password}",
        "RabbitMQ console",
        system.servers.management_url()?
    );
    say!("  {:<22} {}", "RabbitMQ", stack.amqp_url()?);
    say!("  {:<22} {}", "PostgreSQL", system.servers.postgres_url()?);
    let staff = stack.staff();
    say!("  {:<22} {}, password {}", "Staff user", staff.username, staff.password);
    say!("\nCtrl-C stops everything; orders are kept for the next `./dev up`. Logs:\n");
    Ok(())
}

/// Shows logs and looks after the processes until a signal comes or one of them fails.
async fn watch(system: &System, shutdown: &Shutdown) -> Result<()> {
    let processes = system.stack.all_replicas().into_iter().map(|replica| replica.slot.process());
    let logs: Result<Vec<_>> =
        processes.map(|process| process.map(|p| (p.name().to_owned(), p.log().to_owned()))).collect();
    let mut follower = Follower::new(logs?);
    let mut restarts = Restarts::default();
    loop {
        tokio::select! {
            () = shutdown.requested() => {
                say!();
                return Ok(());
            }
            () = tokio::time::sleep(GLANCE) => {}
        }
        follower.print_new_lines()?;
        for slot in system.servers.slots() {
            if let Some((process, status)) = slot.unexpected_end() {
                bail!(process.post_mortem(status));
            }
        }
        restart_ended(&system.stack, &mut restarts)?;
    }
}

/// What somebody ended from outside is started again, as an orchestrator would; what ended by itself has failed.
fn restart_ended(stack: &Stack, restarts: &mut Restarts) -> Result<()> {
    for replica in stack.all_replicas() {
        let Some((process, status)) = replica.slot.unexpected_end() else {
            continue;
        };
        if !was_ended_from_outside(status) || restarts.count(process.name()) > MOST_RESTARTS {
            bail!(process.post_mortem(status));
        }
        say!("{} was ended from outside ({status}); starting it again", process.name());
        stack.spawn(&replica)?;
    }
    Ok(())
}

/// A service that is asked to end drains and ends with success.
fn was_ended_from_outside(status: ExitStatus) -> bool {
    let signals = [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT].map(|signal| Some(signal as i32));
    status.success() || (status.signal().is_some() && signals.contains(&status.signal()))
}

#[derive(Default)]
struct Restarts(HashMap<String, Vec<Instant>>);

impl Restarts {
    /// Counts one more, and tells how many there were in the last minute.
    fn count(&mut self, name: &str) -> usize {
        let times = self.0.entry(name.to_owned()).or_default();
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
