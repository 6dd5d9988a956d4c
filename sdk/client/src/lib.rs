//! The client: Gateway → Network → Contract → Proposal → Transaction → Commit.
//!
//! A [`Gateway`] knows peers, a genesis and a signer. Its [`Network`] reads blocks, transactions, state and history; a
//! [`Contract`] evaluates queries and makes [`Proposal`]s; a signed one is handed in and gives a [`Commit`], which
//! waits for the outcome. Every answer is held against the genesis: certificate, Merkle path, channel, configuration,
//! and that it answers the question asked. Who runs a peer of his own may opt out with [`Verification::Off`].
//!
//! Reads come in two kinds, and no third: proven snapshots, never older than what this client has seen, and ordered ones,
//! which are linearizable ([`ordered`]). Trust starts at the genesis and follows the replicas from epoch to epoch
//! ([`epochs`]).
//!
//! Calls always end: within 5 s for a query or read, 15 s for handing in, 60 s for an outcome, unless told otherwise. A
//! peer that does not answer is passed over for the next; one that lies is named in the error. A transaction that was
//! handed in and has no proven outcome is called just that, [`error::OutcomeUnknown`], and never a failure.

pub mod audit;
pub mod commit;
pub mod context;
pub mod contract;
pub mod description;
pub mod difference;
pub mod documents;
pub mod dossier;
pub mod endpoint;
pub mod epochs;
pub mod error;
pub mod follow;
pub mod gateway;
pub mod identities;
pub mod identity_file;
pub mod json;
pub mod lifecycle;
pub mod membership;
pub mod memory;
pub mod network;
pub mod operations;
pub mod ordered;
pub mod packages;
mod pool;
pub mod proposal;
pub mod proven;
pub mod readable;
pub mod readers;
mod rehearse;
pub mod replica_file;
pub mod signer;
pub mod state;
#[cfg(test)]
mod testing;
pub mod transaction_file;
pub mod trust;

pub use audit::{DryRunItem, DryRunStart, DryRunStream, Replay};
pub use commit::{Commit, Committed, Rejected};
pub use context::{Context, ContextError, ContextPeer};
pub use contract::{Contract, Evaluated};
pub use description::{Description, FunctionDescription};
pub use dossier::{Dossier, DossierError, Rules};
pub use endpoint::{Deadlines, PeerAddress, PeerTls};
pub use epochs::EpochLinkError;
pub use error::{
    Cause, CommitError, EvaluateError, OutcomeUnknown, ProposalError, ReadError, Refusal, StreamError, SubmitError,
    VerificationError,
};
pub use follow::{BlockStream, CertifiedEvents, EventFilter, EventStream, Position};
pub use gateway::{Gateway, GatewayError, GatewayOptions};
pub use identities::Proven;
pub use identity_file::{Identity, IdentityFileError};
pub use json::{JsonError, Schema};
pub use membership::Membership;
pub use memory::MemoryError;
pub use network::{ChainInfo, Network};
pub use operations::{Evidence, PeerStatus};
pub use proposal::{Proposal, Request, SignedTransaction};
pub use proven::{CertifiedBlock, CertifiedReceipt, CommitPath, Verification};
pub use readable::Reader;
pub use rehearse::Rehearsed;
pub use replica_file::{ConfigurationFile, ReplicaFile, ReplicaFileError};
pub use signer::{KeySigner, Signer, SignerError};
pub use state::{CertifiedValue, CertifiedVersion, KeyRange, state_key};
pub use theriac_types::FunctionKind;
pub use transaction_file::TransactionFile;
pub use trust::{Trust, TrustError};

/// Documents that are encrypted for named readers before they leave.
pub use theriac_sealed as sealed;

/// What replays and dry runs tell.
pub use theriac_ledger::replay;
/// Keys of the world state, and the arguments and records of the system chaincodes.
pub use theriac_ledger::{StateKey, StateProof, system};
