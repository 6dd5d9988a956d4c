//! Making room: documents that nobody names leave after a grace period, and blocks that no document needs.

use crate::record::State;
use crate::store::{Found, PAGE, Store};
use crate::walk::Walk;
use crate::{Cid, DocumentError};
use std::collections::BTreeMap;
use theriac_types::Digest;

/// How many blocks are judged at a time. For each such set all documents are looked through.
const CANDIDATES_MAX: usize = 65_536;

/// What a collection did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// Documents that were removed.
    pub documents: u64,
    /// Blocks that were removed.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blocks were kept because of this document: a block of its links is lost, so nobody can tell which blocks it
    /// needs. They can be judged when it is repaired.
    pub postponed_by: Option<Cid>,
}

impl Store {
    /// Removes documents that `is_named` denies and that were stored, or asked for, `grace_ms` milliseconds ago or
    /// earlier; then blocks that no document needs. What is being stored, fetched or read stays. Runs beside all else,
    /// and waits for another collection.
    ///
    /// # Errors
    /// When the folder fails.
    pub fn collect(
        &self,
        now_ms: u64,
        grace_ms: u64,
        is_named: &dyn Fn(&Cid) -> bool,
    ) -> Result<Collected, DocumentError> {
        let _alone = self.collection.lock().expect("a collection does not panic");
        self.pins.begin_collection();
        let mut collected = Collected::default();
        let result = self
            .collect_documents(now_ms, grace_ms, is_named, &mut collected)
            .and_then(|()| self.collect_blocks(&mut collected));
        self.pins.end_collection();
        result.map(|()| collected)
    }

    /// Forgets a document; a collection removes its blocks. `false` when it is not here, or is being stored, fetched or
    /// read.
    ///
    /// # Errors
    /// When the folder fails.
    pub fn forget(&self, cid: &Cid) -> Result<bool, DocumentError> {
        let is_removed = self.remove_document(cid, |_| true)?;
        self.records.settle(&[*cid]).map_err(self.failed())?;
        Ok(is_removed)
    }

    fn collect_documents(
        &self,
        now_ms: u64,
        grace_ms: u64,
        is_named: &dyn Fn(&Cid) -> bool,
        collected: &mut Collected,
    ) -> Result<(), DocumentError> {
        let is_old = |since_ms: u64| now_ms >= since_ms.saturating_add(grace_ms);
        let mut after = None;
        loop {
            let page = self.documents(after.as_ref(), PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut removed = Vec::new();
            for (cid, record) in page {
                if is_old(record.since_ms) && !is_named(&cid) && self.remove_document(&cid, is_old)? {
                    removed.push(cid);
                }
            }
            // A block must not leave before it is durable that its document did.
            self.records.settle(&removed).map_err(self.failed())?;
            collected.documents += removed.len() as u64;
        }
    }

    /// Removes a document's record, unless someone is at work with it or it was stored again meanwhile.
    fn remove_document(&self, cid: &Cid, is_old: impl Fn(u64) -> bool) -> Result<bool, DocumentError> {
        let pins = self.pins.hold();
        if pins.holds_document(cid) || !self.record(cid)?.is_some_and(|record| is_old(record.since_ms)) {
            return Ok(false);
        }
        self.records.remove(cid).map_err(self.failed())?;
        Ok(true)
    }

    fn collect_blocks(&self, collected: &mut Collected) -> Result<(), DocumentError> {
        let mut after: Option<Digest> = None;
        loop {
            let page = self.blocks.list(after.as_ref(), CANDIDATES_MAX).map_err(self.failed())?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut unneeded = page.into_iter().collect::<BTreeMap<_, _>>();
            collected.postponed_by = self.leave_needed(&mut |digest| {
                unneeded.remove(digest);
            })?;
            if collected.postponed_by.is_some() {
                return Ok(());
            }
            for (digest, bytes) in unneeded {
                // While losses are written down, blocks are counted.
                let _held = self.losses.read().expect("nothing panics while it writes a loss down");
                let pins = self.pins.hold();
                if !pins.holds_block(&digest) {
                    self.blocks.remove(&digest).map_err(self.failed())?;
                    self.room.free(bytes);
                    collected.blocks += 1;
                    collected.bytes += bytes;
                }
            }
        }
    }

    /// Names every block that any document needs. Gives a document of which that cannot be told.
    fn leave_needed(&self, need: &mut dyn FnMut(&Digest)) -> Result<Option<Cid>, DocumentError> {
        let (mut buffer, mut after) = (Vec::new(), None);
        loop {
            let page = self.records.list(after.as_ref(), PAGE).map_err(self.failed())?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(*last);
            for cid in &page {
                if !self.needed_by(cid, need, &mut buffer)? {
                    return Ok(Some(*cid));
                }
            }
        }
    }

    /// Names every block that a document needs. `false` when that cannot be told.
    fn needed_by(&self, cid: &Cid, need: &mut dyn FnMut(&Digest), buffer: &mut Vec<u8>) -> Result<bool, DocumentError> {
        let mut walk = Walk::new(self.options.profile, *cid);
        while let Some(node) = walk.next() {
            need(node.cid.digest());
            if node.is_chunk() {
                continue;
            }
            let is_entered = self.read(node.cid.digest(), buffer)? == Found::Good && walk.enter(&node, buffer).is_ok();
            // Of a document that was never whole nothing lies below a block that has not come. A record that is gone
            // was forgotten meanwhile.
            let was_whole = || Ok(self.record(cid)?.is_some_and(|record| record.state != State::Wanted));
            if !is_entered && was_whole()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
