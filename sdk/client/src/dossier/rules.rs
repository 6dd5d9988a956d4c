//! The answer: which versions judged, who brought them about, when and why. Read from proven records.

use super::{DossierError, Part, ProvenRecord, STEPS_MAX};
use borsh::BorshDeserialize;
use theriac_ledger::StateKey;
use theriac_ledger::system::lifecycle::{
    ChaincodeRecord, PackageRecord, Step, VersionRecord, chaincode_key, package_key, step_key, version_key,
};
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{Height, Judge, Receipt, Transaction};

/// One version that took part in judging a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// The version, as the receipt names it.
    pub judge: Judge,
    /// Its definition, who proposed it, who approved it.
    pub version: VersionRecord,
    /// Who uploaded its package, and when.
    pub package: PackageRecord,
    /// Every step in its chaincode's life up to the height of the records, oldest first.
    pub steps: Vec<Step>,
}

/// A transaction, what came of it, and the rules that it came of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The transaction.
    pub transaction: Transaction,
    /// Its receipt.
    pub receipt: Receipt,
    /// Time of its block in milliseconds since 1970.
    pub time_ms: u64,
    /// In the order of the receipt: the version called first.
    pub versions: Vec<RuleVersion>,
    /// The height at which all of this was proven.
    pub proven_at: Height,
    /// That height's time in milliseconds since 1970.
    pub proven_ms: u64,
}

/// Where records come from, one after the other: a peer that is asked, or a file.
pub(super) struct Records<'a> {
    left: std::slice::Iter<'a, ProvenRecord>,
}

/// The keys of what is known of a version before its steps are.
pub(super) fn keys(judge: &Judge) -> [StateKey; 3] {
    [chaincode_key(&judge.chaincode), version_key(&judge.chaincode, judge.sequence), package_key(&judge.package)]
}

/// The keys of the steps that a chaincode's record counts.
pub(super) fn step_keys(record: &ChaincodeRecord) -> Result<impl Iterator<Item = StateKey>, String> {
    let (name, last) = (record.name.clone(), record.last_step);
    if last > STEPS_MAX {
        return Err(format!("chaincode {name} has {last} steps, more than the {STEPS_MAX} that a dossier holds"));
    }
    Ok((1..=last).map(move |number| step_key(&name, number)))
}

impl<'a> Records<'a> {
    pub fn new(records: &'a [ProvenRecord]) -> Self {
        Self { left: records.iter() }
    }

    /// The next record, which must be this one.
    fn next<T: BorshDeserialize>(&mut self, key: &StateKey) -> Result<T, DossierError> {
        let wrong = |reason: String| DossierError::part(Part::Records, reason);
        let record = self.left.next().ok_or_else(|| wrong(format!("{key:?} is missing")))?;
        if record.key != *key {
            return Err(wrong(format!("{:?} stands where {key:?} is needed", record.key)));
        }
        theriac_types::decode(&record.value, SYSTEM_VALUE_BYTES_MAX)
            .map_err(|error| wrong(format!("{key:?} does not decode: {error}")))
    }

    /// What is known of a version.
    pub fn version(&mut self, judge: &Judge) -> Result<RuleVersion, DossierError> {
        let wrong = |reason: String| DossierError::part(Part::Records, reason);
        let [chaincode, version, package] = keys(judge);
        let chaincode: ChaincodeRecord = self.next(&chaincode)?;
        let version: VersionRecord = self.next(&version)?;
        let package: PackageRecord = self.next(&package)?;
        if version.definition.package != judge.package || package.package != judge.package {
            let sentence = format!(
                "version {} of {} is not the package that the receipt names, {}",
                judge.sequence, judge.chaincode, judge.package
            );
            return Err(wrong(sentence));
        }
        let steps = step_keys(&chaincode).map_err(wrong)?;
        let steps = steps.map(|key| self.next(&key)).collect::<Result<_, _>>()?;
        Ok(RuleVersion { judge: judge.clone(), version, package, steps })
    }

    /// Nothing may be left over.
    pub fn end(mut self) -> Result<(), DossierError> {
        match self.left.next() {
            None => Ok(()),
            Some(record) => {
                Err(DossierError::part(Part::Records, format!("{:?} answers nothing that is asked", record.key)))
            }
        }
    }
}
