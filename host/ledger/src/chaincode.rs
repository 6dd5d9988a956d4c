//! What the ledger asks of whoever runs chaincode, and what chaincode may ask of the ledger.
//!
//! Chaincode sees its own namespace, its caller and the block it runs in; no clock, no randomness, no peer.

use crate::system::documents::{DocumentReceipt, DocumentRecord};
use crate::tables::Tables;
use std::sync::Arc;
use theriac_types::{
    Attribute, Budget, ChaincodeName, ChannelId, Description, Digest, FunctionName, Height, MemberId, Migration,
    Outcome, PackageId, Role, TxId,
};

/// Who calls, and where in the chain. The same for every replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// The channel.
    pub channel: ChannelId,
    /// The transaction; for a query, the zero id.
    pub tx_id: TxId,
    /// The block's height; for a query, the height it reads at.
    pub height: Height,
    /// The block's time in milliseconds since 1970.
    pub time_ms: u64,
    /// The chaincode that is called.
    pub chaincode: ChaincodeName,
    /// The chaincodes that wait for it, the one that the transaction calls first; none when it is that one.
    pub callers: Vec<ChaincodeName>,
    /// The transaction's creator, or who asks the query.
    pub caller: Signatory,
    /// Members who signed too, in the transaction's order, each once.
    pub cosigners: Vec<Signatory>,
}

/// A member who signed, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// Who.
    pub member: MemberId,
    /// Roles of its organisation, ascending.
    pub organisation_roles: Vec<Role>,
    /// Roles of its own, ascending.
    pub member_roles: Vec<Role>,
    /// What its organisation says of it, ascending by name.
    pub attributes: Vec<Attribute>,
}

impl Signatory {
    /// A member of which nothing is said.
    pub fn plain(member: MemberId) -> Self {
        Self { member, organisation_roles: Vec::new(), member_roles: Vec::new(), attributes: Vec::new() }
    }
}

/// Whether a call may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// May write and announce; part of a block.
    Transaction,
    /// Reads only; may read the versions of a key.
    Query,
    /// Brings the state into the form of another version. May write; has no argument and no result.
    Migration,
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A function, as a transaction or a query.
    Function {
        /// Its name.
        name: &'a FunctionName,
        /// Its argument, borsh by the chaincode's schema.
        args: &'a [u8],
    },
    /// The migration of the state, in a call of that kind.
    Migrate(Migration),
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Whether it may write.
    pub kind: CallKind,
    /// Whether it is part of a block: every peer makes it.
    pub ordered: bool,
    /// What is called.
    pub entry: Entry<'a>,
    /// Who calls, and where.
    pub context: &'a CallContext,
    /// What it may use.
    pub limits: Budget,
}

/// Why a host call did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A key, value, scan or event is too large, or there are too many: ends the call with `LIMIT_EXCEEDED`.
    #[error("{what}: {found} exceeds the limit of {max}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// What was asked for.
        found: usize,
        /// What is allowed.
        max: usize,
    },
    /// The signers may not do this: ends the call with `POLICY_UNSATISFIED`.
    #[error("{what} {missing}: have them sign this transaction too")]
    Unendorsed {
        /// What needs more signatures.
        what: String,
        /// Whose.
        missing: String,
    },
    /// It reached for what it does not declare, or handed over what cannot be: ends the call with `TRAPPED`.
    #[error("{reason}")]
    Undeclared {
        /// What it did, and what to do about it.
        reason: String,
    },
    /// A chaincode that it called came to an end that ends this call too.
    #[error("{chaincode} {function}: {message}")]
    Callee {
        /// The chaincode that was called.
        chaincode: ChaincodeName,
        /// Its function.
        function: FunctionName,
        /// How that call ended.
        outcome: Outcome,
        /// A sentence, the same on every machine.
        message: String,
    },
    /// A query tried to write, or a transaction to read history: ends the call with `TRAPPED`.
    #[error("{operation} is not allowed in a {kind}")]
    NotAllowed {
        /// What it tried.
        operation: &'static str,
        /// In what.
        kind: &'static str,
    },
    /// The peer could not read its own state. The block is not executed; the peer stops.
    #[error("the world state cannot be read: {reason}")]
    Unreadable {
        /// The storage's own words.
        reason: String,
    },
}

/// A version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersion {
    /// Height of the block that wrote it.
    pub height: Height,
    /// The transaction that wrote it.
    pub tx_id: TxId,
    /// That block's time in milliseconds since 1970.
    pub time_ms: u64,
    /// The value; none when it was deleted.
    pub value: Option<Vec<u8>>,
}

/// A part of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Keys and values, ascending in the order that was asked for.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the next page starts; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// A range of an index.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    /// The prefix of the table's keys.
    pub table: &'a [u8],
    /// The index's name.
    pub index: &'a str,
    /// The first encoded fields.
    pub start: &'a [u8],
    /// Their end, itself left out; empty for none.
    pub end: &'a [u8],
    /// Most entries.
    pub limit: usize,
}

