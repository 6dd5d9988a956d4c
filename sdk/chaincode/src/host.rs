//! What a peer offers to the chaincode that it runs: the imports of `theriac:chaincode` as a trait.

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
}

impl Caller {
    /// Whether the organisation or the member has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.organisation_roles.iter().chain(&self.member_roles).any(|own| own == role)
    }
}

/// Where a call stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The transaction's id; zeros in a query.
    pub transaction_id: [u8; 32],
    /// The block being executed; in a query, the block whose state is read.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub block_time_ms: u64,
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
    /// Where the call stands.
    fn position(&self) -> Position;
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Keys from `start` up to but not including `end`, ascending, at most `limit` of them.
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Vec<(Vec<u8>, Vec<u8>)>;
    /// Sets a key. Transactions only.
    fn put(&self, key: &[u8], value: &[u8]);
    /// Removes a key. Transactions only.
    fn delete(&self, key: &[u8]);
    /// Announces an event. Transactions only.
    fn emit(&self, topic: &str, payload: &[u8]);
    /// A key's versions, newest first, at most `limit` of them. Queries only.
    fn versions(&self, key: &[u8], limit: u32) -> Vec<Version>;
}
