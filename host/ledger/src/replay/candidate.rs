//! A package that is not in force, put in the place of the one that is: in a view of the world state, and nowhere else.

use crate::chaincode::ChaincodeEngine;
use crate::replay::error::ReplayError;
use crate::state::{ReadError, Scan, ScanRange, StateKey, StateReader};
use crate::system::lifecycle::{
    Activation, ChaincodeRecord, MigrationPlan, PackageBytes, VersionRecord, chaincode_key, description_key,
    module_key, version_key,
};
use crate::system::record::read;
use crate::view::View;
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use theriac_crypto::names::package_id;
use theriac_types::{ChaincodeName, Description, Height, Migration, PackageId, encode};

/// Where a candidate's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum CandidateSource {
    /// A package on the ledger.
    Uploaded(PackageId),
    /// These bytes.
    Module(PackageBytes),
}

/// A package to judge past transactions by.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The chaincode in whose place it judges.
    pub chaincode: ChaincodeName,
    /// Its id.
    pub package: PackageId,
    /// What it says of itself.
    pub description: Description,
    module: Vec<u8>,
}

impl Candidate {
    /// Checks a package as a peer does before it takes one.
    ///
    /// # Errors
    /// When the package is unknown or would be refused, or when this peer fails.
    pub fn new(
        state: &dyn StateReader,
        engine: &dyn ChaincodeEngine,
        chaincode: ChaincodeName,
        source: CandidateSource,
    ) -> Result<Self, ReplayError> {
        let head = state.head()?.height;
        if state.get(&chaincode_key(&chaincode), head)?.is_none() {
            return Err(ReplayError::UnknownChaincode { name: chaincode });
        }
        let module = match source {
            CandidateSource::Module(module) => module.to_vec(),
            CandidateSource::Uploaded(package) => {
                state.get(&module_key(&package), head)?.ok_or(ReplayError::UnknownPackage { package })?
            }
        };
        let description = engine.check(&module)?.description;
        Ok(Self { chaincode, package: package_id(&module), module, description })
    }

    /// A view of what a block is executed on, in which this package is the one in force and everything else is as it
    /// was.
    ///
    /// # Errors
    /// When the state is not in the form that this package keeps its data in and it offers no migration, or when this
    /// peer fails.
    pub(crate) fn in_force<'v>(&self, below: &'v dyn View, height: Height) -> Result<InForce<'v>, ReplayError> {
        let key = chaincode_key(&self.chaincode);
        let mut migration = None;
        let mut values = BTreeMap::from([
            (module_key(&self.package), self.module.clone()),
            (description_key(&self.package), encode(&self.description)),
        ]);
        if let Some(mut record) = read::<ChaincodeRecord>(below, &key)?
            && let Some(active) = record.active
            && let Some(mut version) = read::<VersionRecord>(below, &version_key(&self.chaincode, active.sequence))?
        {
            if let Some(from) = record.state_version
                && from != self.description.state_version
            {
                let to = self.description.state_version;
                if !self.description.migrations.contains(&Migration { from, to }) {
                    return Err(ReplayError::NeedsMigration { height, from, to });
                }
                migration = Some(MigrationPlan { migration: Migration { from, to }, package: self.package });
            }
            let sequence = record.last_sequence.saturating_add(1);
            record.active = Some(Activation { sequence, package: self.package, from: Height(0) });
            // Whose signatures are needed, and what may be used, stays as it was.
            (version.sequence, version.definition.package) = (sequence, self.package);
            values.insert(version_key(&self.chaincode, sequence), encode(&version));
            values.insert(key, encode(&record));
        }
        Ok(InForce { below, values, migration })
    }
}

/// A view with some records replaced.
pub(crate) struct InForce<'v> {
    below: &'v dyn View,
    values: BTreeMap<StateKey, Vec<u8>>,
    /// What has to happen to the data before the package can judge anything.
    pub migration: Option<MigrationPlan>,
}

impl View for InForce<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        match self.values.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None => self.below.get(key),
        }
    }

    /// Chaincode scans its own records, none of which is replaced.
    fn scan(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError> {
        self.below.scan(range)
    }
}
