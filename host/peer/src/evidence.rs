//! Misbehaviour of replicas that this peer saw: kept for its operator, bounded, each deed once.
//!
//! Nobody is excluded because of it. Organisations decide who keeps the ledger; this is what they may want to know.

use crate::limits::EVIDENCE_PER_REPLICA_MAX;
use crate::store::Store;
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_consensus::fault::Fault;
use theriac_ledger::ReadError;
use theriac_types::limits::EVIDENCE_BYTES_MAX;
use theriac_types::{Epoch, ReplicaId, SeqNum, View, decode, encode};
use tracing::warn;

/// What a replica did, where, and in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Deed {
    /// A stable name.
    pub kind: String,
    /// The view it did it in, where there is one.
    pub view: Option<View>,
    /// The slot, where there is one.
    pub slot: Option<SeqNum>,
    /// A sentence.
    pub sentence: String,
}

/// A deed as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Seen {
    /// When, by this peer's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The epoch.
    pub epoch: Epoch,
    /// The replica of it.
    pub replica: ReplicaId,
    /// What it did.
    pub deed: Deed,
}

type Name = (Epoch, ReplicaId, String, Option<View>, Option<SeqNum>);

/// What is kept already, by name.
#[derive(Debug, Default)]
struct Names {
    seen: BTreeSet<Name>,
    per_replica: BTreeMap<(Epoch, ReplicaId), usize>,
}

/// Everything seen, in the store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Evidence {
    store: Store,
    names: Arc<Mutex<Names>>,
}

impl Evidence {
    /// Reads what is kept.
    pub fn open(store: Store) -> Result<Self, ReadError> {
        let mut names = Names::default();
        for (_, seen) in read(&store, 0, usize::MAX)? {
            names.add(&seen);
        }
        Ok(Self { store, names: Arc::new(Mutex::new(names)) })
    }

    /// Notes a fault.
    pub fn record(&self, epoch: Epoch, replica: ReplicaId, fault: &Fault) {
        self.note(epoch, replica, deed(fault));
    }

    /// Notes a deed, unless the very same was noted before, or too many of this replica were.
    pub fn note(&self, epoch: Epoch, replica: ReplicaId, deed: Deed) {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        let seen = Seen { time_ms, epoch, replica, deed };
        // Sets only; a note that breaks off half-way loses a record at worst.
        if !self.names.lock().unwrap_or_else(PoisonError::into_inner).add(&seen) {
            return;
        }
        warn!(%epoch, %replica, kind = seen.deed.kind, sentence = seen.deed.sentence, "a replica misbehaves");
        if let Err(error) = self.store.add_evidence(&encode(&seen)) {
            warn!(%error, "cannot keep evidence");
        }
    }

    /// What was seen after the record of this number, with the numbers, oldest first.
    pub fn after(&self, number: u64, limit: usize) -> Result<Vec<(u64, Seen)>, ReadError> {
        read(&self.store, number, limit)
    }

    /// How many records there are.
    pub fn count(&self) -> Result<u64, ReadError> {
        self.store.evidence_count()
    }
}

impl Names {
    /// Adds a deed, and says whether it did.
    fn add(&mut self, Seen { epoch, replica, deed, .. }: &Seen) -> bool {
        let count = self.per_replica.get(&(*epoch, *replica)).copied().unwrap_or_default();
        let name = (*epoch, *replica, deed.kind.clone(), deed.view, deed.slot);
        if count >= EVIDENCE_PER_REPLICA_MAX || !self.seen.insert(name) {
            return false;
        }
        self.per_replica.insert((*epoch, *replica), count + 1);
        true
    }
}

fn read(store: &Store, after: u64, limit: usize) -> Result<Vec<(u64, Seen)>, ReadError> {
    let records = store.evidence(after, limit)?.into_iter();
    let parse = |(number, bytes): (u64, Vec<u8>)| match decode(&bytes, EVIDENCE_BYTES_MAX) {
        Ok(seen) => Ok((number, seen)),
        Err(error) => {
            let what = format!("record {number} of misbehaviour");
            Err(ReadError::Corrupt { what, reason: error.to_string() })
        }
    };
    records.map(parse).collect()
}

