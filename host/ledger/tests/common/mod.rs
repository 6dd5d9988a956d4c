//! A small network to execute blocks on: three organisations, and an engine that runs scripts instead of Wasm.

#![allow(dead_code, clippy::unwrap_used)]

use borsh::{BorshDeserialize, BorshSerialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use theriac_crypto::{BlsSecretKey, MemberKey};
use theriac_ledger::system::identity::*;
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::{
    Answer, BlockOutcome, BlockStore, Call, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Decided,
    Entry, Host, HostError, MemoryState, PackageError, Query, evaluate, execute_block, genesis_outcome,
};
use theriac_types::*;

/// What a script does, one operation after the other.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Op {
    Put(Vec<u8>, Vec<u8>),
    /// A value of so many zeros.
    PutZeros(Vec<u8>, u32),
    Delete(Vec<u8>),
    Get(Vec<u8>),
    Scan(Vec<u8>, Vec<u8>, u32),
    Emit(String, Vec<u8>),
    History(Vec<u8>, u32),
    Cosigners,
    Attributes,
    /// Carries on after a failed host call, as no chaincode can.
    Ignoring(Box<Op>),
    Refuse(String),
    Trap,
    OutOfGas,
    Unavailable,
    Result(u32),
}

/// Interprets arguments as scripts. Gas is one per operation.
pub struct Scripts;

impl ChaincodeEngine for Scripts {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        if module.starts_with(b"good") {
            let description = description(module.starts_with(b"good asks"));
            return Ok(Checked { description, metering: Digest::ZERO });
        }
        Err(PackageError { code: "NOT_A_SCRIPT", message: "start it with good".to_owned() })
    }

    fn prepare(&self, _: PackageId, _: &[u8]) {}

    fn call(
        &self,
        _: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        if let Err(error) = load() {
            return CallResult { outcome: CallOutcome::Unavailable { reason: error.to_string() }, used: Budget::ZERO };
        }
        let Entry::Function { name, args } = call.entry else {
            let message = "scripts do not migrate".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        };
        if name.as_str() == "ask" && call.kind == CallKind::Transaction {
            let message = "ask is a query".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        }
        let Ok(script) = Vec::<Op>::try_from_slice(args) else {
            let message = "not a script".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        };
        let (mut results, mut used) = (Vec::new(), Budget::ZERO);
        for op in &script {
            used.gas += 1;
            match run(op, call, host) {
                Ok(result) => results.push(result),
                Err(outcome) => return CallResult { outcome, used },
            }
        }
        CallResult { outcome: CallOutcome::Returned(results.concat()), used }
    }
}

/// What a package says of itself; one whose bytes begin with `good asks` has a query.
pub fn description(asks: bool) -> Description {
    let function = |(name, kind): (&str, FunctionKind)| FunctionDescription {
        name: name.parse().unwrap(),
        kind,
        argument_schema: Bytes::default(),
        result_schema: Bytes::default(),
    };
    let mut functions = vec![function(("run", FunctionKind::Transaction))];
    if asks {
        functions.insert(0, function(("ask", FunctionKind::Query)));
    }
    let functions = List::new(functions).unwrap();
    Description { functions, ..Description::untyped("scripts".parse().unwrap()) }
}

fn run(op: &Op, call: &Call<'_>, host: &mut dyn Host) -> Result<Vec<u8>, CallOutcome> {
    let failed = |error: HostError| CallOutcome::Trapped { message: error.to_string() };
    Ok(match op {
        Op::Put(key, value) => host.put(key, value).map(|()| Vec::new()).map_err(failed)?,
        Op::PutZeros(key, bytes) => host.put(key, &vec![0; *bytes as usize]).map(|()| Vec::new()).map_err(failed)?,
        Op::Delete(key) => host.delete(key).map(|()| Vec::new()).map_err(failed)?,
        Op::Get(key) => encode(&host.get(key).map_err(failed)?),
        Op::Scan(start, end, limit) => encode(&host.scan(start, end, *limit as usize).map_err(failed)?),
        Op::Emit(topic, payload) => host.emit(topic, payload).map(|()| Vec::new()).map_err(failed)?,
        Op::History(key, limit) => {
            let versions = host.history(key, *limit as usize).map_err(failed)?;
            encode(&versions.into_iter().map(|v| (v.height, v.tx_id, v.time_ms, v.value)).collect::<Vec<_>>())
        }
        Op::Cosigners => encode(&call.context.cosigners),
        Op::Attributes => encode(&call.context.attributes),
        Op::Ignoring(op) => run(op, call, host).unwrap_or_default(),
        Op::Refuse(code) => {
            return Err(CallOutcome::Refused { code: code.clone(), message: "as the script says".to_owned() });
        }
        Op::Trap => return Err(CallOutcome::Trapped { message: "as the script says".to_owned() }),
        Op::OutOfGas => return Err(CallOutcome::OutOfGas),
        Op::Unavailable => return Err(CallOutcome::Unavailable { reason: "no memory".to_owned() }),
        Op::Result(bytes) => vec![7; *bytes as usize],
    })
}

