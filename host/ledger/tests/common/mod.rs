//! A small network to execute blocks on: three organisations, and an engine that runs scripts instead of Wasm.

#![allow(dead_code, clippy::unwrap_used)]

use borsh::schema::BorshSchemaContainer;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use theriac_crypto::{BlsSecretKey, MemberKey};
use theriac_ledger::system::identity::*;
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::{
    Answer, BlockOutcome, BlockStore, Call, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Decided,
    Entry, Host, HostError, Lookup, MemoryState, PackageError, Query, Subcall, evaluate, execute_block,
    genesis_outcome,
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
    ValueAt(Vec<u8>, u64),
    /// Table, index, first and last encoded fields, most entries: gives the keys, and where the next page starts.
    Lookup(Vec<u8>, String, Vec<u8>, Vec<u8>, u32),
    /// A key of another chaincode.
    Foreign(String, Vec<u8>),
    Guard(Vec<u8>, Option<String>),
    /// Has another chaincode run a script as a transaction; gives its result, or its code.
    Invoke(String, Vec<Op>),
    /// The same as a query.
    Ask(String, Vec<Op>),
    Callers,
    /// A document: its file name, and who received it.
    Document(String),
    Cosigners,
    Attributes,
    Limits,
    /// Carries on after a failed host call, as no chaincode can.
    Ignoring(Box<Op>),
    Refuse(String),
    Trap,
    OutOfGas,
    Unavailable,
    Result(u32),
}

/// Interprets arguments as scripts. Gas is one per operation.
///
/// A module is a text of words: `good` first; `asks` adds a query; `state:2` is the form of its data, `way:1>2` a
/// migration it offers; `table:p` declares a table of [`Row`]s with that prefix, `table:p:guarded` one whose entries
/// carry policies, `table:p:by=holder,count` one with an index; `reads:other/p` what it reads of others; `moves`, `refuses`, `breaks`, `burns`, `floods`, `emits` and `fails` say how that ends.
pub struct Scripts;

