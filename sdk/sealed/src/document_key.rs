//! The key of one document.

use crate::{SealedError, random};
use std::fmt;
use zeroize::Zeroizing;

/// The secret that opens one document: 32 random bytes, wiped from memory when dropped, and never shown. Whoever has it
/// reads the document; it leaves a client only wrapped for a reader.
#[derive(Clone)]
pub struct DocumentKey(Zeroizing<[u8; 32]>);

impl DocumentKey {
    /// Draws a key from the operating system's randomness.
    pub fn generate() -> Result<Self, SealedError> {
        random::bytes().map(Self)
    }

    /// Takes 32 bytes that nobody can guess.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret, for keeping it elsewhere.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentKey")
    }
}
