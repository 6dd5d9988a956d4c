//! What the clients of a run want: a chaincode set up by two organisations, then calls of every kind, good and bad.

use crate::kv::Arguments;
use crate::random::Random;
use borsh::BorshSerialize;
use theriac_crypto::names::package_id;
use theriac_crypto::{MemberKey, Verified};
use theriac_ledger::system::identity::{RevokeMember, RotateKey};
use theriac_ledger::system::lifecycle::{Approve, Propose};
use theriac_types::{
    Bytes, ChannelId, Creator, Genesis, GenesisMember, GenesisOrganisation, Height, List, MemberId, Nonce,
    ReplicaRecord, Role, Text, Transaction, TransactionBody, TxId, encode,
};

/// The module that stands for the key-value chaincode.
const MODULE: &[u8] = b"kv";
/// Time of the genesis in milliseconds since 1970.
pub const GENESIS_MS: u64 = 1_790_000_000_000;
/// How long transactions are usually valid.
const VALID_UNTIL: Height = Height(4_000);

/// A transaction that a client submits.
#[derive(Debug, Clone)]
pub struct Planned {
    /// When, at the earliest.
    pub at_us: u64,
    /// The transaction whose receipt it waits for, by its place in the plan.
    pub after: Option<usize>,
    /// The transaction.
    pub transaction: Verified<Transaction>,
    /// Whether the client hands it to two peers at once.
    pub twice: bool,
}

impl Planned {
    /// The transaction's id.
    pub fn id(&self) -> TxId {
        self.transaction.id()
    }
}

/// The channel of all runs.
pub fn channel() -> ChannelId {
    name("simulated")
}

/// Three organisations, each with an administrator and a clerk.
pub fn genesis(f: u16, c: u16, n: usize) -> Genesis {
    let orgs = ["acme", "beta", "gamma"];
    let organisation = |org: &str| GenesisOrganisation { id: name(org), roles: list(vec![Role::Manufacturer]) };
    let replica = |id: usize| ReplicaRecord {
        org: name(orgs[id % orgs.len()]),
        consensus_key: Bytes::new(id.to_be_bytes()).expect("short"),
        proof_of_possession: Bytes::default(),
        link_certificate: Bytes::new(id.to_be_bytes()).expect("short"),
        address: Text::new(format!("replica-{id}:7000")).expect("short"),
    };
    let member = |(index, id): (usize, &str)| {
        let role = if id.ends_with("admin") { Role::Administrator } else { Role::Distributor };
        GenesisMember { id: member(id), key: key(index as u8).public_key(), roles: list(vec![role]) }
    };
    Genesis {
        channel: channel(),
        f,
        c,
        replicas: list((0..n).map(replica).collect()),
        organisations: list(orgs.map(organisation).to_vec()),
        members: list(MEMBERS.iter().copied().enumerate().map(member).collect()),
        time_ms: GENESIS_MS,
    }
}

const MEMBERS: [&str; 6] = ["acme/admin", "acme/clerk", "beta/admin", "beta/clerk", "gamma/admin", "gamma/clerk"];
const ACME_ADMIN: usize = 0;
const ACME_CLERK: usize = 1;
const BETA_ADMIN: usize = 2;
const BETA_CLERK: usize = 3;
const GAMMA_ADMIN: usize = 4;
const GAMMA_CLERK: usize = 5;
/// The key that beta's clerk changes to.
const NEW_KEY: u8 = 100;
/// A key that was never registered.
const STRANGER: u8 = 101;

/// Draws the transactions of a run: the set-up first, then so many.
pub fn draw(seed: u64, transactions: usize, end_us: u64) -> Vec<Planned> {
    let mut writer = Writer { random: Random::new(seed, "workload"), nonce: 0, planned: Vec::new() };
    writer.set_up(end_us);
    let set_up = writer.planned.len() - 1;
    for _ in 0..transactions {
        let at_us = writer.random.below(end_us);
        let after = (!writer.random.chance(100)).then_some(set_up);
        writer.call(at_us, at_us > end_us / 2, after);
    }
    writer.planned
}

struct Writer {
    random: Random,
    nonce: u64,
    planned: Vec<Planned>,
}

