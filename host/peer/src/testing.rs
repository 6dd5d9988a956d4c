//! Fixed keys and transactions for this crate's tests.

use theriac_crypto::MemberKey;
use theriac_crypto::names::tx_id;
use theriac_types::{Bytes, Creator, Height, List, Nonce, Transaction, TransactionBody};

/// A member's key.
pub fn key(seed: u8) -> MemberKey {
    MemberKey::from_bytes(&[seed; 32]).expect("in range")
}

/// A signed transaction of `org/member` on channel `test`.
pub fn transaction(key: &MemberKey, nonce: u64) -> Transaction {
    let body = TransactionBody {
        channel: "test".parse().expect("a name"),
        creator: Creator { member: "org/member".parse().expect("a name"), key: key.public_key() },
        nonce: Nonce(nonce),
        valid_until: Height(100),
        chaincode: "trace".parse().expect("a name"),
        function: "capture".parse().expect("a name"),
        args: Bytes::default(),
        transient_hash: None,
    };
    let signature = key.sign(tx_id(&body));
    Transaction { body, signature, cosignatures: List::default() }
}
