//! How a version comes into force together with its data, or not at all.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, Scripts, genesis, proposal, put, tally};
use theriac_crypto::names::package_id;
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::{
    BlockStore, Decided, ExecuteError, MemoryState, StateKey, StateReader, execute_block, genesis_outcome,
};
use theriac_types::limits::ACTIVATIONS_PER_BLOCK_MAX;
use theriac_types::*;

const SECOND: &[u8] = b"good state:2 way:1>2 way:2>1";

fn value(chain: &Chain<MemoryState>, key: &[u8]) -> Option<String> {
    let key = StateKey::new("scripts".parse().unwrap(), key).unwrap();
    chain.store.get(&key, chain.height()).unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
}

/// The first version in force, with some data.
fn with_data() -> Chain<MemoryState> {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"old", b"1"), put(b"form", b"first")]);
    chain
}

fn upgrade(chain: &mut Chain<MemoryState>, module: &[u8]) -> Receipt {
    let sequence = chain.status().last_sequence + 1;
    chain.propose("alpha/admin", module);
    chain.approve("beta/admin", sequence, module)
}

fn rollback(chain: &mut Chain<MemoryState>, sequence: u64) -> Receipt {
    let motion = Rollback { name: "scripts".parse().unwrap(), sequence, reason: Text::default() };
    chain.one("alpha/admin", "_lifecycle", "rollback", &motion);
    chain.one("beta/admin", "_lifecycle", "rollback", &motion)
}

fn last_step(chain: &Chain<MemoryState>) -> Step {
    chain.steps().pop().unwrap()
}

#[test]
fn the_data_follows_an_upgrade_and_the_way_back() {
    let mut chain = with_data();
    let decided = upgrade(&mut chain, SECOND);
    let up = Migration { from: 1, to: 2 };
    assert_eq!(value(&chain, b"form").as_deref(), Some("1>2 by beta/admin"), "in the block of the decision");
    assert_eq!(value(&chain, b"old"), None);
    let activation = Activation { sequence: 2, package: package_id(SECOND), from: chain.height().next() };
    let used = Budget { gas: 5, host_gas: 1 };
    let report = MigrationReport { migration: up, package: package_id(SECOND), keys: 2, used };
    let step = last_step(&chain);
    assert_eq!(step.action, Action::Activated { activation, migration: Some(report) });
    assert_eq!((step.member.to_string(), step.tx_id), ("beta/admin".to_owned(), decided.tx_id));
    assert_eq!(chain.status().state_version, Some(2));
    // History names the transaction that decided.
    let key = StateKey::new("scripts".parse().unwrap(), *b"form").unwrap();
    let history = chain.store.history(&key, chain.height(), 9).unwrap();
    assert_eq!((history[0].tx_id, history[0].height), (decided.tx_id, chain.height()));
    assert_eq!(history.len(), 2);
    let judged = chain.run("alpha/user", &[Op::Get(b"form".to_vec())]);
    assert_eq!((judged.judges[0].sequence, &judged.result[5..8]), (2, &b"1>2"[..]));
    // Back, by the code of the version in force.
    assert!(tally(&rollback(&mut chain, 1)).decided());
    assert_eq!(value(&chain, b"form").as_deref(), Some("2>1 by beta/admin"));
    let back = MigrationReport { migration: Migration { from: 2, to: 1 }, keys: 1, ..report };
    let step = last_step(&chain);
    assert!(matches!(step.action, Action::Activated { migration: Some(found), .. } if found == back), "{step:?}");
    assert_eq!(chain.run("alpha/user", &[]).judges[0].sequence, 1);
    assert_eq!(chain.status().state_version, Some(1));
}

