//! Values whose signatures were checked. The only way to make one is to check it.

use crate::member::{SignatureError, verify_signature};
use crate::names::tx_id;
use std::ops::Deref;
use theriac_types::{MemberId, Transaction, TxId};

/// A transaction with a signature that does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature of {signer} on transaction {id} is wrong: {error}")]
pub struct TransactionError {
    /// The transaction.
    pub id: TxId,
    /// Whose signature it is meant to be.
    pub signer: MemberId,
    /// What is wrong with it.
    pub error: SignatureError,
}

/// A value whose signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    id: TxId,
}

impl Verified<Transaction> {
    /// Checks the creator's signature and every co-signer's, each with the key it names.
    pub fn check(value: Transaction) -> Result<Self, TransactionError> {
        let id = tx_id(&value.body);
        let creator = (&value.body.creator, &value.signature);
        let cosigners = value.cosignatures.iter().map(|c| (&c.signer, &c.signature));
        for (signer, signature) in std::iter::once(creator).chain(cosigners) {
            verify_signature(&signer.key, id, signature).map_err(|error| TransactionError {
                id,
                signer: signer.member.clone(),
                error,
            })?;
        }
        Ok(Self { value, id })
    }

    /// The transaction's id.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// Gives the transaction up.
    pub fn into_inner(self) -> Transaction {
        self.value
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
