//! The resource usage of a process and its descendants, from /proc.

use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, fs};

/// The resource usage of a process and its descendants.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// CPU seconds, including those of ended children.
    pub(crate) cpu: f64,
    /// Resident memory in MB. Shared pages are divided among the processes that share them (PSS).
    pub(crate) memory: f64,
}

impl Usage {
    /// Reads the usage of the process `root` and its descendants.
    pub(crate) fn of(root: i32) -> Result<Self> {
        let all = parents()?;
        let mut sum = Self::default();
        let family = all.keys().filter(|pid| descends(**pid, root, &all));
        for pid in family {
            // If a process has ended meanwhile, its parent includes its CPU time.
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

/// The fields of /proc/PID/stat from the third one on. The second field is a name, which may contain spaces.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// The CPU seconds of a process and its ended children: the fields 14 to 17, user and system time in ticks of
/// 10 ms. Linux reports 100 ticks per second to programs on every machine, see proc(5).
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
    fn this_process_uses_cpu_and_memory() {
        let own = i32::try_from(std::process::id()).unwrap();
        let begun = std::time::Instant::now();
        while begun.elapsed().as_millis() < 50 {}
        let usage = Usage::of(own).unwrap();
        assert!(usage.cpu > 0.0 && usage.memory > 0.5, "{usage:?}");
    }
}
