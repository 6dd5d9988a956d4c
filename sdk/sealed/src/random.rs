//! Randomness: the operating system's, and nothing that could be seeded.

use crate::SealedError;
use theriac_crypto::MemberKey;
use zeroize::Zeroizing;

/// 32 random bytes, wiped when dropped.
pub(crate) fn bytes() -> Result<Zeroizing<[u8; 32]>, SealedError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| SealedError::Random { reason: error.to_string() })?;
    Ok(bytes)
}

/// A key of the curve that is used once.
pub(crate) fn ephemeral_key() -> Result<MemberKey, SealedError> {
    loop {
        // Almost every 32 bytes are a key; the others are drawn again.
        if let Ok(key) = MemberKey::from_bytes(&*bytes()?) {
            return Ok(key);
        }
    }
}
