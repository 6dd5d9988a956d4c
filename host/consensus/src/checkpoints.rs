//! Votes for checkpoints, and the digests of certified ones that this replica has not reached yet.

use crate::quorum::Cluster;
use crate::spacing::Spacing;
use crate::tally::Tally;
use std::collections::BTreeMap;
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{SeqNum, StableCheckpoint, StateDigest};

/// Whether a checkpoint is stable. What the epoch began with was certified by others, and is known to be.
pub fn proves_stable(cluster: Cluster, scheme: &dyn CertificateScheme, checkpoint: &StableCheckpoint) -> bool {
    let statement = Statement::Checkpoint { seq: checkpoint.seq, digest: checkpoint.digest };
    let is_base = checkpoint.seq > SeqNum(0) && checkpoint.seq == cluster.base();
    is_base || scheme.verify(&statement, &checkpoint.certificate, cluster.checkpoint()).is_ok()
}

/// What is known of a checkpoint that is not stable yet.
#[derive(Debug, Clone, Default)]
pub struct Candidate {
    /// Votes of all replicas that sent one here.
    pub votes: Tally<StateDigest>,
    /// Whether this E-collector has enough votes and only waits for its turn.
    pub staggered: bool,
    /// Whether this E-collector's turn has come.
    pub turn: bool,
}

/// The few checkpoints above the last stable one.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    spacing: Spacing,
    stable: SeqNum,
    candidates: BTreeMap<SeqNum, Candidate>,
    /// Certified, but above the last executed slot.
    awaited: BTreeMap<SeqNum, StableCheckpoint>,
}

impl Checkpoints {
    /// At the start of a network.
    pub fn new(spacing: Spacing) -> Self {
        Self { spacing, stable: SeqNum(0), candidates: BTreeMap::new(), awaited: BTreeMap::new() }
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.candidates.len() + self.awaited.len()
    }

    /// A candidate, when votes came for it.
    pub fn candidate(&self, seq: SeqNum) -> Option<&Candidate> {
        self.candidates.get(&seq)
    }

    /// A candidate, opened if need be; none when a later checkpoint is stable, too far ahead, or at no such slot.
    pub fn candidate_mut(&mut self, seq: SeqNum) -> Option<&mut Candidate> {
        // Another replica may know a stable checkpoint that this one still waits for: one window ahead of its own.
        let last = self.stable.saturating_add(2 * self.spacing.window());
        let inside = self.spacing.is_checkpoint(seq) && seq > self.stable && seq <= last;
        inside.then(|| self.candidates.entry(seq).or_default())
    }

    /// Notes that a checkpoint is stable. Returns its candidate, when votes came for it here.
    pub fn stabilise(&mut self, checkpoint: &StableCheckpoint, executed: SeqNum) -> Option<Candidate> {
        self.stable = checkpoint.seq;
        let candidate = self.candidates.remove(&checkpoint.seq);
        self.candidates = self.candidates.split_off(&checkpoint.seq.next());
        if checkpoint.seq > executed {
            self.awaited.insert(checkpoint.seq, checkpoint.clone());
            // Whoever catches up slot by slot passes no more of them than this.
            if self.awaited.len() as u64 > self.spacing.transfer() / self.spacing.checkpoint() {
                self.awaited.pop_first();
            }
        }
        candidate
    }

    /// Takes out what is certified for a slot that is executed now.
    pub fn reach(&mut self, seq: SeqNum) -> Option<StableCheckpoint> {
        let rest = self.awaited.split_off(&seq.next());
        let mut reached = std::mem::replace(&mut self.awaited, rest);
        reached.remove(&seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::{Bytes, Certificate, Digest, SignerBitmap};

    fn checkpoint(seq: u64) -> StableCheckpoint {
        let certificate = Certificate { signers: SignerBitmap::new(4, []).unwrap(), signature: Bytes::default() };
        StableCheckpoint { seq: SeqNum(seq), digest: StateDigest(Digest([1; 32])), certificate }
    }

    #[test]
    fn candidates_are_the_checkpoint_slots_of_two_windows() {
        let mut checkpoints = Checkpoints::new(Spacing::default());
        checkpoints.stabilise(&checkpoint(256), SeqNum(300));
        let open = (0..2_000).filter(|seq| checkpoints.candidate_mut(SeqNum(*seq)).is_some());
        assert_eq!(open.collect::<Vec<_>>(), [384, 512, 640, 768]);
        assert!(checkpoints.candidate_mut(SeqNum(u64::MAX)).is_none());
        assert!(checkpoints.stabilise(&checkpoint(640), SeqNum(700)).is_some());
        assert_eq!(checkpoints.candidates.into_keys().collect::<Vec<_>>(), [768].map(SeqNum));
    }

    #[test]
    fn a_certificate_of_a_slot_to_come_is_remembered_until_then() {
        let mut checkpoints = Checkpoints::new(Spacing::default());
        checkpoints.stabilise(&checkpoint(128), SeqNum(128));
        checkpoints.stabilise(&checkpoint(256), SeqNum(200));
        checkpoints.stabilise(&checkpoint(384), SeqNum(200));
        assert_eq!(checkpoints.reach(SeqNum(128)), None, "it was compared when it came");
        assert_eq!(checkpoints.reach(SeqNum(255)), None);
        assert_eq!(checkpoints.reach(SeqNum(256)), Some(checkpoint(256)));
        assert_eq!(checkpoints.reach(SeqNum(384)), Some(checkpoint(384)));
        assert!(checkpoints.awaited.is_empty());
        (1..=200).for_each(|n| drop(checkpoints.stabilise(&checkpoint(384 + n * 128), SeqNum(384))));
        assert_eq!(checkpoints.awaited.len(), 32);
    }
}
