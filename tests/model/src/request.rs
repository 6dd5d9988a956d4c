//! What a client asks for: the body of an honest primary's proposal.

use theriac_crypto::names::tx_id;
use theriac_crypto::{MemberKey, Verified};
use theriac_types::{Bytes, Creator, Height, List, Nonce, Transaction, TransactionBody};

/// A signed transaction.
pub fn request() -> Verified<Transaction> {
    let key = MemberKey::from_bytes(&[9; 32]).expect("below the curve's order, and not zero");
    let name = "a name in the model";
    let body = TransactionBody {
        channel: "model".parse().expect(name),
        creator: Creator { member: "acme/anna".parse().expect(name), key: key.public_key() },
        nonce: Nonce(1),
        valid_until: Height(100),
        chaincode: "model".parse().expect(name),
        function: "put".parse().expect(name),
        args: Bytes::default(),
        transient_hash: None,
    };
    let signature = key.sign(tx_id(&body));
    let transaction = Transaction { body, signature, cosignatures: List::default() };
    Verified::<Transaction>::check(transaction).expect("signed above")
}
