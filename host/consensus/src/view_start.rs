//! What a view starts with: the same at every replica, because it follows from the view-change messages alone that the
//! new-view names.

use crate::checkpoints::proves_stable;
use crate::message::CommitProof;
use crate::proposal::Proposal;
use crate::quorum::Cluster;
use crate::safe_value::{AcceptedReport, CertificateReport, Claim, Decision, SlotReport, safe_value};
use crate::view_change::{SignedViewChange, SlotKnowledge, ViewChange};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, StableCheckpoint};

/// How a slot begins in a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// It is decided; those who reported so have the body.
    Committed {
        /// The body.
        body: BodyHash,
        /// Why.
        proof: CommitProof,
        /// Who said so.
        reporter: ReplicaId,
    },
    /// The new primary proposes this body, whether it says so or not. The null block has no reporters.
    Propose {
        /// The body.
        body: BodyHash,
        /// Who say that they accepted or certified it: an honest one among them has it.
        reporters: Vec<ReplicaId>,
    },
}

impl Opening {
    /// The only body that the slot can have in this view.
    pub fn body(&self) -> BodyHash {
        match self {
            Self::Committed { body, .. } | Self::Propose { body, .. } => *body,
        }
    }
}

/// The beginning of a view.
#[derive(Debug, Clone)]
pub struct ViewStart {
    /// The highest stable checkpoint that a member proves.
    pub stable: Option<StableCheckpoint>,
    /// Every slot above the checkpoint up to the last one that is not free.
    pub openings: BTreeMap<SeqNum, Opening>,
    /// Slots above this one are free: the primary proposes in them what it likes.
    pub last: SeqNum,
    /// Members whose messages hold a certificate that proves nothing.
    pub liars: BTreeSet<ReplicaId>,
}

