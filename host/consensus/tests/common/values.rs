//! Transactions and contexts for tests.

use std::sync::Arc;
use theriac_consensus::Proposal;
use theriac_crypto::{MemberKey, Verified, VoteContext, names};
use theriac_types::{Bytes, Creator, Epoch, Height, List, Nonce, Transaction, TransactionBody};

pub fn context() -> VoteContext {
    VoteContext { channel: "test".parse().expect("a name"), epoch: Epoch(0) }
}

/// A signed transaction, another one for each number.
pub fn transaction(number: u64) -> Verified<Transaction> {
    let key = MemberKey::from_bytes(&[7; 32]).expect("in range");
    let body = TransactionBody {
        channel: context().channel,
        creator: Creator { member: "org/member".parse().expect("a name"), key: key.public_key() },
        nonce: Nonce(number),
        valid_until: Height(1_000),
        chaincode: "trace".parse().expect("a name"),
        function: "commission".parse().expect("a name"),
        args: Bytes::default(),
        transient_hash: None,
    };
    let signature = key.sign(names::tx_id(&body));
    Verified::check(Transaction { body, signature, cosignatures: List::default() }).expect("signed just now")
}

/// The time at which a network starts, in milliseconds since 1970.
pub const START_MS: u64 = 1_700_000_000_000;

/// A proposal with one transaction.
pub fn proposal(number: u64) -> Arc<Proposal> {
    proposal_at(START_MS, number)
}

/// A proposal with one transaction and this time.
pub fn proposal_at(proposed_ms: u64, number: u64) -> Arc<Proposal> {
    Arc::new(Proposal::assemble(proposed_ms, [transaction(number)]).expect("one fits"))
}
