//! Work of the kinds that chaincode does, to measure what metering adds: calls, arithmetic, branches, sorting, and a
//! signature.

use theriac_chaincode::{Refusal, TransactionContext, chaincode};

/// The functions. Each does its work so many times.
#[chaincode(name = "workloads", state_version = 1)]
pub mod workloads {
    use super::*;
    use k256::ecdsa::signature::{Signer as _, Verifier as _};
    use k256::ecdsa::{Signature, SigningKey};
    use sha3::{Digest as _, Sha3_256};
    use std::hint::black_box;

    /// Calls.
    #[transaction]
    fn fib(_ctx: &mut TransactionContext, n: u32) -> Result<u64, Refusal> {
        fn fib(n: u32) -> u64 {
            if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
        }
        Ok(fib(black_box(n)))
    }

    /// Arithmetic: hashes of 200 bytes, each of the one before.
    #[transaction]
    fn sha3(_ctx: &mut TransactionContext, rounds: u32) -> Result<Vec<u8>, Refusal> {
        let mut bytes = [7; 200];
        for _ in 0..rounds {
            let digest = Sha3_256::digest(bytes);
            bytes[..32].copy_from_slice(&digest);
        }
        Ok(bytes[..32].to_vec())
    }

    /// Branches: counts the words of a text of 4 KiB.
    #[transaction]
    fn scan(_ctx: &mut TransactionContext, rounds: u32) -> Result<u64, Refusal> {
        let text: Vec<u8> = (0..4096_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut words = 0;
        for _ in 0..rounds {
            let mut inside = false;
            for &byte in black_box(&text) {
                let part = byte.is_ascii_alphanumeric() || byte == b'-';
                words += u64::from(part && !inside);
                inside = part;
            }
        }
        Ok(words)
    }

    /// Comparisons and moves: sorts 1,000 numbers.
    #[transaction]
    fn sort(_ctx: &mut TransactionContext, rounds: u32) -> Result<u32, Refusal> {
        let mut last = 0;
        for round in 0..rounds {
            let mut numbers: Vec<u32> = (0..1000_u32).map(|n| (n ^ round).wrapping_mul(2_654_435_761)).collect();
            numbers.sort_unstable();
            last = black_box(&numbers)[999];
        }
        Ok(last)
    }

    /// Signatures over secp256k1: makes one and verifies it.
    #[transaction]
    fn verify(_ctx: &mut TransactionContext, rounds: u32) -> Result<bool, Refusal> {
        let Ok(key) = SigningKey::from_slice(&[7; 32]) else { return Ok(false) };
        let signature: Signature = key.sign(b"a message");
        let mut verified = true;
        for _ in 0..rounds {
            verified &= key.verifying_key().verify(black_box(b"a message"), &signature).is_ok();
        }
        Ok(verified)
    }
}