impl ChaincodeEngine for Scripts {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        if module.starts_with(b"good") {
            return Ok(Checked { description: description(module), metering: Digest([9; 32]) });
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
        let module = match load() {
            Ok(module) => module,
            Err(error) => {
                let outcome = CallOutcome::Unavailable { reason: error.to_string() };
                return CallResult { outcome, used: Budget::ZERO };
            }
        };
        let (name, args) = match call.entry {
            Entry::Function { name, args } => (name, args),
            Entry::Migrate(migration) => {
                let outcome = migrate(&module, migration, call, host).unwrap_or_else(|outcome| outcome);
                return CallResult { outcome, used: Budget { gas: 5, host_gas: 1 } };
            }
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

fn words(module: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(module).split(' ').map(ToOwned::to_owned).collect()
}

/// Notes who migrated what; then ends as the module says.
fn migrate(
    module: &[u8],
    Migration { from, to }: Migration,
    call: &Call<'_>,
    host: &mut dyn Host,
) -> Result<CallOutcome, CallOutcome> {
    assert_eq!(call.kind, CallKind::Migration);
    assert_eq!(call.limits, theriac_types::limits::MIGRATION_BUDGET);
    let words = words(module);
    let says = |word: &str| words.iter().any(|found| found == word);
    run(&put(b"form", format!("{from}>{to} by {}", call.context.caller.member).as_bytes()), call, host)?;
    run(&Op::Delete(b"old".to_vec()), call, host)?;
    if says("refuses") {
        return Err(CallOutcome::Refused { code: "NOT_MOVABLE".to_owned(), message: "a row is odd".to_owned() });
    }
    if says("floods") {
        run(&Op::PutZeros(b"much".to_vec(), 1 << 20), call, host)?;
    }
    if says("emits") {
        run(&Op::Emit("moved".to_owned(), Vec::new()), call, host)?;
    }
    for (word, op) in [("breaks", Op::Trap), ("burns", Op::OutOfGas), ("fails", Op::Unavailable)] {
        if says(word) {
            run(&op, call, host)?;
        }
    }
    Ok(CallOutcome::Returned(Vec::new()))
}

/// What a package says of itself.
pub fn description(module: &[u8]) -> Description {
    let words = words(module);
    let value = |prefix: &str| words.iter().filter_map(|word| word.strip_prefix(prefix)).collect::<Vec<_>>();
    let way = |text: &str| {
        let (from, to) = text.split_once('>').unwrap();
        Migration { from: from.parse().unwrap(), to: to.parse().unwrap() }
    };
    let migrations = value("way:").into_iter().map(way).collect();
    let state_version = value("state:").first().map_or(1, |version| version.parse().unwrap());
    let asks = words.iter().any(|word| word == "asks");
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
    let migrations = List::new(migrations).unwrap();
    let reads = value("reads:").into_iter().map(|text| {
        let (chaincode, prefix) = text.split_once('/').unwrap();
        ForeignRead { chaincode: chaincode.parse().unwrap(), prefix: Bytes::new(prefix).unwrap() }
    });
    let reads = List::new(reads.collect()).unwrap();
    let tables: Vec<_> = value("table:").into_iter().map(table).collect();
    let plain = Description::untyped("scripts".parse().unwrap());
    let tables = if tables.is_empty() { plain.tables.clone() } else { List::new(tables).unwrap() };
    Description { functions, state_version, migrations, reads, tables, ..plain }
}

/// What tables of scripts hold.
#[derive(Debug, BorshSerialize, BorshSchema)]
pub struct Row {
    pub holder: Option<String>,
    pub count: u64,
}

pub fn row(holder: &str, count: u64) -> Vec<u8> {
    encode(&Row { holder: Some(holder.to_owned()).filter(|holder| !holder.is_empty()), count })
}

fn table(text: &str) -> TableDescription {
    let mut words = text.split(':');
    let prefix = words.next().unwrap();
    let rest: Vec<_> = words.collect();
    let indexes = rest.iter().filter_map(|word| word.split_once('=')).map(|(name, fields)| IndexDescription {
        name: Text::new(name).unwrap(),
        fields: List::new(fields.split(',').map(|field| Text::new(field).unwrap()).collect()).unwrap(),
    });
    TableDescription {
        name: Text::new(prefix).unwrap(),
        prefix: Bytes::new(prefix).unwrap(),
        key_schema: Bytes::default(),
        value_schema: Bytes::new(encode(&BorshSchemaContainer::for_type::<Row>())).unwrap(),
        indexes: List::new(indexes.collect()).unwrap(),
        guarded: rest.contains(&"guarded"),
    }
}

fn run(op: &Op, call: &Call<'_>, host: &mut dyn Host) -> Result<Vec<u8>, CallOutcome> {
    let failed = |error: HostError| CallOutcome::Trapped { message: error.to_string() };
    Ok(match op {
        Op::Put(key, value) => host.put(key, value).map(|()| Vec::new()).map_err(failed)?,
        Op::PutZeros(key, bytes) => host.put(key, &vec![0; *bytes as usize]).map(|()| Vec::new()).map_err(failed)?,
        Op::Delete(key) => host.delete(key).map(|()| Vec::new()).map_err(failed)?,
        Op::Get(key) => encode(&host.get(key).map_err(failed)?),
        Op::Scan(start, end, limit) => encode(&host.scan(start, end, *limit as usize).map_err(failed)?.entries),
        Op::Emit(topic, payload) => host.emit(topic, payload).map(|()| Vec::new()).map_err(failed)?,
        Op::History(key, limit) => {
            let versions = host.history(key, *limit as usize).map_err(failed)?;
            encode(&versions.into_iter().map(|v| (v.height, v.tx_id, v.time_ms, v.value)).collect::<Vec<_>>())
        }
        Op::ValueAt(key, height) => encode(&host.value_at(key, Height(*height)).map_err(failed)?),
        Op::Lookup(table, index, start, end, limit) => {
            let lookup = Lookup { table, index, start, end, limit: *limit as usize };
            let page = host.lookup(&lookup).map_err(failed)?;
            encode(&(page.entries.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), page.next))
        }
        Op::Foreign(chaincode, key) => encode(&host.foreign(chaincode, key).map_err(failed)?),
        Op::Guard(key, policy) => host.guard(key, policy.as_deref()).map(|()| Vec::new()).map_err(failed)?,
        Op::Invoke(chaincode, script) => other(CallKind::Transaction, chaincode, "run", script, host)?,
        Op::Ask(chaincode, script) => other(CallKind::Query, chaincode, "ask", script, host)?,
        Op::Document(cid) => {
            let document = host.document(cid).map_err(failed)?;
            let receipts = host.document_receipts(cid).map_err(failed)?;
            let by: Vec<_> = receipts.iter().map(|receipt| receipt.by.to_string()).collect();
            encode(&(document.map(|document| document.file_name), by))
        }
        Op::Callers => encode(&call.context.callers),
        Op::Cosigners => encode(&call.context.cosigners.iter().map(|cosigner| &cosigner.member).collect::<Vec<_>>()),
        Op::Limits => encode(&call.limits),
        Op::Attributes => encode(&call.context.caller.attributes),
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

/// Calls another chaincode with half of what a transaction may use.
fn other(
    kind: CallKind,
    chaincode: &str,
    function: &str,
    script: &Vec<Op>,
    host: &mut dyn Host,
) -> Result<Vec<u8>, CallOutcome> {
    let limits = Budget { gas: 50_000_000, host_gas: 50_000_000 };
    let call = Subcall { kind, chaincode, function, args: &encode(script), limits };
    let answered = host.call(&call).map_err(|error| CallOutcome::Trapped { message: error.to_string() })?;
    Ok(answered.outcome.unwrap_or_else(|rejection| format!("refused {}", rejection.code).into_bytes()))
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

    /// Uploads a module and proposes it, in one block.
    pub fn propose(&mut self, by: &str, module: &[u8]) -> Receipt {
        self.propose_as(by, module, proposal(module))
    }

    /// The same with a definition of the test's choice.
    pub fn propose_as(&mut self, by: &str, module: &[u8], propose: Propose) -> Receipt {
        let upload = self.transaction(by, "_lifecycle", "upload", &Upload { module: Bytes::new(module).unwrap() });
        let propose = self.transaction(by, "_lifecycle", "propose", &propose);
        let mut receipts = self.block(vec![upload, propose]);
        let proposed = receipts.pop().unwrap();
        let uploaded = receipts.pop().unwrap();
        if uploaded.outcome == Outcome::Valid { proposed } else { uploaded }
    }

    pub fn approve(&mut self, by: &str, sequence: u64, module: &[u8]) -> Receipt {
        self.approve_as(by, sequence, &proposal(module))
    }

    pub fn approve_as(&mut self, by: &str, sequence: u64, propose: &Propose) -> Receipt {
        let definition = theriac_crypto::names::definition_digest(&propose.definition);
        let name = propose.name.clone();
        self.one(by, "_lifecycle", "approve", &Approve { name, sequence, definition, reason: Text::default() })
    }

    pub fn deploy(&mut self) {
        self.deploy_as("scripts", b"good", Endorsement::anyone());
    }

    /// Puts the first version of a chaincode in force.
    pub fn deploy_as(&mut self, name: &str, module: &[u8], endorsement: Endorsement) {
        let definition = Definition { endorsement, ..definition(module) };
        let propose = Propose { name: name.parse().unwrap(), definition };
        let proposed = self.propose_as("alpha/admin", module, propose.clone());
        assert_eq!(proposed.outcome, Outcome::Valid, "{}", proposed.message);
        let approved = self.approve_as("beta/admin", 1, &propose);
        assert_eq!(approved.outcome, Outcome::Valid, "{}", approved.message);
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

    pub fn steps(&self) -> Vec<Step> {
        let list = ListSteps { name: "scripts".parse().unwrap(), after: 0, limit: 100 };
        decode(&self.ask("_lifecycle", "history", &list, None).result, 65536).unwrap()
    }

    pub fn member(&self, id: &str) -> Option<MemberRecord> {
        let answer = self.ask("_identity", "member", &LookUpMember { id: id.parse().unwrap() }, None);
        decode(&answer.result, 4096).unwrap()
    }
}

pub fn proposal(module: &[u8]) -> Propose {
    Propose { name: "scripts".parse().unwrap(), definition: definition(module) }
}

pub fn definition(module: &[u8]) -> Definition {
    Definition {
        label: Text::default(),
        package: theriac_crypto::names::package_id(module),
        endorsement: Endorsement::anyone(),
        budget: theriac_types::limits::TRANSACTION_BUDGET,
        not_before: Height(0),
        source: None,
        notes: Text::new("tests need it").unwrap(),
    }
}

pub fn tally(receipt: &Receipt) -> Tally {
    decode(&receipt.result, 4096).unwrap()
}