#[test]
fn without_a_way_for_the_data_nothing_is_decided() {
    let mut chain = with_data();
    let stuck = chain.propose("alpha/admin", b"good state:2 way:2>1");
    assert_eq!((stuck.outcome, &*stuck.code), (Outcome::PreconditionFailed, "MIGRATION_MISSING"));
    assert!(stuck.message.contains("in form 1"), "{}", stuck.message);
    assert_eq!(chain.status().last_sequence, 1);
    // Forward there is a way, back there is none: that is said before anybody votes.
    upgrade(&mut chain, b"good state:2 way:1>2");
    assert_eq!(chain.status().active.map(|active| active.sequence), Some(2));
    let motion = Rollback { name: "scripts".parse().unwrap(), sequence: 1, reason: Text::default() };
    let refused = chain.one("alpha/admin", "_lifecycle", "rollback", &motion);
    assert_eq!((refused.outcome, &*refused.code), (Outcome::PreconditionFailed, "MIGRATION_MISSING"));
    assert!(refused.message.contains("offers no migration back"), "{}", refused.message);
    // A first version needs none, whatever its form.
    let other = Propose { name: "other".parse().unwrap(), ..proposal(b"good state:2 way:1>2") };
    assert_eq!(chain.one("alpha/admin", "_lifecycle", "propose", &other).outcome, Outcome::Valid);
    assert!(tally(&chain.approve_as("beta/admin", 1, &other)).decided());
    assert_eq!(chain.one("alpha/user", "other", "run", &Vec::<Op>::new()).outcome, Outcome::Valid);
}

#[test]
fn a_failed_migration_leaves_everything_as_it_was() {
    for (word, code) in [
        ("refuses", "NOT_MOVABLE"),
        ("breaks", "TRAPPED"),
        ("burns", "OUT_OF_GAS"),
        ("floods", "LIMIT_EXCEEDED"),
        ("emits", "TRAPPED"),
    ] {
        let mut chain = with_data();
        let module = format!("good state:2 way:1>2 {word}");
        let decided = upgrade(&mut chain, module.as_bytes());
        let from = chain.height().next();
        let activation = Activation { sequence: 2, package: package_id(module.as_bytes()), from };
        assert_eq!(tally(&decided).activation, Some(activation), "{word}");
        let step = last_step(&chain);
        assert_eq!(step.tx_id, decided.tx_id);
        let Action::Void { activation: void, code: found, message } = step.action else { unreachable!("{word}") };
        assert_eq!((void, &*found, message.is_empty()), (activation, code, false), "{word}");
        assert_eq!((value(&chain, b"form").as_deref(), value(&chain, b"old").as_deref()), (Some("first"), Some("1")));
        assert_eq!(chain.run("alpha/user", &[]).judges[0].sequence, 1, "the old version stays");
        let status = chain.status();
        assert_eq!((status.pending, status.state_version), (None, Some(1)));
        assert_eq!(rollback(&mut chain, 2).outcome, Outcome::PreconditionFailed, "a void version stays void");
        // The same definition may be proposed again, and needs approvals again.
        assert!(!tally(&chain.propose("alpha/admin", module.as_bytes())).decided());
        assert_eq!(chain.status().last_sequence, 3);
    }
}

#[test]
fn a_failed_way_back_leaves_the_version_in_force_and_the_other_approved() {
    let mut chain = with_data();
    upgrade(&mut chain, SECOND);
    upgrade(&mut chain, b"good state:2 way:2>1 breaks");
    assert_eq!(chain.status().active.map(|active| active.sequence), Some(3));
    assert!(tally(&rollback(&mut chain, 1)).decided());
    assert!(matches!(last_step(&chain).action, Action::Void { .. }));
    assert_eq!(chain.run("alpha/user", &[]).judges[0].sequence, 3);
    // Over version 2, whose way back is sound.
    assert!(tally(&rollback(&mut chain, 2)).decided());
    assert!(tally(&rollback(&mut chain, 1)).decided());
    assert_eq!(chain.run("alpha/user", &[]).judges[0].sequence, 1);
}

#[test]
fn a_peer_that_cannot_migrate_executes_no_block() {
    let mut chain = with_data();
    let module = b"good state:2 way:1>2 fails";
    chain.propose("alpha/admin", module);
    let definition = theriac_crypto::names::definition_digest(&proposal(module).definition);
    let name = "scripts".parse().unwrap();
    let approve = Approve { name, sequence: 2, definition, reason: Text::default() };
    let transaction = chain.transaction("beta/admin", "_lifecycle", "approve", &approve);
    let body = BlockBody { proposed_time_ms: 0, transactions: List::new(vec![transaction]).unwrap() };
    let result = execute_block(&chain.store, &Scripts, &Decided::new(chain.height().next(), &body));
    assert_eq!(result, Err(ExecuteError::Unavailable { reason: "no memory".to_owned() }));
}

