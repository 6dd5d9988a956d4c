#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{EPOCH_HEIGHTS, TestEpochs, genesis, receipt, transaction};
use crate::trust::Trust;
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_crypto::{merkle, names};
use theriac_ledger::ReadError;
use theriac_ledger::system::lifecycle::{
    Action, Activation, Approval, ChaincodeRecord, PackageRecord, Step, VersionRecord, VersionStatus, chaincode_key,
    package_key, step_key, version_key,
};
use theriac_ledger::tree::{NodeKey, Page, TreeReader, key_hash, prove, update, value_hash};
use theriac_types::{
    Budget, ChaincodeName, Definition, Endorsement, Height, Judge, List, MemberId, PackageId, StateCommitment, Text,
};

const PACKAGE: PackageId = PackageId(Digest([9; 32]));
const JUDGED: u64 = 100;
const PROVEN: u64 = EPOCH_HEIGHTS + 2;

/// A tree in memory.
struct Pages(BTreeMap<NodeKey, Arc<Page>>);

impl TreeReader for Pages {
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        Ok(self.0.get(key).cloned())
    }
}

fn name() -> ChaincodeName {
    "trace".parse().unwrap()
}

fn member(text: &str) -> MemberId {
    text.parse().unwrap()
}

fn version() -> VersionRecord {
    let approval = |text: &str| {
        let approval = Approval { member: member(text), height: Height(5), tx_id: receipt(5, 0).tx_id };
        (member(text).org, approval)
    };
    VersionRecord {
        sequence: 2,
        definition: Definition {
            label: Text::new("1.2").unwrap(),
            package: PACKAGE,
            endorsement: Endorsement::anyone(),
            budget: Budget { gas: 1, host_gas: 1 },
            not_before: Height(0),
            source: Some(Digest([4; 32])),
            notes: Text::new("expiry is checked").unwrap(),
        },
        state_version: 1,
        proposer: member("maker/anna"),
        proposed_at: Height(4),
        tx_id: receipt(4, 0).tx_id,
        approvals: [approval("maker/anna"), approval("pharmacy/berta")].into(),
        status: VersionStatus::Approved,
    }
}

fn step(number: u64, by: &str, action: Action) -> (StateKey, Vec<u8>) {
    let (height, tx_id) = (Height(3 + number), receipt(4, 0).tx_id);
    let step = Step { height, time_ms: 7, member: member(by), tx_id, action, reason: Text::default() };
    entry(step_key(&name(), number), &step)
}

fn entry<T: BorshSerialize>(key: StateKey, value: &T) -> (StateKey, Vec<u8>) {
    (key, encode(value))
}

/// What the ledger holds of the version, in the order in which it is asked for.
fn state() -> Vec<(StateKey, Vec<u8>)> {
    let activation = Activation { sequence: 2, package: PACKAGE, from: Height(6) };
    let chaincode = ChaincodeRecord {
        name: name(),
        last_sequence: 2,
        last_step: 3,
        active: Some(activation),
        pending: None,
        state_version: Some(1),
        frozen: false,
    };
    let package = PackageRecord {
        package: PACKAGE,
        uploader: member("maker/anna"),
        height: Height(3),
        time_ms: 6,
        tx_id: receipt(3, 0).tx_id,
        bytes: 100,
        metering: Digest([8; 32]),
        state_version: 1,
    };
    vec![
        entry(chaincode_key(&name()), &chaincode),
        entry(version_key(&name(), 2), &version()),
        entry(package_key(&PACKAGE), &package),
        step(1, "maker/anna", Action::Proposed { sequence: 2, definition: Digest([5; 32]) }),
        step(2, "pharmacy/berta", Action::Approved(2)),
        step(3, "pharmacy/berta", Action::Activated { activation, migration: None }),
    ]
}

/// A dossier about a transaction of the first epoch, with records of the second.
fn dossier(epochs: &TestEpochs, state: &[(StateKey, Vec<u8>)]) -> Dossier {
    let changes: BTreeMap<_, _> = state.iter().map(|(key, value)| (key_hash(key), Some(value_hash(value)))).collect();
    let tree = update(&Pages(BTreeMap::new()), None, Height(PROVEN), &changes).unwrap();
    let pages = Pages(tree.pages.iter().cloned().collect());
    let record = |(key, value): &(StateKey, Vec<u8>)| {
        let proof = prove(&pages, Height(PROVEN), tree.root, key).unwrap();
        ProvenRecord { key: key.clone(), value: value.clone(), proof }
    };
    let transaction = transaction(1);
    let judges = List::new(vec![Judge { chaincode: name(), sequence: 2, package: PACKAGE }]).unwrap();
    let own = Receipt { tx_id: names::tx_id(&transaction.body), judges, ..receipt(JUDGED, 1) };
    let receipts = [receipt(JUDGED, 0), own.clone(), receipt(JUDGED, 2)];
    let leaves: Vec<_> = receipts.iter().map(merkle::receipt_leaf).collect();
    let judged = StateCommitment { receipts_root: merkle::receipts_root(&leaves), ..epochs.commitment(0, JUDGED) };
    let proven = StateCommitment { state_root: tree.root, ..epochs.commitment(1, PROVEN) };
    Dossier {
        genesis: names::genesis_digest(&genesis()),
        epochs: epochs.links[..1].to_vec(),
        transaction,
        receipt: own,
        path: merkle::prove(&leaves, 1).unwrap(),
        judged: epochs.certify(judged, &[0, 1]),
        proven: epochs.certify(proven, &[1, 2]),
        records: state.iter().map(record).collect(),
    }
}

