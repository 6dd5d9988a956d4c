//! Who the clients of a run are: three organisations, each with an administrator and a clerk, and their keys.

use theriac_crypto::{MemberKey, Verified};
use theriac_types::{
    Bytes, ChannelId, Creator, Genesis, GenesisMember, GenesisOrganisation, Height, List, MemberId, Nonce,
    ReplicaRecord, Role, Text, Transaction, TransactionBody,
};

/// Time of the genesis in milliseconds since 1970.
pub const GENESIS_MS: u64 = 1_790_000_000_000;

/// Members of the genesis; a member's place is the number of its key.
pub const MEMBERS: [&str; 6] = ["acme/admin", "acme/clerk", "beta/admin", "beta/clerk", "gamma/admin", "gamma/clerk"];
pub const ACME_ADMIN: usize = 0;
pub const ACME_CLERK: usize = 1;
pub const BETA_ADMIN: usize = 2;
pub const BETA_CLERK: usize = 3;
pub const GAMMA_ADMIN: usize = 4;
pub const GAMMA_CLERK: usize = 5;
/// The key that beta's clerk changes to.
pub const NEW_KEY: usize = 100;
/// A key that was never registered.
pub const STRANGER: usize = 101;

/// The channel of all runs.
pub fn channel() -> ChannelId {
    name("simulated")
}

const ORGANISATIONS: [&str; 3] = ["acme", "beta", "gamma"];

/// A replica as the genesis names it.
pub fn replica_record(id: usize) -> ReplicaRecord {
    ReplicaRecord {
        org: name(ORGANISATIONS[id % ORGANISATIONS.len()]),
        consensus_key: Bytes::new(id.to_be_bytes()).expect("short"),
        proof_of_possession: Bytes::default(),
        link_certificate: Bytes::new(id.to_be_bytes()).expect("short"),
        address: Text::new(format!("replica-{id}:7000")).expect("short"),
    }
}

/// A network's genesis.
pub fn genesis(f: u16, c: u16, n: usize) -> Genesis {
    let organisation = |org: &str| GenesisOrganisation { id: name(org), roles: list(vec![Role::Manufacturer]) };
    let member = |(index, id): (usize, &str)| {
        let role = if id.ends_with("admin") { Role::Administrator } else { Role::Distributor };
        GenesisMember { id: member(id), key: key(index).public_key(), roles: list(vec![role]) }
    };
    Genesis {
        channel: channel(),
        f,
        c,
        replicas: list((0..n).map(replica_record).collect()),
        organisations: list(ORGANISATIONS.map(organisation).to_vec()),
        members: list(MEMBERS.iter().copied().enumerate().map(member).collect()),
        time_ms: GENESIS_MS,
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whose transaction it is.
    pub who: usize,
    /// Which key signs it.
    pub signer: usize,
    /// What makes it different from the member's other transactions.
    pub nonce: u64,
    /// Until when it may be executed.
    pub valid_until: Height,
    /// The chaincode.
    pub chaincode: &'static str,
    /// The function.
    pub function: &'static str,
    /// Its encoded argument.
    pub args: Vec<u8>,
}

impl Call {
    /// Signs it.
    pub fn sign(self) -> Verified<Transaction> {
        let signer = key(self.signer);
        let body = TransactionBody {
            channel: channel(),
            creator: Creator { member: member(MEMBERS[self.who]), key: signer.public_key() },
            nonce: Nonce(self.nonce),
            valid_until: self.valid_until,
            chaincode: name(self.chaincode),
            function: name(self.function),
            args: Bytes::new(self.args).expect("short arguments"),
            transient_hash: None,
        };
        let signature = signer.sign(theriac_crypto::names::tx_id(&body));
        let transaction = Transaction { body, signature, cosignatures: List::default() };
        Verified::<Transaction>::check(transaction).expect("just signed")
    }
}

/// A client's key.
pub fn key(number: usize) -> MemberKey {
    let byte = u8::try_from(number + 1).expect("few keys");
    MemberKey::from_bytes(&[byte; 32]).expect("in range")
}

/// A member by its name.
pub fn member(text: &str) -> MemberId {
    text.parse().expect("a member's name")
}

/// A name of any kind.
pub fn name<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a name")
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("few")
}
