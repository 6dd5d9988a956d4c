//! One slot of the window: what was accepted, certified and decided in it, and the votes collected for it.

use crate::collectors::Collectors;
use crate::message::CommitProof;
use crate::proposal::Proposal;
use crate::tally::Tally;
use std::sync::Arc;
use theriac_crypto::Share;
use theriac_types::{BodyHash, Certificate, View};

/// What a replica remembers of a slot across views, for its view-change messages.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The pre-prepare of the highest view that it accepted, null blocks included.
    pub accepted: Option<(View, Arc<Proposal>)>,
    /// The prepare certificate of the highest view that it holds, with the body.
    pub prepared: Option<(View, Arc<Proposal>, Certificate)>,
}

impl Memory {
    /// A body that is remembered, and so in the log.
    pub fn body(&self, hash: BodyHash) -> Option<&Arc<Proposal>> {
        let accepted = self.accepted.as_ref().map(|(_, proposal)| proposal);
        let prepared = self.prepared.as_ref().map(|(_, proposal, _)| proposal);
        [accepted, prepared].into_iter().flatten().find(|proposal| proposal.hash() == hash)
    }
}

/// How far a slot is.
#[derive(Debug, Clone)]
pub enum Phase {
    /// No pre-prepare accepted.
    Open,
    /// The pre-prepare is accepted, durable, and voted for.
    Accepted {
        /// The body.
        proposal: Arc<Proposal>,
    },
    /// A prepare certificate for the accepted body is durable and the commit vote cast.
    Prepared {
        /// The body.
        proposal: Arc<Proposal>,
        /// 2f+c+1 prepare votes.
        certificate: Certificate,
    },
    /// Committed, but the body is not here yet.
    Decided {
        /// What is missing.
        body: BodyHash,
        /// Why it is committed.
        proof: CommitProof,
    },
    /// Committed, with the body; executed in its turn.
    Committed {
        /// The body.
        proposal: Arc<Proposal>,
        /// Why it is committed.
        proof: CommitProof,
    },
}

/// A slot in the current view.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Who collects.
    pub collectors: Collectors,
    /// When this replica first heard of it.
    pub opened_ms: u64,
    /// What outlasts the view.
    pub memory: Memory,
    /// How far it is in the current view. A decision outlasts the view, too.
    pub phase: Phase,
    /// The primary's body and share, which came before this replica may vote on it.
    pub early_proposal: Option<(View, Arc<Proposal>, Share)>,
    /// A body that was here when a stable checkpoint took the slot: of use when the proof comes, and never voted on.
    pub spare_body: Option<Arc<Proposal>>,
    /// A valid prepare certificate that was here before the pre-prepare.
    pub early_certificate: Option<(BodyHash, Certificate)>,
    /// The primary's share that came with the accepted pre-prepare: half of the evidence if another one follows.
    pub proposed_share: Option<Share>,
    /// Whether the primary was already reported for this slot.
    pub equivocation_reported: bool,
    /// Prepare votes. Only collectors get them.
    pub votes: Tally<BodyHash>,
    /// Commit votes. Only slow collectors get them.
    pub commits: Tally<BodyHash>,
    /// Milliseconds from the opening until the votes were enough for the fast path.
    pub full_after_ms: Option<u64>,
    /// Whether this collector began to wait for votes.
    pub collecting: bool,
    /// Whether this collector has the votes for a fast proof and only waits for its turn.
    pub fast_staggered: bool,
    /// Whether this collector's patience is over: it emits the best certificate it has votes for.
    pub patience_over: bool,
    /// Whether this collector has the votes for a slow proof and only waits for its turn.
    pub slow_staggered: bool,
    /// Whether this collector's turn to emit a slow proof has come.
    pub slow_turn: bool,
    /// Whether a prepare certificate was emitted here.
    pub prepare_emitted: bool,
    /// Fetches of the body so far: each asks another replica.
    pub fetches: usize,
}

impl Slot {
    /// A slot of which nothing is known.
    pub fn open(collectors: Collectors, opened_ms: u64) -> Self {
        Self {
            collectors,
            opened_ms,
            memory: Memory::default(),
            phase: Phase::Open,
            early_proposal: None,
            spare_body: None,
            early_certificate: None,
            proposed_share: None,
            equivocation_reported: false,
            votes: Tally::default(),
            commits: Tally::default(),
            full_after_ms: None,
            collecting: false,
            fast_staggered: false,
            patience_over: false,
            slow_staggered: false,
            slow_turn: false,
            prepare_emitted: false,
            fetches: 0,
        }
    }