impl Writer {
    /// A proposal, an approval that follows it, and changes among the members later on.
    fn set_up(&mut self, end_us: u64) {
        let propose = Propose {
            name: name("kv"),
            label: Text::truncated("1"),
            module: Bytes::new(MODULE).expect("a short module"),
            source: None,
            reason: Text::default(),
            not_before: Height(0),
        };
        let approve = Approve { name: name("kv"), sequence: 1, package: package_id(MODULE), reason: Text::default() };
        let revoke = RevokeMember { id: member(MEMBERS[GAMMA_CLERK]), reason: Text::default() };
        let rotate = RotateKey { id: member(MEMBERS[BETA_CLERK]), key: key(NEW_KEY).public_key() };
        let (early, late) = (end_us / 3, end_us / 2);
        self.system(early, None, GAMMA_ADMIN, "_identity", "revoke_member", &revoke);
        self.system(late, None, BETA_CLERK, "_identity", "rotate_key", &rotate);
        self.system(0, None, ACME_ADMIN, "_lifecycle", "propose", &propose);
        self.system(0, Some(2), BETA_ADMIN, "_lifecycle", "approve", &approve);
    }

    fn system<T: BorshSerialize>(
        &mut self,
        at_us: u64,
        after: Option<usize>,
        who: usize,
        chaincode: &str,
        function: &str,
        argument: &T,
    ) {
        let body = self.body(who, key(who as u8), chaincode, function, encode(argument), VALID_UNTIL);
        self.plan(at_us, after, body, key(who as u8), false);
    }

    fn call(&mut self, at_us: u64, is_late: bool, after: Option<usize>) {
        let random = &mut self.random;
        let functions = ["put", "add", "add", "add", "move", "move", "remove", "announce", "trap", "burn", "missing"];
        let function = *random.pick(&functions).unwrap_or(&"put");
        let arguments = Arguments {
            key: format!("key-{}", random.below(6)),
            other: format!("key-{}", random.below(6)),
            amount: random.between(1, 40),
        };
        let args = if random.chance(30) { random.bytes(5) } else { encode(&arguments) };
        let who = *random.pick(&[ACME_CLERK, ACME_CLERK, BETA_CLERK, GAMMA_CLERK, ACME_ADMIN]).unwrap_or(&ACME_CLERK);
        let signer = match (who, random.below(20)) {
            (_, 0) => key(STRANGER),
            (BETA_CLERK, 1) => key(if is_late { BETA_CLERK as u8 } else { NEW_KEY }),
            (BETA_CLERK, _) if is_late => key(NEW_KEY),
            _ => key(who as u8),
        };
        let valid_until = if random.chance(50) { Height(random.between(1, 30)) } else { VALID_UNTIL };
        let (reused, twice) = (random.chance(50), random.chance(200));
        let chaincode = if random.chance(20) { "nowhere" } else { "kv" };
        if reused {
            self.nonce -= 1;
        }
        let body = self.body(who, signer.clone(), chaincode, function, args, valid_until);
        self.plan(at_us, after, body, signer, twice);
    }

    fn body(
        &mut self,
        who: usize,
        signer: MemberKey,
        chaincode: &str,
        function: &str,
        args: Vec<u8>,
        valid_until: Height,
    ) -> TransactionBody {
        self.nonce += 1;
        TransactionBody {
            channel: channel(),
            creator: Creator { member: member(MEMBERS[who]), key: signer.public_key() },
            nonce: Nonce(self.nonce),
            valid_until,
            chaincode: name(chaincode),
            function: name(function),
            args: Bytes::new(args).expect("short arguments"),
            transient_hash: None,
        }
    }

    fn plan(&mut self, at_us: u64, after: Option<usize>, body: TransactionBody, signer: MemberKey, twice: bool) {
        let signature = signer.sign(theriac_crypto::names::tx_id(&body));
        let transaction = Transaction { body, signature, cosignatures: List::default() };
        let transaction = Verified::<Transaction>::check(transaction).expect("just signed");
        self.planned.push(Planned { at_us, after, transaction, twice });
    }
}

fn key(index: u8) -> MemberKey {
    MemberKey::from_bytes(&[index + 1; 32]).expect("in range")
}

fn member(text: &str) -> MemberId {
    text.parse().expect("a member's name")
}

fn name<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a name")
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("few")
}
