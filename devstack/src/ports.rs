//! Free TCP ports on loopback.
//!
//! The ports are below the kernel's ephemeral range. The kernel uses that range for outgoing connections. It
//! could take the port of a stopped service, and the service could not start again on its address.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use rand::RngExt as _;

const LOWEST: u16 = 10_000;
/// The start of the ephemeral range if the kernel does not report it.
const USUAL_EPHEMERAL_START: u16 = 32_768;
const ATTEMPTS: usize = 500;

/// The ports that this process has returned. It does not return a port twice, even if no program listens on
/// the port yet.
static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// Returns a free port that this process has not returned before.
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

/// Returns the preferred port if it is free, or any free port.
pub fn free_or(preferred: u16) -> Result<u16> {
    if claim(preferred) { Ok(preferred) } else { free() }
}

fn claim(port: u16) -> bool {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    is_free(port) && taken.get_or_insert_default().insert(port)
}

/// Returns whether the port is free now.
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
    fn a_port_is_returned_only_once() {
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
