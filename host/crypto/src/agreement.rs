//! Key agreement between two members' keys: elliptic-curve Diffie-Hellman over secp256k1.
//!
//! What is done with the agreed secret is the caller's business: `theriac-sealed` derives from it the key under which a
//! document's key travels to a reader. Members sign digests and agree with the same key; signing never sees a point of
//! somebody else's choice, and an agreement never gives anything out but a hash of its result.

use crate::member::{MemberKey, SignatureError, parse_public_key};
use k256::ecdh::diffie_hellman;
use std::fmt;
use theriac_types::PublicKey;

/// What two keys agree on: the x-coordinate of the common point, 32 bytes, big-endian. Not uniform: derive keys from it,
/// never use it as one. Wiped from memory when dropped.
pub struct SharedSecret(k256::ecdh::SharedSecret);

impl SharedSecret {
    /// The coordinate.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.raw_secret_bytes().as_ref()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret")
    }
}

impl MemberKey {
    /// What this key and `other` agree on; `other`'s owner computes the same from this key's public half. Fails when
    /// `other` is no point of the curve; a point that is one has the curve's whole order, so none gives the secret away.
    pub fn agree(&self, other: &PublicKey) -> Result<SharedSecret, SignatureError> {
        let other = k256::PublicKey::from(parse_public_key(other)?);
        Ok(SharedSecret(diffie_hellman(self.signing_key().as_nonzero_scalar(), other.as_affine())))
    }
}

/// The point in SEC 1's uncompressed form: 4, then x and y, 32 bytes each, big-endian.
pub fn uncompressed_point(key: &PublicKey) -> Result<[u8; 65], SignatureError> {
    let point = parse_public_key(key)?.to_sec1_point(false);
    Ok(point.as_bytes().try_into().expect("an uncompressed point takes 65 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::keys::SUITE_SECP256K1;

    fn key(byte: u8) -> MemberKey {
        MemberKey::from_bytes(&[byte; 32]).expect("in range")
    }

    #[test]
    fn both_sides_agree_and_nobody_else_does() {
        let secret = key(1).agree(&key(2).public_key()).expect("a point");
        assert_eq!(secret.as_bytes(), key(2).agree(&key(1).public_key()).expect("a point").as_bytes());
        assert_ne!(secret.as_bytes(), key(3).agree(&key(1).public_key()).expect("a point").as_bytes());
        assert_eq!(format!("{secret:?}"), "SharedSecret");
    }

    #[test]
    fn agreeing_with_twice_the_generator_gives_the_double_of_the_own_point() {
        let mut two = [0; 32];
        two[31] = 2;
        let mut one = [0; 32];
        one[31] = 1;
        let generator = MemberKey::from_bytes(&one).expect("in range");
        let double = MemberKey::from_bytes(&two).expect("in range");
        // x of 2G, as SEC 2 implies and every implementation of the curve gives.
        let x = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
        let agreed = generator.agree(&double.public_key()).expect("a point");
        assert_eq!(agreed.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>(), x);
        let uncompressed = uncompressed_point(&double.public_key()).expect("a point");
        assert_eq!((uncompressed[0], &uncompressed[1..33]), (4, &agreed.as_bytes()[..]));
        assert_eq!(&uncompressed[1..33], &double.public_key().0[2..]);
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let with = |sec1: [u8; 33]| {
            let mut bytes = [SUITE_SECP256K1; 34];
            bytes[1..].copy_from_slice(&sec1);
            PublicKey(bytes)
        };
        let at = |tag: u8, x: [u8; 32]| {
            let mut sec1 = [tag; 33];
            sec1[1..].copy_from_slice(&x);
            with(sec1)
        };
        let mut five = [0; 32];
        five[31] = 5;
        // The identity has no compressed form; 5 is the x-coordinate of a point of the twist and of none of the curve.
        for bad in [with([0; 33]), at(2, five), at(3, five), at(2, [0xff; 32]), at(4, [1; 32]), at(5, [1; 32])] {
            assert_eq!(key(1).agree(&bad).err(), Some(SignatureError::InvalidKey), "{bad}");
            assert_eq!(uncompressed_point(&bad).err(), Some(SignatureError::InvalidKey), "{bad}");
        }
        let mut foreign = key(2).public_key();
        foreign.0[0] = 9;
        assert_eq!(key(1).agree(&foreign).err(), Some(SignatureError::UnknownSuite { found: 9 }));
    }
}
