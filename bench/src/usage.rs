//! What processes take of the machine, as /proc tells it: a server with all the processes that it has started.

use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, fs};

/// Of a process and all that come from it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Seconds on a core, those of children that have ended included.
    pub(crate) cpu: f64,
    /// Resident memory in MB; what processes share is shared out among them (PSS).
    pub(crate) memory: f64,
}

impl Usage {
    /// Of the process `root` and all that come from it.
    pub(crate) fn of(root: i32) -> Result<Self> {
        let all = parents()?;
        let mut sum = Self::default();
        let family = all.keys().filter(|pid| descends(**pid, root, &all));
        for pid in family {
            // One that has ended meanwhile is counted by its parent.
            if let (Some(cpu), Some(memory)) = (cpu(*pid), memory(*pid)) {
                sum.cpu += cpu;
                sum.memory += memory;
            }
        }
        Ok(sum)
    }
}

/// The parent of every process.
fn parents() -> Result<BTreeMap<i32, i32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("list processes")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = stat(pid).and_then(|fields| fields.get(1)?.parse().ok()) {
            parents.insert(pid, parent);
        }
    }
    Ok(parents)
}

fn descends(pid: i32, root: i32, parents: &BTreeMap<i32, i32>) -> bool {
    let mut current = pid;
    while current != root {
        match parents.get(&current) {
            Some(parent) => current = *parent,
            None => return false,
        }
    }
    true
}

/// The fields of /proc/PID/stat from the third on, its state: the second, a name, may hold anything.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// User and system time, and the same of children that have ended: the fields 14 to 17, in ticks of 10 ms
/// (proc(5); Linux tells programs 100 ticks a second on every machine).
fn cpu(pid: i32) -> Option<f64> {
    let fields = stat(pid)?;
    let ticks: Option<Vec<f64>> = fields.get(11..15)?.iter().map(|field| field.parse().ok()).collect();
    Some(ticks?.iter().sum::<f64>() / 100.0)
}

fn memory(pid: i32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_taken_something() {
        let own = i32::try_from(std::process::id()).unwrap();
        let begun = std::time::Instant::now();
        while begun.elapsed().as_millis() < 50 {}
        let usage = Usage::of(own).unwrap();
        assert!(usage.cpu > 0.0 && usage.memory > 0.5, "{usage:?}");
    }
}