    /// The same slot in another view: only what is remembered and what is decided carries over.
    pub fn redrawn(self, collectors: Collectors, opened_ms: u64) -> Self {
        let phase = match self.phase {
            Phase::Open | Phase::Accepted { .. } | Phase::Prepared { .. } => Phase::Open,
            decided @ (Phase::Decided { .. } | Phase::Committed { .. }) => decided,
        };
        Self { memory: self.memory, phase, ..Self::open(collectors, opened_ms) }
    }

    /// The same slot once a stable checkpoint has taken it: of what is not decided, only a body is kept.
    pub fn superseded(self) -> Self {
        if self.is_decided() {
            return self;
        }
        let early = self.early_proposal.map(|(_, proposal, _)| proposal);
        let accepted = self.memory.accepted.map(|(_, proposal)| proposal);
        let spare_body = accepted.or(early).or(self.spare_body);
        Self { spare_body, ..Self::open(self.collectors, self.opened_ms) }
    }

    /// Whether anything is remembered or decided.
    pub fn is_worth_keeping(&self) -> bool {
        self.is_decided() || self.memory.accepted.is_some() || self.memory.prepared.is_some()
    }

    /// Notes that a body is accepted in a view.
    pub fn accept(&mut self, view: View, proposal: Arc<Proposal>) {
        self.memory.accepted = Some((view, Arc::clone(&proposal)));
        self.phase = Phase::Accepted { proposal };
    }

    /// Notes a prepare certificate for what is accepted.
    pub fn prepare(&mut self, view: View, proposal: Arc<Proposal>, certificate: Certificate) {
        self.memory.prepared = Some((view, Arc::clone(&proposal), certificate.clone()));
        self.phase = Phase::Prepared { proposal, certificate };
    }

    /// The body with this hash, accepted or not, when it is here.
    pub fn body(&self, hash: BodyHash) -> Option<&Arc<Proposal>> {
        let early = self.early_proposal.as_ref().map(|(_, proposal, _)| proposal);
        let spare = self.spare_body.as_ref();
        let current = self.proposal().into_iter().chain(early).chain(spare).find(|proposal| proposal.hash() == hash);
        current.or_else(|| self.memory.body(hash))
    }

    /// Bytes of the bodies kept for it while it is undecided.
    pub fn undecided_bytes(&self) -> usize {
        if self.is_decided() {
            return 0;
        }
        let early = self.early_proposal.as_ref().map(|(_, proposal, _)| proposal);
        let accepted = self.memory.accepted.as_ref().map(|(_, proposal)| proposal);
        let prepared = self.memory.prepared.as_ref().map(|(_, proposal, _)| proposal);
        let prepared = prepared.filter(|prepared| accepted.is_none_or(|accepted| accepted.hash() != prepared.hash()));
        [early, accepted, prepared, self.spare_body.as_ref()]
            .into_iter()
            .flatten()
            .map(|proposal| proposal.bytes())
            .sum()
    }

    /// The accepted or committed body, when it is here.
    pub fn proposal(&self) -> Option<&Arc<Proposal>> {
        match &self.phase {
            Phase::Open | Phase::Decided { .. } => None,
            Phase::Accepted { proposal } | Phase::Prepared { proposal, .. } | Phase::Committed { proposal, .. } => {
                Some(proposal)
            }
        }
    }

    /// The commit proof and what it commits.
    pub fn proof(&self) -> Option<(BodyHash, &CommitProof)> {
        match &self.phase {
            Phase::Open | Phase::Accepted { .. } | Phase::Prepared { .. } => None,
            Phase::Decided { body, proof } => Some((*body, proof)),
            Phase::Committed { proposal, proof } => Some((proposal.hash(), proof)),
        }
    }

    /// Whether the slot is committed, body or not.
    pub fn is_decided(&self) -> bool {
        self.proof().is_some()
    }

    /// Whether the slot is committed and its body here.
    pub fn is_committed(&self) -> bool {
        matches!(self.phase, Phase::Committed { .. })
    }
}
