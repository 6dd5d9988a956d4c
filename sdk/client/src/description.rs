//! What a chaincode says of itself: its functions, and the schemas that JSON is translated by.

use crate::error::{Cause, VerificationError};
use crate::json::{JsonError, Schema};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{FunctionKind, FunctionName};

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionDescription {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub kind: FunctionKind,
    /// Its argument.
    pub argument: Schema,
    /// Its result.
    pub result: Schema,
}

/// A chaincode's own description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its own name for itself.
    pub name: String,
    /// Version of the form of the data it keeps.
    pub state_version: u32,
    /// Ascending by name.
    pub functions: Vec<FunctionDescription>,
}

impl Description {
    /// Reads what the ledger keeps of a package.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VerificationError> {
        let malformed = |reason: String| VerificationError::Malformed { what: "description", reason };
        let wire: theriac_types::Description =
            theriac_types::decode(bytes, ARGS_BYTES_MAX).map_err(|error| malformed(error.to_string()))?;
        let function = |wire: &theriac_types::FunctionDescription| -> Result<FunctionDescription, JsonError> {
            Ok(FunctionDescription {
                name: wire.name.to_string(),
                kind: wire.kind,
                argument: Schema::from_bytes(&wire.argument_schema)?,
                result: Schema::from_bytes(&wire.result_schema)?,
            })
        };
        let functions = wire.functions.iter().map(function).collect::<Result<Vec<_>, _>>();
        let functions = functions.map_err(|error| malformed(error.to_string()))?;
        Ok(Self { name: wire.name.to_string(), state_version: wire.state_version, functions })
    }

    /// A function by its name.
    pub fn function(&self, name: &FunctionName) -> Result<&FunctionDescription, Cause> {
        self.functions.iter().find(|function| function.name == name.as_str()).ok_or_else(|| {
            let known = self.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join(", ");
            Cause::request(format!("Chaincode {} has no function {name}. It has: {known}.", self.name))
        })
    }
}
