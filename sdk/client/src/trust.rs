//! What a client takes for true from the start, and what follows from it: the genesis names the replicas and their
//! keys; a state digest that f+1 of them signed was signed by an honest one.

use crate::error::VerificationError;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use theriac_crypto::bls::BlsKeyError;
use theriac_crypto::{BlsScheme, CertificateScheme, Statement, names};
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{
    Certificate, CertifiedCommitment, ChannelId, Digest, Epoch, Genesis, Height, StateCommitment, StateDigest,
};

/// Heights whose certificates are remembered. A block's receipts share one certificate and arrive close together.
const REMEMBERED_MAX: usize = 1024;

/// A genesis that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A replica's key is wrong.
    #[error("the genesis is no anchor of trust: {0}")]
    Keys(#[from] BlsKeyError),
    /// The number of replicas is not `3f + 2c + 1`.
    #[error("the genesis names {found} replicas; f = {f} and c = {c} need {needed}")]
    Replicas {
        /// Replicas in the genesis.
        found: usize,
        /// Its f.
        f: u16,
        /// Its c.
        c: u16,
        /// 3f + 2c + 1.
        needed: usize,
    },
}

/// The anchor of a light client: one network's genesis. Shared by everything that checks an answer.
#[derive(Debug)]
pub struct Trust {
    channel: ChannelId,
    epoch: Epoch,
    config_digest: Digest,
    faulty_max: usize,
    scheme: BlsScheme,
    genesis: Genesis,
    start: OnceLock<Option<StateCommitment>>,
    remembered: Mutex<BTreeMap<Height, (StateDigest, Certificate)>>,
}

impl Trust {
    /// Checks the genesis' keys and sizes.
    pub fn new(genesis: Genesis) -> Result<Self, TrustError> {
        let (found, f, c) = (genesis.replicas.len(), genesis.f, genesis.c);
        let needed = 3 * usize::from(f) + 2 * usize::from(c) + 1;
        if found != needed || needed > REPLICAS_MAX {
            return Err(TrustError::Replicas { found, f, c, needed });
        }
        let configuration = genesis.configuration();
        Ok(Self {
            channel: genesis.channel.clone(),
            epoch: configuration.epoch,
            config_digest: names::configuration_digest(&configuration),
            faulty_max: usize::from(f),
            scheme: BlsScheme::new(genesis.channel.clone(), &configuration)?,
            genesis,
            start: OnceLock::new(),
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

    /// The epoch whose replicas sign.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What height 0 commits to: nobody signs that, because it follows from the genesis alone. None when the genesis
    /// contradicts itself.
    pub fn start(&self) -> Option<&StateCommitment> {
        let start = || theriac_ledger::genesis_outcome(&self.genesis).ok().map(|outcome| outcome.commitment);
        self.start.get_or_init(start).as_ref()
    }

    /// Checks that f+1 replicas of this network signed this commitment, and that no other commitment of its height was
    /// ever accepted here.
    pub fn check(&self, certified: &CertifiedCommitment) -> Result<(), VerificationError> {
        let commitment = &certified.commitment;
        if commitment.channel != self.channel {
            return Err(VerificationError::Channel {
                found: commitment.channel.clone(),
                expected: self.channel.clone(),
            });
        }
        if commitment.epoch != self.epoch || commitment.config_digest != self.config_digest {
            return Err(VerificationError::Configuration { height: commitment.height });
        }
        let digest = names::state_digest(commitment);
        if self.recall(commitment.height).is_some_and(|known| known == (digest, certified.certificate.clone())) {
            return Ok(());
        }
        let statement = Statement::State { seq: commitment.height.into(), digest };
        self.scheme
            .verify(&statement, &certified.certificate, self.faulty_max + 1)
            .map_err(|cause| VerificationError::Certificate { height: commitment.height, cause })?;
        self.remember(commitment.height, digest, &certified.certificate)
    }

    fn recall(&self, height: Height) -> Option<(StateDigest, Certificate)> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&height).cloned()
    }

    fn remember(
        &self,
        height: Height,
        digest: StateDigest,
        certificate: &Certificate,
    ) -> Result<(), VerificationError> {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, _)) = remembered.get(&height)
            && *known != digest
        {
            return Err(VerificationError::Fork { height, found: digest, known: *known });
        }
        remembered.insert(height, (digest, certificate.clone()));
        while remembered.len() > REMEMBERED_MAX {
            remembered.pop_first();
        }
        Ok(())
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
        assert_eq!(Trust::new(wrong).err(), Some(TrustError::Replicas { found: 4, f: 1, c: 1, needed: 6 }));
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
        assert_eq!(found, Err(VerificationError::Configuration { height: Height(1) }));
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
