//! Tables, their indexes, policies of single keys, and what chaincode reads of others.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Chain, Op, creator, put, row};
use theriac_ledger::MemoryState;
use theriac_types::*;

const INDEXED: &[u8] = b"good asks table:unit:by=holder,count table:zone:guarded";

fn chain() -> Chain<MemoryState> {
    let mut chain = Chain::start();
    chain.deploy_as("scripts", INDEXED, Endorsement::anyone());
    chain
}

/// An index's encoding of a holder: a text ends where `00 01` stands.
fn holder(name: &str) -> Vec<u8> {
    [name.as_bytes(), &[0, 1]].concat()
}

fn lookup(start: &[u8], end: &[u8], limit: u32) -> Op {
    Op::Lookup(b"unit".to_vec(), "by".to_owned(), start.to_vec(), end.to_vec(), limit)
}

type Found = (Vec<Vec<u8>>, Option<Vec<u8>>);

fn found(chain: &Chain<MemoryState>, op: Op) -> Found {
    let answer = chain.ask("scripts", "ask", &vec![op], None);
    decode(&answer.result, 65536).unwrap_or_else(|_| panic!("{answer:?}"))
}

fn names(found: &Found) -> Vec<&str> {
    found.0.iter().map(|key| std::str::from_utf8(key).unwrap()).collect()
}

fn unit(name: &str, holder: &str, count: u64) -> Op {
    put(format!("unit{name}").as_bytes(), &row(holder, count))
}

#[test]
fn an_index_gives_entries_in_the_order_of_its_fields_and_follows_every_change() {
    let mut chain = chain();
    let all = lookup(b"", b"", 100);
    let script = [unit("1", "maker", 5), unit("2", "maker", 300), unit("3", "carrier", 1), unit("4", "", 0)];
    assert_eq!(chain.run("alpha/user", &script).outcome, Outcome::Valid);
    assert_eq!(
        names(&found(&chain, all.clone())),
        ["unit3", "unit1", "unit2"],
        "who has no holder is in no such order"
    );
    let after = [holder("maker"), vec![0xff]].concat();
    assert_eq!(names(&found(&chain, lookup(&holder("maker"), &after, 100))), ["unit1", "unit2"]);

    // Within a transaction, its own changes are in sight; nothing is left of what was.
    let script = [unit("1", "pharmacy", 5), Op::Delete(b"unit2".to_vec()), unit("4", "a", 0), all.clone()];
    let receipt = chain.run("alpha/user", &script);
    let now: Found = decode(&receipt.result, 1024).unwrap();
    assert_eq!(names(&now), ["unit4", "unit3", "unit1"]);
    assert_eq!(names(&found(&chain, all)), ["unit4", "unit3", "unit1"]);
    let everything = Op::Scan(vec![], vec![0xff; 4], 100);
    let answer = chain.ask("scripts", "ask", &vec![everything], None);
    let entries: Vec<(Vec<u8>, Vec<u8>)> = decode(&answer.result, 65536).unwrap();
    assert_eq!(entries.len(), 3, "a scan shows no entry of the ledger's own: {entries:?}");
}

#[test]
fn pages_of_an_index_meet_without_a_gap() {
    let mut chain = chain();
    let script: Vec<_> = (0..7).map(|n| unit(&n.to_string(), "maker", 10 - n)).collect();
    chain.run("alpha/user", &script);
    let (mut start, mut all) = (Vec::new(), Vec::new());
    loop {
        let page = found(&chain, lookup(&start, b"", 2));
        assert!(page.0.len() <= 2);
        all.extend(page.0);
        let Some(next) = page.1 else { break };
        assert!(next > start, "a page begins behind the one before");
        start = next;
    }
    let keys: Vec<_> = (0..7).rev().map(|n| format!("unit{n}").into_bytes()).collect();
    assert_eq!(all, keys);
}

#[test]
fn a_chaincode_stays_in_its_tables_and_values_have_the_form_that_indexes_need() {
    let mut chain = chain();
    for (op, says) in [
        (put(b"elsewhere", b""), "writes key \"elsewhere\", which is in none of its tables"),
        (Op::Delete(b"elsewhere".to_vec()), "in none of its tables"),
        (put(b"\xffizone", b""), "begin with ff are the ledger's own"),
        (Op::Get(b"\xffp".to_vec()), "begin with ff are the ledger's own"),
        (put(b"unit1", b"no row"), "does not have the form that index \"by\" is declared over"),
        (Op::Lookup(b"zone".to_vec(), "by".to_owned(), vec![], vec![], 1), "index \"by\", which it does not declare"),
        (Op::Guard(b"unit1".to_vec(), None), "does not declare as guarded"),
        (Op::Guard(b"zone1".to_vec(), Some("2 of".to_owned())), "a policy that cannot be read"),
        (Op::Foreign("other".to_owned(), b"p1".to_vec()), "does not declare to read"),
    ] {
        let receipt = chain.run("alpha/user", &[Op::Ignoring(Box::new(op.clone())), unit("9", "maker", 1)]);
        assert_eq!(receipt.outcome, Outcome::Trapped, "{op:?}: {}", receipt.message);
        assert!(receipt.message.contains(says), "{op:?}: {}", receipt.message);
    }
    assert!(found(&chain, lookup(b"", b"", 9)).0.is_empty(), "nothing of a broken transaction is kept");
}