pub fn put(key: &[u8], value: &[u8]) -> Op {
    Op::Put(key.to_vec(), value.to_vec())
}

thread_local! {
    static KEYS: RefCell<BTreeMap<String, PublicKey>> = const { RefCell::new(BTreeMap::new()) };
}

/// A member's key, made from its name, once.
pub fn key(member: &str) -> PublicKey {
    KEYS.with_borrow_mut(|keys| *keys.entry(member.to_owned()).or_insert_with(|| new_key(member)))
}

fn new_key(member: &str) -> PublicKey {
    let secret = theriac_crypto::hash(theriac_crypto::Domain::Trace, &[member.as_bytes()]);
    MemberKey::from_bytes(&secret.0).unwrap().public_key()
}

pub fn creator(member: &str) -> Creator {
    Creator { member: member.parse().unwrap(), key: key(member) }
}

pub const ADMINISTRATORS: [&str; 3] = ["alpha/admin", "beta/admin", "gamma/admin"];

/// A replica as no network checks it: with bytes instead of keys.
pub fn replica(org: &str, id: u8) -> ReplicaRecord {
    ReplicaRecord {
        org: org.parse().unwrap(),
        consensus_key: Bytes::new([id; 96]).unwrap(),
        proof_of_possession: Bytes::default(),
        link_certificate: Bytes::new([id; 300]).unwrap(),
        address: Text::new(format!("{org}-{id}:7000")).unwrap(),
    }
}

/// A replica with a key that it holds.
pub fn newcomer(org: &str, id: u8) -> ReplicaRecord {
    let key = BlsSecretKey::from_seed(&[id; 32]).unwrap();
    let (consensus_key, proof_of_possession) = (key.public_key(), key.proof_of_possession());
    ReplicaRecord { consensus_key, proof_of_possession, ..replica(org, id) }
}

/// Organisations alpha, beta and gamma, the last a regulator; an administrator each, and `alpha/user`.
pub fn genesis() -> Genesis {
    let replicas = (0..4).map(|id| replica("alpha", id)).collect();
    let organisation = |(id, roles): (&str, Vec<Role>)| GenesisOrganisation {
        id: id.parse().unwrap(),
        roles: List::new(roles).unwrap(),
    };
    let organisations =
        [("alpha", vec![Role::Manufacturer]), ("beta", vec![Role::Distributor]), ("gamma", vec![Role::Regulator])];
    let member = |id: &str| {
        let roles = if id.ends_with("admin") { vec![Role::Administrator] } else { vec![] };
        GenesisMember { id: id.parse().unwrap(), key: key(id), roles: List::new(roles).unwrap() }
    };
    Genesis {
        channel: "medicines".parse().unwrap(),
        f: 1,
        c: 0,
        replicas: List::new(replicas).unwrap(),
        organisations: List::new(organisations.map(organisation).to_vec()).unwrap(),
        members: List::new(["alpha/admin", "alpha/user", "beta/admin", "gamma/admin"].map(member).to_vec()).unwrap(),
        time_ms: 1_000,
    }
}

/// Drives a store block by block.
pub struct Chain<S> {
    pub store: S,
    nonce: u64,
}

impl Chain<MemoryState> {
    pub fn start() -> Self {
        let genesis = genesis();
        let outcome = genesis_outcome(&genesis).unwrap();
        Self::over(MemoryState::new(genesis, &outcome))
    }

    /// A chain on which `scripts` is deployed and active.
    pub fn with_scripts() -> Self {
        let mut chain = Self::start();
        chain.deploy();
        chain
    }
}

