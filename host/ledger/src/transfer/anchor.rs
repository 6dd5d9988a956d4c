//! What a transfer hangs on: a state that a quorum signed, and the configuration that names the quorum.

use theriac_crypto::{CertificateError, CertificateScheme, Statement, names};
use theriac_types::{Configuration, EpochLink, Height, StableCheckpoint, StateCommitment};

/// Something signed that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The commitment is not what was signed, or the link's parts do not belong together.
    #[error("the parts for height {height} do not belong together")]
    Parts {
        /// The height.
        height: Height,
    },
    /// It is of another epoch than the configuration.
    #[error("height {height} is not of epoch {epoch}")]
    Epoch {
        /// The height.
        height: Height,
        /// The configuration's epoch.
        epoch: theriac_types::Epoch,
    },
    /// The signatures.
    #[error("the certificate for height {height}: {error}")]
    Certificate {
        /// The height.
        height: Height,
        /// What is wrong with it.
        error: CertificateError,
    },
}

/// Checks that the checkpoint is certified under a configuration and that the commitment is what it certifies. The
/// scheme has that configuration's keys.
pub fn check_anchor(
    configuration: &Configuration,
    scheme: &dyn CertificateScheme,
    checkpoint: &StableCheckpoint,
    commitment: &StateCommitment,
) -> Result<(), AnchorError> {
    let (height, StableCheckpoint { seq, digest, certificate }) = (commitment.height, checkpoint);
    if height != Height::from(*seq) || names::state_digest(commitment) != *digest {
        return Err(AnchorError::Parts { height });
    }
    check_epoch(configuration, commitment)?;
    let quorum = 2 * usize::from(configuration.f) + usize::from(configuration.c) + 1;
    let statement = Statement::Checkpoint { seq: *seq, digest: *digest };
    scheme.verify(&statement, certificate, quorum).map_err(|error| AnchorError::Certificate { height, error })
}

/// Checks that a link leads from a configuration to the one after it. The scheme has the first one's keys; whether the
/// next one's are keys at all shows when a scheme is made of them.
pub fn check_link(
    configuration: &Configuration,
    scheme: &dyn CertificateScheme,
    link: &EpochLink,
) -> Result<(), AnchorError> {
    let (next, commitment) = (&link.configuration, &link.last.commitment);
    let height = commitment.height;
    let follows = next.epoch == configuration.epoch.next() && next.first.0.checked_sub(1) == Some(height.0);
    if !follows || names::configuration_digest(next) != commitment.config_digest {
        return Err(AnchorError::Parts { height });
    }
    check_epoch(configuration, commitment)?;
    let statement = Statement::State { seq: height.into(), digest: names::state_digest(commitment) };
    let quorum = usize::from(configuration.f) + 1;
    let verdict = scheme.verify(&statement, &link.last.certificate, quorum);
    verdict.map_err(|error| AnchorError::Certificate { height, error })
}

fn check_epoch(configuration: &Configuration, commitment: &StateCommitment) -> Result<(), AnchorError> {
    if commitment.epoch == configuration.epoch && commitment.height >= configuration.first {
        return Ok(());
    }
    Err(AnchorError::Epoch { height: commitment.height, epoch: configuration.epoch })
}
