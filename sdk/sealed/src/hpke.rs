//! Encrypting one short secret for the owner of a key: HPKE (RFC 9180) in its base mode, one message per exchange.
//!
//! DHKEM(secp256k1, HKDF-SHA256), registered as 0x0016, with HKDF-SHA256 (0x0001) and AES-256-GCM (0x0002). Names are the
//! RFC's own, sections 4.1 and 5.1.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use theriac_crypto::{MemberKey, SignatureError, uncompressed_point};
use theriac_types::PublicKey;
use zeroize::Zeroizing;

const KEM: &[u8] = b"KEM\x00\x16";
const HPKE: &[u8] = b"HPKE\x00\x16\x00\x01\x00\x02";
const MODE_BASE: u8 = 0;

/// The key and nonce of the one message.
struct Context {
    key: Zeroizing<[u8; 32]>,
    base_nonce: [u8; 12],
}

/// Encrypts `plain` for the owner of `reader` with a key that is used for nothing else.
pub(crate) fn seal(
    ephemeral: &MemberKey,
    reader: &PublicKey,
    info: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, SignatureError> {
    let shared_secret = extract_and_expand(ephemeral, reader, &ephemeral.public_key(), reader)?;
    let context = key_schedule(&shared_secret, info);
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*context.key));
    Ok(cipher.encrypt(&Nonce::from(context.base_nonce), plain).expect("a short secret can be encrypted"))
}

/// Decrypts what was encrypted for this key; none when it was not.
pub(crate) fn open(
    reader: &MemberKey,
    ephemeral: &PublicKey,
    info: &[u8],
    sealed: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, SignatureError> {
    let shared_secret = extract_and_expand(reader, ephemeral, ephemeral, &reader.public_key())?;
    let context = key_schedule(&shared_secret, info);
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*context.key));
    Ok(cipher.decrypt(&Nonce::from(context.base_nonce), sealed).ok().map(Zeroizing::new))
}

/// The KEM's shared secret: what the two keys agree on, bound to both of them.
fn extract_and_expand(
    own: &MemberKey,
    other: &PublicKey,
    ephemeral: &PublicKey,
    reader: &PublicKey,
) -> Result<Zeroizing<[u8; 32]>, SignatureError> {
    let dh = own.agree(other)?;
    let kem_context = [uncompressed_point(ephemeral)?, uncompressed_point(reader)?].concat();
    let eae_prk = labeled_extract(KEM, &[], b"eae_prk", dh.as_bytes());
    let mut shared_secret = Zeroizing::new([0; 32]);
    labeled_expand(&eae_prk, KEM, b"shared_secret", &kem_context, shared_secret.as_mut());
    Ok(shared_secret)
}

fn key_schedule(shared_secret: &[u8; 32], info: &[u8]) -> Context {
    let psk_id_hash = labeled_extract(HPKE, &[], b"psk_id_hash", b"");
    let info_hash = labeled_extract(HPKE, &[], b"info_hash", info);
    let key_schedule_context = [&[MODE_BASE], &psk_id_hash[..], &info_hash[..]].concat();
    let secret = labeled_extract(HPKE, shared_secret, b"secret", b"");
    let mut context = Context { key: Zeroizing::new([0; 32]), base_nonce: [0; 12] };
    labeled_expand(&secret, HPKE, b"key", &key_schedule_context, context.key.as_mut());
    labeled_expand(&secret, HPKE, b"base_nonce", &key_schedule_context, &mut context.base_nonce);
    context
}

fn labeled_extract(suite: &[u8], salt: &[u8], label: &[u8], material: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    for part in [b"HPKE-v1", suite, label, material] {
        extract.input_ikm(part);
    }
    Zeroizing::new(extract.finalize().0.into())
}

fn labeled_expand(secret: &[u8; 32], suite: &[u8], label: &[u8], info: &[u8], output: &mut [u8]) {
    let length = u16::try_from(output.len()).expect("keys are short").to_be_bytes();
    let expand = Hkdf::<Sha256>::from_prk(secret).expect("a SHA-256 is long enough");
    expand.expand_multi_info(&[&length, b"HPKE-v1", suite, label, info], output).expect("HKDF gives a key's length");
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::keys::SUITE_SECP256K1;

    fn bytes<const N: usize>(digits: &str) -> [u8; N] {
        hex::decode(digits).expect("hexadecimal").try_into().expect("the length")
    }

    fn compressed(uncompressed: [u8; 65]) -> PublicKey {
        let mut key = [SUITE_SECP256K1; 34];
        key[1] = 2 + (uncompressed[64] & 1);
        key[2..].copy_from_slice(&uncompressed[1..33]);
        PublicKey(key)
    }

    /// The vector that draft-wahby-cfrg-hpke-kem-secp256k1-01 gives for base mode with AES-256-GCM.
    #[test]
    fn the_published_vector_of_the_suite_comes_out() {
        let ephemeral = bytes("8979ee752423d020085c75cce1644959f819464a4c1c4e9a28ce4dd482991c1c");
        let ephemeral = MemberKey::from_bytes(&ephemeral).expect("in range");
        let reader = bytes("024be5fda9036a2d81f8c634193b5ce83e65bfc4373ae8b7a960fea8770d1f8f");
        let reader = MemberKey::from_bytes(&reader).expect("in range");
        let ephemeral_point = compressed(bytes(
            "040de7712da136d40779452a32e70ec834fa092ee8e3f26450786c6cd51396e8596c958065594d30432e812fc7a53a10d7fce2ce9b\
             f52ccce72cbad4c79d3b17f6",
        ));
        let reader_point = compressed(bytes(
            "040986ec455812ddd870414c2753f75dadaefda155bc7bd18c4ab6ff3dd61b2ea3bee4ab2a0160b8e330757fc6d81d88ece7051bd9\
             a07fa7e5368ea579e2e6c0e6",
        ));
        assert_eq!((ephemeral.public_key(), reader.public_key()), (ephemeral_point, reader_point));
        let secret = bytes("ad889cd7b11e8881252f8f12539be9f5e36d2b95c96c875fb0e449c711e8bc0d");
        let as_sender = extract_and_expand(&ephemeral, &reader_point, &ephemeral_point, &reader_point);
        let as_reader = extract_and_expand(&reader, &ephemeral_point, &ephemeral_point, &reader_point);
        assert_eq!((*as_sender.expect("points"), *as_reader.expect("points")), (secret, secret));
        let context = key_schedule(&secret, &bytes::<20>("b546c00cece2e2ff0815eb0f8124fb9028c66e80"));
        assert_eq!(*context.key, bytes("da2f3e53e24306c97331e92f564b6c207246e9ab4dea07a472401702d0af5c53"));
        assert_eq!(context.base_nonce, bytes("d4d0dcfeeb6767d808f319e4"));
    }
}
