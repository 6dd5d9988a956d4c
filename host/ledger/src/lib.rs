//! What a committed block does: authorise, execute, receipts, writes, roots.
//!
//! [`execute_block`] reads a state and returns a [`BlockOutcome`]; a [`BlockStore`] applies that as a whole. The same
//! block on the same state gives the same outcome everywhere: nothing here knows a clock, a disk, a thread or the
//! protocol that ordered the block. [`evaluate`] asks chaincode without changing anything, [`StateProof`] shows to
//! anyone who trusts a state root what a key's value is.

mod activation;
mod audit;
mod authorise;
mod call;
pub mod chaincode;
mod endorsement;
mod execute;
mod genesis;
mod host;
mod memory;
mod nested;
mod outcome;
mod query;
mod refusal;
mod rehearse;
pub mod replay;
mod state;
mod store;
pub mod system;
mod tables;
pub mod transfer;
pub mod tree;
mod view;

pub use audit::{Inconsistent, audit};
pub use chaincode::{
    Answered, Call, CallContext, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError,
    KeyVersion, Lookup, PackageError, Page, Rejection, Signatory, Subcall,
};
pub use execute::{Decided, execute_block};
pub use genesis::{GenesisError, genesis_outcome};
pub use memory::MemoryState;
pub use outcome::{BlockOutcome, ReplayEntry, Version};
pub use query::{Answer, Query, evaluate};
pub use refusal::ExecuteError;
pub use rehearse::Rehearsal;
pub use state::{ReadError, Scan, ScanRange, StateKey, StateReader, TransactionPlace};
pub use store::{BlockStore, ProvenValue, WriteError, prove_value};
pub use tables::{Tables, TablesCache, TablesError};
pub use tree::{NotProven, StateProof};
