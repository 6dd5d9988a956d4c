//! Members' signatures: ECDSA over secp256k1, deterministic, low S, with a suite byte.

use k256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use k256::ecdsa::{Signature as Ecdsa, SigningKey, VerifyingKey};
use std::fmt;
use theriac_types::keys::SUITE_SECP256K1;
use theriac_types::{PublicKey, Signature, TxId};

/// What a compressed point begins with, by the parity of its y (SEC 1, 2.3.3).
const COMPRESSED_EVEN: u8 = 2;
const COMPRESSED_ODD: u8 = 3;

/// A signature or key that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The suite byte names no suite this version knows.
    #[error("signature suite {found} is unknown; this version knows {SUITE_SECP256K1}")]
    UnknownSuite {
        /// The byte found.
        found: u8,
    },
    /// The key is no compressed point of the curve.
    #[error("the public key is not a point of secp256k1")]
    InvalidKey,
    /// The secret is zero or not below the order of the curve.
    #[error("the secret key is out of range")]
    InvalidSecret,
    /// Out of range, with high S, or not by this key over this digest.
    #[error("the signature does not verify")]
    Invalid,
}

/// A member's secret key.
#[derive(Clone)]
pub struct MemberKey(SigningKey);

impl MemberKey {
    /// Takes 32 secret bytes.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, SignatureError> {
        SigningKey::from_slice(secret).map(Self).map_err(|_| SignatureError::InvalidSecret)
    }

    /// The secret, for storing it.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        let point = self.0.verifying_key().to_sec1_point(true);
        let mut bytes = [0; PublicKey::LENGTH];
        bytes[0] = SUITE_SECP256K1;
        bytes[1..].copy_from_slice(point.as_bytes());
        PublicKey(bytes)
    }

    /// The key itself, for the other things this crate does with it.
    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0
    }

    /// Signs a transaction id. The same input gives the same signature.
    ///
    /// # Panics
    /// With negligible probability, when the digest has no valid nonce.
    pub fn sign(&self, id: TxId) -> Signature {
        let signature: Ecdsa = self.0.sign_prehash(&id.0.0).expect("a 32-byte digest can be signed");
        let mut bytes = [0; 65];
        bytes[0] = SUITE_SECP256K1;
        bytes[1..].copy_from_slice(&signature.normalize_s().to_bytes());
        Signature(bytes)
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberKey({:?})", self.public_key())
    }
}

/// Whether the bytes are a key of a known suite.
pub fn check_public_key(key: &PublicKey) -> Result<(), SignatureError> {
    parse_public_key(key).map(|_| ())
}

/// The point behind the bytes.
pub(crate) fn parse_public_key(key: &PublicKey) -> Result<VerifyingKey, SignatureError> {
    if key.0[0] != SUITE_SECP256K1 {
        return Err(SignatureError::UnknownSuite { found: key.0[0] });
    }
    // SEC 1 has a compact form of the same length, in which half of all keys could be written a second time.
    if !matches!(key.0[1], COMPRESSED_EVEN | COMPRESSED_ODD) {
        return Err(SignatureError::InvalidKey);
    }
    VerifyingKey::from_sec1_bytes(&key.0[1..]).map_err(|_| SignatureError::InvalidKey)
}

/// Checks a signature over a transaction id.
pub fn verify_signature(key: &PublicKey, id: TxId, signature: &Signature) -> Result<(), SignatureError> {
    if signature.0[0] != SUITE_SECP256K1 {
        return Err(SignatureError::UnknownSuite { found: signature.0[0] });
    }
    let key = parse_public_key(key)?;
    let signature = Ecdsa::from_slice(&signature.0[1..]).map_err(|_| SignatureError::Invalid)?;
    // A high S is a second signature for the same message: only the low one is canonical.
    if signature.normalize_s() != signature {
        return Err(SignatureError::Invalid);
    }
    key.verify_prehash(&id.0.0, &signature).map_err(|_| SignatureError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::Digest;

    fn key(byte: u8) -> MemberKey {
        MemberKey::from_bytes(&[byte; 32]).expect("in range")
    }

    #[test]
    fn signatures_verify_and_are_deterministic() {
        let id = TxId(Digest([7; 32]));
        let signature = key(1).sign(id);
        assert_eq!(signature, key(1).sign(id));
        assert_eq!(verify_signature(&key(1).public_key(), id, &signature), Ok(()));
        assert_eq!(verify_signature(&key(2).public_key(), id, &signature), Err(SignatureError::Invalid));
        let other = TxId(Digest([8; 32]));
        assert_eq!(verify_signature(&key(1).public_key(), other, &signature), Err(SignatureError::Invalid));
    }

    #[test]
    fn high_s_is_refused() {
        let id = TxId(Digest([7; 32]));
        let low = key(1).sign(id);
        let ecdsa = Ecdsa::from_slice(&low.0[1..]).expect("own signature");
        let (r, s) = ecdsa.split_scalars();
        let high = Ecdsa::from_scalars(*r, -*s).expect("in range");
        let mut bytes = [SUITE_SECP256K1; 65];
        bytes[1..].copy_from_slice(&high.to_bytes());
        assert_eq!(verify_signature(&key(1).public_key(), id, &Signature(bytes)), Err(SignatureError::Invalid));
    }

    #[test]
    fn foreign_suites_and_broken_keys_are_refused() {
        let id = TxId(Digest([7; 32]));
        let mut signature = key(1).sign(id);
        signature.0[0] = 9;
        let public = key(1).public_key();
        assert_eq!(verify_signature(&public, id, &signature), Err(SignatureError::UnknownSuite { found: 9 }));
        assert_eq!(check_public_key(&PublicKey([SUITE_SECP256K1; 34])), Err(SignatureError::InvalidKey));
        let mut compact = public;
        compact.0[1] = 5;
        assert_eq!(check_public_key(&compact), Err(SignatureError::InvalidKey), "one key, one form");
        assert_eq!(MemberKey::from_bytes(&[0; 32]).err(), Some(SignatureError::InvalidSecret));
        assert_eq!(MemberKey::from_bytes(&[0xff; 32]).err(), Some(SignatureError::InvalidSecret));
    }
}
