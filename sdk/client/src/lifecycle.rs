//! Which chaincode is in force, since when, by whose approval: read from proven records.

use crate::description::Description;
use crate::error::{Cause, ReadError};
use crate::identities::Proven;
use crate::network::Network;
use theriac_ledger::system::LIFECYCLE;
use theriac_ledger::system::lifecycle::{
    self, ChaincodeRecord, PackageRecord, PolicyRecord, PolicyVote, Sequence, Step, VersionRecord,
};
use theriac_types::{ChaincodeName, PackageId};

impl Network {
    /// Every chaincode, ascending by name.
    pub async fn chaincodes(&self) -> Result<Vec<Proven<ChaincodeRecord>>, ReadError> {
        let prefix = lifecycle::chaincodes_prefix();
        let found = self.records(prefix).await?;
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// One chaincode, if it was ever proposed.
    pub async fn chaincode(&self, name: &ChaincodeName) -> Result<Option<Proven<ChaincodeRecord>>, ReadError> {
        self.record(lifecycle::chaincode_key(name)).await
    }

    /// One of a chaincode's versions.
    pub async fn chaincode_version(
        &self,
        name: &ChaincodeName,
        sequence: Sequence,
    ) -> Result<Option<Proven<VersionRecord>>, ReadError> {
        self.record(lifecycle::version_key(name, sequence)).await
    }

    /// How a package came to the ledger, if it did.
    pub async fn package(&self, package: &PackageId) -> Result<Option<Proven<PackageRecord>>, ReadError> {
        self.record(lifecycle::package_key(package)).await
    }

    /// Who decides about chaincode.
    pub async fn lifecycle_policy(&self) -> Result<Proven<PolicyRecord>, ReadError> {
        let missing = || Cause::not_found("POLICY_UNKNOWN", "This ledger has no lifecycle policy.".to_owned());
        Ok(self.record(lifecycle::policy_key()).await?.ok_or_else(missing)?)
    }

    /// The lifecycle policies that organisations want instead, ascending by organisation.
    pub async fn lifecycle_policy_votes(&self) -> Result<Vec<Proven<PolicyVote>>, ReadError> {
        let found = self.records(lifecycle::policy_votes_prefix()).await?;
        Ok(found.into_iter().map(|(_, vote)| vote).collect())
    }

    /// Every step of a chaincode's life, oldest first; under `_lifecycle` those of the lifecycle policy.
    pub async fn chaincode_steps(&self, name: &ChaincodeName) -> Result<Vec<Step>, ReadError> {
        let last_step = if name.as_str() == LIFECYCLE {
            self.lifecycle_policy().await?.record.last_step
        } else {
            self.chaincode(name).await?.ok_or_else(|| unknown(name))?.record.last_step
        };
        let mut steps = Vec::new();
        for number in 1..=last_step {
            let step = self.record(lifecycle::step_key(name, number)).await?;
            steps.extend(step.map(|step: Proven<Step>| step.record));
        }
        Ok(steps)
    }

    /// What a chaincode's version says of itself; the version in force when none is named.
    pub async fn describe(&self, name: &ChaincodeName, package: Option<PackageId>) -> Result<Description, ReadError> {
        let package = match package {
            Some(package) => package,
            None => {
                let chaincode = self.chaincode(name).await?.ok_or_else(|| unknown(name))?;
                let active = chaincode.record.active.map(|active| active.package);
                active.ok_or_else(|| {
                    let sentence =
                        format!("Chaincode {name} has no active version. See: theriac chaincode status {name}.");
                    Cause::not_found("VERSION_NOT_ACTIVE", sentence)
                })?
            }
        };
        let found = self.state(lifecycle::description_key(&package), None).await?;
        let bytes = found
            .value
            .ok_or_else(|| Cause::not_found("PACKAGE_UNKNOWN", format!("There is no package {package}.")))?;
        Description::from_bytes(&bytes).map_err(|error| Cause::request(error.to_string()).into())
    }
}

fn unknown(name: &ChaincodeName) -> ReadError {
    Cause::not_found("UNKNOWN_CHAINCODE", format!("There is no chaincode {name}. See: theriac chaincode status."))
        .into()
}
