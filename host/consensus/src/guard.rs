//! The last line against signing twice: it owns the key, remembers what it signed, and stops the process before a
//! second value for one (purpose, view, slot) leaves. The rest of the replica must never make it do so.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use theriac_crypto::{Share, ShareSigner, Statement};
use theriac_types::{Digest, SeqNum, View};

/// What only one value may be signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Prepare(SeqNum, View),
    Commit(SeqNum, View),
    State(SeqNum),
    Checkpoint(SeqNum),
    ViewChange(View),
    NewView(View),
}

impl Place {
    fn of(statement: &Statement) -> (Self, Digest) {
        match *statement {
            Statement::Prepare { view, seq, body } => (Self::Prepare(seq, view), body.0),
            Statement::Commit { view, seq, body } => (Self::Commit(seq, view), body.0),
            Statement::State { seq, digest } => (Self::State(seq), digest.0),
            Statement::Checkpoint { seq, digest } => (Self::Checkpoint(seq), digest.0),
            Statement::ViewChange { view, message } => (Self::ViewChange(view), message),
            Statement::NewView { view, message } => (Self::NewView(view), message),
        }
    }

    /// The slot of a vote on a slot's body.
    fn voted_slot(&self) -> Option<SeqNum> {
        match self {
            Self::Prepare(seq, _) | Self::Commit(seq, _) => Some(*seq),
            Self::State(_) | Self::Checkpoint(_) | Self::ViewChange(_) | Self::NewView(_) => None,
        }
    }
}

/// Signs, once per place.
#[derive(Clone)]
pub struct SignerGuard {
    signer: Arc<dyn ShareSigner>,
    signed: BTreeMap<Place, Digest>,
    floor: SeqNum,
}

impl SignerGuard {
    /// Takes the key. What was signed for slots up to `floor` is forgotten, and no body of such a slot is voted for.
    pub fn new(signer: Box<dyn ShareSigner>, floor: SeqNum) -> Self {
        Self { signer: signer.into(), signed: BTreeMap::new(), floor }
    }

    /// Remembers what was signed before a restart.
    ///
    /// # Panics
    /// When something else was: the log contradicts itself.
    pub fn remember(&mut self, statement: &Statement) {
        let (place, value) = Place::of(statement);
        let before = *self.signed.entry(place).or_insert(value);
        assert_eq!(before, value, "two values for {place:?}: signing both would break agreement");
    }

    /// Signs a statement; the same one as often as needed.
    ///
    /// # Panics
    /// When another value was signed for this place, or when the place is too old to know.
    pub fn sign(&mut self, statement: &Statement) -> Share {
        let (place, _) = Place::of(statement);
        assert!(
            place.voted_slot().is_none_or(|seq| seq > self.floor),
            "{place:?} is not above {}: what was signed there is forgotten",
            self.floor
        );
        self.remember(statement);
        self.signer.sign(statement)
    }

    /// Forgets the votes on bodies of slots up to `executed`, which are decided, and state votes up to `kept`.
    pub fn forget(&mut self, executed: SeqNum, kept: SeqNum) {
        self.floor = self.floor.max(executed);
        let floor = self.floor;
        self.signed.retain(|place, _| match place {
            Place::Prepare(seq, _) | Place::Commit(seq, _) => *seq > floor,
            Place::State(seq) | Place::Checkpoint(seq) => *seq > kept,
            Place::ViewChange(_) | Place::NewView(_) => true,
        });
    }
}

impl fmt::Debug for SignerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerGuard").field("signed", &self.signed).field("floor", &self.floor).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::BodyHash;

    #[derive(Debug)]
    struct Pen;

    impl ShareSigner for Pen {
        fn sign(&self, _: &Statement) -> Share {
            Share::default()
        }
    }

    fn guard() -> SignerGuard {
        SignerGuard::new(Box::new(Pen), SeqNum(0))
    }

    fn prepare(view: u64, seq: u64, body: u8) -> Statement {
        Statement::Prepare { view: View(view), seq: SeqNum(seq), body: BodyHash(Digest([body; 32])) }
    }

    fn commit(view: u64, seq: u64, body: u8) -> Statement {
        Statement::Commit { view: View(view), seq: SeqNum(seq), body: BodyHash(Digest([body; 32])) }
    }

    #[test]
    fn other_places_and_the_same_value_again_are_fine() {
        let mut guard = guard();
        for statement in [prepare(0, 1, 1), prepare(0, 1, 1), prepare(1, 1, 2), prepare(0, 2, 2), commit(0, 1, 2)] {
            guard.sign(&statement);
        }
    }

    #[test]
    #[should_panic(expected = "two values")]
    fn a_second_value_is_never_signed() {
        let mut guard = guard();
        guard.sign(&prepare(0, 1, 1));
        guard.sign(&prepare(0, 1, 2));
    }

    #[test]
    #[should_panic(expected = "two values")]
    fn a_remembered_value_counts_as_signed() {
        let mut guard = guard();
        guard.remember(&commit(0, 1, 1));
        guard.sign(&commit(0, 1, 2));
    }

    #[test]
    #[should_panic(expected = "forgotten")]
    fn what_is_forgotten_is_not_signed_again() {
        let mut guard = guard();
        guard.sign(&prepare(0, 1, 1));
        guard.forget(SeqNum(1), SeqNum(0));
        guard.sign(&prepare(0, 1, 1));
    }
}
