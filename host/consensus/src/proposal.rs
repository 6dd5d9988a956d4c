//! A block body whose transactions' signatures were checked, with its hash computed once.

use borsh::BorshSerialize;
use borsh::io::{Result, Write};
use std::sync::Arc;
use theriac_crypto::{TransactionError, Verified, names};
use theriac_types::bounded::TooLong;
use theriac_types::{BlockBody, BodyHash, List, Transaction, TxId};

/// A transaction whose signatures were checked, with what batching needs to know of it.
#[derive(Debug, Clone)]
pub struct Admitted {
    id: TxId,
    bytes: usize,
    transaction: Arc<Transaction>,
}

impl Admitted {
    fn new(id: TxId, transaction: Transaction) -> Self {
        let bytes = borsh::object_length(&transaction).expect("counting bytes does not fail");
        Self { id, bytes, transaction: Arc::new(transaction) }
    }

    /// Its id.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// Length of its encoding.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl From<Verified<Transaction>> for Admitted {
    fn from(transaction: Verified<Transaction>) -> Self {
        Self::new(transaction.id(), transaction.into_inner())
    }
}

/// What a slot decides on. Made only from verified transactions; shared, never copied.
#[derive(Debug, PartialEq, Eq)]
pub struct Proposal {
    body: BlockBody,
    hash: BodyHash,
    bytes: usize,
    ids: Vec<TxId>,
}

impl Proposal {
    /// Assembles a body from verified transactions.
    ///
    /// # Errors
    /// When there are more transactions than a block may have.
    pub fn assemble(
        proposed_time_ms: u64,
        transactions: impl IntoIterator<Item = Verified<Transaction>>,
    ) -> std::result::Result<Self, TooLong> {
        let (ids, transactions) = transactions.into_iter().map(|t| (t.id(), t.into_inner())).unzip();
        Self::new(proposed_time_ms, ids, transactions)
    }

    /// Assembles a body from admitted transactions.
    ///
    /// # Errors
    /// When there are more transactions than a block may have.
    pub fn batch(proposed_time_ms: u64, admitted: Vec<Admitted>) -> std::result::Result<Self, TooLong> {
        let parts = admitted.into_iter().map(|a| (a.id, Arc::unwrap_or_clone(a.transaction)));
        let (ids, transactions) = parts.unzip();
        Self::new(proposed_time_ms, ids, transactions)
    }

    fn new(
        proposed_time_ms: u64,
        ids: Vec<TxId>,
        transactions: Vec<Transaction>,
    ) -> std::result::Result<Self, TooLong> {
        let body = BlockBody { proposed_time_ms, transactions: List::new(transactions)? };
        let bytes = borsh::object_length(&body).expect("counting bytes does not fail");
        Ok(Self { hash: names::body_hash(&body), bytes, body, ids })
    }

    /// Checks every signature of a body, one after the other. The edge checks in parallel and calls
    /// [`Proposal::assemble`].
    pub fn check(body: BlockBody) -> std::result::Result<Self, TransactionError> {
        let hash = names::body_hash(&body);
        let time = body.proposed_time_ms;
        let checked = body.transactions.into_vec().into_iter().map(Verified::<Transaction>::check);
        let checked = checked.collect::<std::result::Result<Vec<_>, _>>()?;
        let proposal = Self::assemble(time, checked).expect("the body held as many");
        assert_eq!(proposal.hash, hash, "taking a body apart and together keeps its hash");
        Ok(proposal)
    }

    /// The null block, which a new view proposes where nothing can have been decided.
    pub fn null() -> Self {
        Self::check(BlockBody::null()).expect("without transactions there is nothing to refuse")
    }

    /// The body.
    pub fn body(&self) -> &BlockBody {
        &self.body
    }

    /// Its hash: the identity of a value, whatever the view.
    pub fn hash(&self) -> BodyHash {
        self.hash
    }

    /// Length of the body's encoding.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it is the null block.
    pub fn is_null(&self) -> bool {
        self.body.proposed_time_ms == 0 && self.body.transactions.is_empty()
    }

    /// Ids of its transactions, in order.
    pub fn ids(&self) -> &[TxId] {
        &self.ids
    }

    /// Copies the transaction at a place, which was checked when this was made.
    ///
    /// # Panics
    /// When there is none: callers count along [`Proposal::ids`].
    pub fn admitted(&self, index: usize) -> Admitted {
        Admitted::new(self.ids[index], self.body.transactions[index].clone())
    }
}

/// Encodes as the body alone.
impl BorshSerialize for Proposal {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.body.serialize(writer)
    }
}
