//! What a committed block does: authorise, execute, receipts, writes, roots.

pub mod chaincode;

pub use chaincode::{
    Call, CallContext, CallKind, CallOutcome, CallResult, ChaincodeEngine, Host, HostError, PackageError,
};
