//! A chain on disk with this repository's chaincode in force, and transactions that give birth to packs.

use borsh::{BorshDeserialize, BorshSerialize};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;
use theriac_crypto::MemberKey;
use theriac_crypto::names::package_id;
use theriac_domain::Event;
use theriac_ledger::system::lifecycle::{ChaincodeRecord, LookUpStatus, Propose, Sequence, Upload};
use theriac_ledger::{BlockOutcome, BlockStore, Decided, Query, StateReader, evaluate, execute_block};
use theriac_runtime::Sandbox;
use theriac_storage::Storage;
use theriac_trace::{Capture, OnError, RegisterParty};
use theriac_types::limits::{
    CERTIFICATE_SIGNATURE_BYTES_MAX, CONSENSUS_KEY_BYTES_MAX, RESULT_BYTES_MAX, TRANSACTION_BUDGET,
};
use theriac_types::{
    BlockBody, Bytes, Creator, Definition, Endorsement, Genesis, GenesisMember, GenesisOrganisation, Height, List,
    Nonce, Outcome, ReplicaRecord, Role, Signature, Text, Transaction, TransactionBody, decode, encode,
};

/// Who signs unless told otherwise.
pub const ADMINISTRATOR: &str = "maker/admin";
/// Blocks for which a transaction stays valid.
const VALIDITY_BLOCKS: u64 = 4000;
/// A proof of commitment takes about so many bytes; what is in them does not matter here.
const PROOF: [u8; 120] = [0; 120];

/// One organisation, which is thereby its own majority.
pub fn genesis() -> Genesis {
    let replica = |id: u8| replica(id, Bytes::new([id]).unwrap(), Bytes::default());
    let organisation =
        GenesisOrganisation { id: "maker".parse().unwrap(), roles: List::new(vec![Role::Manufacturer]).unwrap() };
    let member = GenesisMember {
        id: ADMINISTRATOR.parse().unwrap(),
        key: key(ADMINISTRATOR).public_key(),
        roles: List::new(vec![Role::Administrator]).unwrap(),
    };
    Genesis {
        channel: "bench".parse().unwrap(),
        f: 1,
        c: 0,
        replicas: List::new((0..4).map(replica).collect()).unwrap(),
        organisations: List::new(vec![organisation]).unwrap(),
        members: List::new(vec![member]).unwrap(),
        time_ms: 1_790_000_000_000,
    }
}

/// A replica of that organisation.
pub fn replica(
    id: u8,
    consensus_key: Bytes<CONSENSUS_KEY_BYTES_MAX>,
    proof_of_possession: Bytes<CERTIFICATE_SIGNATURE_BYTES_MAX>,
) -> ReplicaRecord {
    ReplicaRecord {
        org: "maker".parse().unwrap(),
        consensus_key,
        proof_of_possession,
        link_certificate: Bytes::new([id]).unwrap(),
        address: Text::new(format!("replica-{id}:7000")).unwrap(),
    }
}

/// A key for each organisation.
pub fn key(member: &str) -> MemberKey {
    MemberKey::from_bytes(&[member.as_bytes()[0]; 32]).unwrap()
}

/// The ledger without its network.
pub struct Chain {
    store: Storage,
    sandbox: Sandbox,
    /// Removed with the chain.
    folder: Option<TempDir>,
    nonce: u64,
}

