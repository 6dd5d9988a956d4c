//! What three blocks leave behind: receipts, records of the system chaincodes, tree pages, proofs, commitments.
//!
//! Executing them again must give the same bytes: a difference here means that a peer with the change and one without
//! it would part ways on the same chain.

use std::collections::BTreeSet;
use theriac_conformance::fixtures::*;
use theriac_conformance::{Golden, GoldenError, Vector};
use theriac_crypto::names;
use theriac_ledger::system::identity::{ApproveOrganisation, RegisterOrganisation};
use theriac_ledger::system::lifecycle::{Approve, Propose, Upload};
use theriac_ledger::system::membership;
use theriac_ledger::transfer::{Answer, Child, Request, Transfer, serve};
use theriac_ledger::tree::{Leaf, Page, Path, prove};
use theriac_ledger::{
    BlockOutcome, BlockStore, Call, CallOutcome, CallResult, ChaincodeEngine, Checked, Decided, Entry, Host, HostError,
    MemoryState, PackageError, StateKey, StateReader, execute_block, genesis_outcome,
};
use theriac_types::{
    BlockBody, Budget, Bytes, Definition, Description, Digest, Endorsement, FunctionDescription, FunctionKind,
    FunctionPolicy, Height, List, Nonce, Outcome, PackageId, Policy, Role, Text, Transaction, TransactionBody, decode,
    encode,
};

const MODULE: &[u8] = b"a module that keeps notes";

/// Plays the package: `write` keeps its argument and announces it, anything else refuses.
struct Notes;

impl ChaincodeEngine for Notes {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        assert_eq!(module, MODULE);
        let mend = FunctionDescription {
            name: name("mend"),
            kind: FunctionKind::Transaction,
            argument_schema: Bytes::default(),
            result_schema: Bytes::default(),
        };
        let functions = List::new(vec![mend]).expect("one");
        let description = Description { functions, ..Description::untyped(name("notes")) };
        Ok(Checked { description, metering: Digest([0xc7; 32]) })
    }

    fn prepare(&self, package: PackageId, module: &[u8]) {
        assert_eq!(package, names::package_id(module));
    }

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        assert_eq!(package, names::package_id(&load().expect("the package is in the state")));
        let Entry::Function { name, args } = call.entry else {
            let message = "notes have one form".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        };
        let outcome = match name.as_str() {
            "write" => {
                host.put(b"note", args).expect("a short note");
                host.emit("note.written", args).expect("one event");
                CallOutcome::Returned(vec![1])
            }
            _ => CallOutcome::Refused { code: "NOT_A_NOTE".to_owned(), message: "Write a note.".to_owned() },
        };
        CallResult { outcome, used: Budget { gas: 4321, host_gas: 1234 } }
    }
}

/// A transaction of a member whose key is made of equal bytes.
fn by(member: &str, key: u8, nonce: u64, chaincode: &str, function: &str, args: &[u8]) -> Transaction {
    let key = member_key(key);
    let body = TransactionBody {
        creator: creator(member, &key),
        nonce: Nonce(nonce),
        chaincode: name(chaincode),
        function: name(function),
        args: Bytes::new(args).expect("short"),
        ..transaction_body()
    };
    signed(body, &key, &[])
}

fn third_organisation() -> RegisterOrganisation {
    RegisterOrganisation {
        id: name("clinic"),
        roles: List::new(vec![Role::Hospital]).expect("one role"),
        administrator: name("cleo"),
        key: member_key(4).public_key(),
    }
}

fn proposal() -> Propose {
    Propose { name: name("notes"), definition: definition() }
}

fn definition() -> Definition {
    let policy = |text: &str| text.parse::<Policy>().expect("a policy");
    let own =
        FunctionPolicy { function: name("mend"), policy: policy("clinic and 2 of (maker, store, role:regulator)") };
    Definition {
        label: Text::new("1.0.0").expect("short"),
        package: names::package_id(MODULE),
        endorsement: Endorsement { chaincode: policy("any"), functions: List::new(vec![own]).expect("one") },
        budget: Budget { gas: 1_000_000, host_gas: 2_000_000 },
        not_before: Height(0),
        source: Some(digest(0x55)),
        notes: Text::new("Notes are needed.").expect("short"),
    }
}

