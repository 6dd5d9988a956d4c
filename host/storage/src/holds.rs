//! Trees kept for others: while somebody fetches the state of a height, pages that it needs are not dropped, for a
//! while and not for many at a time.

use crate::error::{ServeError, read_error};
use crate::keys;
use crate::storage::{Storage, table};
use crate::tables;
use rocksdb::{DB, IteratorMode};
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use theriac_ledger::ReadError;
use theriac_ledger::transfer::{Answer, Request, serve};
use theriac_types::Height;
use theriac_types::limits::PROOF_BLOCKS_MAX;

/// How long a tree is kept after the last question about it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most trees kept at a time.
const HOLDS_MAX: usize = 4;
/// A tree so far below the head is kept no longer, whoever asks: pages that later blocks replaced take room.
const HOLD_BLOCKS_MAX: u64 = 65_536;
/// Most heights whose pages are dropped with one block.
const PRUNED_PER_BLOCK: u64 = 8;

/// Heights whose trees are kept, and up to where pages are dropped.
#[derive(Debug)]
pub(crate) struct Holds {
    asked: BTreeMap<Height, Instant>,
    /// The lowest height whose replaced pages are still here.
    next: Height,
}

impl Holds {
    pub fn new(next: Height) -> Self {
        Self { asked: BTreeMap::new(), next }
    }

    /// Keeps the tree of a height for a while longer.
    fn hold(&mut self, height: Height, base: Height, now: Instant) -> Result<(), ServeError> {
        self.forget(now);
        // A tree needs every page that was replaced above its height.
        let oldest = Height(self.next.0.saturating_sub(1)).max(base);
        if height < oldest {
            return Err(ServeError::Gone { height, oldest });
        }
        let held = self.asked.len();
        if held >= HOLDS_MAX && !self.asked.contains_key(&height) {
            return Err(ServeError::Busy { held });
        }
        self.asked.insert(height, now);
        Ok(())
    }

    fn forget(&mut self, now: Instant) {
        self.asked.retain(|_, asked| now.saturating_duration_since(*asked) <= PATIENCE);
    }

    /// Heights whose replaced pages are to be dropped with the block at `head`, which keeps trees from `oldest` on.
    pub fn prunable(&mut self, oldest: Height, head: Height) -> impl Iterator<Item = Height> + use<> {
        self.forget(Instant::now());
        let too_old = Height(head.0.saturating_sub(HOLD_BLOCKS_MAX));
        let held = self.asked.keys().find(|height| **height >= too_old);
        let last = held.map_or(oldest, |held| oldest.min(*held));
        let first = self.next;
        // One a block is the rule; what was held goes faster.
        let end = Height(last.0.saturating_add(1).min(first.0.saturating_add(PRUNED_PER_BLOCK))).max(first);
        self.next = end;
        (first.0..end.0).map(Height)
    }
}

/// The lowest height whose replaced pages are still here.
pub(crate) fn first_stale(db: &DB) -> Result<Option<Height>, ReadError> {
    let first = db.iterator_cf(table(db, tables::STALE), IteratorMode::Start).next();
    let Some(first) = first else { return Ok(None) };
    let (key, _) = first.map_err(|error| read_error(tables::STALE, &error))?;
    let number = keys::parse_number(&key).ok_or_else(|| ReadError::Corrupt {
        what: format!("a record in {}", tables::STALE),
        reason: format!("its key is {key:?}"),
    })?;
    Ok(Some(Height(number)))
}

impl Storage {
    pub(crate) fn holds(&self) -> MutexGuard<'_, Holds> {
        // Heights only: whatever its user did when it panicked, dropping too little or asking again is all that follows.
        self.shared.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers whoever fetches the state of a height, and keeps its tree for a minute from now. Callers answer for few
    /// heights, those of stable checkpoints, so that nobody uses all holds up.
    ///
    /// # Errors
    /// When the tree is gone, when it is old and too many others are held, or when this peer fails.
    pub fn serve(&self, height: Height, request: &Request) -> Result<Answer, ServeError> {
        let head = self.head_height();
        if height > head {
            return Err(ReadError::NotYet { height, head }.into());
        }
        let held = self.holds().hold(height, self.shared.base, Instant::now());
        match held {
            // A recent tree stays for a good while without being held: nobody is turned away because of others.
            Err(ServeError::Busy { .. }) if height.saturating_add(PROOF_BLOCKS_MAX / 2) >= head => {}
            held => held?,
        }
        Ok(serve(self, height, request)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruned(holds: &mut Holds, oldest: u64, head: u64) -> Vec<u64> {
        holds.prunable(Height(oldest), Height(head)).map(|height| height.0).collect()
    }

    #[test]
    fn a_held_tree_keeps_what_was_replaced_above_it() {
        let mut holds = Holds::new(Height(1));
        assert_eq!(pruned(&mut holds, 1, 1025), [1]);
        holds.hold(Height(3), Height(0), Instant::now()).expect("it is there");
        assert_eq!(pruned(&mut holds, 5, 1030), [2, 3]);
        assert_eq!(pruned(&mut holds, 30, 1060), [0; 0]);
        holds.asked.clear();
        // What was held goes a few heights at a time.
        assert_eq!(pruned(&mut holds, 31, 1061).len() as u64, PRUNED_PER_BLOCK);
        assert_eq!(pruned(&mut holds, 32, 1062), (12..20).collect::<Vec<_>>());
        assert_eq!(pruned(&mut holds, 12, 1062), [0; 0], "never back");
    }

    #[test]
    fn trees_are_held_for_a_while_and_for_a_few() {
        let (mut holds, start) = (Holds::new(Height(10)), Instant::now());
        let gone = ServeError::Gone { height: Height(8), oldest: Height(9) };
        assert_eq!(holds.hold(Height(8), Height(0), start), Err(gone));
        let gone = ServeError::Gone { height: Height(9), oldest: Height(20) };
        assert_eq!(holds.hold(Height(9), Height(20), start), Err(gone), "fetched itself at a later height");
        for height in 9..13 {
            assert_eq!(holds.hold(Height(height), Height(0), start), Ok(()));
        }
        assert_eq!(holds.hold(Height(13), Height(0), start), Err(ServeError::Busy { held: 4 }));
        assert_eq!(holds.hold(Height(12), Height(0), start + PATIENCE), Ok(()), "a held one is asked about again");
        assert_eq!(holds.hold(Height(13), Height(0), start + PATIENCE + Duration::from_millis(1)), Ok(()));
        assert_eq!(holds.asked.len(), 2, "nobody asked about the others any more");
    }

    #[test]
    fn a_tree_far_below_the_head_is_held_no_longer() {
        let mut holds = Holds::new(Height(5));
        holds.hold(Height(5), Height(0), Instant::now()).expect("it is there");
        assert_eq!(pruned(&mut holds, HOLD_BLOCKS_MAX, HOLD_BLOCKS_MAX + 5), [5]);
        assert_eq!(pruned(&mut holds, HOLD_BLOCKS_MAX, HOLD_BLOCKS_MAX + 6).len() as u64, PRUNED_PER_BLOCK);
    }
}
