//! Holds a dossier against a genesis, part by part.

use super::rules::{Records, Rules};
use super::{Dossier, DossierError, Part, ProvenRecord};
use crate::trust::Trust;
use theriac_crypto::{Verified, merkle, names};
use theriac_types::{CertifiedCommitment, Digest, EpochLink, Genesis, StateCommitment};

impl Dossier {
    /// Checks everything in it against a genesis, and answers.
    ///
    /// # Errors
    /// Names the first part that does not hold.
    pub fn verify(&self, genesis: &Genesis) -> Result<Rules, DossierError> {
        let trust = Trust::new(genesis.clone()).map_err(|error| DossierError::part(Part::Genesis, error))?;
        self.verify_with(&trust)
    }

    /// The same by what is trusted already.
    pub(super) fn verify_with(&self, trust: &Trust) -> Result<Rules, DossierError> {
        extended(trust, self.genesis, &self.epochs)?;
        self.check_epochs()?;
        certified(trust, Part::Judged, &self.judged)?;
        self.check_receipt()?;
        self.check_transaction()?;
        certified(trust, Part::Proven, &self.proven)?;
        self.check_records()?;
        let mut records = Records::new(&self.records);
        let versions = self.receipt.judges.iter().map(|judge| records.version(judge)).collect::<Result<_, _>>()?;
        records.end()?;
        Ok(Rules {
            transaction: self.transaction.clone(),
            receipt: self.receipt.clone(),
            time_ms: self.judged.commitment.time_ms,
            versions,
            proven_at: self.proven.commitment.height,
            proven_ms: self.proven.commitment.time_ms,
        })
    }

    /// No link but those that the two heights need.
    fn check_epochs(&self) -> Result<(), DossierError> {
        let links = needed(self.epochs.clone(), &[&self.judged, &self.proven]);
        if links == self.epochs {
            return Ok(());
        }
        let sentence = "it leads beyond the epochs of the two certified heights";
        Err(DossierError::part(Part::Epochs, sentence))
    }

    fn check_receipt(&self) -> Result<(), DossierError> {
        let (found, committed) = (self.receipt.height, &self.judged.commitment);
        if found != committed.height {
            let sentence = format!("it is of height {found}, the certified height is {}", committed.height);
            return Err(DossierError::part(Part::Receipt, sentence));
        }
        merkle::verify(&self.path, &self.receipt, committed.receipts_root).map_err(|_| {
            let sentence = "receipt and path do not lead to the receipts root that was certified";
            DossierError::part(Part::Path, sentence)
        })
    }

    fn check_transaction(&self) -> Result<(), DossierError> {
        let (found, named) = (names::tx_id(&self.transaction.body), self.receipt.tx_id);
        if found != named {
            let sentence = format!("its id is {found}, the receipt is that of {named}");
            return Err(DossierError::part(Part::Transaction, sentence));
        }
        Verified::check(self.transaction.clone())
            .map(|_| ())
            .map_err(|error| DossierError::part(Part::Transaction, error))
    }

    fn check_records(&self) -> Result<(), DossierError> {
        let commitment = &self.proven.commitment;
        if commitment.height < self.receipt.height {
            let sentence = format!("it is {}, below the receipt's {}", commitment.height, self.receipt.height);
            return Err(DossierError::part(Part::Proven, sentence));
        }
        self.records.iter().try_for_each(|record| record.check(commitment))
    }
}

impl ProvenRecord {
    /// Refuses a record that is not in the state after a block.
    pub(super) fn check(&self, commitment: &StateCommitment) -> Result<(), DossierError> {
        self.proof.verify(commitment.state_root, &self.key, Some(&self.value)).map_err(|_| {
            let sentence = format!("{:?} is not in the state of height {}", self.key, commitment.height);
            DossierError::part(Part::Records, sentence)
        })
    }
}

/// Trusts the epochs as well, of the same network.
pub(super) fn extended(trust: &Trust, genesis: Digest, epochs: &[EpochLink]) -> Result<(), DossierError> {
    let expected = names::genesis_digest(trust.genesis());
    if genesis != expected {
        let sentence = format!("it is about the network of genesis {genesis}, the genesis here is {expected}");
        return Err(DossierError::part(Part::Genesis, sentence));
    }
    for link in epochs {
        trust.extend(link.clone()).map_err(|error| DossierError::part(Part::Epochs, error))?;
    }
    Ok(())
}

/// The links that lead to the signers of some heights, and to the epoch that any of them names as the next.
pub(super) fn needed(links: Vec<EpochLink>, heights: &[&CertifiedCommitment]) -> Vec<EpochLink> {
    let signed = heights.iter().map(|height| height.commitment.epoch).max().unwrap_or_default();
    let named = |link: &EpochLink| {
        let digest = names::configuration_digest(&link.configuration);
        heights.iter().any(|height| height.commitment.config_digest == digest)
    };
    links.into_iter().filter(|link| link.configuration.epoch <= signed || named(link)).collect()
}

pub(super) fn certified(trust: &Trust, part: Part, certified: &CertifiedCommitment) -> Result<(), DossierError> {
    trust.check(certified).map_err(|error| DossierError::part(part, error))
}