/// Has a chaincode approved whose version begins at a height.
fn decide(chain: &mut Chain<MemoryState>, name: &str, module: &[u8], not_before: Height) -> Height {
    let mut propose = Propose { name: name.parse().unwrap(), ..proposal(module) };
    propose.definition.not_before = not_before;
    let sequence = decode::<Option<ChaincodeRecord>>(
        &chain.ask("_lifecycle", "status", &LookUpStatus { name: propose.name.clone() }, None).result,
        4096,
    );
    let sequence = sequence.unwrap().map_or(1, |record| record.last_sequence + 1);
    chain.propose_as("alpha/admin", module, propose.clone());
    let decided = chain.approve_as("beta/admin", sequence, &propose);
    tally(&decided).activation.unwrap().from
}

#[test]
fn activations_of_one_height_happen_by_name_and_one_of_them_migrates() {
    let mut chain = Chain::start();
    for name in ["c", "b", "a"] {
        decide(&mut chain, name, b"good", Height(0));
    }
    let at = Height(chain.height().0 + 20);
    assert_eq!(decide(&mut chain, "c", SECOND, at), at);
    assert_eq!(decide(&mut chain, "b", b"good plain", at), at, "one without a migration is cheap");
    assert_eq!(decide(&mut chain, "a", SECOND, at), at.next(), "one migration in a block");
    while chain.height() < Height(at.0 - 2) {
        chain.block(vec![]);
    }
    let outcome = chain.execute(vec![]);
    let written: Vec<_> =
        outcome.versions.iter().map(|version| (version.index, format!("{:?}", version.key))).collect();
    let records: Vec<_> = written.iter().filter(|(_, key)| key.starts_with("_lifecycle:c/")).cloned().collect();
    assert_eq!(records, [(0, "_lifecycle:c/b".to_owned()), (1, "_lifecycle:c/c".to_owned())]);
    assert!(written.contains(&(1, "c:form".to_owned())), "{written:?}");
    chain.store.apply(&outcome, b"proof").unwrap();
    let sequence = |chain: &mut Chain<MemoryState>, name: &str| {
        chain.one("alpha/user", name, "run", &Vec::<Op>::new()).judges[0].sequence
    };
    let before = chain.ask("a", "run", &Vec::<Op>::new(), None);
    assert_eq!(before.judges[0].sequence, 1);
    assert_eq!([sequence(&mut chain, "b"), sequence(&mut chain, "c"), sequence(&mut chain, "a")], [2, 2, 2]);
}

#[test]
fn a_height_takes_so_many_activations_and_the_next_one_the_rest() {
    let mut chain = Chain::start();
    let at = Height(chain.height().0 + 100);
    for index in 0..=ACTIVATIONS_PER_BLOCK_MAX {
        let expected = if index < ACTIVATIONS_PER_BLOCK_MAX { at } else { at.next() };
        assert_eq!(decide(&mut chain, &format!("n{index:02}"), b"good", at), expected);
    }
    while chain.height() < at {
        chain.block(vec![]);
    }
    let last = format!("n{ACTIVATIONS_PER_BLOCK_MAX:02}");
    for name in ["n00", &last] {
        assert_eq!(chain.one("alpha/user", name, "run", &Vec::<Op>::new()).outcome, Outcome::Valid, "{name}");
    }
}

#[test]
fn the_same_blocks_give_the_same_state_on_a_peer_that_starts_later() {
    let mut chain = with_data();
    upgrade(&mut chain, SECOND);
    rollback(&mut chain, 1);
    upgrade(&mut chain, b"good state:2 way:1>2 breaks");
    let outcome = genesis_outcome(&genesis()).unwrap();
    let mut fresh = MemoryState::new(genesis(), &outcome);
    for height in 1..=chain.height().0 {
        let block = chain.store.block(Height(height)).unwrap().unwrap();
        let again = execute_block(&fresh, &Scripts, &Decided::new(Height(height), &block.body)).unwrap();
        assert_eq!(Some(&again.commitment), chain.store.commitment(Height(height)).unwrap().as_ref(), "at {height}");
        fresh.apply(&again, b"proof").unwrap();
    }
}
