//! A block body whose transactions' signatures were checked, with its hash computed once.

use borsh::BorshSerialize;
use borsh::io::{Result, Write};
use theriac_crypto::{TransactionError, Verified, names};
use theriac_types::bounded::TooLong;
use theriac_types::{BlockBody, BodyHash, List, Transaction, TxId};

/// What a slot decides on. Made only from verified transactions; shared, never copied.
#[derive(Debug, PartialEq, Eq)]
pub struct Proposal {
    body: BlockBody,
    hash: BodyHash,
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
        let body = BlockBody { proposed_time_ms, transactions: List::new(transactions)? };
        Ok(Self { hash: names::body_hash(&body), body, ids })
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

    /// The body.
    pub fn body(&self) -> &BlockBody {
        &self.body
    }

    /// Its hash: the identity of a value, whatever the view.
    pub fn hash(&self) -> BodyHash {
        self.hash
    }

    /// Ids of its transactions, in order.
    pub fn ids(&self) -> &[TxId] {
        &self.ids
    }
}

/// Encodes as the body alone.
impl BorshSerialize for Proposal {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.body.serialize(writer)
    }
}
