//! Why a transaction or query came to nothing, and why nothing may be said about it.

use crate::state::ReadError;
use theriac_types::{Height, Outcome};

/// A block that was not executed. The peer stops: it is the peer that failed, not a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// Blocks are executed in order, each once.
    #[error("height {height} cannot be executed after height {head}")]
    NotNext {
        /// The height offered.
        height: Height,
        /// The last height executed.
        head: Height,
    },
    /// The engine could not run chaincode on this machine.
    #[error("chaincode cannot be run here: {reason}")]
    Unavailable {
        /// The engine's own words.
        reason: String,
    },
    /// The state cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The end of a transaction that changes nothing but its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub outcome: Outcome,
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, code: String::new(), message: message.into() }
    }

    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(Outcome::PreconditionFailed, message)
    }

    pub fn policy(message: impl Into<String>) -> Self {
        Self::new(Outcome::PolicyUnsatisfied, message)
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(Outcome::InvalidArgument, message)
    }
}

/// Either of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    Refused(Refusal),
    Failed(ExecuteError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Failed(ExecuteError::Read(error))
    }
}
