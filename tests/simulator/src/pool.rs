//! The transactions that clients draw from, signed once per process: signing costs more than a whole slot's simulation.
//!
//! A chaincode set up by two organisations, changes among the members, then calls of every kind, good and bad.

use crate::clients::{
    ACME_ADMIN, ACME_CLERK, BETA_ADMIN, BETA_CLERK, Call, GAMMA_ADMIN, GAMMA_CLERK, MEMBERS, NEW_KEY, STRANGER, key,
    member, name,
};
use crate::kv::Arguments;
use crate::random::Random;
use std::sync::LazyLock;
use theriac_crypto::Verified;
use theriac_crypto::names::{definition_digest, package_id};
use theriac_ledger::system::identity::{RevokeMember, RotateKey};
use theriac_ledger::system::lifecycle::{Approve, Propose, Upload};
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{Bytes, Definition, Endorsement, Height, Text, Transaction, encode};

/// The module that stands for the key-value chaincode.
const MODULE: &[u8] = b"kv";
/// How long transactions are usually valid.
const VALID_UNTIL: Height = Height(4_000);
/// Calls that may come at any time before the clerk's key changes, and as many for afterwards.
const CALLS: usize = 512;
/// One call in so many has a rival: another transaction of its member with the same nonce.
const RIVALS: usize = 8;

/// All there are.
#[derive(Debug)]
pub struct Pool {
    /// Uploads the chaincode's package.
    pub upload: Verified<Transaction>,
    /// Proposes the chaincode.
    pub propose: Verified<Transaction>,
    /// Approves it, which makes it active.
    pub approve: Verified<Transaction>,
    /// Revokes a member.
    pub revoke: Verified<Transaction>,
    /// Changes a member's key.
    pub rotate: Verified<Transaction>,
    /// Calls before and after that.
    pub calls: [Vec<Offer>; 2],
    /// Calls that succeed whenever the chaincode is active.
    pub plain: Vec<Verified<Transaction>>,
}

/// A call, perhaps with a rival.
#[derive(Debug)]
pub struct Offer {
    /// The call.
    pub transaction: Verified<Transaction>,
    /// Another one with the same nonce.
    pub rival: Option<Verified<Transaction>>,
}

/// The pool of this process.
pub fn pool() -> &'static Pool {
    static POOL: LazyLock<Pool> = LazyLock::new(Pool::sign);
    &POOL
}

impl Pool {
    fn sign() -> Self {
        let mut random = Random::new(0, "pool");
        let upload = Upload { module: Bytes::new(MODULE).expect("a short module") };
        let definition = Definition {
            label: Text::truncated("1"),
            package: package_id(MODULE),
            endorsement: Endorsement::anyone(),
            budget: TRANSACTION_BUDGET,
            not_before: Height(0),
            source: None,
            notes: Text::default(),
        };
        let (sequence, digest) = (1, definition_digest(&definition));
        let propose = Propose { name: name("kv"), definition };
        let approve = Approve { name: name("kv"), sequence, definition: digest, reason: Text::default() };
        let revoke = RevokeMember { id: member(MEMBERS[GAMMA_CLERK]), reason: Text::default() };
        let rotate = RotateKey { id: member(MEMBERS[BETA_CLERK]), key: key(NEW_KEY).public_key() };
        let mut offers = |is_late| (0..CALLS).map(|index| offer(&mut random, index, is_late)).collect();
        let calls = [offers(false), offers(true)];
        Self {
            upload: system(5, ACME_ADMIN, "_lifecycle", "upload", encode(&upload)),
            propose: system(1, ACME_ADMIN, "_lifecycle", "propose", encode(&propose)),
            approve: system(2, BETA_ADMIN, "_lifecycle", "approve", encode(&approve)),
            revoke: system(3, GAMMA_ADMIN, "_identity", "revoke_member", encode(&revoke)),
            rotate: system(4, BETA_CLERK, "_identity", "rotate_key", encode(&rotate)),
            calls,
            plain: (0..CALLS as u64).map(plain).collect(),
        }
    }
}

fn system(
    nonce: u64,
    who: usize,
    chaincode: &'static str,
    function: &'static str,
    args: Vec<u8>,
) -> Verified<Transaction> {
    Call { who, signer: who, nonce, valid_until: VALID_UNTIL, chaincode, function, args }.sign()
}

fn plain(index: u64) -> Verified<Transaction> {
    let args = encode(&Arguments { key: "plain".to_owned(), other: String::new(), amount: index });
    let nonce = 1_000_000 + index;
    let (chaincode, function) = ("kv", "put");
    Call { who: ACME_ADMIN, signer: ACME_ADMIN, nonce, valid_until: VALID_UNTIL, chaincode, function, args }.sign()
}

fn offer(random: &mut Random, index: usize, is_late: bool) -> Offer {
    let call = call(random, index, is_late);
    let has_rival = index.is_multiple_of(RIVALS);
    let rival = has_rival.then(|| {
        let args = encode(&Arguments { key: "rival".to_owned(), other: String::new(), amount: index as u64 });
        Call { args, ..call.clone() }.sign()
    });
    Offer { transaction: call.sign(), rival }
}

fn call(random: &mut Random, index: usize, is_late: bool) -> Call {
    let functions = ["put", "add", "add", "add", "move", "move", "remove", "announce", "trap", "burn", "missing"];
    let function = random.pick(&functions).copied().unwrap_or("put");
    let arguments = Arguments {
        key: format!("key-{}", random.below(6)),
        other: format!("key-{}", random.below(6)),
        amount: random.between(1, 40),
    };
    let args = if random.chance(30) { random.bytes(5) } else { encode(&arguments) };
    let callers = [ACME_CLERK, ACME_CLERK, BETA_CLERK, GAMMA_CLERK, ACME_ADMIN];
    let who = random.pick(&callers).copied().unwrap_or(ACME_CLERK);
    let signer = match (who, random.below(20)) {
        (_, 0) => STRANGER,
        (BETA_CLERK, 1) => {
            if is_late {
                BETA_CLERK
            } else {
                NEW_KEY
            }
        }
        (BETA_CLERK, _) if is_late => NEW_KEY,
        _ => who,
    };
    let valid_until = if random.chance(50) { Height(random.between(1, 30)) } else { VALID_UNTIL };
    let chaincode = if random.chance(20) { "nowhere" } else { "kv" };
    let nonce = 1_000 + (index + CALLS * usize::from(is_late)) as u64;
    Call { who, signer, nonce, valid_until, chaincode, function, args }
}
