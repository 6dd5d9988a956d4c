//! What clients ask for: a signed request that writes so many keys at random.

use crate::random::Random;
use theriac_crypto::names::tx_id;
use theriac_crypto::{MemberKey, Verified, VoteContext};
use theriac_types::{Bytes, Creator, Epoch, Height, List, Nonce, Transaction, TransactionBody};

/// Bytes of a key and of a value.
const WORD_BYTES: usize = 16;

/// Where all votes count.
pub fn context() -> VoteContext {
    VoteContext { channel: "comparison".parse().expect("a name"), epoch: Epoch(0) }
}

/// Requests by number, each made and signed once for all runs: a comparison runs the same ones many times.
#[derive(Debug)]
pub struct Workload {
    operations: usize,
    key: MemberKey,
    random: Random,
    made: Vec<Verified<Transaction>>,
}

impl Workload {
    /// Requests of so many writes each.
    pub fn new(operations: usize) -> Self {
        let key = MemberKey::from_bytes(&[7; 32]).expect("a key in range");
        Self { operations, key, random: Random::new(operations as u64), made: Vec::new() }
    }

    /// Writes of one request.
    pub fn operations(&self) -> usize {
        self.operations
    }

    /// The request with this number, which is also its nonce.
    pub fn transaction(&mut self, number: u64) -> Verified<Transaction> {
        while self.made.len() as u64 <= number {
            let next = self.make(self.made.len() as u64);
            self.made.push(next);
        }
        self.made[usize::try_from(number).expect("requests fit memory")].clone()
    }

    fn make(&mut self, number: u64) -> Verified<Transaction> {
        let words = self.operations * 2 * WORD_BYTES / 8;
        let args: Vec<u8> = (0..words).flat_map(|_| self.random.bits().to_le_bytes()).collect();
        let body = TransactionBody {
            channel: context().channel,
            creator: Creator { member: "maker/clerk".parse().expect("a name"), key: self.key.public_key() },
            nonce: Nonce(number),
            valid_until: Height(4_000),
            chaincode: "words".parse().expect("a name"),
            function: "write".parse().expect("a name"),
            args: Bytes::new(args).expect("few words"),
            transient_hash: None,
        };
        let signature = self.key.sign(tx_id(&body));
        Verified::check(Transaction { body, signature, cosignatures: List::default() }).expect("it was just signed")
    }
}
