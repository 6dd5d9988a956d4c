//! Lost blocks: written down before anything else happens, so that no document counts as whole that is not.

use crate::record::{Record, State};
use crate::store::{Found, Inner, PAGE};
use crate::walk::Walk;
use crate::{Cid, DocumentError};
use std::collections::{BTreeMap, BTreeSet};
use theriac_types::Digest;

/// What became of a lost block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Loss {
    /// The documents that need it.
    pub needed_by: Vec<Cid>,
    /// Where it lies now; `None` when it was missing.
    pub set_aside: Option<String>,
}

impl Inner {
    /// Writes down that blocks are missing or damaged: no document that needs them is whole any more, then they are set
    /// aside. Leaves out those that are good after all.
    ///
    /// Looks through all documents, which is much work for what should be rare.
    pub(crate) fn lose(&self, digests: &BTreeSet<Digest>) -> Result<BTreeMap<Digest, Loss>, DocumentError> {
        let mut count = self.losses.write().expect("nothing panics while it publishes");
        let (mut losses, mut buffer) = (BTreeMap::new(), Vec::new());
        for digest in digests {
            if self.read(digest, &mut buffer)? != Found::Good {
                losses.insert(*digest, Loss::default());
            }
        }
        if losses.is_empty() {
            return Ok(losses);
        }
        *count += 1;
        self.break_documents(&mut losses, &mut buffer)?;
        let mut is_any_missing = false;
        for (digest, loss) in &mut losses {
            let bytes = self.blocks.length(digest).map_err(self.failed())?;
            loss.set_aside = self.blocks.set_aside(digest).map_err(self.failed())?;
            self.room.free(bytes.unwrap_or(0));
            is_any_missing |= bytes.is_none();
        }
        if is_any_missing {
            // Nobody can tell how long it was.
            self.count_blocks().map_err(self.failed())?;
        }
        Ok(losses)
    }

    /// Writes down of every document that needs a lost block, or may need one, that it is not whole.
    fn break_documents(&self, losses: &mut BTreeMap<Digest, Loss>, buffer: &mut Vec<u8>) -> Result<(), DocumentError> {
        let mut after = None;
        loop {
            let page = self.records.list(after.as_ref(), PAGE).map_err(self.failed())?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut broken = Vec::new();
            for cid in page {
                let may_need = self.note_needs(&cid, losses, buffer)?;
                if may_need && let Some(record) = self.record(&cid)?.filter(|record| record.state == State::Whole) {
                    broken.push((cid, Record { state: State::Broken, ..record }));
                }
            }
            self.records.write(&broken).map_err(self.failed())?;
        }
    }

    /// Adds a document to the losses that it needs. Gives whether it needs any, or that cannot be told because a block
    /// of links is lost.
    fn note_needs(
        &self,
        document: &Cid,
        losses: &mut BTreeMap<Digest, Loss>,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, DocumentError> {
        let mut walk = Walk::new(self.options.profile, *document);
        let mut may_need = false;
        while let Some(node) = walk.next() {
            if let Some(loss) = losses.get_mut(node.cid.digest()) {
                may_need = true;
                if loss.needed_by.last() != Some(document) {
                    loss.needed_by.push(*document);
                }
            } else if !node.is_chunk() {
                let is_good = self.read(node.cid.digest(), buffer)? == Found::Good;
                may_need |= !is_good || walk.enter(&node, buffer).is_err();
            }
        }
        Ok(may_need)
    }
}
