//! Which checkpoint to fetch: the highest that anybody proves, over the chain of epochs from the one known here.

use super::message::Newest;
use std::collections::BTreeMap;
use theriac_crypto::BlsScheme;
use theriac_crypto::bls::BlsKeyError;
use theriac_ledger::transfer::{AnchorError, check_anchor, check_link};
use theriac_types::{ChannelId, Configuration, Epoch, EpochLink, StableCheckpoint, StateCommitment};

/// An answer that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A link or a checkpoint.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// A configuration that the network signed for has no valid keys; the ledger checks them before.
    #[error(transparent)]
    Keys(#[from] BlsKeyError),
}

/// A checkpoint that is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Its epoch.
    pub epoch: Epoch,
    /// The checkpoint.
    pub checkpoint: StableCheckpoint,
    /// What its digest is made of.
    pub commitment: StateCommitment,
}

/// What is known of epochs, and the best checkpoint so far.
pub struct Checkpoints {
    channel: ChannelId,
    epochs: BTreeMap<Epoch, (Configuration, BlsScheme)>,
    best: Option<Proven>,
}

impl Checkpoints {
    /// Begins with a configuration that is certain.
    ///
    /// # Errors
    /// When its keys are none.
    pub fn new(channel: ChannelId, configuration: Configuration) -> Result<Self, BlsKeyError> {
        let scheme = BlsScheme::new(channel.clone(), &configuration)?;
        let epochs = [(configuration.epoch, (configuration, scheme))].into();
        Ok(Self { channel, epochs, best: None })
    }

    /// The last epoch whose configuration is known.
    pub fn last_epoch(&self) -> Epoch {
        self.epochs.last_key_value().map_or(Epoch(0), |(epoch, _)| *epoch)
    }

    /// The best checkpoint so far.
    pub fn best(&self) -> Option<&Proven> {
        self.best.as_ref()
    }

    /// Takes an answer; gives the links that are new, to be kept.
    ///
    /// # Errors
    /// When something in it proves nothing: whoever gave it is to blame.
    pub fn take(&mut self, newest: Newest) -> Result<Vec<EpochLink>, TrustError> {
        let mut fresh = Vec::new();
        for link in newest.links.into_vec() {
            if self.epochs.contains_key(&link.configuration.epoch) {
                continue;
            }
            let Some((_, (before, scheme))) = self.epochs.last_key_value() else { break };
            check_link(before, scheme, &link)?;
            let scheme = BlsScheme::new(self.channel.clone(), &link.configuration)?;
            self.epochs.insert(link.configuration.epoch, (link.configuration.clone(), scheme));
            fresh.push(link);
        }
        if let Some((epoch, checkpoint, commitment)) = newest.checkpoint {
            // Of an epoch that is over here, or that no link leads to yet.
            let Some((configuration, scheme)) = self.epochs.get(&epoch) else { return Ok(fresh) };
            check_anchor(configuration, scheme, &checkpoint, &commitment)?;
            let better = |best: &Proven| best.checkpoint.seq < checkpoint.seq;
            if self.best.as_ref().is_none_or(better) {
                self.best = Some(Proven { epoch, checkpoint, commitment });
            }
        }
        Ok(fresh)
    }
}