/// A call of another chaincode.
#[derive(Debug, Clone, Copy)]
pub struct Subcall<'a> {
    /// A transaction or a query.
    pub kind: CallKind,
    /// Its name.
    pub chaincode: &'a str,
    /// Its function.
    pub function: &'a str,
    /// The argument, borsh by its schema.
    pub args: &'a [u8],
    /// What it may use, beside what its own definition allows.
    pub limits: Budget,
}

/// A chaincode's own refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its code.
    pub code: String,
    /// Its sentence.
    pub message: String,
}

/// What another chaincode answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Its result, or its refusal: then nothing of what it did is in force.
    pub outcome: Result<Vec<u8>, Rejection>,
    /// What it used.
    pub used: Budget,
}

/// What a running chaincode may ask for. Keys are within its own namespace.
pub trait Host {
    /// The value of a key, with the transaction's own writes in sight.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError>;
    /// Sets a key.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError>;
    /// Removes a key; nothing happens when there is none.
    fn delete(&mut self, key: &[u8]) -> Result<(), HostError>;
    /// Keys from `start` on and below `end`, ascending, at most `limit`, own writes in sight.
    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError>;
    /// Entries of a table in the order of an index, from `start` on and below `end` in terms of the index's fields and
    /// the entry's key; an empty `end` is none. At most `limit`, own writes in sight.
    fn lookup(&mut self, lookup: &Lookup<'_>) -> Result<Page, HostError>;
    /// The value of another chaincode's key, if the package declares to read it.
    fn foreign(&mut self, chaincode: &str, key: &[u8]) -> Result<Option<Vec<u8>>, HostError>;
    /// Sets or removes the policy that a key is changed under.
    fn guard(&mut self, key: &[u8], policy: Option<&str>) -> Result<(), HostError>;
    /// Calls another chaincode within this call. Its refusal is an answer; every other bad end of it ends this call.
    fn call(&mut self, call: &Subcall<'_>) -> Result<Answered, HostError>;
    /// The document that was anchored under a CID.
    fn document(&mut self, cid: &str) -> Result<Option<DocumentRecord>, HostError>;
    /// Who confirmed to have received it, one of each organisation, ascending.
    fn document_receipts(&mut self, cid: &str) -> Result<Vec<DocumentReceipt>, HostError>;
    /// Entries of indexes that this call changed so far, along with keys. They cost what keys cost.
    fn index_changes(&self) -> u64 {
        0
    }
    /// Announces something.
    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError>;
    /// Versions of a key, newest first, at most `limit`. Queries only.
    fn history(&mut self, key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError>;
    /// A key's value after a block. Queries only.
    fn value_at(&mut self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, HostError>;
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// The function returned, borsh by the schema.
    Returned(Vec<u8>),
    /// The chaincode refused.
    Refused {
        /// Its own code.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// No such function, or the argument does not decode.
    InvalidArgument {
        /// A sentence.
        message: String,
    },
    /// Out of gas.
    OutOfGas,
    /// A panic, a bad access, too deep a call stack, a forbidden host call.
    Trapped {
        /// A sentence, the same on every machine.
        message: String,
    },
    /// Memory, result, key, value, scan or event beyond its limit.
    LimitExceeded {
        /// A sentence, the same on every machine.
        message: String,
    },
    /// The peer failed, not the chaincode: nothing may be concluded, the block is not executed.
    Unavailable {
        /// What happened.
        reason: String,
    },
}

/// A call's end and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallResult {
    /// How it ended.
    pub outcome: CallOutcome,
    /// What it used; all that it may use when it broke off.
    pub used: Budget,
}

/// A package that may be deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it says of itself.
    pub description: Description,
    /// Names the cost table by which its calls are metered.
    pub metering: Digest,
}

/// A package that may not be deployed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the package is refused ({code}): {message}")]
pub struct PackageError {
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, and what to do. The same on every machine.
    pub message: String,
}

/// Runs chaincode. Same package, call and host answers give the same result on every machine.
pub trait ChaincodeEngine: Send + Sync {
    /// Checks a module before it may be deployed.
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError>;

    /// Whether this engine can run packages that were uploaded under this metering. One that cannot is no reason to
    /// judge differently from other peers: the ledger then executes nothing.
    fn meters(&self, _metering: &Digest) -> bool {
        true
    }

    /// Says that a package will be called before long, so that it can be made ready meanwhile. Returns at once.
    fn prepare(&self, package: PackageId, module: &[u8]);

    /// Makes a package ready, and returns when it is. What stands in the way is told by its first call.
    fn make_ready(&self, _package: PackageId, _load: &dyn Fn() -> Result<Vec<u8>, HostError>) {}

    /// The tables of a package. Engines that keep packages remember them.
    ///
    /// # Errors
    /// What `read` failed with.
    fn tables(
        &self,
        _package: PackageId,
        read: &dyn Fn() -> Result<Tables, HostError>,
    ) -> Result<Arc<Tables>, HostError> {
        read().map(Arc::new)
    }

    /// Calls in a fresh sandbox. `load` gives the module's bytes when the engine has not compiled it yet;
    /// it fails only when the peer cannot read its own state.
    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult;
}