impl Chain {
    /// Deploys this repository's chaincode and registers the maker's numbers.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Storage::open(folder.path(), &genesis()).unwrap();
        let mut chain = Self { store, sandbox: Sandbox::new().unwrap(), folder: Some(folder), nonce: 0 };
        for (name, module) in theriac_artifacts::PACKAGES {
            chain.deploy(name, module);
        }
        chain.register_party(ADMINISTRATOR, "9506000100005", "9506000");
        chain
    }

    /// Binds numbers to the member's organisation.
    pub fn register_party(&mut self, member: &str, gln: &str, prefix: &str) {
        let (glns, prefixes) = (vec![gln.to_owned()], vec![prefix.to_owned()]);
        let registration = RegisterParty { glns, prefixes, china_products: Vec::new() };
        let party = self.transaction_by(member, "trace", "register_party", &registration);
        self.commit(vec![party]);
    }

    /// Puts a package in force.
    pub fn deploy(&mut self, name: &str, module: &[u8]) {
        let version = self.version(name, module);
        self.commit(version.to_vec());
    }

    /// The version in force.
    pub fn active(&mut self, name: &str) -> Sequence {
        let question = self.transaction("_lifecycle", "status", &LookUpStatus { name: name.parse().unwrap() });
        let outcome = self.execute(vec![question]);
        let record: Option<ChaincodeRecord> = decode(&outcome.receipts[0].result, RESULT_BYTES_MAX).unwrap();
        record.unwrap().active.unwrap().sequence
    }

    /// The birth of a pack that nobody else has the serial of.
    pub fn birth(&mut self) -> Transaction {
        let serial = format!("B{:09}", self.nonce);
        self.capture(ADMINISTRATOR, birth(&serial))
    }

    /// An event, as this member hands it in.
    pub fn capture(&mut self, member: &str, event: Event) -> Transaction {
        self.capture_all(member, vec![event])
    }

    /// Events of one transaction, as this member hands them in.
    pub fn capture_all(&mut self, member: &str, events: Vec<Event>) -> Transaction {
        let capture = Capture { events, on_error: OnError::Rollback, as_record: false };
        self.transaction_by(member, "trace", "capture", &capture)
    }

    /// The upload of a package, and the decision that it is the next version of this name.
    pub fn version(&mut self, name: &str, module: &[u8]) -> [Transaction; 2] {
        let upload = Upload { module: Bytes::new(module).unwrap() };
        let propose = Propose { name: name.parse().unwrap(), definition: definition(module) };
        [self.transaction("_lifecycle", "upload", &upload), self.transaction("_lifecycle", "propose", &propose)]
    }

    /// Closes the chain, and leaves its folder.
    pub fn stop(self) -> TempDir {
        self.folder.unwrap()
    }

    /// Opens a chain that another process left.
    pub fn open(folder: &Path) -> Self {
        let store = Storage::open(folder, &genesis()).unwrap();
        Self { store, sandbox: Sandbox::new().unwrap(), folder: None, nonce: 0 }
    }

    /// The ledger's store.
    pub fn store(&self) -> &Storage {
        &self.store
    }

    /// Asks chaincode `trace`.
    pub fn ask<A: BorshSerialize, R: BorshDeserialize>(&self, function: &str, args: &A) -> R {
        let (creator, args) =
            (Creator { member: ADMINISTRATOR.parse().unwrap(), key: key(ADMINISTRATOR).public_key() }, encode(args));
        let (chaincode, function) = ("trace".parse().unwrap(), function.parse().unwrap());
        let query = Query { creator: &creator, chaincode: &chaincode, function: &function, args: &args };
        let answer = evaluate(&self.store, &self.sandbox, &query, None).unwrap();
        assert_eq!(answer.outcome, Outcome::Valid, "{} {}", answer.code, answer.message);
        borsh::from_slice(&answer.result).unwrap()
    }

    /// What runs chaincode.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// A call, as the first member signs it.
    pub fn transaction<A: BorshSerialize>(&mut self, chaincode: &str, function: &str, args: &A) -> Transaction {
        self.transaction_by(ADMINISTRATOR, chaincode, function, args)
    }

    /// A call, as this member signs it.
    pub fn transaction_by<A: BorshSerialize>(
        &mut self,
        member: &str,
        chaincode: &str,
        function: &str,
        args: &A,
    ) -> Transaction {
        self.nonce += 1;
        let body = TransactionBody {
            channel: "bench".parse().unwrap(),
            creator: Creator { member: member.parse().unwrap(), key: key(member).public_key() },
            nonce: Nonce(self.nonce),
            valid_until: Height(self.store.head().unwrap().height.0 + VALIDITY_BLOCKS),
            chaincode: chaincode.parse().unwrap(),
            function: function.parse().unwrap(),
            args: Bytes::new(encode(args)).unwrap(),
            transient_hash: None,
        };
        // The ledger leaves signatures to whoever orders; they are measured on their own.
        Transaction { body, signature: Signature([1; 65]), cosignatures: List::default() }
    }

    /// Executes a block with these transactions on top of the chain, which must all be valid.
    pub fn execute(&self, transactions: Vec<Transaction>) -> BlockOutcome {
        let outcome = self.judge(transactions);
        for receipt in &outcome.receipts {
            assert_eq!(receipt.outcome, Outcome::Valid, "{} {}", &*receipt.code, &*receipt.message);
        }
        outcome
    }

    /// The same, whatever comes of them.
    pub fn judge(&self, transactions: Vec<Transaction>) -> BlockOutcome {
        let head = self.store.head().unwrap();
        let body = BlockBody { proposed_time_ms: head.time_ms + 1, transactions: List::new(transactions).unwrap() };
        execute_block(&self.store, &self.sandbox, &Decided::new(head.height.next(), &body)).unwrap()
    }

    /// Writes a block and waits for the disk.
    pub fn apply(&mut self, outcome: &BlockOutcome) {
        self.store.apply(outcome, &PROOF).unwrap();
    }

    /// Executes a block and writes it.
    pub fn commit(&mut self, transactions: Vec<Transaction>) {
        let outcome = self.execute(transactions);
        self.apply(&outcome);
    }
}

/// A package that anyone may call as soon as it is decided.
fn definition(module: &[u8]) -> Definition {
    Definition {
        label: Text::truncated("bench"),
        package: package_id(module),
        endorsement: Endorsement::anyone(),
        budget: TRANSACTION_BUDGET,
        not_before: Height(0),
        source: None,
        notes: Text::truncated("to be measured"),
    }
}

/// The event of a pack's birth.
fn birth(serial: &str) -> Event {
    let place = json!({ "id": "https://id.gs1.org/414/9506000100012" });
    event(json!({
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "epcList": [format!("https://id.gs1.org/01/09506000134376/21/{serial}")],
        "readPoint": place,
        "bizLocation": place,
        "ilmd": { "cbvmda:lotNumber": "BENCH1", "cbvmda:itemExpirationDate": "2032-05-31" },
    }))
}

/// An event with these fields, at one time for all.
pub fn event(event: Value) -> Event {
    event_at("2026-03-02T08:00:00.000+00:00", event)
}

/// An event with these fields.
pub fn event_at(time: &str, mut event: Value) -> Event {
    event["@context"] = json!(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]);
    event["eventTime"] = json!(time);
    event["eventTimeZoneOffset"] = json!("+00:00");
    let mut events = theriac_epcis::parse(event.to_string().as_bytes()).unwrap().events;
    assert_eq!(events.len(), 1);
    events.remove(0)
}
