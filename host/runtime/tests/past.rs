//! The same blocks give the same receipts, gas and roots on a fresh peer, without and with its compiled packages, and
//! under every setting of the compiler. `THERIAC_PAST_FILE` names a file to write them to, for another release of the
//! engine.

#![allow(clippy::unwrap_used)]

#[path = "support/past.rs"]
mod past;

use borsh::BorshSerialize;
use past::{Past, again, beginning, next};
use std::collections::BTreeMap;
use std::path::Path;
use theriac_crypto::MemberKey;
use theriac_crypto::names::package_id;
use theriac_hostile::{fitting, mute, refused, running};
use theriac_ledger::system::lifecycle::{Action, ListSteps, Propose, Rollback, Step, Upload};
use theriac_ledger::{MemoryState, StateReader};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_test_artifacts::{KEY_VALUE, KEY_VALUE_SECOND, MISBEHAVING};
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{
    BlockBody, Budget, Bytes, Creator, Definition, Endorsement, Genesis, GenesisMember, GenesisOrganisation, Height,
    List, Nonce, Outcome, Receipt, ReplicaRecord, Role, Signature, Text, Transaction, TransactionBody, decode, encode,
};

const MEMBER: &str = "maker/admin";
/// What hostile packages may use: enough to get where they want.
const SMALL: Budget = Budget { gas: 2_000_000, host_gas: 2_000_000 };
/// Entries that one migration cannot move within its budget.
const TOO_MANY: u64 = 1500;
/// Packages at random.
const SEEDS: u64 = 20;
const ALL: usize = 1024;

fn sandbox(folder: &Path, code: Code) -> Sandbox {
    Sandbox::with(Options { folder: Some(folder.to_owned()), code }).unwrap()
}

fn key() -> MemberKey {
    MemberKey::from_bytes(&[7; 32]).unwrap()
}

/// One organisation, which is thereby its own majority.
fn genesis() -> Genesis {
    let replica = |id: u8| ReplicaRecord {
        org: "maker".parse().unwrap(),
        consensus_key: Bytes::new([id]).unwrap(),
        proof_of_possession: Bytes::default(),
        link_certificate: Bytes::new([id]).unwrap(),
        address: Text::new(format!("replica-{id}:7000")).unwrap(),
    };
    let organisation =
        GenesisOrganisation { id: "maker".parse().unwrap(), roles: List::new(vec![Role::Manufacturer]).unwrap() };
    let roles = List::new(vec![Role::Administrator]).unwrap();
    let member = GenesisMember { id: MEMBER.parse().unwrap(), key: key().public_key(), roles };
    Genesis {
        channel: "past".parse().unwrap(),
        f: 1,
        c: 0,
        replicas: List::new((0..4).map(replica).collect()).unwrap(),
        organisations: List::new(vec![organisation]).unwrap(),
        members: List::new(vec![member]).unwrap(),
        time_ms: 1_790_000_000_000,
    }
}

/// A ledger in the making.
struct Making {
    state: MemoryState,
    sandbox: Sandbox,
    past: Past,
    nonce: u64,
    receipts: Vec<Receipt>,
}

impl Making {
    fn new(sandbox: Sandbox) -> Self {
        let genesis = genesis();
        let state = beginning(&genesis);
        Self { state, sandbox, past: Past { genesis, blocks: Vec::new() }, nonce: 0, receipts: Vec::new() }
    }

    fn transaction<A: BorshSerialize>(&mut self, chaincode: &str, function: &str, argument: &A) -> Transaction {
        self.nonce += 1;
        let body = TransactionBody {
            channel: "past".parse().unwrap(),
            creator: Creator { member: MEMBER.parse().unwrap(), key: key().public_key() },
            nonce: Nonce(self.nonce),
            valid_until: Height(1000),
            chaincode: chaincode.parse().unwrap(),
            function: function.parse().unwrap(),
            args: Bytes::new(encode(argument)).unwrap(),
            transient_hash: None,
        };
        // The ledger leaves signatures to whoever orders.
        Transaction { body, signature: Signature([1; 65]), cosignatures: List::default() }
    }

    fn upload(&mut self, module: &[u8]) -> Transaction {
        self.transaction("_lifecycle", "upload", &Upload { module: Bytes::new(module).unwrap() })
    }

    fn propose(&mut self, name: &str, module: &[u8], budget: Budget) -> Transaction {
        let definition = Definition {
            label: Text::default(),
            package: package_id(module),
            endorsement: Endorsement::anyone(),
            budget,
            not_before: Height(0),
            source: None,
            notes: Text::default(),
        };
        self.transaction("_lifecycle", "propose", &Propose { name: name.parse().unwrap(), definition })
    }

    fn set(&mut self, chaincode: &str, number: u64) -> Transaction {
        self.transaction(chaincode, "set", &(format!("key-{number:05}"), self.nonce.to_string()))
    }

    /// Executes a block and gives its receipts.
    fn block(&mut self, transactions: Vec<Transaction>) -> &[Receipt] {
        let time = self.state.head().unwrap().time_ms + 1000;
        let body = BlockBody { proposed_time_ms: time, transactions: List::new(transactions).unwrap() };
        let outcome = next(&mut self.state, &self.sandbox, &body);
        self.past.blocks.push((body, outcome.commitment));
        let before = self.receipts.len();
        self.receipts.extend(outcome.receipts);
        &self.receipts[before..]
    }

    /// Steps of a chaincode's life, by a transaction like any other.
    fn steps(&mut self, name: &str) -> Vec<Step> {
        let question = ListSteps { name: name.parse().unwrap(), after: 0, limit: 1000 };
        let asked = self.transaction("_lifecycle", "history", &question);
        decode(&self.block(vec![asked])[0].result, 1 << 20).unwrap()
    }
}

