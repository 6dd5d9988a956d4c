//! Liars: each is a named type that stands between an honest replica and its links.
//!
//! The liar's own replica runs the honest code; what it says is altered, kept back or added to on the way out. Liars
//! know each other's keys and every vote ever signed: an adversary that sees the whole network.

mod bad_shares;
mod equivocates;
mod exaggerates_progress;
mod forges_certificates;
mod lies_about_state;
mod silent_collector;
mod splits_knowledge;
mod withholds_shares;

use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use theriac_consensus::quorum::Cluster;
use theriac_consensus::{Message, Proposal};
use theriac_crypto::{Record, RecordingScheme, RecordingSigner, Share, ShareSigner, Statement, VoteContext};
use theriac_types::ReplicaId;

/// A message as replicas exchange it.
pub type Wire = Message<Arc<Proposal>>;

/// What a liar knows and can do.
#[derive(Debug)]
pub struct Scene {
    /// Who it is.
    pub me: ReplicaId,
    /// The network.
    pub cluster: Cluster,
    /// Where votes count.
    pub context: VoteContext,
    /// Where its own votes are recorded.
    pub record: Record,
    /// Every vote that ever left its signer.
    pub overheard: Record,
    /// All liars, this one included.
    pub liars: BTreeSet<ReplicaId>,
    /// Its own chance.
    pub random: Random,
}

impl Scene {
    /// Signs as one of the liars.
    pub fn sign_as(&self, replica: ReplicaId, statement: &Statement) -> Share {
        assert!(self.liars.contains(&replica), "liars have no honest replica's key");
        RecordingSigner { replica, context: self.context.clone(), record: self.record.clone() }.sign(statement)
    }

    /// Signs as itself.
    pub fn sign(&self, statement: &Statement) -> Share {
        self.sign_as(self.me, statement)
    }

    /// The shares over a statement that left their signers.
    pub fn overheard_shares(&self, statement: &Statement) -> BTreeMap<ReplicaId, Share> {
        let share = |replica| {
            let (context, record) = (self.context.clone(), self.record.clone());
            (replica, RecordingSigner { replica, context, record }.sign(statement))
        };
        self.overheard.signers(statement).into_iter().map(share).collect()
    }

    /// The scheme that certificates are made with.
    pub fn scheme(&self) -> RecordingScheme {
        let (context, record) = (self.context.clone(), self.record.clone());
        RecordingScheme { replicas: self.cluster.replicas(), context, record }
    }

    /// Every other replica.
    pub fn others(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let me = self.me;
        self.cluster.ids().filter(move |id| *id != me)
    }
}

/// A way to lie.
pub trait Behaviour: fmt::Debug {
    /// What leaves for a replica in place of an honest message.
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let _ = (scene, to);
        vec![message]
    }

    /// What leaves beside that, after each of its turns.
    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        let _ = scene;
        Vec::new()
    }
}

/// Lends its key to an equivocating primary and behaves well itself.
#[derive(Debug)]
struct Colludes;

impl Behaviour for Colludes {}

/// The ways there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BehaviourKind {
    /// The primary proposes two bodies for a slot, and makes certificates for both where it can.
    Equivocates,
    /// Signs whatever the equivocating primary needs.
    Colludes,
    /// Votes are kept back.
    WithholdsShares,
    /// Votes do not verify.
    BadShares,
    /// Collects and never tells.
    SilentCollector,
    /// Tells half of the network what it collected.
    SplitsKnowledge,
    /// Sends certificates that nobody signed.
    ForgesCertificates,
    /// Votes for states that are not the result.
    LiesAboutState,
    /// Claims to be far ahead.
    ExaggeratesProgress,
}

impl BehaviourKind {
    /// Those that a backup may have without stopping the network.
    pub const BACKUPS: &[Self] = &[
        Self::WithholdsShares,
        Self::BadShares,
        Self::SilentCollector,
        Self::SplitsKnowledge,
        Self::ForgesCertificates,
        Self::LiesAboutState,
        Self::ExaggeratesProgress,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equivocates => "equivocating primary",
            Self::Colludes => "colluding replica",
            Self::WithholdsShares => "withheld shares",
            Self::BadShares => "bad shares",
            Self::SilentCollector => "silent collector",
            Self::SplitsKnowledge => "split knowledge",
            Self::ForgesCertificates => "forged certificates",
            Self::LiesAboutState => "false states",
            Self::ExaggeratesProgress => "exaggerated progress",
        }
    }

    /// Makes one.
    pub fn behaviour(self, random: &mut Random) -> Box<dyn Behaviour> {
        match self {
            Self::Equivocates => Box::new(equivocates::Equivocates::default()),
            Self::Colludes => Box::new(Colludes),
            Self::WithholdsShares => Box::new(withholds_shares::WithholdsShares::draw(random)),
            Self::BadShares => Box::new(bad_shares::BadShares),
            Self::SilentCollector => Box::new(silent_collector::SilentCollector),
            Self::SplitsKnowledge => Box::new(splits_knowledge::SplitsKnowledge),
            Self::ForgesCertificates => Box::new(forges_certificates::ForgesCertificates),
            Self::LiesAboutState => Box::new(lies_about_state::LiesAboutState),
            Self::ExaggeratesProgress => Box::new(exaggerates_progress::ExaggeratesProgress),
        }
    }
}
