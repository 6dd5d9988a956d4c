//! What replicas say to each other. The sender is known from the authenticated link, channel and epoch from its
//! handshake.
//!
//! `P` is a block body on the wire (`BlockBody`, unchecked) and an `Arc<Proposal>` inside: only the edge, which
//! checks the transactions' signatures, turns one into the other with [`Message::admit`].

use crate::quorum::Cluster;
use crate::view_change::{NewView, SignedViewChange};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::Arc;
use theriac_crypto::{CertificateScheme, Share, Statement};
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{BodyHash, Certificate, Digest, List, ReplicaId, SeqNum, StableCheckpoint, StateDigest, View};

/// Why a slot is committed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum CommitProof {
    /// 3f+c+1 prepare votes of one view.
    Fast {
        /// The view.
        view: View,
        /// Over [`theriac_crypto::Statement::Prepare`].
        certificate: Certificate,
    },
    /// 2f+c+1 commit votes of one view.
    Slow {
        /// The view.
        view: View,
        /// Over [`theriac_crypto::Statement::Commit`].
        certificate: Certificate,
    },
}

impl CommitProof {
    /// The view whose votes it is made of.
    pub fn view(&self) -> View {
        match self {
            Self::Fast { view, .. } | Self::Slow { view, .. } => *view,
        }
    }

    /// The votes.
    pub fn certificate(&self) -> &Certificate {
        match self {
            Self::Fast { certificate, .. } | Self::Slow { certificate, .. } => certificate,
        }
    }

    /// Whether it proves that the body is decided in the slot: enough votes of its path, all valid.
    pub fn proves(&self, scheme: &dyn CertificateScheme, cluster: Cluster, seq: SeqNum, body: BodyHash) -> bool {
        let (statement, threshold) = match self {
            Self::Fast { view, .. } => (Statement::Prepare { view: *view, seq, body }, cluster.fast_commit()),
            Self::Slow { view, .. } => (Statement::Commit { view: *view, seq, body }, cluster.slow_commit()),
        };
        scheme.verify(&statement, self.certificate(), threshold).is_ok()
    }

    /// The message that tells others.
    pub fn into_message<P>(self, seq: SeqNum, body: BodyHash) -> Message<P> {
        match self {
            Self::Fast { view, certificate } => Message::FullCommitProof { view, seq, body, certificate },
            Self::Slow { view, certificate } => Message::FullCommitProofSlow { view, seq, body, certificate },
        }
    }
}

/// A message between two replicas.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message<P> {
    /// Replica to primary: transactions that a client handed in here, for ordering. Carried as a body.
    Request(P),
    /// Primary to all: the body of a slot. The share is the primary's prepare vote and signs the message.
    PrePrepare {
        /// The primary's view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        proposal: P,
        /// The primary's share of the prepare statement.
        share: Share,
    },
    /// Replica to C-collectors: a prepare vote, which serves the fast and the slow path.
    SignShare {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body voted for.
        body: BodyHash,
        /// The vote.
        share: Share,
    },
    /// C-collector to all: 3f+c+1 prepare votes; the slot is committed.
    FullCommitProof {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// The votes.
        certificate: Certificate,
    },
    /// C-collector to all: 2f+c+1 prepare votes, when the fast path's timer fired.
    Prepare {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// The votes.
        certificate: Certificate,
    },
    /// Replica to C-collectors: a commit vote.
    Commit {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// The vote.
        share: Share,
    },
    /// C-collector to all: 2f+c+1 commit votes; the slot is committed.
    FullCommitProofSlow {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// The votes.
        certificate: Certificate,
    },
    /// Replica to E-collectors: a vote for the state after a slot.
    SignState {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
        /// The vote.
        share: Share,
    },
    /// E-collector to all: f+1 state votes, the execution certificate.
    FullExecuteProof {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
        /// The votes.
        certificate: Certificate,
    },
    /// Replica to all, from time to time: how far it is. Whoever is behind the sender asks for decided slots; whoever
    /// holds something that the sender seems to lack sends it again.
    Status {
        /// The view that the sender is in, or is trying to enter.
        view: View,
        /// Whether it is in it.
        active: bool,
        /// Slot of the last stable checkpoint it knows; 0 at the start of a network.
        stable: SeqNum,
        /// Last slot executed and durable.
        executed: SeqNum,
        /// Last slot up to which every execution certificate is held.
        certified: SeqNum,
    },
    /// Asks for decided slots, ascending from the first.
    Fetch {
        /// First slot wanted.
        first: SeqNum,
        /// Last slot wanted.
        last: SeqNum,
    },
    /// A decided slot, provable by itself.
    Decided {
        /// The slot.
        seq: SeqNum,
        /// The body.
        proposal: P,
        /// Why it is committed.
        proof: CommitProof,
        /// The execution certificate, when the sender has it.
        executed: Option<(StateDigest, Certificate)>,
    },
    /// Asks for a body by its hash: proposed again by a new view, and not here.
    FetchBody {
        /// The slot.
        seq: SeqNum,
        /// The body wanted.
        body: BodyHash,
    },
    /// A body that was asked for. Proves nothing but itself.
    Body {
        /// The slot.
        seq: SeqNum,
        /// The body.
        proposal: P,
    },
    /// Replica to E-collectors of a checkpoint slot, and to whoever lacks the certificate: a checkpoint vote.
    Checkpoint {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
        /// The vote.
        share: Share,
    },
    /// To all: 2f+c+1 checkpoint votes. The state is held durably by f+c+1 honest replicas.
    Stable(StableCheckpoint),
    /// Replica to all: wants to leave this view. Counted once per sender; the link vouches for it.
    Complain {
        /// The view to leave.
        view: View,
    },
    /// Replica to all: left its view and promises to vote in no view below the one named. May be passed on by others.
    ViewChange(Arc<SignedViewChange>),
    /// The new primary to all: which view-change messages decide what the view starts with. May be passed on.
    NewView(Arc<NewView>),
    /// Asks for view-change messages that a new-view names, by sender and digest.
    FetchViewChanges {
        /// The view to enter.
        view: View,
        /// Those that are missing.
        wanted: List<(ReplicaId, Digest), REPLICAS_MAX>,
    },
}

