//! Checks the disk space for the orders of `growth`.

use crate::figures::grouped;
use anyhow::{Context as _, Result, ensure};
use devstack::instance;
use nix::sys::statvfs::statvfs;

/// The disk space of an order with its events, reservation, charge and indexes: 3,400 bytes, and some for the
/// log.
const BYTES_PER_ORDER: u64 = 3600;
const GB: u64 = 1_000_000_000;

/// Returns an error if PostgreSQL would run out of disk space.
pub(crate) fn has_room_for(orders: u32) -> Result<()> {
    let data = instance::checkout()?.join(".data");
    let folder = data.ancestors().find(|folder| folder.exists()).unwrap_or(&data);
    let disk = statvfs(folder).with_context(|| format!("look at the disk of {}", folder.display()))?;
    let free = disk.blocks_available() * disk.fragment_size();
    ensure!(
        free >= u64::from(orders) * BYTES_PER_ORDER,
        "{} orders take {} GB and {} GB are free in {}; free some, or load fewer with `--orders {}`",
        grouped(orders.into()),
        (u64::from(orders) * BYTES_PER_ORDER).div_ceil(GB),
        free / GB,
        data.display(),
        // The largest number that fits, rounded down.
        free / BYTES_PER_ORDER / 10_000 * 10_000,
    );
    Ok(())
}