#[test]
fn a_key_is_changed_by_those_whom_its_policy_asks_for() {
    let mut chain = chain();
    let guard = |policy: Option<&str>| Op::Guard(b"zone1".to_vec(), policy.map(str::to_owned));
    let set = [put(b"zone1", b"cold"), guard(Some("beta and role:regulator"))];
    assert_eq!(chain.run("alpha/user", &set).outcome, Outcome::Valid, "whoever makes a key may guard it");
    let signed = |chain: &mut Chain<MemoryState>, script: &[Op], by: &[&str]| {
        let mut transaction = chain.script("alpha/user", script);
        let cosignature = |member: &&str| Cosignature { signer: creator(member), signature: Signature([1; 65]) };
        transaction.cosignatures = List::new(by.iter().map(cosignature).collect()).unwrap();
        chain.block(vec![transaction]).remove(0)
    };
    for script in [&[put(b"zone1", b"warm")][..], &[Op::Delete(b"zone1".to_vec())], &[guard(None)]] {
        let receipt = signed(&mut chain, script, &["gamma/admin"]);
        assert_eq!(receipt.outcome, Outcome::PolicyUnsatisfied, "{script:?}");
        assert!(receipt.message.contains("changing key zone1 needs beta"), "{}", receipt.message);
    }
    assert_eq!(chain.run("alpha/user", &[put(b"zone2", b"warm")]).outcome, Outcome::Valid, "its neighbour is free");
    let both = ["beta/admin", "gamma/admin"];
    assert_eq!(signed(&mut chain, &[put(b"zone1", b"warm"), guard(None)], &both).outcome, Outcome::Valid);
    assert_eq!(chain.run("alpha/user", &[put(b"zone1", b"hot")]).outcome, Outcome::Valid, "free again");
}

#[test]
fn what_a_chaincode_declares_to_read_of_another_is_there_and_nothing_else() {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"p1", b"seen"), put(b"q1", b"hidden")]);
    chain.deploy_as("reader", b"good reads:scripts/p", Endorsement::anyone());
    let foreign = |key: &[u8]| vec![Op::Foreign("scripts".to_owned(), key.to_vec())];
    let receipt = chain.one("alpha/user", "reader", "run", &foreign(b"p1"));
    assert_eq!(&*receipt.result, &*encode(&Some(b"seen".to_vec())));
    assert_eq!(&*chain.one("alpha/user", "reader", "run", &foreign(b"p2")).result, &*encode(&None::<Vec<u8>>));
    assert_eq!(chain.one("alpha/user", "reader", "run", &foreign(b"q1")).outcome, Outcome::Trapped);
}

#[test]
fn queries_see_the_past_and_blocks_do_not() {
    let mut chain = Chain::start();
    chain.deploy_as("scripts", b"good asks", Endorsement::anyone());
    chain.run("alpha/user", &[put(b"a", b"1")]);
    let height = chain.height();
    chain.run("alpha/user", &[put(b"a", b"2")]);
    let then = Op::ValueAt(b"a".to_vec(), height.0);
    let answer = chain.ask("scripts", "ask", &vec![then.clone()], None);
    assert_eq!(decode::<Option<Vec<u8>>>(&answer.result, 99).unwrap().unwrap(), b"1");
    let later = Op::ValueAt(b"a".to_vec(), 1_000);
    let answer = chain.ask("scripts", "ask", &vec![later], None);
    assert_eq!(decode::<Option<Vec<u8>>>(&answer.result, 99).unwrap().unwrap(), b"2", "no later than what it reads at");
    // A peer that fetched its state does not have what was before: a query that is ordered may not depend on it.
    for op in [then, Op::History(b"a".to_vec(), 1)] {
        let receipt = chain.one("alpha/user", "scripts", "ask", &vec![op]);
        assert_eq!(receipt.outcome, Outcome::Trapped);
        assert!(receipt.message.contains("is not allowed in a block"), "{}", receipt.message);
    }
}

#[test]
fn an_index_over_entries_that_are_there_needs_a_migration() {
    let mut chain = Chain::start();
    chain.deploy_as("scripts", b"good table:unit", Endorsement::anyone());
    chain.run("alpha/user", &[unit("1", "maker", 1)]);
    for module in [&b"good table:unit:by=holder"[..], b"good table:un:by=holder", b"good table:unit1:by=holder"] {
        let receipt = chain.propose("alpha/admin", module);
        assert_eq!(&*receipt.code, "INDEX_NOT_FILLED", "{}", receipt.message);
    }
    for module in [&b"good table:new:by=holder table:unit"[..], b"good state:2 way:1>2 table:old table:unit:by=holder"]
    {
        let receipt = chain.propose("alpha/admin", module);
        assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    }
}
