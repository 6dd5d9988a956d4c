//! A second implementation of opening and unwrapping, from the description in the crate's documentation alone. It uses
//! SHA-256, AES-256-GCM and the curve's arithmetic, and nothing of the crate.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::sec1::ToSec1Point;
use k256::{ProjectivePoint, PublicKey, Scalar};
use sha2::{Digest, Sha256};

const SEGMENT: usize = 65_536 + 16;

/// Opens a whole sealed document; none when anything about it is wrong.
pub fn open(key: &[u8; 32], sealed: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = sealed.split_at_checked(80)?;
    if &header[..14] != b"theriac sealed" || header[14..16] != [1, 1] {
        return None;
    }
    let secret = hmac(&header[16..48], &[key]);
    if expand(&secret, &[&header[..16], b"commitment"])[..] != header[48..] {
        return None;
    }
    let cipher = expand(&secret, &[&header[..16], b"segments"]);
    let mut plain = Vec::new();
    for number in 0_u32.. {
        let (segment, others) = rest.split_at(rest.len().min(SEGMENT));
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(others.is_empty());
        plain.extend(decrypt(&cipher, nonce, segment)?);
        if others.is_empty() {
            return (number == 0 || segment.len() > 16).then_some(plain);
        }
        rest = others;
    }
    None
}

/// Unwraps a wrapped key of 83 bytes; none when anything about it is wrong.
pub fn unwrap(secret: &[u8; 32], context: [&str; 4], wrapped: &[u8]) -> Option<Vec<u8>> {
    if wrapped.len() != 83 || wrapped[..2] != [1, 1] {
        return None;
    }
    let ephemeral = PublicKey::from_sec1_bytes(&wrapped[2..35]).ok()?;
    let secret = Option::<Scalar>::from(Scalar::from_repr((*secret).into()))?;
    let uncompressed = |point: ProjectivePoint| point.to_affine().to_sec1_point(false).as_bytes().to_vec();
    let dh = uncompressed(ephemeral.to_projective() * secret);
    let keys = [uncompressed(ephemeral.to_projective()), uncompressed(ProjectivePoint::GENERATOR * secret)].concat();

    let mut info = Vec::new();
    let string = |info: &mut Vec<u8>, text: &str| {
        info.extend(u32::try_from(text.len()).expect("short").to_le_bytes());
        info.extend(text.as_bytes());
    };
    string(&mut info, "theriac/wrapped-document-key");
    info.push(1);
    context.iter().for_each(|text| string(&mut info, text));

    const KEM: &[u8] = &[b'K', b'E', b'M', 0, 0x16];
    const SUITE: &[u8] = &[b'H', b'P', b'K', b'E', 0, 0x16, 0, 1, 0, 2];
    let extract = |suite: &[u8], salt: &[u8], label: &[u8], text: &[u8]| hmac(salt, &[b"HPKE-v1", suite, label, text]);
    let derive = |secret: &[u8; 32], suite: &[u8], label: &[u8], text: &[u8], length: u8| {
        expand(secret, &[&[0, length], b"HPKE-v1", suite, label, text])
    };
    let shared = derive(&extract(KEM, &[], b"eae_prk", &dh[1..33]), KEM, b"shared_secret", &keys, 32);
    let context =
        [&[0], &extract(SUITE, &[], b"psk_id_hash", &[])[..], &extract(SUITE, &[], b"info_hash", &info)].concat();
    let secret = extract(SUITE, &shared, b"secret", &[]);
    let nonce = derive(&secret, SUITE, b"base_nonce", &context, 12);
    let nonce = nonce[..12].try_into().expect("twelve bytes");
    decrypt(&derive(&secret, SUITE, b"key", &context, 32), nonce, &wrapped[35..])
}

fn decrypt(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)).decrypt(&Nonce::from(nonce), sealed).ok()
}

/// The first block of HKDF-Expand (RFC 5869), which is as long as anything here.
fn expand(secret: &[u8; 32], info: &[&[u8]]) -> [u8; 32] {
    hmac(secret, &[&info.concat(), &[1]])
}

/// HMAC-SHA-256 (RFC 2104) with a key of at most one block; extracting is the same with the salt as key.
fn hmac(key: &[u8], text: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text.concat()).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}
