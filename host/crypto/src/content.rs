//! SHA-256 of a stream: what names documents, as anyone's `sha256sum` computes it.

use sha2::Digest as _;
use theriac_types::Digest;

/// Hashes bytes as they come. Without a domain: the digest is the one the world knows the bytes by.
#[derive(Debug, Clone, Default)]
pub struct ContentHasher(sha2::Sha256);

impl ContentHasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything added.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// SHA-256 of bytes that are at hand.
pub fn content_digest(bytes: &[u8]) -> Digest {
    Digest(sha2::Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hash_to_what_the_whole_hashes_to() {
        let mut hasher = ContentHasher::default();
        hasher.update(b"a");
        hasher.update(b"bc");
        assert_eq!(hasher.finish(), content_digest(b"abc"));
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content_digest(b"abc").to_string(), published);
    }
}
