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

    /// The view that must not be below the promised one.
    fn bound_view(&self) -> Option<View> {
        match self {
            Self::Prepare(_, view) | Self::Commit(_, view) | Self::ViewChange(view) | Self::NewView(view) => {
                Some(*view)
            }
            Self::State(_) | Self::Checkpoint(_) => None,
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
    promised: View,
}

impl SignerGuard {
    /// Takes the key. What was signed for slots up to `floor` is forgotten, and no body of such a slot is voted for.
    pub fn new(signer: Box<dyn ShareSigner>, floor: SeqNum) -> Self {
        Self { signer: signer.into(), signed: BTreeMap::new(), floor, promised: View(0) }
    }

    /// Remembers what was signed before a restart.
    ///
    /// # Panics
    /// When something else was: the log contradicts itself.
    pub fn remember(&mut self, statement: &Statement) {
        let (place, value) = Place::of(statement);
        let before = *self.signed.entry(place).or_insert(value);
        assert_eq!(before, value, "two values for {place:?}: signing both would break agreement");
        if let Place::ViewChange(view) = place {
            self.promise(view);
        }
    }

    /// Signs from now on for no view below this one.
    pub fn promise(&mut self, view: View) {
        self.promised = self.promised.max(view);
    }

    /// Signs a statement; the same one as often as needed.
    ///
    /// # Panics
    /// When another value was signed for this place, when its view is below the promised one, or when the place is too
    /// old to know.
    pub fn sign(&mut self, statement: &Statement) -> Share {
        let (place, _) = Place::of(statement);
        assert!(
            place.voted_slot().is_none_or(|seq| seq > self.floor),
            "{place:?} is not above {}: what was signed there is forgotten",
            self.floor
        );
        assert!(
            place.bound_view().is_none_or(|view| view >= self.promised),
            "{place:?} is below view {}: signing it would break a promise",
            self.promised
        );
        self.remember(statement);
        self.signer.sign(statement)
    }

    /// Forgets the votes on bodies of slots up to `executed`, which are decided, state votes up to `kept`, and whatever
    /// the promise forbids anyway.
    pub fn forget(&mut self, executed: SeqNum, kept: SeqNum) {
        self.floor = self.floor.max(executed);
        let (floor, promised) = (self.floor, self.promised);
        self.signed.retain(|place, _| match place {
            Place::Prepare(seq, _) | Place::Commit(seq, _) => *seq > floor,
            Place::State(seq) | Place::Checkpoint(seq) => *seq > kept,
            Place::ViewChange(view) | Place::NewView(view) => *view >= promised,
        });
    }
}

impl fmt::Debug for SignerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerGuard")
            .field("signed", &self.signed)
            .field("floor", &self.floor)
            .field("promised", &self.promised)
            .finish()
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

    fn view_change(view: u64, message: u8) -> Statement {
        Statement::ViewChange { view: View(view), message: Digest([message; 32]) }
    }

    #[test]
    fn a_promise_allows_the_promised_view_and_later_ones() {
        let mut guard = guard();
        let new_view = Statement::NewView { view: View(2), message: Digest([1; 32]) };
        let state = Statement::State { seq: SeqNum(1), digest: theriac_types::StateDigest(Digest([1; 32])) };
        for statement in [prepare(1, 1, 1), view_change(2, 1), view_change(2, 1), new_view, prepare(2, 1, 1), state] {
            guard.sign(&statement);
        }
        guard.forget(SeqNum(0), SeqNum(0));
        guard.sign(&view_change(2, 1));
    }

    #[test]
    fn nothing_below_a_promise_is_signed_even_after_a_restart() {
        let new_view = Statement::NewView { view: View(1), message: Digest([1; 32]) };
        for broken in [prepare(1, 1, 1), commit(1, 1, 1), new_view, view_change(1, 1)] {
            let refused = std::panic::catch_unwind(|| {
                let mut guard = guard();
                guard.remember(&view_change(2, 1));
                guard.sign(&broken)
            });
            assert!(refused.is_err(), "{broken:?} is below the promised view");
        }
    }

    #[test]
    #[should_panic(expected = "two values")]
    fn a_second_view_change_message_for_a_view_is_never_signed() {
        let mut guard = guard();
        guard.remember(&view_change(2, 1));
        guard.sign(&view_change(2, 2));
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