impl<P> Message<P> {
    /// Whether taking it in means checking a certificate.
    pub fn carries_certificate(&self) -> bool {
        match self {
            Self::FullCommitProof { .. }
            | Self::Prepare { .. }
            | Self::FullCommitProofSlow { .. }
            | Self::FullExecuteProof { .. }
            | Self::Stable(_)
            | Self::ViewChange(_)
            | Self::NewView(_)
            | Self::Decided { .. } => true,
            Self::Request(_)
            | Self::PrePrepare { .. }
            | Self::SignShare { .. }
            | Self::Commit { .. }
            | Self::SignState { .. }
            | Self::Status { .. }
            | Self::FetchBody { .. }
            | Self::Body { .. }
            | Self::Checkpoint { .. }
            | Self::Complain { .. }
            | Self::FetchViewChanges { .. }
            | Self::Fetch { .. } => false,
        }
    }

    /// The kind's name, for traces and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::PrePrepare { .. } => "pre-prepare",
            Self::SignShare { .. } => "sign-share",
            Self::FullCommitProof { .. } => "full-commit-proof",
            Self::Prepare { .. } => "prepare",
            Self::Commit { .. } => "commit",
            Self::FullCommitProofSlow { .. } => "full-commit-proof-slow",
            Self::SignState { .. } => "sign-state",
            Self::FullExecuteProof { .. } => "full-execute-proof",
            Self::Status { .. } => "status",
            Self::Fetch { .. } => "fetch",
            Self::Decided { .. } => "decided",
            Self::FetchBody { .. } => "fetch-body",
            Self::Body { .. } => "body",
            Self::Checkpoint { .. } => "checkpoint",
            Self::Stable(_) => "stable",
            Self::Complain { .. } => "complain",
            Self::ViewChange(_) => "view-change",
            Self::NewView(_) => "new-view",
            Self::FetchViewChanges { .. } => "fetch-view-changes",
        }
    }

    /// Replaces the body, where there is one.
    pub fn admit<Q, E>(self, check: impl FnOnce(P) -> Result<Q, E>) -> Result<Message<Q>, E> {
        Ok(match self {
            Self::Request(proposal) => Message::Request(check(proposal)?),
            Self::PrePrepare { view, seq, proposal, share } => {
                Message::PrePrepare { view, seq, proposal: check(proposal)?, share }
            }
            Self::Decided { seq, proposal, proof, executed } => {
                Message::Decided { seq, proposal: check(proposal)?, proof, executed }
            }
            Self::SignShare { view, seq, body, share } => Message::SignShare { view, seq, body, share },
            Self::FullCommitProof { view, seq, body, certificate } => {
                Message::FullCommitProof { view, seq, body, certificate }
            }
            Self::Prepare { view, seq, body, certificate } => Message::Prepare { view, seq, body, certificate },
            Self::Commit { view, seq, body, share } => Message::Commit { view, seq, body, share },
            Self::FullCommitProofSlow { view, seq, body, certificate } => {
                Message::FullCommitProofSlow { view, seq, body, certificate }
            }
            Self::SignState { seq, digest, share } => Message::SignState { seq, digest, share },
            Self::FullExecuteProof { seq, digest, certificate } => {
                Message::FullExecuteProof { seq, digest, certificate }
            }
            Self::Status { view, active, stable, executed, certified } => {
                Message::Status { view, active, stable, executed, certified }
            }
            Self::FetchBody { seq, body } => Message::FetchBody { seq, body },
            Self::Body { seq, proposal } => Message::Body { seq, proposal: check(proposal)? },
            Self::Checkpoint { seq, digest, share } => Message::Checkpoint { seq, digest, share },
            Self::Stable(checkpoint) => Message::Stable(checkpoint),
            Self::Complain { view } => Message::Complain { view },
            Self::ViewChange(message) => Message::ViewChange(message),
            Self::NewView(message) => Message::NewView(message),
            Self::FetchViewChanges { view, wanted } => Message::FetchViewChanges { view, wanted },
            Self::Fetch { first, last } => Message::Fetch { first, last },
        })
    }
}