fn broken(dossier: &Dossier) -> Part {
    match dossier.verify(&genesis()) {
        Err(DossierError::Part { part, .. }) => part,
        other => unreachable!("it must break: {other:?}"),
    }
}

#[test]
fn a_dossier_says_who_brought_the_rules_about() {
    let good = dossier(&TestEpochs::new(1), &state());
    let file = good.to_bytes();
    let rules = Dossier::from_bytes(&file).unwrap().verify(&genesis()).unwrap();
    assert_eq!((rules.proven_at, rules.receipt.height), (Height(PROVEN), Height(JUDGED)));
    let [one] = &rules.versions[..] else { unreachable!("one version: {rules:?}") };
    assert_eq!((one.judge.package, &one.version), (PACKAGE, &version()));
    assert_eq!(one.package.uploader, member("maker/anna"));
    let by: Vec<String> = one.steps.iter().map(|step| step.member.to_string()).collect();
    assert_eq!(by, ["maker/anna", "pharmacy/berta", "pharmacy/berta"]);
}

/// Where the parts are in a file.
fn ranges(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut at = MAGIC.len();
    let range = |_| {
        let length = u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        let part = at..at + 4 + length;
        at = part.end;
        part
    };
    Part::ALL.iter().map(range).collect()
}

/// The parts that may be named when a part is changed: what depends on it, or what it no longer fits.
fn may_be_named(changed: Part, named: Part) -> bool {
    changed == named
        || match changed {
            Part::Receipt => matches!(named, Part::Path | Part::Transaction),
            Part::Path | Part::Epochs | Part::Genesis => false,
            Part::Judged | Part::Proven => matches!(named, Part::Epochs),
            Part::Transaction | Part::Records => false,
        }
}

#[test]
fn every_changed_byte_breaks_a_dossier_and_the_part_is_named() {
    let epochs = TestEpochs::new(1);
    let file = dossier(&epochs, &state()).to_bytes();
    let trust = Trust::new(genesis()).unwrap();
    Dossier::from_bytes(&file).unwrap().verify_with(&trust).unwrap();
    let ranges = ranges(&file);
    assert_eq!(ranges.last().unwrap().end, file.len());
    for position in 0..file.len() {
        let part = ranges.iter().position(|range| range.contains(&position)).map(|index| Part::ALL[index]);
        // Keys are costly to check anew, and links that are known are not looked at again.
        let fresh = part == Some(Part::Epochs);
        if fresh && position % 61 != 0 {
            continue;
        }
        let mut changed = file.clone();
        changed[position] ^= 1 << (position % 8);
        let found = Dossier::from_bytes(&changed)
            .and_then(|dossier| if fresh { dossier.verify(&genesis()) } else { dossier.verify_with(&trust) });
        let of_part = ranges.iter().find(|range| range.contains(&position));
        let in_length = of_part.is_some_and(|range| position < range.start + 4);
        match (part, found) {
            (None, Err(DossierError::Form { .. })) => {}
            (Some(_), Err(_)) if in_length => {}
            (Some(part), Err(DossierError::Part { part: named, .. })) if may_be_named(part, named) => {}
            (part, found) => unreachable!("byte {position} of {part:?}: {found:?}"),
        }
    }
}

#[test]
fn what_is_left_out_or_put_in_is_missed_and_noticed() {
    let epochs = TestEpochs::new(2);
    let good = dossier(&epochs, &state());
    for index in 0..good.records.len() {
        let mut short = good.clone();
        short.records.remove(index);
        assert_eq!(broken(&short), Part::Records, "record {index}");
        let mut long = good.clone();
        long.records.push(good.records[index].clone());
        assert_eq!(broken(&long), Part::Records, "record {index} twice");
    }
    let mut far = good.clone();
    far.epochs.push(epochs.links[1].clone());
    assert_eq!(broken(&far), Part::Epochs, "nothing in it is of that epoch");
    let mut near = good.clone();
    near.epochs.clear();
    assert_eq!(broken(&near), Part::Proven, "nobody knows who signed the later height");
    let mut unsigned = good.clone();
    unsigned.transaction = transaction(2);
    assert_eq!(broken(&unsigned), Part::Transaction);
    let file = good.to_bytes();
    let longer = [&file[..], b"\n"].concat();
    assert!(matches!(Dossier::from_bytes(&longer), Err(DossierError::Form { .. })));
    for length in [0, MAGIC.len() - 1] {
        assert!(matches!(Dossier::from_bytes(&file[..length]), Err(DossierError::Form { .. })), "{length}");
    }
    assert!(matches!(Dossier::from_bytes(&file[..file.len() - 1]), Err(DossierError::Part { .. })));
}

#[test]
fn another_network_and_another_package_are_named() {
    let epochs = TestEpochs::new(1);
    let good = dossier(&epochs, &state());
    let other = theriac_types::Genesis { time_ms: 1, ..genesis() };
    let found = good.verify(&other);
    assert!(matches!(found, Err(DossierError::Part { part: Part::Genesis, .. })), "{found:?}");
    let mut wrong = state();
    let mut version = version();
    version.definition.package = PackageId(Digest([1; 32]));
    wrong[1].1 = encode(&version);
    assert_eq!(broken(&dossier(&epochs, &wrong)), Part::Records, "the receipt names another package");
    let mut early = good.clone();
    early.proven = epochs.certify(epochs.commitment(0, JUDGED - 1), &[0, 1]);
    early.epochs.clear();
    assert_eq!(broken(&early), Part::Proven, "records from before the transaction tell too little");
}