/// A certificate in a report, with who sent it.
#[derive(Clone, Copy)]
enum Evidence<'a> {
    Prepared(ReplicaId, &'a Certificate),
    Committed(ReplicaId, &'a CommitProof),
}

impl ViewStart {
    /// Decides every slot from exactly `2f + 2c + 1` messages of distinct senders.
    ///
    /// # Panics
    /// When there are more or fewer.
    pub fn of(cluster: Cluster, scheme: &dyn CertificateScheme, set: &[Arc<SignedViewChange>]) -> Self {
        let members: Vec<&ViewChange> = set.iter().map(|signed| &signed.message).collect();
        let mut liars = BTreeSet::new();
        let stable = highest_checkpoint(cluster, scheme, &members, &mut liars);
        let floor = stable.as_ref().map_or(cluster.base(), |checkpoint| checkpoint.seq);
        let ceiling = floor.saturating_add(cluster.spacing().window());
        let mut reported: BTreeMap<SeqNum, Vec<(ReplicaId, &SlotKnowledge)>> = BTreeMap::new();
        for member in &members {
            for slot in member.slots.iter().filter(|slot| slot.seq > floor && slot.seq <= ceiling) {
                reported.entry(slot.seq).or_default().push((member.sender, slot));
            }
        }
        let null = Proposal::null().hash();
        let decide = |(seq, reports): (SeqNum, Vec<_>)| {
            let opening = open(cluster, scheme, seq, &reports, &mut liars)?;
            Some((seq, opening))
        };
        let mut openings: BTreeMap<SeqNum, Opening> = reported.into_iter().filter_map(decide).collect();
        let last = openings.last_key_value().map_or(floor, |(last, _)| *last);
        for seq in (floor.0 + 1..=last.0).map(SeqNum) {
            openings.entry(seq).or_insert_with(|| Opening::Propose { body: null, reporters: Vec::new() });
        }
        Self { stable, openings, last, liars }
    }
}

/// The highest checkpoint with a certificate that verifies. Slots at and below it need no decision.
fn highest_checkpoint(
    cluster: Cluster,
    scheme: &dyn CertificateScheme,
    members: &[&ViewChange],
    liars: &mut BTreeSet<ReplicaId>,
) -> Option<StableCheckpoint> {
    let mut claims: Vec<_> =
        members.iter().filter_map(|m| m.stable.as_ref().map(|stable| (m.sender, stable))).collect();
    claims.sort_by_key(|(_, stable)| std::cmp::Reverse(stable.seq));
    for (sender, stable) in claims {
        if proves_stable(cluster, scheme, stable) {
            return Some(stable.clone());
        }
        liars.insert(sender);
    }
    None
}

/// Decides a slot that somebody reported on; none when nothing can have been decided in it.
fn open(
    cluster: Cluster,
    scheme: &dyn CertificateScheme,
    seq: SeqNum,
    reported: &[(ReplicaId, &SlotKnowledge)],
    liars: &mut BTreeSet<ReplicaId>,
) -> Option<Opening> {
    let mut reports: Vec<_> = reported.iter().map(|(sender, slot)| report(*sender, slot)).collect();
    reports.resize_with(cluster.view_change(), || SlotReport::NOTHING);
    let caught = RefCell::new(BTreeSet::new());
    let decision = safe_value(cluster, &reports, |claim, report| {
        let (sender, valid) = match (claim, report.certificate) {
            (Claim::Prepared, Evidence::Prepared(sender, certificate)) => {
                let statement = Statement::Prepare { view: report.view, seq, body: report.body };
                (sender, scheme.verify(&statement, certificate, cluster.prepare()).is_ok())
            }
            (Claim::Committed, Evidence::Committed(sender, proof)) => {
                (sender, proof.proves(scheme, cluster, seq, report.body))
            }
            (_, Evidence::Prepared(sender, _) | Evidence::Committed(sender, _)) => (sender, false),
        };
        if !valid {
            caught.borrow_mut().insert(sender);
        }
        valid
    });
    let caught = caught.into_inner();
    let opening = match decision {
        Decision::Null => None,
        Decision::Propose(body) => Some(Opening::Propose { body, reporters: reporters_of(reported, body) }),
        Decision::Committed(body) => {
            // Reports are looked at in this order, and the first proof that holds decided.
            let proofs = reported.iter().filter(|(sender, _)| !caught.contains(sender));
            let mut proofs = proofs.filter_map(|(sender, slot)| slot.committed.as_ref().map(|proof| (*sender, proof)));
            proofs.next().map(|(reporter, (_, proof))| Opening::Committed { body, proof: proof.clone(), reporter })
        }
    };
    liars.extend(caught);
    opening
}

fn report(sender: ReplicaId, slot: &SlotKnowledge) -> SlotReport<BodyHash, Evidence<'_>> {
    SlotReport {
        accepted: slot.accepted.map(|(view, body)| AcceptedReport { view, body }),
        prepared: slot.prepared.as_ref().map(|(view, body, certificate)| CertificateReport {
            view: *view,
            body: *body,
            certificate: Evidence::Prepared(sender, certificate),
        }),
        committed: slot.committed.as_ref().map(|(body, proof)| CertificateReport {
            view: proof.view(),
            body: *body,
            certificate: Evidence::Committed(sender, proof),
        }),
    }
}

fn reporters_of(reported: &[(ReplicaId, &SlotKnowledge)], body: BodyHash) -> Vec<ReplicaId> {
    let has = |slot: &SlotKnowledge| {
        slot.accepted.is_some_and(|(_, accepted)| accepted == body)
            || slot.prepared.as_ref().is_some_and(|(_, prepared, _)| *prepared == body)
    };
    let mut reporters: Vec<_> = reported.iter().filter(|(_, slot)| has(slot)).map(|(sender, _)| *sender).collect();
    // A certificate's signers accepted the body, too, in case that those who report it are lying.
    let certificates = reported.iter().filter_map(|(_, slot)| slot.prepared.as_ref());
    for (_, _, certificate) in certificates.filter(|(_, prepared, _)| *prepared == body) {
        let others = certificate.signers.iter().filter(|signer| !reporters.contains(signer)).collect::<Vec<_>>();
        reporters.extend(others);
    }
    reporters
}