fn valid(receipts: &[Receipt]) {
    for receipt in receipts {
        assert_eq!(receipt.outcome, Outcome::Valid, "{}: {}", &*receipt.code, &*receipt.message);
    }
}

/// Packages that mean harm: those that are refused, and those that are called, all of them twice.
fn harm(making: &mut Making) {
    let unfit: Vec<_> = refused().into_iter().chain(mute()).map(|row| row.module).collect();
    for some in unfit.chunks(8) {
        let uploads = some.iter().map(|module| making.upload(module)).collect();
        assert!(making.block(uploads).iter().all(|receipt| receipt.code.starts_with("PACKAGE_")));
    }
    let mut modules: Vec<_> = running().into_iter().map(|row| row.module).collect();
    modules.extend((0..SEEDS).filter_map(fitting));
    modules.push(MISBEHAVING.to_vec());
    for (first, some) in (0..).step_by(8).zip(modules.chunks(8)) {
        let uploads = some.iter().map(|module| making.upload(module)).collect();
        making.block(uploads);
        let named = |(number, module): (u64, &Vec<u8>)| (format!("harm-{number}"), module.clone());
        let named: Vec<_> = (first..).zip(some).map(named).collect();
        let proposals = named.iter().map(|(name, module)| making.propose(name, module, SMALL)).collect();
        making.block(proposals);
        for _ in 0..2 {
            let calls = named.iter().map(|(name, _)| making.transaction(name, "any", &7_u64)).collect();
            making.block(calls);
        }
    }
    let misbehaving = format!("harm-{}", modules.len() - 1);
    let call = |function: &str, making: &mut Making| making.transaction(&misbehaving, function, &());
    let functions = ["loops", "reads_for_ever", "eats_memory", "writes_then_panics", "refuses_at_length"];
    let calls = functions.map(|function| call(function, making)).to_vec();
    let receipts = making.block(calls);
    assert!(receipts.iter().all(|receipt| receipt.outcome != Outcome::Valid));
}

/// A version with another form of its data comes and goes, and one comes whose migration would take too much.
fn versions(making: &mut Making) {
    let packages = [making.upload(KEY_VALUE), making.upload(KEY_VALUE_SECOND)].to_vec();
    valid(making.block(packages));
    let proposals = ["few", "many"].map(|name| making.propose(name, KEY_VALUE, TRANSACTION_BUDGET)).to_vec();
    valid(making.block(proposals));
    for (name, count) in [("few", 100), ("many", TOO_MANY)] {
        for first in (0..count).step_by(ALL) {
            let sets = (first..count.min(first + ALL as u64)).map(|number| making.set(name, number)).collect();
            valid(making.block(sets));
        }
    }
    let unknown = making.transaction("few", "remove", &"no such key");
    assert_eq!(making.block(vec![unknown])[0].outcome, Outcome::ChaincodeRejected);
    let proposals = ["few", "many"].map(|name| making.propose(name, KEY_VALUE_SECOND, TRANSACTION_BUDGET)).to_vec();
    valid(making.block(proposals));
    for _ in 0..3 {
        let sets = vec![making.set("few", 7), making.set("many", 7), making.set("few", 7)];
        valid(making.block(sets));
    }
    let motion = Rollback { name: "few".parse().unwrap(), sequence: 1, reason: Text::default() };
    let back = making.transaction("_lifecycle", "rollback", &motion);
    valid(making.block(vec![back]));
    let sets = vec![making.set("few", 7), making.set("few", 8)];
    valid(making.block(sets));
    let moved = |step: Step| match step.action {
        Action::Activated { migration, .. } => Some(migration.map(|report| report.keys)),
        Action::Void { code, .. } => {
            assert_eq!(&*code, "OUT_OF_GAS");
            Some(Some(0))
        }
        _ => None,
    };
    let mut all = |name| making.steps(name).into_iter().filter_map(moved).collect::<Vec<_>>();
    assert_eq!(all("few"), [None, Some(200), Some(200)], "there and back");
    assert_eq!(all("many"), [None, Some(0)], "it could not be moved");
}

#[test]
fn the_same_blocks_give_the_same_receipts_gas_and_roots_on_a_fresh_peer() {
    let folder = tempfile::tempdir().unwrap();
    let mut making = Making::new(sandbox(folder.path(), Code::Fast));
    harm(&mut making);
    versions(&mut making);
    let mut outcomes = BTreeMap::new();
    for receipt in &making.receipts {
        *outcomes.entry(receipt.outcome.code()).or_insert(0) += 1;
    }
    println!("{} blocks: {outcomes:?}", making.past.blocks.len());
    for outcome in ["VALID", "OUT_OF_GAS", "TRAPPED", "LIMIT_EXCEEDED", "CHAINCODE_REJECTED", "PRECONDITION_FAILED"] {
        assert!(outcomes.contains_key(outcome), "{outcome}: {outcomes:?}");
    }
    let past = making.past;
    drop(making.sandbox);
    again(&past, &sandbox(folder.path(), Code::Fast), "with what is compiled already");
    std::fs::remove_dir_all(folder.path()).unwrap();
    again(&past, &sandbox(folder.path(), Code::Fast), "with nothing compiled");
    again(&past, &sandbox(folder.path(), Code::Plain), "without optimisation");
    again(&past, &sandbox(folder.path(), Code::Simple), "with the simplest choice of registers");
    if let Some(file) = std::env::var_os("THERIAC_PAST_FILE") {
        std::fs::write(file, encode(&past)).unwrap();
    }
}
