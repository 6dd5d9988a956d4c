//! Who signs transactions, and with what. A key may live in a file, in a token, or with a person elsewhere.

use std::sync::Arc;
use theriac_crypto::MemberKey;
use theriac_types::{Creator, Signature, TxId};

/// A signer that could not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signer did not sign: {reason}")]
pub struct SignerError {
    /// What it says.
    pub reason: String,
}

/// Signs transaction ids for one member.
pub trait Signer: Send + Sync {
    /// The member, and the public key of its signatures.
    fn creator(&self) -> &Creator;
    /// Signs a transaction id. May wait for hardware or a person.
    fn sign(&self, id: TxId) -> Result<Signature, SignerError>;
}

/// A signer whose key lies in memory.
#[derive(Debug, Clone)]
pub struct KeySigner {
    creator: Creator,
    key: MemberKey,
}

impl KeySigner {
    /// A signer for a member with its key.
    pub fn new(member: theriac_types::MemberId, key: MemberKey) -> Self {
        Self { creator: Creator { member, key: key.public_key() }, key }
    }
}

impl Signer for KeySigner {
    fn creator(&self) -> &Creator {
        &self.creator
    }

    fn sign(&self, id: TxId) -> Result<Signature, SignerError> {
        Ok(self.key.sign(id))
    }
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn creator(&self) -> &Creator {
        (**self).creator()
    }

    fn sign(&self, id: TxId) -> Result<Signature, SignerError> {
        (**self).sign(id)
    }
}
