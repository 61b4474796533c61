//! Records of started processes, so that a later run can end the processes that a killed run left behind.
//!
//! A process id alone is not enough, because the kernel reuses ids. An id and a start time identify one
//! process until the machine restarts. Only processes that match both are signalled.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// The identity of a process. A later process with the same id has another start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pid: i32,
    /// In clock ticks since the machine started.
    started: u64,
}

impl Identity {
    fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self { pid, started: start_time(&stat)? })
    }

    fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }
}

/// Reads field 22 of `/proc/<pid>/stat`, see proc(5). Fields are counted after the command's name, because
/// the name may contain spaces and parentheses. Returns `None` for a zombie, which counts as ended.
fn start_time(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    process: Identity,
    owner: Identity,
    /// The signal that ends the process immediately without loss of data.
    signal: i32,
}

/// The record file of one running process. Dropping the value removes it.
#[derive(Debug)]
pub(crate) struct Record(PathBuf);

impl Record {
    /// Records that this process started `pid`, and that `signal` ends it. Returns `None` if the process has
    /// ended.
    pub(crate) fn write(folder: &Path, name: &str, pid: i32, signal: Signal) -> Result<Option<Self>> {
        let owner = i32::try_from(std::process::id()).context("own process id")?;
        let (Some(process), Some(owner)) = (Identity::of(pid), Identity::of(owner)) else {
            return Ok(None);
        };
        let entry = Entry { name: name.to_owned(), process, owner, signal: signal as i32 };
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let path = folder.join(format!("{pid}.json"));
        fs::write(&path, serde_json::to_vec(&entry)?).with_context(|| format!("write {}", path.display()))?;
        Ok(Some(Self(path)))
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // A remaining record is harmless, because a sweep checks the identity of the process.
        let _ = fs::remove_file(&self.0);
    }
}

/// Ends all recorded processes whose owner has ended, and returns their names.
pub(crate) fn sweep(folder: &Path) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new(); // No process was ever started here.
    };
    let mut ended = Vec::new();
    for path in files.flatten().map(|file| file.path()) {
        let Some(entry) = fs::read(&path).ok().and_then(|json| serde_json::from_slice::<Entry>(&json).ok())
        else {
            continue;
        };
        if entry.owner.is_alive() {
            continue;
        }
        if entry.process.is_alive() {
            end(&entry);
            ended.push(entry.name);
        }
        let _ = fs::remove_file(&path);
    }
    ended
}

fn end(entry: &Entry) {
    let gentle = Signal::try_from(entry.signal).unwrap_or(Signal::SIGTERM);
    for (signal, grace) in [(gentle, Duration::from_secs(5)), (Signal::SIGKILL, Duration::from_secs(2))] {
        let pid = Pid::from_raw(entry.process.pid);
        // This fails if the process has ended or belongs to another user. The loop below finds out.
        let _ = kill(pid, signal);
        let _ = kill(pid, Signal::SIGCONT);
        let deadline = Instant::now() + grace;
        while Instant::now() < deadline {
            if !entry.process.is_alive() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_read_after_any_command_name() {
        let stat =
            "42 (a) b (c) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1 18446744073709551615";
        assert_eq!(start_time(stat), Some(98_765));
        assert_eq!(start_time(&stat.replace(") S ", ") Z ")), None);
        assert_eq!(start_time("garbage"), None);
    }

    #[test]
    fn only_a_leftover_with_the_right_start_time_is_ended() {
        let folder = std::env::temp_dir().join(format!("leftovers-{}", std::process::id()));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let record = Record::write(&folder, "sleep", pid, Signal::SIGTERM).unwrap().unwrap();
        let path = record.0.clone();
        assert!(sweep(&folder).is_empty(), "its owner, this test, is alive");

        let mut entry: Entry = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        entry.owner.started = 0;
        entry.process.started += 1;
        fs::write(&path, serde_json::to_vec(&entry).unwrap()).unwrap();
        assert!(sweep(&folder).is_empty(), "another process with the same id");
        assert!(child.try_wait().unwrap().is_none());

        entry.process.started -= 1;
        fs::write(&path, serde_json::to_vec(&entry).unwrap()).unwrap();
        assert_eq!(sweep(&folder), ["sleep"]);
        child.wait().unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
}
