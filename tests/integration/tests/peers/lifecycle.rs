//! A version follows another while clients go on: every transaction is judged by the version of its height, and the data
//! follows there and back. What too few approve, what nobody checked and what somebody changed on a disk never runs.

use crate::cluster::{Cluster, REPLICAS, member, signed};
use crate::deployment::{activation, evaluate, lifecycle, proposal, propose, upload};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use theriac_crypto::MemberKey;
use theriac_crypto::names::{definition_digest, package_id};
use theriac_ledger::system::identity::{ApproveOrganisation, RegisterOrganisation};
use theriac_ledger::system::lifecycle::{
    Action, Activation, Approve, ChaincodeRecord, ListSteps, LookUpStatus, MigrationReport, Rollback, Step, Tally,
};
use theriac_test_artifacts::{KEY_VALUE, KEY_VALUE_SECOND};
use theriac_types::{ChaincodeName, Height, List, Migration, Outcome, Receipt, Text, decode, encode};

const VALID_UNTIL: u64 = 3000;
/// Blocks between a decision and the height that it is for.
const AHEAD: u64 = 6;
/// Keys that each client sets, one after the other.
const KEYS: u64 = 5;

fn name() -> ChaincodeName {
    "entries".parse().unwrap()
}

/// What clients and the story share.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    /// The highest height that a client knows of.
    height: AtomicU64,
}

/// A transaction's receipt, and how long its client waited for it.
type Waited = (Receipt, Duration);

/// A client that never pauses. Whatever version judges, a key's former value is the one that this client set before.
async fn client(cluster: &Cluster, load: &Load, index: u16) -> Vec<Waited> {
    let (mut receipts, mut values) = (Vec::new(), BTreeMap::new());
    for nonce in (u64::from(index) + 1) * 10_000.. {
        if load.stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("key-{index}-{}", nonce % KEYS);
        let entry = encode(&(&key, nonce.to_string()));
        let began = Instant::now();
        let receipt = cluster.submit(index, &signed(&member(), "entries", "set", entry, nonce, VALID_UNTIL)).await;
        assert_eq!(receipt.outcome, Outcome::Valid, "nothing stands still: {}", receipt.message);
        let former = decode::<Option<String>>(&receipt.result, 64).unwrap();
        assert_eq!(former, values.insert(key, nonce.to_string()), "at height {}", receipt.height);
        load.height.fetch_max(receipt.height.0, Ordering::Relaxed);
        receipts.push((receipt, began.elapsed()));
    }
    receipts
}

