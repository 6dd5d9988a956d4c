//! What can go wrong between a client and chaincode `trace`.

use crate::history::HistoryError;
use theriac_client::{CommitError, EvaluateError, ProposalError, ReadError, Rejected};

/// Why a question was not answered, or events were not captured.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A question was refused, or nobody answered it.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A record of the world state could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A transaction could not be signed.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// A history does not hold.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A transaction's outcome is not known.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A transaction was refused.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// An event that says nothing of who did it.
    #[error("event {number} cannot be signed: it names no party and no place by GLN. Name the signer.")]
    NoSigner {
        /// Its place in the document, from 1 on.
        number: usize,
    },
    /// The chaincode answers in another form.
    #[error(
        "the answer of {function} is in another form than this program knows. Bring program and chaincode to one version."
    )]
    Form {
        /// The function.
        function: &'static str,
    },
    /// All events are to take effect or none, and they are more than a peer rehearses.
    #[error(
        "{events} events of {bytes} bytes are more than a peer rehearses, so they cannot take effect all or none. Split \
         the document, or let the other events take effect when one is refused."
    )]
    TooMuchAtOnce {
        /// How many.
        events: usize,
        /// How long they are.
        bytes: usize,
    },
    /// More serial numbers are wanted than there are.
    #[error(
        "there are no {wanted} different serial numbers of {length} characters out of {characters}. Make them longer."
    )]
    SerialsTooShort {
        /// How many are wanted.
        wanted: usize,
        /// How long they are.
        length: usize,
        /// How many characters there are to choose from.
        characters: usize,
    },
    /// The machine has no randomness to give.
    #[error("the machine gave no random numbers: {0}")]
    Randomness(String),
}

impl TraceError {
    /// A stable code.
    pub fn reason(&self) -> &str {
        match self {
            Self::Evaluate(error) => error.reason(),
            Self::Read(error) => error.reason(),
            Self::Proposal(error) => error.reason(),
            Self::History(HistoryError::Form(_)) => "DOSSIER_UNKNOWN",
            Self::History(_) => "DOSSIER_BROKEN",
            Self::Commit(error) => error.reason(),
            Self::Rejected(rejected) => rejected.committed.reason(),
            Self::NoSigner { .. } => "NO_SIGNER",
            Self::Form { .. } => "MALFORMED",
            Self::TooMuchAtOnce { .. } => "CAPTURE_LIMIT",
            Self::SerialsTooShort { .. } => "SERIAL_GUESSABLE",
            Self::Randomness(_) => "INTERNAL",
        }
    }
}
