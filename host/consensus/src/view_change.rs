//! What replicas say to each other when they leave a view: the promise with its reports, and the new primary's choice.
//!
//! Decoding is bounded; everything else is checked by whoever receives it. A certificate in a report is checked only
//! when it is used, so that a bad one hides no other.

use crate::limits::WINDOW_SLOTS;
use crate::message::CommitProof;
use crate::quorum::Cluster;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::{Domain, Share, Statement, hash_value};
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{BodyHash, Certificate, Digest, List, ReplicaId, SeqNum, StableCheckpoint, View};

/// Most slots a view-change message reports on.
pub const REPORTS_MAX: usize = WINDOW_SLOTS as usize;

/// What a replica knows about one slot above its stable checkpoint. Slots of which it knows nothing are left out.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SlotKnowledge {
    /// The slot.
    pub seq: SeqNum,
    /// The pre-prepare of the highest view that the replica accepted, null blocks included.
    pub accepted: Option<(View, BodyHash)>,
    /// The prepare certificate of the highest view that it holds.
    pub prepared: Option<(View, BodyHash, Certificate)>,
    /// Why the slot is committed, when it is.
    pub committed: Option<(BodyHash, CommitProof)>,
}

/// A promise to vote in no view below the one named, with everything the sender knows that may have been decided.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ViewChange {
    /// Who promises.
    pub sender: ReplicaId,
    /// The view to enter.
    pub view: View,
    /// The highest stable checkpoint of this epoch that it knows; none before the first.
    pub stable: Option<StableCheckpoint>,
    /// Ascending by slot, all within a window above `stable`.
    pub slots: List<SlotKnowledge, REPORTS_MAX>,
}

impl ViewChange {
    /// Names the message.
    pub fn digest(&self) -> Digest {
        hash_value(Domain::ViewChange, self)
    }

    /// What its sender signs.
    pub fn statement(&self) -> Statement {
        Statement::ViewChange { view: self.view, message: self.digest() }
    }

    /// Whether it is one that an honest replica may send, certificates aside: those are checked when they are used.
    pub fn is_well_formed(&self, cluster: Cluster) -> bool {
        let floor = self.floor(cluster);
        let last = floor.saturating_add(cluster.spacing().window());
        let ascending = self.slots.windows(2).all(|pair| pair[0].seq < pair[1].seq);
        let bounded = self.slots.iter().all(|slot| slot.seq > floor && slot.seq <= last);
        // A decision of any view may be known. What was accepted and certified came before this promise.
        let earlier = |slot: &SlotKnowledge| {
            let accepted = slot.accepted.map(|(view, _)| view);
            let prepared = slot.prepared.as_ref().map(|(view, ..)| *view);
            accepted.is_none_or(|view| view < self.view) && prepared.is_none_or(|view| Some(view) <= accepted)
        };
        cluster.has(self.sender)
            && self.stable.as_ref().is_none_or(|stable| {
                // The checkpoint that the epoch begins with is known to all, and certified by replicas of another.
                stable.seq > cluster.base() && cluster.spacing().is_checkpoint(stable.seq)
            })
            && ascending
            && bounded
            && self.slots.iter().all(earlier)
    }

    /// What it says about a slot; none when it leaves the slot out.
    pub fn slot(&self, seq: SeqNum) -> Option<&SlotKnowledge> {
        self.slots.binary_search_by_key(&seq, |slot| slot.seq).ok().map(|at| &self.slots[at])
    }

    /// Slot of its stable checkpoint, if that is what it says; the slot before the epoch's first at the start.
    pub fn floor(&self, cluster: Cluster) -> SeqNum {
        self.stable.as_ref().map_or(cluster.base(), |checkpoint| checkpoint.seq)
    }
}

/// A view-change message with its sender's signature, so that anybody may pass it on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedViewChange {
    /// The message.
    pub message: ViewChange,
    /// Its sender's share of [`ViewChange::statement`].
    pub share: Share,
}

/// The new primary's choice of exactly `2f + 2c + 1` view-change messages. It chooses no values: everybody computes
/// them from the messages.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewView {
    /// The view.
    pub view: View,
    /// Senders, ascending, each once, with the digests of their messages.
    pub members: List<(ReplicaId, Digest), REPLICAS_MAX>,
    /// The primary's share of [`NewView::statement`].
    pub share: Share,
}

impl NewView {
    /// Names the choice, whoever signs it.
    pub fn digest(&self) -> Digest {
        hash_value(Domain::NewView, &(self.view, &self.members))
    }

    /// Whether it names exactly `2f + 2c + 1` replicas, ascending, the view's primary among them.
    pub fn is_well_formed(&self, cluster: Cluster) -> bool {
        let primary = cluster.primary(self.view);
        self.members.len() == cluster.view_change()
            && self.members.windows(2).all(|pair| pair[0].0 < pair[1].0)
            && self.members.iter().all(|(sender, _)| cluster.has(*sender))
            && self.members.iter().any(|(sender, _)| *sender == primary)
    }

    /// What its primary signs.
    pub fn statement(&self) -> Statement {
        Statement::NewView { view: self.view, message: self.digest() }
    }
}
