//! How much room blocks take, against the quota.

use crate::DocumentError;
use std::sync::{Mutex, MutexGuard};

/// Bytes of blocks.
#[derive(Debug)]
pub(crate) struct Room {
    quota_bytes: u64,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    /// Of blocks that everybody sees.
    visible: u64,
    /// Of blocks on their way.
    staged: u64,
}

impl Room {
    pub(crate) fn new(quota_bytes: u64) -> Self {
        Self { quota_bytes, used: Mutex::default() }
    }

    /// Bytes of all blocks.
    pub(crate) fn used_bytes(&self) -> u64 {
        let used = self.hold();
        used.visible.saturating_add(used.staged)
    }

    /// Takes room for a block on its way.
    pub(crate) fn take(&self, bytes: u64) -> Result<(), DocumentError> {
        let mut used = self.hold();
        let used_bytes = used.visible.saturating_add(used.staged);
        if used_bytes.checked_add(bytes).is_none_or(|sum| sum > self.quota_bytes) {
            return Err(DocumentError::Quota { needed_bytes: bytes, used_bytes, quota_bytes: self.quota_bytes });
        }
        used.staged += bytes;
        Ok(())
    }

    /// Gives back what was taken for blocks that will not come.
    pub(crate) fn give_back(&self, bytes: u64) {
        let mut used = self.hold();
        used.staged = used.staged.saturating_sub(bytes);
    }

    /// Blocks on their way became visible, some in place of others.
    pub(crate) fn fill(&self, bytes: u64, replaced_bytes: u64) {
        let mut used = self.hold();
        used.staged = used.staged.saturating_sub(bytes);
        used.visible = used.visible.saturating_add(bytes).saturating_sub(replaced_bytes);
    }

    /// A visible block was removed.
    pub(crate) fn free(&self, bytes: u64) {
        let mut used = self.hold();
        used.visible = used.visible.saturating_sub(bytes);
    }

    /// Visible blocks were counted anew.
    pub(crate) fn count(&self, visible_bytes: u64) {
        self.hold().visible = visible_bytes;
    }

    fn hold(&self) -> MutexGuard<'_, Used> {
        self.used.lock().expect("nothing panics while it counts")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_visible_and_on_its_way_shares_the_quota() {
        let room = Room::new(10);
        room.count(4);
        room.take(5).unwrap();
        let error = room.take(2).unwrap_err();
        let expected = "2 bytes do not fit: 9 of 10 bytes are used";
        assert!(error.to_string().starts_with(expected), "{error}");
        room.fill(5, 3);
        assert_eq!(room.used_bytes(), 6);
        room.take(4).unwrap();
        room.give_back(4);
        room.free(5);
        assert_eq!(room.used_bytes(), 1);
        assert!(Room::new(u64::MAX).take(u64::MAX).is_ok());
    }
}