impl<S: BlockStore> Chain<S> {
    pub fn over(store: S) -> Self {
        Self { store, nonce: 0 }
    }

    pub fn height(&self) -> Height {
        self.store.head().unwrap().height
    }

    /// A transaction that is valid for a while.
    pub fn transaction<A: BorshSerialize>(
        &mut self,
        by: &str,
        chaincode: &str,
        function: &str,
        args: &A,
    ) -> Transaction {
        self.nonce += 1;
        let body = TransactionBody {
            channel: "medicines".parse().unwrap(),
            creator: creator(by),
            nonce: Nonce(self.nonce),
            valid_until: Height(self.height().0 + 10),
            chaincode: chaincode.parse().unwrap(),
            function: function.parse().unwrap(),
            args: Bytes::new(encode(args)).unwrap(),
            transient_hash: None,
        };
        // Signatures are checked before a block is decided on: the ledger does not look at them.
        Transaction { body, signature: Signature([1; 65]), cosignatures: List::default() }
    }

    pub fn script(&mut self, by: &str, script: &[Op]) -> Transaction {
        self.transaction(by, "scripts", "run", &script.to_vec())
    }

    pub fn execute(&self, transactions: Vec<Transaction>) -> BlockOutcome {
        let height = self.height().next();
        let body = BlockBody { proposed_time_ms: 0, transactions: List::new(transactions).unwrap() };
        execute_block(&self.store, &Scripts, &Decided::new(height, &body)).unwrap()
    }

    pub fn block(&mut self, transactions: Vec<Transaction>) -> Vec<Receipt> {
        let outcome = self.execute(transactions);
        self.store.apply(&outcome, b"proof").unwrap();
        outcome.receipts
    }

    /// One transaction in a block of its own.
    pub fn one<A: BorshSerialize>(&mut self, by: &str, chaincode: &str, function: &str, args: &A) -> Receipt {
        let transaction = self.transaction(by, chaincode, function, args);
        self.block(vec![transaction]).remove(0)
    }

    pub fn run(&mut self, by: &str, script: &[Op]) -> Receipt {
        self.one(by, "scripts", "run", &script.to_vec())
    }

    pub fn propose(&mut self, by: &str, module: &[u8]) -> Receipt {
        self.one(by, "_lifecycle", "propose", &proposal(module))
    }

    pub fn approve(&mut self, by: &str, sequence: u64, module: &[u8]) -> Receipt {
        let package = theriac_crypto::names::package_id(module);
        let name = "scripts".parse().unwrap();
        self.one(by, "_lifecycle", "approve", &Approve { name, sequence, package, reason: Text::default() })
    }

    pub fn deploy(&mut self) {
        assert_eq!(self.propose("alpha/admin", b"good").outcome, Outcome::Valid);
        assert_eq!(self.approve("beta/admin", 1, b"good").outcome, Outcome::Valid);
    }

    pub fn ask<A: BorshSerialize>(&self, chaincode: &str, function: &str, args: &A, at: Option<Height>) -> Answer {
        let (chaincode, function) = (chaincode.parse().unwrap(), function.parse().unwrap());
        let query =
            Query { creator: &creator("alpha/user"), chaincode: &chaincode, function: &function, args: &encode(args) };
        evaluate(&self.store, &Scripts, &query, at).unwrap()
    }

    pub fn status(&self) -> ChaincodeRecord {
        let answer = self.ask("_lifecycle", "status", &LookUpStatus { name: "scripts".parse().unwrap() }, None);
        decode::<Option<ChaincodeRecord>>(&answer.result, 4096).unwrap().unwrap()
    }

    pub fn member(&self, id: &str) -> Option<MemberRecord> {
        let answer = self.ask("_identity", "member", &LookUpMember { id: id.parse().unwrap() }, None);
        decode(&answer.result, 4096).unwrap()
    }
}

pub fn proposal(module: &[u8]) -> Propose {
    Propose {
        name: "scripts".parse().unwrap(),
        label: Text::default(),
        module: Bytes::new(module).unwrap(),
        source: None,
        reason: Text::new("tests need it").unwrap(),
        not_before: Height(0),
    }
}

pub fn tally(receipt: &Receipt) -> Tally {
    decode(&receipt.result, 4096).unwrap()
}
