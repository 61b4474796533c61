//! Records of the processes that were started, so that a later run can end what a killed run left behind.
//!
//! A process id alone proves nothing, the kernel hands it out again; an id with its start time names one process for
//! as long as the machine runs. Only such proven leftovers are ever signalled.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// One process, told apart from a later one with the same id.
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

/// Field 22 of `/proc/<pid>/stat`, proc(5). Fields are counted from behind the command's name, which may hold spaces
/// and parentheses. A zombie is as good as gone, and has none.
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
    /// The signal that ends it at once and in good order.
    signal: i32,
}

/// The file that tells of one running process; gone with the value.
#[derive(Debug)]
pub(crate) struct Record(PathBuf);

impl Record {
    /// Notes that this process started `pid`, which `signal` ends.
    pub(crate) fn write(folder: &Path, name: &str, pid: i32, signal: Signal) -> Result<Option<Self>> {
        let owner = i32::try_from(std::process::id()).context("own process id")?;
        let (Some(process), Some(owner)) = (Identity::of(pid), Identity::of(owner)) else {
            return Ok(None); // It has ended already.
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
        // An entry that stays is harmless: its process is proven before it is signalled.
        let _ = fs::remove_file(&self.0);
    }
}

/// Ends every recorded process whose owner is gone, and returns their names.
pub(crate) fn sweep(folder: &Path) -> Vec<String> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new(); // Nothing was ever started here.
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
    for (signal, patience) in [(gentle, Duration::from_secs(5)), (Signal::SIGKILL, Duration::from_secs(2))] {
        let pid = Pid::from_raw(entry.process.pid);
        // Failing means that it ended in between, or is not ours to signal; the wait below tells.
        let _ = kill(pid, signal);
        let _ = kill(pid, Signal::SIGCONT);
        let deadline = Instant::now() + patience;
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
    fn the_start_time_is_read_behind_any_command_name() {
        let stat =
            "42 (a) b (c) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1 18446744073709551615";
        assert_eq!(start_time(stat), Some(98_765));
        assert_eq!(start_time(&stat.replace(") S ", ") Z ")), None);
        assert_eq!(start_time("garbage"), None);
    }

    #[test]
    fn only_a_proven_leftover_is_ended() {
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
