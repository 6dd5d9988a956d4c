//! What a client takes for true from the start, and what follows from it: the genesis names the replicas and their
//! keys; a state digest that f+1 of them signed was signed by an honest one.

use crate::epochs::{EpochLinkError, KnownEpoch};
use crate::error::VerificationError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use theriac_crypto::names;
use theriac_types::{
    Certificate, CertifiedCommitment, ChannelId, Configuration, Digest, Epoch, EpochLink, Genesis, Height,
    StateCommitment, StateDigest,
};

/// Heights whose certificates are remembered. A block's receipts share one certificate and arrive close together.
const REMEMBERED_MAX: usize = 1024;

/// A genesis that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the genesis is no anchor of trust: {0}")]
pub struct TrustError(#[from] pub EpochLinkError);

/// What a light client trusts: one network's genesis, and the epochs that followed from it. Shared by everything that
/// checks an answer.
#[derive(Debug)]
pub struct Trust {
    channel: ChannelId,
    genesis: Genesis,
    start: OnceLock<Option<StateCommitment>>,
    chain: RwLock<Chain>,
    remembered: Mutex<BTreeMap<Height, (Epoch, StateDigest, Certificate)>>,
}

#[derive(Debug)]
struct Chain {
    /// From epoch 0 on, without a gap.
    epochs: Vec<Arc<KnownEpoch>>,
    /// What led from each to the next.
    links: Vec<EpochLink>,
}

impl Trust {
    /// Checks the genesis' keys and sizes.
    pub fn new(genesis: Genesis) -> Result<Self, TrustError> {
        let first = KnownEpoch::new(&genesis.channel, genesis.configuration())?;
        Ok(Self {
            channel: genesis.channel.clone(),
            genesis,
            start: OnceLock::new(),
            chain: RwLock::new(Chain { epochs: vec![Arc::new(first)], links: Vec::new() }),
            remembered: Mutex::default(),
        })
    }

    /// The channel that answers must be about.
    pub fn channel(&self) -> &ChannelId {
        &self.channel
    }

    /// The genesis itself.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The newest epoch known here.
    pub fn epoch(&self) -> Epoch {
        self.configuration().epoch
    }

    /// The configuration of the newest epoch known here.
    pub fn configuration(&self) -> Configuration {
        self.with_chain(|chain| chain.last().configuration.clone())
    }

    /// What led from the genesis to the newest epoch known here.
    pub fn links(&self) -> Vec<EpochLink> {
        self.with_chain(|chain| chain.links.clone())
    }

    /// What height 0 commits to: nobody signs that, because it follows from the genesis alone. None when the genesis
    /// contradicts itself.
    pub fn start(&self) -> Option<&StateCommitment> {
        let start = || theriac_ledger::genesis_outcome(&self.genesis).ok().map(|outcome| outcome.commitment);
        self.start.get_or_init(start).as_ref()
    }

    /// Takes the next epoch over, when the replicas of the one before vouch for it. One that is known changes nothing.
    pub fn extend(&self, link: EpochLink) -> Result<(), VerificationError> {
        let epoch = link.configuration.epoch;
        let broken = |cause| VerificationError::EpochLink { epoch, cause };
        let mut chain = self.chain.write().unwrap_or_else(PoisonError::into_inner);
        let known = usize::try_from(epoch.0).ok().and_then(|index| chain.epochs.get(index));
        if known.is_some_and(|known| epoch.0 > 0 && known.digest == names::configuration_digest(&link.configuration)) {
            return Ok(());
        }
        let next = chain.last().next(&self.channel, &link).map_err(broken)?;
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        // None of an older epoch's signatures may stand above its end.
        let overrun = remembered.range(next.configuration.first..).find(|(_, (signers, ..))| *signers < epoch);
        if let Some((height, _)) = overrun {
            return Err(broken(EpochLinkError::Overrun { height: *height }));
        }
        chain.epochs.push(Arc::new(next));
        chain.links.push(link);
        Ok(())
    }

    /// Checks that f+1 replicas of the commitment's epoch signed it, that this epoch governs its height, and that no
    /// other commitment of its height was ever accepted here.
    pub fn check(&self, certified: &CertifiedCommitment) -> Result<(), VerificationError> {
        let CertifiedCommitment { commitment, certificate } = certified;
        if commitment.channel != self.channel {
            let (found, expected) = (commitment.channel.clone(), self.channel.clone());
            return Err(VerificationError::Channel { found, expected });
        }
        let epoch = self.with_chain(|chain| chain.judge(commitment))?;
        let digest = names::state_digest(commitment);
        let now = (commitment.epoch, digest, certificate.clone());
        if self.recall(commitment.height).is_some_and(|known| known == now) {
            return Ok(());
        }
        epoch
            .verify(commitment, certificate)
            .map_err(|cause| VerificationError::Certificate { height: commitment.height, cause })?;
        self.remember(commitment.height, now)
    }

    fn with_chain<T>(&self, read: impl FnOnce(&Chain) -> T) -> T {
        read(&self.chain.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn recall(&self, height: Height) -> Option<(Epoch, StateDigest, Certificate)> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&height).cloned()
    }

    fn remember(&self, height: Height, now: (Epoch, StateDigest, Certificate)) -> Result<(), VerificationError> {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known, _)) = remembered.get(&height)
            && *known != now.1
        {
            return Err(VerificationError::Fork { height, found: now.1, known: *known });
        }
        remembered.insert(height, now);
        while remembered.len() > REMEMBERED_MAX {
            remembered.pop_first();
        }
        Ok(())
    }
}

