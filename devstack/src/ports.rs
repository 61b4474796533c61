//! Free TCP ports on loopback.
//!
//! Ports are taken from below the kernel's ephemeral range. A port inside that range could be given to any outgoing
//! connection while its service is stopped, and the service could then not come back on its own address.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use rand::RngExt as _;

const LOWEST: u16 = 10_000;
/// Used where the kernel does not tell where its ephemeral range starts.
const USUAL_EPHEMERAL_START: u16 = 32_768;
const ATTEMPTS: usize = 500;

/// Ports this process has handed out: nobody may listen on them yet, and they must not be handed out twice.
static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// A port that nobody listens on and that this process has not handed out before.
pub fn free() -> Result<u16> {
    let highest = ephemeral_start().max(LOWEST + 1_000);
    for _ in 0..ATTEMPTS {
        let port = rand::rng().random_range(LOWEST..highest);
        if claim(port) {
            return Ok(port);
        }
    }
    bail!("no free TCP port between {LOWEST} and {highest}")
}

/// The wished port where it is free, else any free one.
pub fn free_or(wished: u16) -> Result<u16> {
    if claim(wished) { Ok(wished) } else { free() }
}

fn claim(port: u16) -> bool {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    is_free(port) && taken.get_or_insert_default().insert(port)
}

/// Can this port be listened on right now?
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn ephemeral_start() -> u16 {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(USUAL_EPHEMERAL_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_handed_out_once() {
        let first = free().unwrap();
        assert!(is_free(first));
        assert_ne!(free_or(first).unwrap(), first);
    }

    #[test]
    fn a_port_in_use_is_not_free() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        assert_ne!(free_or(port).unwrap(), port);
    }
}
