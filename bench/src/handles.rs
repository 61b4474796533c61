//! Open files: each socket is one, here and in order-service, which inherits the limit.

use anyhow::{Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// 10,000 sockets, and what else a process has open.
const NEEDED: u64 = 12_000;

/// Raises the limit as far as the system allows; an error if that is not enough.
pub(crate) fn allow_enough() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    ensure!(
        most >= NEEDED,
        "a process may have {most} files open here and {NEEDED} are needed; raise it with `ulimit -Hn {NEEDED}` as \
         root, or with `nofile` in /etc/security/limits.conf, and try again"
    );
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}