fn upload() -> Upload {
    Upload { module: Bytes::new(MODULE).expect("short") }
}

fn approval() -> Approve {
    Approve {
        name: name("notes"),
        sequence: 1,
        definition: names::definition_digest(&definition()),
        reason: Text::new("Agreed.").expect("short"),
    }
}

/// Two blocks: an organisation and a chaincode come in; the chaincode is used, well and badly.
fn bodies() -> [BlockBody; 2] {
    let body = |time: u64, transactions| BlockBody {
        proposed_time_ms: 1_700_000_000_000 + time,
        transactions: List::new(transactions).expect("few"),
    };
    let approve_clinic = encode(&ApproveOrganisation { id: name("clinic") });
    let first = vec![
        by("maker/anna", 1, 1, "_identity", "register_organisation", &encode(&third_organisation())),
        by("store/bert", 2, 1, "_identity", "approve_organisation", &approve_clinic),
        by("maker/anna", 1, 3, "_lifecycle", "upload", &encode(&upload())),
        by("maker/anna", 1, 2, "_lifecycle", "propose", &encode(&proposal())),
        by("store/bert", 2, 2, "_lifecycle", "approve", &encode(&approval())),
    ];
    let second = vec![
        by("clinic/cleo", 4, 1, "notes", "write", b"fresh"),
        by("clinic/cleo", 4, 1, "notes", "write", b"again"),
        by("clinic/cleo", 3, 2, "notes", "write", b"wrong key"),
        by("maker/line", 3, 1, "notes", "erase", b""),
        by("maker/line", 3, 2, "nothing", "write", b""),
    ];
    // The second proposes an earlier time: the ledger's goes on all the same.
    [body(10, first), body(5, second)]
}

/// The chain after the genesis and both blocks, and what each of the three did.
fn chain() -> (MemoryState, Vec<BlockOutcome>) {
    let genesis = genesis();
    let mut outcomes = vec![genesis_outcome(&genesis).expect("the genesis is well formed")];
    let mut state = MemoryState::new(genesis, &outcomes[0]);
    for (height, body) in (1..).map(Height).zip(bodies()) {
        let outcome = execute_block(&state, &Notes, &Decided::new(height, &body)).expect("the peer does not fail");
        state.apply(&outcome, b"").expect("it follows the head");
        outcomes.push(outcome);
    }
    (state, outcomes)
}

#[test]
fn arguments_of_system_chaincodes() -> Result<(), GoldenError> {
    let mut golden = Golden::new("system-call");
    golden.add("register_organisation", Vector::default().encoded("argument", &third_organisation()));
    golden.add("upload", Vector::default().encoded("argument", &upload()));
    golden.add("propose", Vector::default().encoded("argument", &proposal()));
    golden.add("approve", Vector::default().encoded("argument", &approval()));
    let configuration = genesis().configuration().proposed();
    let digest = names::proposed_configuration_digest(&configuration);
    let propose = membership::Propose { configuration, reason: Text::new("another disk").expect("short") };
    golden.add("membership propose", Vector::default().encoded("argument", &propose));
    let approve = membership::Approve { number: 2, digest };
    golden.add("membership approve", Vector::default().encoded("argument", &approve));
    golden.add("membership withdraw", Vector::default().encoded("argument", &membership::Withdraw { number: 2 }));
    golden.finish()
}

#[test]
fn blocks_end_as_written_down() -> Result<(), GoldenError> {
    let mut golden = Golden::new("execution");
    for outcome in chain().1 {
        let mut vector = Vector::default()
            .encoded("block", &outcome.block)
            .encoded("commitment", &outcome.commitment)
            .bytes("state_digest", &outcome.digest().0.0);
        for receipt in &outcome.receipts {
            vector = vector.encoded(&format!("receipt_{}_{}", receipt.index, receipt.outcome), receipt);
        }
        for version in &outcome.versions {
            let field = format!("write_{}_{:?}", version.index, version.key);
            vector = match &version.value {
                Some(value) => vector.bytes(&field, value),
                None => vector.text(&field, "deleted"),
            };
        }
        for entry in &outcome.replay {
            vector = vector.encoded(&format!("replay_{}_{}", entry.creator, entry.nonce), entry);
        }
        golden.add(&format!("height {}", outcome.height()), vector);
    }
    golden.finish()
}

