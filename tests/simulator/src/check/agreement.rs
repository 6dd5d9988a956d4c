//! S1, agreement: no two bodies for one slot can both be committed.
//!
//! Two forms. What replicas did commit is the same everywhere. And stronger, from every vote ever signed: no two
//! bodies of a slot can both gather a commit quorum of honest votes and those of all liars, in whatever views, whether
//! or not anybody has made the certificates yet. The second form finds a broken rule long before a replica acts on it.

use crate::votes::Signers;
use std::collections::BTreeMap;
use theriac_consensus::Cluster;
use theriac_crypto::Statement;
use theriac_types::{BodyHash, ReplicaId, SeqNum, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Path {
    Fast,
    Slow,
}

/// Every honest vote on bodies, and every commit.
#[derive(Debug)]
pub struct Agreement {
    cluster: Cluster,
    liars: usize,
    votes: BTreeMap<(SeqNum, View, Path, BodyHash), Signers>,
    formable: BTreeMap<SeqNum, BodyHash>,
    committed: BTreeMap<SeqNum, (BodyHash, ReplicaId)>,
}

impl Agreement {
    /// Nothing voted yet.
    pub fn new(cluster: Cluster, liars: usize) -> Self {
        let (votes, formable, committed) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { cluster, liars, votes, formable, committed }
    }

    /// An honest replica signed a statement.
    pub fn on_vote(&mut self, replica: ReplicaId, statement: &Statement) -> Result<(), String> {
        let (path, view, seq, body, threshold) = match *statement {
            Statement::Prepare { view, seq, body } => (Path::Fast, view, seq, body, self.cluster.fast_commit()),
            Statement::Commit { view, seq, body } => (Path::Slow, view, seq, body, self.cluster.slow_commit()),
            _ => return Ok(()),
        };
        let voters = self.votes.entry((seq, view, path, body)).or_default();
        voters.insert(replica);
        if voters.count() + self.liars < threshold {
            return Ok(());
        }
        let first = *self.formable.entry(seq).or_insert(body);
        if first == body {
            return Ok(());
        }
        Err(format!("slot {seq}: commit certificates can be made for {first} and for {body} ({path:?} path, {view:?})"))
    }

    /// An honest replica committed a body.
    pub fn on_commit(&mut self, replica: ReplicaId, seq: SeqNum, body: BodyHash) -> Result<(), String> {
        let (first, by) = *self.committed.entry(seq).or_insert((body, replica));
        if first == body {
            return Ok(());
        }
        Err(format!("slot {seq}: replica {by} committed {first}, replica {replica} committed {body}"))
    }
}
