//! Removes old rows in batches. One statement for all old rows would lock every removed row until the last
//! one is removed.

use std::future::Future;

/// The number of rows in a batch.
const BATCH_SIZE: u32 = 1_000;

/// Removes rows until a batch is not full. `remove` gets the size of a batch and returns the number of
/// removed rows. Returns the total.
pub async fn in_batches<F>(mut remove: impl FnMut(i64) -> F) -> Result<u64, sqlx::Error>
where
    F: Future<Output = Result<u64, sqlx::Error>>,
{
    let mut total = 0;
    loop {
        let removed = remove(BATCH_SIZE.into()).await?;
        total += removed;
        if removed < u64::from(BATCH_SIZE) {
            return Ok(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rows_are_removed_until_a_batch_is_not_full() {
        let (mut left, mut batches) = (2_500_u64, Vec::new());
        let removed = in_batches(|limit| {
            let removed = left.min(limit.cast_unsigned());
            left -= removed;
            batches.push(removed);
            std::future::ready(Ok(removed))
        });
        assert_eq!(removed.await.unwrap(), 2_500);
        assert_eq!(batches, [1_000, 1_000, 500]);
    }
}