#[test]
fn the_blocks_show_every_kind_of_end() {
    let ends: Vec<Vec<Outcome>> =
        chain().1.iter().map(|o| o.receipts.iter().map(|receipt| receipt.outcome).collect()).collect();
    let second = [
        Outcome::Valid,
        Outcome::Duplicate,
        Outcome::NotAMember,
        Outcome::ChaincodeRejected,
        Outcome::UnknownChaincode,
    ];
    assert_eq!(ends, [vec![], vec![Outcome::Valid; 5], second.to_vec()]);
}

#[test]
fn tree_pages_and_their_keys() -> Result<(), GoldenError> {
    let mut golden = Golden::new("state-tree");
    for outcome in chain().1 {
        let mut vector = Vector::default().bytes("root", &outcome.tree.root.0.0);
        for (key, page) in &outcome.tree.pages {
            let bytes = page.to_bytes();
            assert_eq!(Page::from_bytes(&bytes).as_ref(), Ok(&**page));
            vector = vector.bytes(&format!("page_{}", hex::encode(key.to_bytes())), &bytes);
        }
        golden.add(&format!("height {}", outcome.height()), vector);
    }
    golden.finish()
}

#[test]
fn proofs_of_presence_and_absence() -> Result<(), GoldenError> {
    let (state, outcomes) = chain();
    let head = &outcomes[2].commitment;
    let mut golden = Golden::new("state-proof");
    for (label, key) in [("present", &b"note"[..]), ("absent", b"no such note"), ("absent too", b"another")] {
        let key = StateKey::new(name("notes"), key).expect("short");
        let value = state.get(&key, head.height).expect("in memory");
        let proof = prove(&state, head.height, head.state_root, &key).expect("in memory");
        proof.verify(head.state_root, &key, value.as_deref()).expect("the proof holds");
        proof.verify(head.state_root, &key, Some(b"forged")).expect_err("and for no other value");
        proof.verify(outcomes[1].commitment.state_root, &key, value.as_deref()).expect_err("and under no other root");
        assert_eq!(decode(&encode(&proof), 1 << 16).as_ref(), Ok(&proof));
        let vector = Vector::default().encoded("key", &key).bytes("root", &head.state_root.0.0);
        golden.add(label, vector.bytes("value", value.as_deref().unwrap_or_default()).encoded("proof", &proof));
    }
    golden.finish()
}

#[test]
fn questions_and_answers_of_a_state_transfer() -> Result<(), GoldenError> {
    let (state, outcomes) = chain();
    let at = outcomes[2].height();
    let mut transfer = Transfer::new(outcomes[2].commitment.clone(), names::genesis_hash(&genesis()));
    let mut golden = Golden::new("transfer");
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        let answer = serve(&state, at, &request).expect("in memory");
        transfer.accept(&request, answer.clone()).expect("the answer is honest");
        let vector = Vector::default().encoded("request", &request).encoded("answer", &answer);
        golden.add(&format!("{request:?}").chars().take_while(|c| c.is_alphabetic()).collect::<String>(), vector);
    }
    let leaf = Leaf { key: digest(0x01), value: digest(0x02) };
    let page = Child::Page { left: digest(0x03), right: digest(0x04) };
    let children = Answer::Children(List::new(vec![(3, Child::Leaf(leaf)), (15, page)]).expect("two"));
    golden.add("places", Vector::default().encoded("answer", &children));
    let place = decode::<Path>(&[3, 0x12, 0x30], 3).expect("three digits");
    golden.add("place", Vector::default().encoded("request", &Request::Subtree(place)));
    golden.add("progress", Vector::default().encoded("complete", &transfer.progress()));
    golden.finish()
}
