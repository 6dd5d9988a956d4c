//! What a peer offers to the chaincode that it runs: the imports of `theriac:chaincode` as a trait.

use crate::Refusal;

/// Who signed the transaction, or asks the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The organisation's name.
    pub organisation: String,
    /// The member's name within it.
    pub member: String,
    /// What the organisation is: names of roles in lower case.
    pub organisation_roles: Vec<String>,
    /// What the member may do beyond that.
    pub member_roles: Vec<String>,
    /// What the organisation says of the member, names with values, ascending by name.
    pub attributes: Vec<(String, String)>,
}

impl Caller {
    /// Whether the organisation or the member has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.organisation_roles.iter().chain(&self.member_roles).any(|own| own == role)
    }

    /// What the organisation says of the member under this name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Where a call stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The transaction's id; zeros in a query.
    pub transaction_id: [u8; 32],
    /// The block being executed; in a query, the block whose state is read.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub block_time_ms: u64,
    /// The chaincode's name on the ledger.
    pub chaincode: String,
    /// The chaincodes that wait for this call, the one that the transaction calls first; none when it is this one.
    pub callers: Vec<String>,
}

/// A part of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Keys with values, ascending in the order that was asked for.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the next page starts; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// An ECDSA signature on the curve secp256k1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The signer's key: compressed, 33 bytes.
    pub public_key: Vec<u8>,
    /// What was signed: a digest of 32 bytes.
    pub digest: Vec<u8>,
    /// r and s, 64 bytes, s in the lower half of its range.
    pub signature: Vec<u8>,
}

/// Who did something to a document, and in which transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The member's organisation.
    pub organisation: String,
    /// The member's name within it.
    pub member: String,
    /// The block.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub block_time_ms: u64,
    /// The transaction.
    pub transaction_id: [u8; 32],
}

/// A document that the ledger names by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the file.
    pub sha2_256: [u8; 32],
    /// Its length in bytes.
    pub size: u64,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// What it is called, without a folder.
    pub file_name: String,
    /// Who anchored it.
    pub anchored: Deed,
}

/// A value that a key had from a height on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The block that set it.
    pub height: u64,
    /// The transaction that set it.
    pub transaction_id: [u8; 32],
    /// That block's time, in milliseconds since 1970.
    pub block_time_ms: u64,
    /// The value; none when it was deleted there.
    pub value: Option<Vec<u8>>,
}

/// A peer, as a chaincode sees it.
///
/// Methods take `&self` because a peer keeps the state, not the chaincode. Calls that exceed [`crate::limits`] do not
/// return. Authors use the contexts, which offer each function only what it may call.
pub trait Host {
    /// Who calls.
    fn caller(&self) -> Caller;
    /// Who signed too, in the order of the signatures, each once.
    fn cosigners(&self) -> Vec<Caller>;
    /// Where the call stands.
    fn position(&self) -> Position;
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// The values of several keys, in their order.
    fn values(&self, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>>;
    /// Keys from `start` up to but not including `end`, ascending, at most `limit` of them.
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Page;
    /// Entries of a table in the order of an index, from `start` on and below `end` in terms of encoded fields; an
    /// empty `end` is none.
    fn lookup(&self, table: &[u8], index: &str, start: &[u8], end: &[u8], limit: u32) -> Page;
    /// The value of another chaincode's key, under a prefix that this one declares to read.
    fn foreign(&self, chaincode: &str, key: &[u8]) -> Option<Vec<u8>>;
    /// Runs another chaincode's transaction function. Transactions only.
    fn call(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal>;
    /// Runs another chaincode's query function, on the state as this call sees it.
    fn ask(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal>;
    /// Sets a key. Transactions only.
    fn put(&self, key: &[u8], value: &[u8]);
    /// Removes a key. Transactions only.
    fn delete(&self, key: &[u8]);
    /// Sets or removes the endorsement policy of a key in a guarded table. Transactions only.
    fn guard(&self, key: &[u8], policy: Option<&str>);
    /// Announces an event. Transactions only.
    fn emit(&self, topic: &str, payload: &[u8]);
    /// A key's versions, newest first, at most `limit` of them. Queries only.
    fn versions(&self, key: &[u8], limit: u32) -> Vec<Version>;
    /// A key's value after a block. Queries only.
    fn value_at(&self, key: &[u8], height: u64) -> Option<Vec<u8>>;
    /// The document that was anchored under a CID.
    fn document(&self, cid: &str) -> Option<Document>;
    /// Who confirmed to have received it: one member of each organisation that did, ascending by organisation.
    fn document_receipts(&self, cid: &str) -> Vec<Deed>;
    /// SHA-256.
    fn sha2_256(&self, data: &[u8]) -> [u8; 32];
    /// SHA3-256.
    fn sha3_256(&self, data: &[u8]) -> [u8; 32];
    /// Which of the signatures hold.
    fn verify_many(&self, items: &[Signed]) -> Vec<bool>;
}
