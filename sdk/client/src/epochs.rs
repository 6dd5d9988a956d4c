//! The chain of epochs: how trust in the genesis becomes trust in the replicas of today.
//!
//! Each link is a configuration and the certified commitment of the last height before it: replicas of the epoch that
//! ends signed a digest that names those of the next. Nothing else makes a replica's signature count.

use crate::error::{Cause, VerificationError};
use crate::network::Network;
use crate::pool::Answer;
use crate::proven::decode;
use crate::state::collect;
use theriac_crypto::bls::BlsKeyError;
use theriac_crypto::{BlsScheme, CertificateError, CertificateScheme, Statement, names};
use theriac_proto::ledger::v1::{EpochsRequest, EpochsResponse};
use theriac_types::configuration::replicas_needed;
use theriac_types::limits::{CONFIGURATION_BYTES_MAX, FRAME_BYTES_MAX, REPLICAS_MAX};
use theriac_types::{
    Certificate, CertifiedCommitment, ChannelId, Configuration, Digest, Epoch, EpochLink, Height, StateCommitment,
};

/// A link that does not lead on from what is trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochLinkError {
    /// Not the next epoch.
    #[error("epoch {expected} must come next")]
    NotNext {
        /// The epoch that must come.
        expected: Epoch,
    },
    /// The commitment is of another channel.
    #[error("its commitment is of channel {found}")]
    Channel {
        /// The commitment's.
        found: ChannelId,
    },
    /// The commitment is not of the epoch before.
    #[error("its commitment is of epoch {found}, not of the one before")]
    Signers {
        /// The commitment's epoch.
        found: Epoch,
    },
    /// The configuration does not begin right after the commitment's height, or before the epoch before did.
    #[error("it begins at height {first}, and its commitment is of height {height}")]
    Start {
        /// Where the configuration begins.
        first: Height,
        /// The commitment's height.
        height: Height,
    },
    /// The commitment names another configuration.
    #[error("its commitment names another configuration")]
    OtherConfiguration,
    /// A network of the wrong size.
    #[error("{found} replicas where f = {f} and c = {c} need {needed}")]
    Replicas {
        /// Replicas named.
        found: usize,
        /// Faulty replicas to withstand.
        f: u16,
        /// Slow replicas to tolerate.
        c: u16,
        /// 3f + 2c + 1.
        needed: usize,
    },
    /// A key is wrong, or nobody proves to hold it.
    #[error(transparent)]
    Keys(#[from] BlsKeyError),
    /// Too few replicas of the epoch before signed.
    #[error("its certificate proves nothing: {0}")]
    Certificate(#[from] CertificateError),
    /// The epoch before has signed later heights too: more than f of its replicas are faulty.
    #[error("replicas of the epoch before have signed height {height} too: more than f of them are faulty")]
    Overrun {
        /// The height.
        height: Height,
    },
}

/// The replicas of one epoch, with everything that their signatures are held against.
#[derive(Debug)]
pub(crate) struct KnownEpoch {
    pub(crate) configuration: Configuration,
    pub(crate) digest: Digest,
    scheme: BlsScheme,
}

impl KnownEpoch {
    /// Checks size and keys.
    pub(crate) fn new(channel: &ChannelId, configuration: Configuration) -> Result<Self, EpochLinkError> {
        check_size(&configuration)?;
        let scheme = BlsScheme::new(channel.clone(), &configuration)?;
        Ok(Self { digest: names::configuration_digest(&configuration), configuration, scheme })
    }

    /// Checks that f+1 of these replicas signed a commitment.
    pub(crate) fn verify(
        &self,
        commitment: &StateCommitment,
        certificate: &Certificate,
    ) -> Result<(), CertificateError> {
        let digest = names::state_digest(commitment);
        let statement = Statement::State { seq: commitment.height.into(), digest };
        self.scheme.verify(&statement, certificate, usize::from(self.configuration.f) + 1)
    }

    /// The next epoch, when a link leads to it.
    pub(crate) fn next(&self, channel: &ChannelId, link: &EpochLink) -> Result<Self, EpochLinkError> {
        let (own, next) = (&self.configuration, &link.configuration);
        let CertifiedCommitment { commitment, certificate } = &link.last;
        let expected = Epoch(own.epoch.0.saturating_add(1));
        if next.epoch != expected {
            return Err(EpochLinkError::NotNext { expected });
        }
        if commitment.channel != *channel {
            return Err(EpochLinkError::Channel { found: commitment.channel.clone() });
        }
        if commitment.epoch != own.epoch {
            return Err(EpochLinkError::Signers { found: commitment.epoch });
        }
        if commitment.height < own.first || commitment.height.next() != next.first {
            return Err(EpochLinkError::Start { first: next.first, height: commitment.height });
        }
        check_size(next)?;
        if names::configuration_digest(next) != commitment.config_digest {
            return Err(EpochLinkError::OtherConfiguration);
        }
        // What costs most comes last: nobody makes this client check keys that no replica vouches for.
        self.verify(commitment, certificate)?;
        Self::new(channel, next.clone())
    }
}

fn check_size(configuration: &Configuration) -> Result<(), EpochLinkError> {
    let Configuration { f, c, .. } = *configuration;
    let (found, needed) = (configuration.replicas.len(), replicas_needed(f, c));
    if found == needed && needed <= REPLICAS_MAX {
        return Ok(());
    }
    Err(EpochLinkError::Replicas { found, f, c, needed })
}

fn from_wire(wire: &EpochsResponse) -> Result<EpochLink, VerificationError> {
    // Epoch and first height stand beside what was proposed.
    let configuration = decode("configuration", &wire.configuration, CONFIGURATION_BYTES_MAX + 64)?;
    Ok(EpochLink { configuration, last: decode("commitment", &wire.commitment, FRAME_BYTES_MAX)? })
}

impl Network {
    /// The configuration of the newest epoch that a peer leads to, with the chain checked up to it.
    pub async fn configuration(&self) -> Result<Configuration, Cause> {
        loop {
            let before = self.shared.trust().epoch();
            self.take_over(&self.epochs_after(before).await?)?;
            if self.shared.trust().epoch() == before {
                return Ok(self.shared.trust().configuration());
            }
        }
    }

    /// Follows the chain of epochs up to a wanted one, if any peer leads there.
    pub(crate) async fn follow_epochs(&self, wanted: Epoch) -> Result<(), Cause> {
        for _ in 0..self.shared.pool.len() {
            if self.shared.trust().epoch() >= wanted {
                break;
            }
            // A peer that cannot tell is no reason to fail: what was to be checked then fails by itself.
            if let Ok(answer) = self.epochs_after(self.shared.trust().epoch()).await {
                self.take_over(&answer)?;
            }
            if self.shared.trust().epoch() < wanted {
                self.shared.pool.turn();
            }
        }
        Ok(())
    }

    async fn epochs_after(&self, epoch: Epoch) -> Result<Answer<Vec<EpochsResponse>>, Cause> {
        let request = EpochsRequest { after: epoch.0 };
        self.read(|mut ledger, attempt| async move {
            collect(ledger.epochs(attempt.request(request)).await?.into_inner()).await
        })
        .await
    }

    fn take_over(&self, answer: &Answer<Vec<EpochsResponse>>) -> Result<(), Cause> {
        let extend = |wire| from_wire(wire).and_then(|link| self.shared.trust().extend(link));
        let taken = answer.value.iter().try_for_each(extend);
        self.shared.memory.keep();
        taken.map_err(|error| Cause::Unverified { peer: answer.peer.clone(), error: Box::new(error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EPOCH_HEIGHTS, TestEpochs, commitment, genesis};
    use crate::trust::Trust;
    use theriac_types::limits::FRAME_BYTES_MAX;
    use theriac_types::{ReplicaId, encode};

    fn trust() -> Trust {
        Trust::new(genesis()).expect("four good keys")
    }

    /// Trust after so many links.
    fn after(epochs: &TestEpochs, links: usize) -> Trust {
        let trust = trust();
        epochs.links[..links].iter().for_each(|link| assert_eq!(trust.extend(link.clone()), Ok(())));
        trust
    }

    fn refused(trust: &Trust, link: EpochLink) -> EpochLinkError {
        let epoch = link.configuration.epoch;
        match trust.extend(link) {
            Err(VerificationError::EpochLink { epoch: named, cause }) if named == epoch => cause,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn trust_follows_replacement_after_replacement_until_no_first_replica_is_left() {
        let epochs = TestEpochs::new(4);
        let trust = after(&epochs, 4);
        assert_eq!(trust.epoch(), Epoch(4));
        assert_eq!(trust.links(), epochs.links);
        for epoch in 0..=4 {
            let first = EPOCH_HEIGHTS * u64::from(epoch) + 1;
            for height in [first, first + 5, first + EPOCH_HEIGHTS - 2] {
                let good = epochs.certify(epochs.commitment(epoch, height), &[1, 3]);
                assert_eq!(trust.check(&good), Ok(()), "epoch {epoch}, height {height}");
            }
        }
        assert_eq!(trust.extend(epochs.links[1].clone()), Ok(()), "known already");
    }

    #[test]
    fn every_changed_byte_of_a_link_is_caught() {
        let epochs = TestEpochs::new(2);
        let good = encode(&epochs.links[1]);
        let trust = after(&epochs, 1);
        for position in 0..good.len() {
            let mut changed = good.clone();
            changed[position] ^= 1 << (position % 8);
            let Ok(link) = theriac_types::decode::<EpochLink>(&changed, FRAME_BYTES_MAX) else { continue };
            let found = trust.extend(link);
            assert!(matches!(found, Err(VerificationError::EpochLink { .. })), "byte {position}: {found:?}");
        }
        assert_eq!(trust.extend(epochs.links[1].clone()), Ok(()));
    }

    #[test]
    fn links_left_out_or_in_another_order_are_named() {
        let epochs = TestEpochs::new(3);
        let (first, later) = (EpochLinkError::NotNext { expected: Epoch(1) }, &epochs.links[2]);
        assert_eq!(refused(&trust(), later.clone()), first);
        let skipped = after(&epochs, 1);
        assert_eq!(refused(&skipped, later.clone()), EpochLinkError::NotNext { expected: Epoch(2) });
        // The number alone makes no link.
        let mut renamed = later.clone();
        renamed.configuration.epoch = Epoch(2);
        assert_eq!(refused(&skipped, renamed), EpochLinkError::Signers { found: Epoch(2) });
        assert_eq!(skipped.epoch(), Epoch(1));
    }

    #[test]
    fn a_link_needs_f_plus_1_of_the_replicas_before_it_and_no_others() {
        let epochs = TestEpochs::new(2);
        let trust = after(&epochs, 1);
        let end = epochs.commitment(1, 2 * EPOCH_HEIGHTS);
        let link = |last| EpochLink { last, ..epochs.links[1].clone() };
        let lone = refused(&trust, link(epochs.certify(end.clone(), &[1])));
        let too_few = CertificateError::TooFewSigners { found: 1, needed: 2 };
        assert_eq!(lone, EpochLinkError::Certificate(too_few));
        let own = StateCommitment { epoch: Epoch(2), ..end.clone() };
        let mut own = epochs.certify(own, &[0, 1]);
        own.commitment = end;
        let own = refused(&trust, link(own));
        assert_eq!(own, EpochLinkError::Certificate(CertificateError::Signature), "the new epoch signs for itself");
    }

    #[test]
    fn a_configuration_that_nobody_signed_for_is_refused() {
        let epochs = TestEpochs::new(1);
        let mut bigger = epochs.links[0].clone();
        bigger.configuration.c = 1;
        let cause = EpochLinkError::Replicas { found: 4, f: 1, c: 1, needed: 6 };
        assert_eq!(refused(&trust(), bigger), cause);
        let mut late = epochs.links[0].clone();
        late.configuration.first = Height(EPOCH_HEIGHTS + 2);
        let cause = EpochLinkError::Start { first: Height(EPOCH_HEIGHTS + 2), height: Height(EPOCH_HEIGHTS) };
        assert_eq!(refused(&trust(), late), cause);
        let mut moved = epochs.links[0].clone();
        let mut replicas = moved.configuration.replicas.to_vec();
        replicas.swap(0, 1);
        moved.configuration.replicas = theriac_types::List::new(replicas).expect("four");
        assert_eq!(refused(&trust(), moved), EpochLinkError::OtherConfiguration);
    }

    #[test]
    fn a_replica_that_does_not_prove_to_hold_its_key_is_refused_whoever_signed_for_it() {
        let epochs = TestEpochs::new(1);
        let mut stolen = epochs.links[0].configuration.clone();
        let mut replicas = stolen.replicas.to_vec();
        replicas[2].proof_of_possession = replicas[1].proof_of_possession.clone();
        stolen.replicas = theriac_types::List::new(replicas).expect("four");
        let config_digest = names::configuration_digest(&stolen);
        let end = StateCommitment { config_digest, ..epochs.commitment(0, EPOCH_HEIGHTS) };
        let link = EpochLink { configuration: stolen, last: epochs.certify(end, &[0, 1, 2, 3]) };
        let cause = EpochLinkError::Keys(BlsKeyError::Possession { replica: ReplicaId(2) });
        assert_eq!(refused(&trust(), link), cause);
    }

    #[test]
    fn each_height_is_signed_by_its_own_epoch() {
        let epochs = TestEpochs::new(2);
        let trust = after(&epochs, 1);
        let (early, late) = (EPOCH_HEIGHTS, EPOCH_HEIGHTS + 1);
        // Replicas that were replaced vouch for nothing after their end, the new ones for nothing before their start.
        for (epoch, height) in [(0, late), (1, early)] {
            let found = trust.check(&epochs.certify(epochs.commitment(epoch, height), &[1, 2]));
            assert_eq!(found, Err(VerificationError::Configuration { height: Height(height) }), "{epoch} {height}");
        }
        // The last height of an epoch names the next, and no other height does.
        let unnamed = StateCommitment { config_digest: commitment(1).config_digest, ..epochs.commitment(0, early) };
        let found = trust.check(&epochs.certify(unnamed, &[1, 2]));
        assert_eq!(found, Err(VerificationError::Configuration { height: Height(early) }));
        for (epoch, height) in [(2, 2 * EPOCH_HEIGHTS + 1), (1, 2 * EPOCH_HEIGHTS)] {
            let found = trust.check(&epochs.certify(epochs.commitment(epoch, height), &[1, 2]));
            let missing = VerificationError::UnknownEpoch { height: Height(height), epoch: Epoch(2), known: Epoch(1) };
            assert_eq!(found, Err(missing), "it may be good: the chain has to be followed first");
        }
    }

    #[test]
    fn an_epoch_that_went_on_after_its_end_is_noticed() {
        let epochs = TestEpochs::new(1);
        let trust = trust();
        let beyond = epochs.certify(epochs.commitment(0, EPOCH_HEIGHTS + 3), &[0, 1]);
        assert_eq!(trust.check(&beyond), Ok(()), "nothing speaks against it yet");
        let cause = EpochLinkError::Overrun { height: Height(EPOCH_HEIGHTS + 3) };
        assert_eq!(refused(&trust, epochs.links[0].clone()), cause);
    }
}
