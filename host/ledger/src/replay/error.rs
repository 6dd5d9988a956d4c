//! Why something past is not executed again.

use crate::chaincode::PackageError;
use crate::refusal::ExecuteError;
use crate::state::ReadError;
use theriac_types::{ChaincodeName, Height, PackageId, TxId};

/// No replay, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// No such transaction is executed here.
    #[error("there is no transaction {id} at this peer")]
    UnknownTransaction {
        /// The transaction.
        id: TxId,
    },
    /// No such block.
    #[error("there is no block {height} at this peer")]
    UnknownBlock {
        /// The height.
        height: Height,
    },
    /// No such chaincode.
    #[error("there is no chaincode {name}: check the name")]
    UnknownChaincode {
        /// The name.
        name: ChaincodeName,
    },
    /// No such package was ever uploaded.
    #[error("there is no package {package} on the ledger: upload it, or send it along")]
    UnknownPackage {
        /// The package.
        package: PackageId,
    },
    /// The package is not one that peers take.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The package keeps its data in another form than the version that was in force.
    #[error(
        "at height {height} the data is of state version {from}, and the package is of {to}: no transaction of that \
         time can be judged by it without a migration"
    )]
    NeedsMigration {
        /// The height.
        height: Height,
        /// The state version in force.
        from: u32,
        /// The package's.
        to: u32,
    },
    /// The package's migration does not come through on what was there.
    #[error(
        "on the state of height {height} the migration from state version {from} to {to} fails ({code}): {message}"
    )]
    MigrationFailed {
        /// The height.
        height: Height,
        /// The state version in force.
        from: u32,
        /// The package's.
        to: u32,
        /// The chaincode's own code, or the outcome's.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// Whoever asked does not wait any longer, or the peer stops.
    #[error("the replay was broken off")]
    Stopped,
    /// The peer itself failed.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

impl From<ReadError> for ReplayError {
    fn from(error: ReadError) -> Self {
        Self::Execute(ExecuteError::Read(error))
    }
}
