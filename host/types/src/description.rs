//! What a chaincode says of itself: its functions, and the schemas by which people's JSON becomes borsh.

use crate::limits::{CHAINCODE_FUNCTIONS_MAX, SCHEMA_BYTES_MAX};
use crate::{Bytes, ChaincodeName, FunctionName, List};
use borsh::{BorshDeserialize, BorshSerialize};

/// What a chaincode offers. Taken from the chaincode when it is checked, and kept on the ledger with its package.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Description {
    /// The chaincode's own name for itself.
    pub name: ChaincodeName,
    /// Version of the form of the data that it keeps.
    pub state_version: u32,
    /// Ascending by name, each once.
    pub functions: List<FunctionDescription, CHAINCODE_FUNCTIONS_MAX>,
}

/// What a function is, takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FunctionDescription {
    /// Its name.
    pub name: FunctionName,
    /// What it may do.
    pub kind: FunctionKind,
    /// Schema of its argument: borsh's own `BorshSchemaContainer`, in borsh.
    pub argument_schema: Bytes<SCHEMA_BYTES_MAX>,
    /// Schema of its result, in the same form.
    pub result_schema: Bytes<SCHEMA_BYTES_MAX>,
}

/// What a function may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = false)]
pub enum FunctionKind {
    /// Is ordered, and may write.
    Transaction,
    /// Is answered by one peer, and only reads.
    Query,
}