impl Chain {
    fn last(&self) -> &Arc<KnownEpoch> {
        self.epochs.last().expect("a chain begins with the genesis and never gets shorter")
    }

    /// The epoch whose replicas must have signed a commitment.
    fn judge(&self, commitment: &StateCommitment) -> Result<Arc<KnownEpoch>, VerificationError> {
        let (height, epoch) = (commitment.height, commitment.epoch);
        let unknown = |epoch| VerificationError::UnknownEpoch { height, epoch, known: self.last().configuration.epoch };
        let index = usize::try_from(epoch.0).map_err(|_| unknown(epoch))?;
        let signers = self.epochs.get(index).ok_or_else(|| unknown(epoch))?;
        let next = self.epochs.get(index + 1);
        let governs =
            height >= signers.configuration.first && next.is_none_or(|next| height < next.configuration.first);
        let names = |digest: Digest| commitment.config_digest == digest;
        match next {
            _ if !governs => Err(VerificationError::Configuration { height }),
            Some(next) if height.next() == next.configuration.first && names(next.digest) => Ok(signers.clone()),
            Some(next) if height.next() == next.configuration.first => Err(VerificationError::Configuration { height }),
            _ if names(signers.digest) => Ok(signers.clone()),
            Some(_) => Err(VerificationError::Configuration { height }),
            // The last height of an epoch names replicas that are not known here yet.
            None => Err(unknown(Epoch(epoch.0.saturating_add(1)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{commitment, genesis, network};
    use theriac_crypto::CertificateError;

    #[test]
    fn a_genesis_of_the_wrong_size_is_no_anchor() {
        let wrong = Genesis { c: 1, ..genesis() };
        let cause = EpochLinkError::Replicas { found: 4, f: 1, c: 1, needed: 6 };
        assert_eq!(Trust::new(wrong).err(), Some(TrustError(cause)));
    }

    #[test]
    fn two_of_four_signers_suffice_and_one_does_not() {
        let network = network();
        let good = network.certify(commitment(1), &[1, 3]);
        assert_eq!(network.trust.check(&good), Ok(()));
        let lone = network.certify(commitment(2), &[2]);
        let cause = CertificateError::TooFewSigners { found: 1, needed: 2 };
        assert_eq!(network.trust.check(&lone), Err(VerificationError::Certificate { height: Height(2), cause }));
    }

    #[test]
    fn foreign_channels_and_configurations_are_refused() {
        let network = network();
        let mut foreign = commitment(1);
        foreign.channel = "other".parse().expect("a name");
        let found = network.trust.check(&network.certify(foreign, &[0, 1]));
        assert!(matches!(found, Err(VerificationError::Channel { .. })), "{found:?}");
        let mut foreign = commitment(1);
        foreign.config_digest = Digest::ZERO;
        let found = network.trust.check(&network.certify(foreign, &[0, 1]));
        let missing = VerificationError::UnknownEpoch { height: Height(1), epoch: Epoch(1), known: Epoch(0) };
        assert_eq!(found, Err(missing), "no epoch that is known here is named like this");
    }

    #[test]
    fn a_remembered_height_still_catches_another_certificate() {
        let network = network();
        let good = network.certify(commitment(1), &[0, 1]);
        assert_eq!(network.trust.check(&good), Ok(()));
        let other_signers = network.certify(commitment(1), &[2, 3]);
        assert_eq!(network.trust.check(&other_signers), Ok(()));
        let mut forged = good;
        forged.certificate.signers = other_signers.certificate.signers;
        assert!(matches!(network.trust.check(&forged), Err(VerificationError::Certificate { .. })));
    }

    #[test]
    fn a_second_state_of_one_height_is_a_fork() {
        let network = network();
        assert_eq!(network.trust.check(&network.certify(commitment(1), &[0, 1])), Ok(()));
        let mut other = commitment(1);
        other.time_ms += 1;
        let found = network.trust.check(&network.certify(other, &[2, 3]));
        assert!(matches!(found, Err(VerificationError::Fork { height: Height(1), .. })), "{found:?}");
    }
}
