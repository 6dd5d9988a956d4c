//! What chaincode may have computed by its peer: plain hashes and signatures, without the domains of the protocol.

use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use sha3::Digest as _;

/// SHA-256 of some bytes.
pub fn sha2_256(data: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(data).into()
}

/// SHA3-256 of some bytes.
pub fn sha3_256(data: &[u8]) -> [u8; 32] {
    sha3::Sha3_256::digest(data).into()
}

/// Whether an ECDSA signature on secp256k1 (r and s, 64 bytes, s low) is one of a key (compressed, 33 bytes) over a
/// digest of 32 bytes. False for whatever is malformed.
pub fn verify_digest(public_key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    if public_key.len() != 33 || digest.len() != 32 {
        return false;
    }
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(public_key), Signature::from_slice(signature)) else {
        return false;
    };
    signature.normalize_s() == signature && key.verify_prehash(digest, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use k256::ecdsa::SigningKey;
    use k256::ecdsa::signature::hazmat::PrehashSigner;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn hashes_are_those_of_the_standards() {
        assert_eq!(hex(&sha2_256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(&sha3_256(b"abc")), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    }

    #[test]
    fn a_signature_holds_for_its_key_and_digest_in_its_one_form() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let (public, digest) = (key.verifying_key().to_sec1_point(true).as_bytes().to_vec(), sha2_256(b"a pack"));
        let signature: Signature = key.sign_prehash(&digest).unwrap();
        let low = signature.normalize_s();
        assert!(verify_digest(&public, &digest, &low.to_bytes()));
        assert!(!verify_digest(&public, &sha2_256(b"another"), &low.to_bytes()));
        let (r, s) = low.split_scalars();
        let high = Signature::from_scalars(*r, -*s).unwrap();
        assert!(!verify_digest(&public, &digest, &high.to_bytes()), "the other form of the same signature");
        for (public, digest, signature) in [
            (&public[1..], &digest[..], &low.to_bytes()[..]),
            (&public, &digest[1..], &low.to_bytes()),
            (&public, &digest, &[0; 64]),
            (&[], &[], &[]),
        ] {
            assert!(!verify_digest(public, digest, signature));
        }
    }
}