/// What a fault is called and says.
pub fn deed(fault: &Fault) -> Deed {
    let (kind, view, slot, sentence) = match fault {
        Fault::Equivocation { view, seq, bodies: [one, other] } => {
            let sentence = format!("as primary it proposed two bodies for one slot, {one} and {other}");
            ("EQUIVOCATION", Some(*view), Some(*seq), sentence)
        }
        Fault::ConflictingVotes { view, seq, bodies: [one, other] } => {
            let sentence = format!("it voted for two bodies in one slot of one view, {one} and {other}");
            ("CONFLICTING_VOTES", Some(*view), Some(*seq), sentence)
        }
        Fault::BrokenPromise { view, promised } => {
            let sentence = format!("it voted in view {view} after it had promised to vote in no view below {promised}");
            ("BROKEN_PROMISE", Some(*view), None, sentence)
        }
        Fault::ConflictingViewChanges { view } => {
            ("CONFLICTING_VIEW_CHANGES", Some(*view), None, "it signed two view-changes for one view".to_owned())
        }
        Fault::InvalidViewChange { view } => {
            let sentence = "it signed a view-change with a certificate that proves nothing, or with impossible claims";
            ("INVALID_VIEW_CHANGE", Some(*view), None, sentence.to_owned())
        }
        Fault::InvalidNewView { view } => {
            ("INVALID_NEW_VIEW", Some(*view), None, "it signed a new-view that no honest primary makes".to_owned())
        }
        Fault::BadTime { view, seq, proposed_ms } => {
            let sentence = format!("as primary it proposed the time {proposed_ms} ms, far from this peer's clock");
            ("BAD_TIME", Some(*view), Some(*seq), sentence)
        }
        Fault::BadShare { seq } => ("BAD_SHARE", None, Some(*seq), "it sent a vote that does not verify".to_owned()),
        Fault::BadCertificate { seq } => {
            ("BAD_CERTIFICATE", None, Some(*seq), "it sent a certificate that does not verify".to_owned())
        }
        Fault::DivergentState { seq, voted, certified } => {
            let sentence = format!("it voted for the state {voted} where {certified} is certified");
            ("DIVERGENT_STATE", None, Some(*seq), sentence)
        }
    };
    Deed { kind: kind.to_owned(), view, slot, sentence }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_types::{BodyHash, Digest};

    fn equivocation(slot: u64) -> Fault {
        let bodies = [1, 2].map(|byte| BodyHash(Digest([byte; 32])));
        Fault::Equivocation { view: View(0), seq: SeqNum(slot), bodies }
    }

    #[test]
    fn a_deed_is_kept_once_and_a_culprit_does_not_fill_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Evidence::open(Store::open(folder.path(), &crate::testing::genesis()).unwrap()).unwrap();
        let (epoch, one, other) = (Epoch(0), ReplicaId(1), ReplicaId(2));
        let many = EVIDENCE_PER_REPLICA_MAX as u64;
        for _ in 0..3 {
            // Opened anew each time: what is kept counts across restarts.
            open().record(epoch, one, &equivocation(7));
        }
        let evidence = open();
        assert_eq!(evidence.count().unwrap(), 1);
        for slot in 0..2 * many {
            evidence.record(epoch, one, &Fault::BadShare { seq: SeqNum(slot) });
        }
        evidence.record(epoch, other, &equivocation(7));
        assert_eq!(evidence.count().unwrap(), many + 1, "another culprit still has room");
        let [(number, seen)] = &evidence.after(many, 10).unwrap()[..] else { unreachable!("one record is left") };
        assert_eq!((*number, seen.replica, seen.deed.kind.as_str()), (many + 1, other, "EQUIVOCATION"));
    }
}
