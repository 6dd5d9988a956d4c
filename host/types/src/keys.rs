//! Public keys and signatures of members, as bytes with a suite in front. `theriac-crypto` checks them.

use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use std::str::FromStr;

/// The suite of ECDSA over secp256k1 with sha3-256 and low S: the only one there is.
pub const SUITE_SECP256K1: u8 = 1;

/// A text that is no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a public key is {} hexadecimal digits: a suite byte and a compressed point", PublicKey::LENGTH * 2)]
pub struct InvalidKeyText;

/// A member's public key: the suite byte, then the compressed point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; 34]);

impl PublicKey {
    /// Bytes of a key.
    pub const LENGTH: usize = 34;
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..6].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKeyText;
    fn from_str(text: &str) -> Result<Self, InvalidKeyText> {
        if text.len() != Self::LENGTH * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidKeyText);
        }
        let mut bytes = [0; Self::LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| InvalidKeyText)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidKeyText)?;
        }
        Ok(Self(bytes))
    }
}

/// A member's signature: the suite byte, then `r` and `s`, big-endian, with low `s`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 65]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..5].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
