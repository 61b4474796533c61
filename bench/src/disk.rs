//! Room for the orders that `growth` makes.

use crate::figures::grouped;
use anyhow::{Context as _, Result, ensure};
use devstack::instance;
use nix::sys::statvfs::statvfs;

/// An order with its events, its reservation, its charge and their indexes takes 3,400 bytes; and there is a log to write.
const BYTES_EACH: u64 = 3600;
const GB: u64 = 1_000_000_000;

/// An error where PostgreSQL would run out of disk.
pub(crate) fn has_room_for(orders: u32) -> Result<()> {
    let data = instance::checkout()?.join(".data");
    let folder = data.ancestors().find(|folder| folder.exists()).unwrap_or(&data);
    let disk = statvfs(folder).with_context(|| format!("look at the disk of {}", folder.display()))?;
    let free = disk.blocks_available() * disk.fragment_size();
    ensure!(
        free >= u64::from(orders) * BYTES_EACH,
        "{} orders take {} GB and {} GB are free in {}; free some, or load fewer with `--orders {}`",
        grouped(orders.into()),
        (u64::from(orders) * BYTES_EACH).div_ceil(GB),
        free / GB,
        data.display(),
        // Round, and less than what just fits.
        free / BYTES_EACH / 10_000 * 10_000,
    );
    Ok(())
}
