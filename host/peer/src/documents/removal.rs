//! What leaves: lists of readers whose time is over, at once; what nobody names, after a while.

use super::journal::Happening;
use super::keeper::Keeper;
use crate::limits::{COLLECT_EVERY, DOCUMENT_RETRY_MIN, UPKEEP_PAGE};
use crate::refusal::Refusal;
use theriac_documents::{Cid, Collected};
use theriac_ledger::system::documents::Kept;
use theriac_ledger::{BlockStore, ReadError, StateReader};
use tokio::time::timeout;
use tracing::{info, warn};

/// How long what the ledger does not name is kept, in milliseconds of block time. Much longer than receipts are good
/// for.
pub const GRACE_MS: u64 = 24 * 60 * 60 * 1000;

/// Removes what has to go, now and then and whenever it is woken, until it is aborted.
pub async fn run(keeper: Keeper) {
    // What became outdated while this peer was away goes first.
    let mut wait = DOCUMENT_RETRY_MIN;
    loop {
        // Woken or not, it is time.
        drop(timeout(wait, keeper.removal().notified()).await);
        let worker = keeper.clone();
        let removed = keeper.on_thread(move || {
            let stays = worker.destroy_outdated()?;
            Ok((worker.collect()?, stays))
        });
        wait = COLLECT_EVERY;
        match removed.await {
            Ok((collected, stays)) => {
                if collected.blocks > 0 || collected.documents > 0 {
                    let Collected { documents, bytes, .. } = collected;
                    info!(documents, bytes, "removed what the ledger does not name");
                }
                if stays {
                    wait = DOCUMENT_RETRY_MIN;
                }
            }
            Err(error) => warn!(%error, "cannot remove documents that have to go"),
        }
    }
}

impl Keeper {
    /// Forgets lists of readers whose time is over. `true` when one has to stay for a moment because it is being read.
    fn destroy_outdated(&self) -> Result<bool, Refusal> {
        let (mut after, mut stays) = (None, false);
        loop {
            let page = self.store().documents(after.as_ref(), UPKEEP_PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(stays) };
            after = Some(*last);
            for (cid, _) in page {
                if self.kept(&cid)? != Some(Kept::Outdated) {
                    continue;
                }
                if self.store().forget(&cid)? {
                    let happening = Happening::Destroyed { list: cid.to_string() };
                    self.common().journal.note(self.now_ms(), &happening);
                } else {
                    stays = true;
                }
            }
        }
    }

    /// Removes what nobody names, and the blocks that no document needs any more.
    fn collect(&self) -> Result<Collected, Refusal> {
        let now_ms = self.block_time_ms()?;
        // What cannot be told is kept.
        let is_named = |cid: &Cid| !matches!(self.named(cid), Ok(None));
        Ok(self.store().collect(now_ms, GRACE_MS, &is_named)?)
    }

    /// The time of the last block that was executed here: what is let go is judged by the ledger's clock, so that a peer
    /// that is behind lets nothing go that the ledger names already.
    fn block_time_ms(&self) -> Result<u64, ReadError> {
        let ledger = &self.common().ledger;
        let height = ledger.head()?.height;
        Ok(ledger.block(height)?.map_or(0, |block| block.time_ms))
    }
}
