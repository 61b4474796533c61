//! The limit of open files. Each socket needs one here and one in order-service, which inherits the limit.

use anyhow::{Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// 10,000 sockets and the other open files of a process.
const NEEDED: u64 = 12_000;

/// Raises the limit to the hard limit. Returns an error if that is not enough.
pub(crate) fn allow_enough() -> Result<()> {
    let (_, hard_limit) = getrlimit(Resource::RLIMIT_NOFILE)?;
    ensure!(
        hard_limit >= NEEDED,
        "the limit of open files is {hard_limit}, but the bench needs {NEEDED}; raise it with \
         `ulimit -Hn {NEEDED}` as root, or with `nofile` in /etc/security/limits.conf, and try again"
    );
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard_limit, hard_limit)?)
}
