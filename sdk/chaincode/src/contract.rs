//! The form that the [`crate::chaincode`] macro gives a module: a table of functions.

use crate::context::encode;
use crate::{Failure, QueryContext, Refusal, TransactionContext};
use borsh::schema::BorshSchemaContainer;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// A chaincode. Implemented by [`crate::chaincode`].
pub trait Contract {
    /// Says what the chaincode offers.
    fn describe() -> Description;
    /// Runs a transaction function.
    fn invoke(ctx: &mut TransactionContext<'_>, name: &str, argument: &[u8]) -> Result<Vec<u8>, Failure>;
    /// Runs a query function.
    fn query(ctx: &QueryContext<'_>, name: &str, argument: &[u8]) -> Result<Vec<u8>, Failure>;
}

/// What a chaincode offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The chaincode's own name for itself.
    pub name: String,
    /// Version of the form of the data that it keeps.
    pub state_version: u32,
    /// Ascending by name.
    pub functions: Vec<FunctionDescription>,
}

/// What a function is and takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionDescription {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub kind: Kind,
    /// Schema of its argument: a [`BorshSchemaContainer`] in borsh.
    pub argument_schema: Vec<u8>,
    /// Schema of its result, in the same form.
    pub result_schema: Vec<u8>,
}

/// What a function may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Is ordered, and may write.
    Transaction,
    /// Is answered by one peer, and only reads.
    Query,
}

impl FunctionDescription {
    /// Describes a function by the types of its argument and result.
    pub fn new<A: BorshSchema, R: BorshSchema>(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, argument_schema: schema::<A>(), result_schema: schema::<R>() }
    }
}

fn schema<T: BorshSchema>() -> Vec<u8> {
    borsh::to_vec(&BorshSchemaContainer::for_type::<T>()).expect("a schema is small, and memory does not refuse bytes")
}

/// The type that a function gives when it ends well.
pub trait ReturnType {
    /// The type.
    type Value;
}

impl<T> ReturnType for Result<T, Refusal> {
    type Value = T;
}

/// Decodes the argument, calls, and encodes the result.
pub fn call<A, R>(argument: &[u8], function: impl FnOnce(A) -> Result<R, Refusal>) -> Result<Vec<u8>, Failure>
where
    A: BorshDeserialize,
    R: BorshSerialize,
{
    let argument = A::try_from_slice(argument)
        .map_err(|error| Failure::InvalidArgument(format!("The argument does not decode: {error}.")))?;
    Ok(encode(&function(argument)?)?)
}

/// The failure for a name that the function table does not hold.
pub fn unknown(name: &str, kind: Kind, of_this_kind: &[&str], of_the_other: &[&str]) -> Failure {
    let name: String = name.chars().take(64).collect();
    let (wanted, hint) = match kind {
        Kind::Transaction => ("transaction", "It is a query: evaluate it instead of submitting it"),
        Kind::Query => ("query", "It is a transaction: submit it instead of evaluating it"),
    };
    let advice = if of_the_other.contains(&name.as_str()) {
        hint.to_owned()
    } else {
        format!("Use one of: {}", of_this_kind.join(", "))
    };
    Failure::UnknownFunction(format!("No {wanted} {name:?}. {advice}."))
}
