//! Attachments that no letter ever claimed: a delivery that broke off leaves its bytes, which are swept after an hour.

use std::future::ready;
use std::time::Duration;

use basics::{Fault, Trace};
use futures_util::{StreamExt, TryStreamExt};
use vault::{BlobId, Processing, Sql, Value, Vault, sql};

use crate::SWEEP_ATTACHMENTS;

/// A delivery takes seconds from its first blob to its commit.
const UNCLAIMED_AT_MOST: Duration = Duration::from_secs(3600);
/// Blobs looked up in one read.
const STEP: usize = 64;

const FIND_CLAIM: &Sql = sql!("SELECT blob_id FROM claimed_blobs WHERE blob_id = $1");

/// Removes blobs that are older than an hour and that no attachment claims; answers how many. Goes in small steps.
pub async fn sweep_orphans(vault: &Vault) -> Result<u64, Fault> {
    let trace = Trace::new(vault.ids());
    let before = vault.clock().now().minus(UNCLAIMED_AT_MOST);
    let old = vault
        .list_blobs()
        .try_filter_map(move |(blob, stored_at)| ready(Ok((stored_at < before).then_some(blob))));
    let mut steps = std::pin::pin!(old.try_chunks(STEP));
    let mut removed = 0;
    while let Some(step) = steps.next().await {
        let step = step.map_err(|broken| broken.1.while_doing("listing blobs"))?;
        for orphan in unclaimed(vault, step, trace).await? {
            vault.remove_blob(orphan).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

async fn unclaimed(vault: &Vault, blobs: Vec<BlobId>, trace: Trace) -> Result<Vec<BlobId>, Fault> {
    let look_up = Processing::upkeep(SWEEP_ATTACHMENTS, trace);
    let claimed = vault.read(look_up, move |tx| {
        let mut orphans = Vec::new();
        for blob in &blobs {
            if tx
                .query_opt(FIND_CLAIM, &[Value::id(blob)], |_| Ok(()))?
                .is_none()
            {
                orphans.push(*blob);
            }
        }
        Ok::<_, Fault>(orphans)
    });
    claimed.await
}
