//! Records of the world state, all proven at one height, for whoever has the genesis and no peer.

use super::verify::{certified, extended, needed};
use super::{DossierError, Part, ProvenRecord};
use crate::error::{Cause, ReadError};
use crate::network::Network;
use crate::state::CertifiedValue;
use crate::trust::Trust;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::names;
use theriac_ledger::StateKey;
use theriac_types::{CertifiedCommitment, Digest, EpochLink, Genesis, Height};

/// Records, and what proves them. Nothing of it is there to be believed: [`ProvenState::verify`] accounts for every
/// byte.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProvenState {
    /// Digest of the genesis.
    pub genesis: Digest,
    /// From the genesis' epoch to the one that signed.
    pub epochs: Vec<EpochLink>,
    /// The height that the records are proven at.
    pub proven: CertifiedCommitment,
    /// The records.
    pub records: Vec<ProvenRecord>,
}

impl ProvenState {
    /// The height that the records are proven at.
    pub fn height(&self) -> Height {
        self.proven.commitment.height
    }

    /// Checks everything in it against a genesis.
    ///
    /// # Errors
    /// Names the first part that does not hold.
    pub fn verify(&self, genesis: &Genesis) -> Result<(), DossierError> {
        let trust = Trust::new(genesis.clone()).map_err(|error| DossierError::part(Part::Genesis, error))?;
        extended(&trust, self.genesis, &self.epochs)?;
        if needed(self.epochs.clone(), &[&self.proven]) != self.epochs {
            return Err(DossierError::part(Part::Epochs, "it leads beyond the epoch of the certified height"));
        }
        certified(&trust, Part::Proven, &self.proven)?;
        self.records.iter().try_for_each(|record| record.check(&self.proven.commitment))
    }
}

impl Network {
    /// Starts to gather records, all at the height of the first.
    pub fn gather(&self) -> Gathering<'_> {
        Gathering { network: self, records: Vec::new(), proven: None }
    }
}

/// Records, all proven at one height: that of the first.
pub struct Gathering<'a> {
    network: &'a Network,
    pub(super) records: Vec<ProvenRecord>,
    pub(super) proven: Option<CertifiedCommitment>,
}

impl Gathering<'_> {
    /// Adds a record and returns its value.
    ///
    /// # Errors
    /// `KEY_UNKNOWN`, and those of every read.
    pub async fn take(&mut self, key: StateKey) -> Result<Vec<u8>, ReadError> {
        let found: CertifiedValue = self.network.state(key.clone(), self.height()).await?;
        if self.proven.is_none() {
            let certificate = found.certificate.clone();
            let certificate = certificate.ok_or_else(|| Cause::request("No height is certified yet."))?;
            self.proven = Some(CertifiedCommitment { commitment: found.commitment.clone(), certificate });
        }
        let missing = || Cause::not_found("KEY_UNKNOWN", format!("The ledger has no record {key:?}."));
        let record = ProvenRecord::of(found).ok_or_else(missing)?;
        let value = record.value.clone();
        self.records.push(record);
        Ok(value)
    }

    /// The height that all records are proven at; none before the first.
    pub fn height(&self) -> Option<Height> {
        self.proven.as_ref().map(|proven| proven.commitment.height)
    }

    /// The records with what proves them; none without a record.
    pub fn finish(self) -> Option<ProvenState> {
        let proven = self.proven?;
        let epochs = needed(self.network.shared.verifier.trust.links(), &[&proven]);
        let genesis = names::genesis_digest(self.network.genesis());
        Some(ProvenState { genesis, epochs, proven, records: self.records })
    }
}