/// Waits until clients saw a block above this height.
async fn beyond(load: &Load, height: Height) {
    let began = Instant::now();
    while load.height.load(Ordering::Relaxed) <= height.0 {
        assert!(began.elapsed() < crate::cluster::PATIENCE, "the clients stand still below height {height}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Height that a decision may be set for, so that it is known some blocks before.
fn soon(load: &Load) -> Height {
    Height(load.height.load(Ordering::Relaxed) + 3 + AHEAD)
}

async fn roll_back(cluster: &Cluster, nonce: u64, sequence: u64) -> Receipt {
    let motion = Rollback { name: name(), sequence, reason: Text::new("a mistake").unwrap() };
    cluster.submit(0, &lifecycle(nonce, "rollback", &motion)).await
}

/// Waits until every peer knows a height.
async fn everybody(cluster: &Cluster, height: u64) {
    for index in 0..REPLICAS {
        cluster.reaches(index, height).await;
    }
}

async fn status(cluster: &Cluster, nonce: u64) -> ChaincodeRecord {
    let answer = evaluate(cluster, 2, nonce, "_lifecycle", "status", &LookUpStatus { name: name() }).await;
    decode::<Option<ChaincodeRecord>>(&answer, 65536).unwrap().unwrap()
}

/// There and back under load; gives the versions with their first heights.
async fn there_and_back(cluster: &Cluster, load: &Load) -> Vec<Activation> {
    let first = activation(&cluster.submit(0, &propose(2, "entries", KEY_VALUE, Height(0))).await);
    everybody(cluster, first.from.0 - 1).await;
    // Clients begin.
    load.height.store(first.from.0, Ordering::Relaxed);
    beyond(load, Height(first.from.0 + AHEAD)).await;
    assert_eq!(cluster.submit(0, &upload(3, KEY_VALUE_SECOND)).await.outcome, Outcome::Valid);
    let from = soon(load);
    let second = activation(&cluster.submit(1, &propose(4, "entries", KEY_VALUE_SECOND, from)).await);
    // Peers compile it first: the height may have passed by then.
    assert!(second.sequence == 2 && second.from >= from, "{second:?}, wanted from {from}");
    beyond(load, Height(second.from.0 + AHEAD)).await;
    let back = activation(&roll_back(cluster, 5, 1).await);
    assert_eq!((back.sequence, back.package), (1, package_id(KEY_VALUE)));
    beyond(load, Height(back.from.0 + AHEAD)).await;
    // The first version does not know the way to the second form: only a version that does may be proposed.
    let refused = roll_back(cluster, 6, 2).await;
    assert_eq!((refused.outcome, &*refused.code), (Outcome::PreconditionFailed, "MIGRATION_MISSING"));
    assert!(refused.message.contains("offers no migration back"), "{}", refused.message);
    vec![first, second, back]
}

/// With a second organisation, one alone is no majority: its proposal's height comes and goes.
async fn too_few_approve(cluster: &Cluster, load: &Load) {
    let other = RegisterOrganisation {
        id: "other".parse().unwrap(),
        roles: List::default(),
        administrator: "member".parse().unwrap(),
        key: MemberKey::from_bytes(&[9; 32]).unwrap().public_key(),
    };
    let register = signed(&member(), "_identity", "register_organisation", encode(&other), 7, VALID_UNTIL);
    assert_eq!(cluster.submit(0, &register).await.outcome, Outcome::Valid);
    let approve = ApproveOrganisation { id: other.id };
    let approve = signed(&member(), "_identity", "approve_organisation", encode(&approve), 10, VALID_UNTIL);
    assert_eq!(cluster.submit(0, &approve).await.outcome, Outcome::Valid);
    let from = soon(load);
    let receipt = cluster.submit(0, &propose(8, "entries", KEY_VALUE_SECOND, from)).await;
    let tally = decode::<Tally>(&receipt.result, 4096).unwrap();
    assert_eq!((receipt.outcome, tally.sequence, tally.activation), (Outcome::Valid, Some(3), None));
    beyond(load, Height(from.0 + AHEAD)).await;
    everybody(cluster, from.0 + AHEAD).await;
    let record = status(cluster, 9).await;
    assert_eq!((record.active.map(|active| active.sequence), record.pending), (Some(1), None), "it judges on");
}

/// What was changed on its way has another name, or is refused; an approval covers what was looked at alone.
async fn a_changed_package_is_another_one(cluster: &Cluster) {
    let changed = [KEY_VALUE_SECOND, b"\x00\x06\x04noteX"].concat();
    let missing = cluster.submit(0, &propose(20, "entries", &changed, Height(0))).await;
    assert_eq!(missing.outcome, Outcome::PreconditionFailed, "it is not on the ledger: {}", missing.message);
    assert_eq!(cluster.submit(0, &upload(21, &changed)).await.outcome, Outcome::Valid);
    let definition = definition_digest(&proposal("entries", &changed, Height(0)).definition);
    let approve = Approve { name: name(), sequence: 3, definition, reason: Text::default() };
    let receipt = cluster.submit(0, &lifecycle(22, "approve", &approve)).await;
    assert_eq!((receipt.outcome, &*receipt.code), (Outcome::PreconditionFailed, "OTHER_DEFINITION"));
    let mut broken = KEY_VALUE_SECOND.to_vec();
    broken[9] ^= 0x55;
    let refused = cluster.submit(0, &upload(23, &broken)).await;
    assert_eq!(refused.outcome, Outcome::PreconditionFailed);
    assert!(refused.code.starts_with("PACKAGE_"), "{}", &*refused.code);
}

/// Holds every receipt against the version of its height, and every version against having judged.
fn judged(receipts: &[Waited], versions: &[Activation]) {
    let mut by = vec![0; versions.len()];
    for (receipt, _) in receipts {
        let place = versions.iter().rposition(|version| version.from <= receipt.height).unwrap();
        let (judge, expected) = (&receipt.judges[0], &versions[place]);
        assert_eq!((judge.sequence, judge.package), (expected.sequence, expected.package), "at {}", receipt.height);
        by[place] += 1;
    }
    assert!(by.iter().all(|count| *count > 0), "each of them was asked: {by:?}");
    println!("judged by each version in turn: {by:?}");
}

/// Says how long clients waited, and how long those whose transaction was in a block with a migration.
fn print_waits(receipts: &[Waited], versions: &[Activation]) {
    let mut all: Vec<_> = receipts.iter().map(|(_, waited)| *waited).collect();
    all.sort_unstable();
    println!("clients waited: median {:?}, longest {:?}", all[all.len() / 2], all[all.len() - 1]);
    for version in &versions[1..] {
        let here = receipts.iter().filter(|(receipt, _)| receipt.height.next() == version.from);
        let waits: Vec<_> = here.map(|(_, waited)| *waited).collect();
        println!("in the block before height {}: {waits:?}", version.from);
    }
}

/// The migrations that the ledger's own record tells of.
async fn migrations(cluster: &Cluster) -> Vec<MigrationReport> {
    let question = ListSteps { name: name(), after: 0, limit: 1000 };
    let answer = evaluate(cluster, 1, 30, "_lifecycle", "history", &question).await;
    let steps = decode::<Vec<Step>>(&answer, 1 << 20).unwrap();
    let reports = steps.into_iter().filter_map(|step| match step.action {
        Action::Activated { migration, .. } => migration,
        _ => None,
    });
    reports.collect()
}

async fn one_state(cluster: &Cluster, height: u64) {
    let mut roots = Vec::new();
    for index in 0..REPLICAS {
        roots
            .push(cluster.until(index, "the last height", |status| status.certified_height >= height).await.state_root);
    }
    assert!(roots.windows(2).all(|pair| pair[0] == pair[1]), "four peers, one state");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_every_transaction_is_judged_by_the_version_of_its_height() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    assert_eq!(cluster.submit(0, &upload(1, KEY_VALUE)).await.outcome, Outcome::Valid);
    let load = Load::default();
    let clients = async {
        beyond(&load, Height(0)).await;
        let client = |index| client(&cluster, &load, index);
        let (a, b, c, d) = tokio::join!(client(0), client(1), client(2), client(3));
        [a, b, c, d].concat()
    };
    let story = async {
        let versions = there_and_back(&cluster, &load).await;
        too_few_approve(&cluster, &load).await;
        a_changed_package_is_another_one(&cluster).await;
        load.stop.store(true, Ordering::Relaxed);
        versions
    };
    let (receipts, versions) = tokio::join!(clients, story);
    judged(&receipts, &versions);
    print_waits(&receipts, &versions);
    let reports = migrations(&cluster).await;
    let ways: Vec<_> = reports.iter().map(|report| (report.migration, report.package)).collect();
    let second = package_id(KEY_VALUE_SECOND);
    assert_eq!(ways, [(Migration { from: 1, to: 2 }, second), (Migration { from: 2, to: 1 }, second)]);
    for report in reports {
        let moved = u64::from(report.keys);
        assert!(moved > 0 && moved <= 2 * KEYS * u64::from(REPLICAS) && report.used.gas > 0, "{report:?}");
    }
    one_state(&cluster, receipts.iter().map(|(receipt, _)| receipt.height.0).max().unwrap()).await;
    cluster.stop_all().await;
}

/// Compiled packages that a peer keeps, ascending.
fn kept(folder: &Path, index: u16) -> Vec<PathBuf> {
    let compiled = folder.join(format!("data-{index}")).join("compiled");
    let files = fs::read_dir(compiled).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "compiled")).collect();
    files.sort();
    files
}

async fn set(cluster: &Cluster, nonce: u64, chaincode: &str) -> Receipt {
    let entry = encode(&("key", nonce.to_string()));
    let receipt = cluster.submit(0, &signed(&member(), chaincode, "set", entry, nonce, VALID_UNTIL)).await;
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    receipt
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_of_compiled_code_is_never_run() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    for (nonce, chaincode, module) in [(1, "first", KEY_VALUE), (3, "second", KEY_VALUE_SECOND)] {
        assert_eq!(cluster.submit(0, &upload(nonce, module)).await.outcome, Outcome::Valid);
        activation(&cluster.submit(0, &propose(nonce + 1, chaincode, module, Height(0))).await);
    }
    let mut last = [set(&cluster, 10, "first").await, set(&cluster, 11, "second").await][1].height.0;
    one_state(&cluster, last).await;
    let folder = cluster.folder().to_owned();
    for (nonce, tamper) in [(20, flip as fn(&[PathBuf])), (30, exchange), (40, cut)] {
        cluster.stop(3).await.unwrap();
        let files = kept(&folder, 3);
        assert_eq!(files.len(), 2, "both packages are kept");
        let read = |files: &[PathBuf]| files.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>();
        let honest = read(&files);
        tamper(&files);
        assert!(read(&files) != honest);
        cluster.start(3);
        set(&cluster, nonce, "first").await;
        last = set(&cluster, nonce + 1, "second").await.height.0;
        one_state(&cluster, last).await;
        assert!(read(&kept(&folder, 3)) == honest, "both are made anew from the ledger's own bytes");
    }
    cluster.stop_all().await;
}

/// One bit of the machine code.
fn flip(files: &[PathBuf]) {
    for file in files {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).unwrap();
    }
}

/// Each under the other's name.
fn exchange(files: &[PathBuf]) {
    let (first, second) = (fs::read(&files[0]).unwrap(), fs::read(&files[1]).unwrap());
    fs::write(&files[0], second).unwrap();
    fs::write(&files[1], first).unwrap();
}

/// Cut off where a page ends.
fn cut(files: &[PathBuf]) {
    for file in files {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..4096]).unwrap();
    }
}
