//! The form that the [`crate::chaincode`] macro gives a module: a table of functions.

use crate::context::encode;
use crate::event::{ErrorCodes, Event};
use crate::order::put_in_order;
use crate::{Failure, QueryContext, Refusal, TransactionContext};
use borsh::schema::{BorshSchemaContainer, Declaration, Definition};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeMap;

/// A chaincode. Implemented by [`crate::chaincode`].
pub trait Contract {
    /// Says what the chaincode offers.
    fn describe() -> Description;
    /// Runs a transaction function.
    fn invoke(ctx: &mut TransactionContext<'_>, name: &str, argument: &[u8]) -> Result<Vec<u8>, Failure>;
    /// Runs a query function.
    fn query(ctx: &QueryContext<'_>, name: &str, argument: &[u8]) -> Result<Vec<u8>, Failure>;
    /// Brings the state from one version of its form to another.
    fn migrate(ctx: &mut TransactionContext<'_>, from: u32, to: u32) -> Result<(), Failure>;
}

/// What a chaincode offers. In borsh it is what the ledger keeps of a package.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct Description {
    /// The chaincode's own name for itself.
    pub name: String,
    /// Version of the form of the data that it keeps.
    pub state_version: u32,
    /// Ascending by name.
    pub functions: Vec<FunctionDescription>,
    /// Ascending by prefix.
    pub tables: Vec<TableDescription>,
    /// Ascending by topic.
    pub events: Vec<EventDescription>,
    /// Ascending by code.
    pub errors: Vec<ErrorDescription>,
    /// From which to which version of its data it can migrate, ascending.
    pub migrations: Vec<(u32, u32)>,
    /// Prefixes of other chaincodes' keys that it reads, ascending.
    pub reads: Vec<(String, Vec<u8>)>,
}

/// What a function is and takes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize)]
#[borsh(use_discriminant = false)]
pub enum Kind {
    /// Is ordered, and may write.
    Transaction,
    /// Is answered by one peer, and only reads.
    Query,
}

/// Entries of one kind in the state.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct TableDescription {
    /// What authors call it.
    pub name: String,
    /// What all of its keys begin with.
    pub prefix: Vec<u8>,
    /// Schema of the key behind the prefix; empty when keys are bytes.
    pub key_schema: Vec<u8>,
    /// Schema of the values; empty when they are bytes.
    pub value_schema: Vec<u8>,
    /// Ascending by name.
    pub indexes: Vec<IndexDescription>,
    /// Whether entries may carry an endorsement policy of their own.
    pub guarded: bool,
}

/// A second order of a table's entries.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct IndexDescription {
    /// Its name within the table.
    pub name: String,
    /// Paths of fields in the value, in the order that they sort by.
    pub fields: Vec<String>,
}

/// A kind of events.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct EventDescription {
    /// Its topic.
    pub topic: String,
    /// Schema of its payload.
    pub schema: Vec<u8>,
}

/// A kind of refusals.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct ErrorDescription {
    /// Its stable code.
    pub code: String,
    /// What it means and what to do.
    pub meaning: String,
}

impl FunctionDescription {
    /// Describes a function by the types of its argument and result.
    pub fn new<A: BorshSchema, R: BorshSchema>(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, argument_schema: schema::<A>(), result_schema: schema::<R>() }
    }
}

impl EventDescription {
    /// Describes a kind of events by its type.
    pub fn new<E: Event>() -> Self {
        Self { topic: E::TOPIC.to_owned(), schema: schema::<E>() }
    }
}

impl TableDescription {
    /// The whole of the state as bytes: what a chaincode has that declares no tables.
    pub fn everything() -> Self {
        Self {
            name: String::new(),
            prefix: Vec::new(),
            key_schema: Vec::new(),
            value_schema: Vec::new(),
            indexes: Vec::new(),
            guarded: false,
        }
    }
}

impl Description {
    /// Brings what may be declared in any order into the order of the ledger.
    pub fn sorted(mut self) -> Self {
        put_in_order(&mut self.functions, |a, b| a.name < b.name);
        put_in_order(&mut self.tables, |a, b| a.prefix < b.prefix);
        put_in_order(&mut self.events, |a, b| a.topic < b.topic);
        put_in_order(&mut self.errors, |a, b| a.code < b.code);
        // Two types may refuse with one code.
        self.errors.dedup_by(|a, b| a.code == b.code);
        put_in_order(&mut self.migrations, |a, b| a < b);
        put_in_order(&mut self.reads, |a, b| a < b);
        self
    }
}

/// What a type refuses with, as a description names it.
pub fn errors<E: ErrorCodes>() -> impl Iterator<Item = ErrorDescription> {
    let describe =
        |(code, meaning): (&str, &str)| ErrorDescription { code: code.to_owned(), meaning: meaning.to_owned() };
    E::codes().into_iter().map(describe)
}

/// The failure for a migration that the chaincode does not offer.
pub fn no_migration(from: u32, to: u32) -> Failure {
    Failure::UnknownFunction(format!("No migration of the state from version {from} to {to}."))
}

pub(crate) fn schema<T: BorshSchema>() -> Vec<u8> {
    encoded_schema(T::declaration(), T::add_definitions_recursively)
}

/// Not within the generic function: a package would hold it once for each of its types.
#[inline(never)]
fn encoded_schema(declaration: Declaration, add: fn(&mut BTreeMap<Declaration, Definition>)) -> Vec<u8> {
    let mut definitions = BTreeMap::new();
    add(&mut definitions);
    borsh::to_vec(&BorshSchemaContainer::new(declaration, definitions))
        .expect("a schema is small, and memory does not refuse bytes")
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
