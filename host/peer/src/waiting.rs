//! Who waits for the outcome of which transaction at this peer, and how many each member has waiting.

use crate::certified_block::CertifiedBlock;
use crate::limits::{PENDING_AGE_MAX, PENDING_MAX, PENDING_PER_MEMBER_MAX};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use theriac_types::{MemberId, TxId};
use tokio::sync::oneshot;

/// The block that decides a transaction, and its place in it.
pub type Found = (Arc<CertifiedBlock>, u32);

/// A member has as many transactions waiting as it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member} has {waiting} transactions waiting at this peer, the most it may: wait for some of their outcomes")]
pub struct TooManyPending {
    /// Who.
    pub member: MemberId,
    /// How many.
    pub waiting: usize,
}

#[derive(Debug)]
struct Entry {
    answers: Vec<oneshot::Sender<Found>>,
    /// Whose quota it counts towards; nobody's when it was handed in elsewhere.
    member: Option<MemberId>,
    since: Instant,
}

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<TxId, Entry>,
    per_member: BTreeMap<MemberId, usize>,
    pending: usize,
}

/// The waiting room.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<Inner>);

impl Waiting {
    /// Counts a transaction that was handed in here until its outcome is known. A second time changes nothing.
    pub fn hand_in(&self, id: TxId, member: &MemberId) -> Result<(), TooManyPending> {
        let mut inner = self.lock();
        if inner.entries.get(&id).is_some_and(|entry| entry.member.is_some()) {
            return Ok(());
        }
        let waiting = inner.per_member.get(member).copied().unwrap_or_default();
        if waiting >= PENDING_PER_MEMBER_MAX || inner.pending >= PENDING_MAX {
            return Err(TooManyPending { member: member.clone(), waiting });
        }
        *inner.per_member.entry(member.clone()).or_default() += 1;
        inner.pending += 1;
        inner.entry(id).member = Some(member.clone());
        Ok(())
    }

    /// Waits for a transaction's outcome. The answer comes when its block is certified here.
    pub fn answer(&self, id: TxId) -> oneshot::Receiver<Found> {
        let (sender, receiver) = oneshot::channel();
        self.lock().entry(id).answers.push(sender);
        receiver
    }

    /// Tells everyone who waits for a transaction of this block.
    pub fn resolve(&self, block: &Arc<CertifiedBlock>, indexed: &[(TxId, u32)]) {
        let mut inner = self.lock();
        if inner.entries.is_empty() {
            return;
        }
        for (id, index) in indexed {
            let Some(entry) = inner.remove(*id) else { continue };
            for answer in entry.answers {
                // Whoever hung up does not want to know.
                drop(answer.send((block.clone(), *index)));
            }
        }
    }

    /// Forgets what nobody waits for any more, and what has no outcome after a long time.
    pub fn sweep(&self) {
        let mut inner = self.lock();
        let mut ended = Vec::new();
        for (id, entry) in &mut inner.entries {
            entry.answers.retain(|answer| !answer.is_closed());
            let old = entry.since.elapsed() >= PENDING_AGE_MAX;
            if entry.answers.is_empty() && (old || entry.member.is_none()) {
                ended.push(*id);
            }
        }
        for id in ended {
            inner.remove(id);
        }
    }

    /// Hangs up on everyone: the peer stops.
    pub fn close(&self) {
        *self.lock() = Inner::default();
    }

    /// Transactions handed in here without an outcome.
    pub fn pending(&self) -> usize {
        self.lock().pending
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Counts and entries change together, without anything between that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn entry(&mut self, id: TxId) -> &mut Entry {
        self.entries.entry(id).or_insert_with(|| Entry { answers: Vec::new(), member: None, since: Instant::now() })
    }

    fn remove(&mut self, id: TxId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        if let Some(member) = &entry.member {
            self.pending -= 1;
            if let Some(count) = self.per_member.get_mut(member) {
                *count -= 1;
                if *count == 0 {
                    self.per_member.remove(member);
                }
            }
        }
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_types::Digest;

    fn id(number: usize) -> TxId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        TxId(Digest(bytes))
    }

    #[test]
    fn a_member_has_a_quota_and_others_are_not_touched_by_it() {
        let (waiting, greedy) = (Waiting::default(), "org/greedy".parse().unwrap());
        for number in 0..PENDING_PER_MEMBER_MAX {
            waiting.hand_in(id(number), &greedy).unwrap();
        }
        let refused = waiting.hand_in(id(PENDING_PER_MEMBER_MAX), &greedy).unwrap_err();
        assert_eq!(refused.waiting, PENDING_PER_MEMBER_MAX);
        assert_eq!(waiting.hand_in(id(0), &greedy), Ok(()), "the same again takes no further place");
        assert_eq!(waiting.hand_in(id(PENDING_PER_MEMBER_MAX), &"org/modest".parse().unwrap()), Ok(()));
        assert_eq!(waiting.pending(), PENDING_PER_MEMBER_MAX + 1);
    }

    #[tokio::test]
    async fn whoever_hung_up_is_forgotten_and_whoever_waits_is_told_of_the_end() {
        let waiting = Waiting::default();
        drop(waiting.answer(id(1)));
        let answer = waiting.answer(id(2));
        waiting.sweep();
        assert_eq!(waiting.lock().entries.keys().copied().collect::<Vec<_>>(), [id(2)]);
        waiting.close();
        assert!(answer.await.is_err());
    }
}
