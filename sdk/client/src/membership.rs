//! Which replicas keep the ledger, and which changes of them are proposed: read from proven records.

use crate::error::ReadError;
use crate::identities::Proven;
use crate::network::Network;
use theriac_ledger::system::membership::{
    Epochs, ProposalRecord, configuration_key, epochs_key, proposal_key, proposals_prefix, proposed_key,
};
use theriac_types::{Configuration, Epoch, Height, ProposedConfiguration};

/// Who keeps the ledger, and who will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The running configuration.
    pub running: Configuration,
    /// The decided one that has not begun.
    pub pending: Option<Configuration>,
    /// The height that this was proven at.
    pub at: Height,
}

impl Network {
    /// Who keeps the ledger now, and who will when that is decided.
    pub async fn membership(&self) -> Result<Membership, ReadError> {
        let epochs: Proven<Epochs> = self.needed(self.record(epochs_key()).await?, "the epochs")?;
        let above = epochs.at.next();
        let running = self.epoch_configuration(epochs.record.at(above).epoch).await?;
        let pending = match epochs.record.pending(above) {
            Some(next) => Some(self.epoch_configuration(next.epoch).await?),
            None => None,
        };
        Ok(Membership { running, pending, at: epochs.at })
    }

    /// The configuration of an epoch, if that was decided: of a past one, the running one, or one to come.
    pub async fn configuration_of(&self, epoch: Epoch) -> Result<Option<Configuration>, ReadError> {
        let found: Option<Proven<Configuration>> = self.record(configuration_key(epoch)).await?;
        Ok(found.map(|found| found.record))
    }

    async fn epoch_configuration(&self, epoch: Epoch) -> Result<Configuration, ReadError> {
        self.needed(self.configuration_of(epoch).await?, "the configuration of a decided epoch")
    }

    /// Every proposed change, oldest first.
    pub async fn configuration_proposals(&self) -> Result<Vec<Proven<ProposalRecord>>, ReadError> {
        let found = self.records(proposals_prefix()).await?;
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// A proposed change, with what it proposes.
    pub async fn configuration_proposal(
        &self,
        number: u64,
    ) -> Result<Option<(Proven<ProposalRecord>, ProposedConfiguration)>, ReadError> {
        let record: Option<Proven<ProposalRecord>> = self.record(proposal_key(number)).await?;
        let proposed: Option<Proven<ProposedConfiguration>> = self.record(proposed_key(number)).await?;
        Ok(record.zip(proposed.map(|proposed| proposed.record)))
    }

    fn needed<T>(&self, found: Option<T>, what: &str) -> Result<T, ReadError> {
        let sentence = || format!("The ledger does not hold {what}: use a client of the network's version.");
        Ok(found.ok_or_else(|| crate::error::Cause::request(sentence()))?)
    }
}
