//! A peer whose data folder is deleted: it observes, fetches the state from the others, and votes again under another
//! key.
//!
//! `THERIAC_KEYS` sets how many keys the state has: the story is the same with a million.

use crate::common::until;
use crate::disk::fill;
use crate::field::{Field, setting};
use crate::workload::Workload;
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use theriac_client::PeerStatus;
use theriac_types::Height;
use tokio::task::JoinSet;

const WIPED: u16 = 3;
const SOURCE: u16 = 2;
/// Longest wait for the largest state.
const LARGE: Duration = Duration::from_secs(900);
/// Who write the state, each at another peer first.
const WRITERS: usize = 4;
/// Registers of one transaction.
const SPAN: u64 = 2000;
/// A state of so many keys comes over so quickly that it has to be slowed down to be cut off in the middle.
const SMALL: u64 = 100_000;
/// The wiped peer fetches its state from so many slots on.
const TRANSFER: &str = "transfer_slots = 300\n";
/// The same, and no slots meanwhile: what is measured is the state.
const ALONE: &str = "transfer_slots = 300\n\n[faults]\nwithhold = [\"fetch\"]\n";
/// Above these blocks there is a checkpoint from which the state is fetched.
const BLOCKS: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_whose_data_is_deleted_under_load_fetches_the_state_and_votes_again_with_another_key() {
    let keys = setting("THERIAC_KEYS", 20_000);
    let mut field = Field::on_loopback().await;
    let slow = if keys <= SMALL { "transfer_bytes_per_second = 700_000\n" } else { "" };
    for source in [0, 1, SOURCE] {
        tune(&field, source, slow);
        field.network.restart(source).await.unwrap();
    }
    load(&field, keys).await;
    let workload = Workload::start_at(&field, 70, &[0, 1, 2]);
    wipe(&field).await;
    tune(&field, WIPED, TRANSFER);
    reaches(&field, 0, Height(BLOCKS)).await;

    // It is killed in the middle, and so is one of those that it fetches from.
    let began = Instant::now();
    field.network.restart(WIPED).await.unwrap();
    let before = transferring(&field, 3).await;
    field.network.kill(WIPED).await.unwrap();
    field.network.kill(SOURCE).await.unwrap();
    untune(&field, WIPED, TRANSFER);
    field.network.restart(WIPED).await.unwrap();
    let resumed = transferring(&field, 0).await;
    assert_eq!(resumed.checkpoint, before.checkpoint, "it goes on with the same state");
    assert!(resumed.parts_done >= before.parts_done, "{resumed:?} after {before:?}");
    reaches(&field, WIPED, Height(before.checkpoint)).await;
    println!(
        "{keys} keys: the state of height {} after {:?}, cut off at {before:?}",
        before.checkpoint,
        began.elapsed()
    );
    assert_eq!(part(&field).await, ("observer", 0), "what its key signed is forgotten");
    field.network.restart(SOURCE).await.unwrap();
    workload.goes_on(50).await;
    field.agree(&[0, 1, 2, WIPED]).await;

    take_another_key(&mut field).await;
    until("the vote of the new key", async || part(&field).await == ("voter", 1)).await;
    let fast = fast_commits(&field).await;
    until("the fast path", async || fast_commits(&field).await > fast + 10).await;
    workload.goes_on(50).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, WIPED]).await;
    // The peer that fetched the state has what came after it; the others have everything.
    record.is_kept_by(&field, &[0, 1, 2]).await;
    for index in 0..4 {
        assert_eq!(field.peer(index).evidence().await.unwrap(), [], "peer {index}: a lost disk is no misbehaviour");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_state_comes_over_and_its_time_and_bytes_are_told() {
    let keys = setting("THERIAC_KEYS", 20_000);
    let mut field = Field::on_loopback().await;
    load(&field, keys).await;
    let workload = Workload::start_at(&field, 71, &[0, 1, 2]);
    wipe(&field).await;
    tune(&field, WIPED, ALONE);
    let loaded = Instant::now();
    reaches(&field, 0, Height(BLOCKS)).await;
    workload.goes_on(500).await;
    let began = Instant::now();
    field.network.restart(WIPED).await.unwrap();
    let told = loop {
        if let Some(told) = fetched(&field) {
            break told;
        }
        assert!(began.elapsed() < LARGE, "no state");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let ended = Instant::now();
    let record = workload.finish().await;
    let (whole, bytes) = (told["keys"].as_u64().unwrap(), told["bytes"].as_u64().unwrap());
    assert!(whole > keys, "{told}");
    untune(&field, WIPED, ALONE);
    field.network.restart(WIPED).await.unwrap();
    field.agree(&[0, 1, 2, WIPED]).await;
    println!(
        "{whole} keys in {} parts and {} ms: {bytes} bytes, {} a key; level with the others after {:?}",
        told["parts"],
        told["milliseconds"],
        bytes / whole,
        began.elapsed()
    );
    for (when, from, to) in [("before", loaded, began), ("meanwhile", began, ended)] {
        let (answers, half, most) = record.waits(from, to);
        println!("{when}: {answers} answers in {:?}, half within {half:?}, 99 of 100 within {most:?}", to - from);
    }
    record.is_linearizable();
}

/// So many registers, beside those that clients use, by several writers at once.
async fn load(field: &Field, keys: u64) {
    let (began, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut writers = JoinSet::new();
    for peer in 0..WRITERS {
        let (writer, next) = (field.client(peer, Duration::from_secs(60)), next.clone());
        writers.spawn(async move {
            loop {
                let first = next.fetch_add(SPAN, Ordering::Relaxed);
                if first >= keys {
                    return;
                }
                let count = SPAN.min(keys - first);
                fill(&writer, u32::try_from(first).unwrap(), u32::try_from(count).unwrap()).await;
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    println!("{keys} keys written in {:?}", began.elapsed());
}

async fn wipe(field: &Field) {
    field.network.kill(WIPED).await.unwrap();
    fs::remove_dir_all(field.network.folder().peer(usize::from(WIPED)).join("data")).unwrap();
}

/// Adds lines to a peer's tuning.
fn tune(field: &Field, index: u16, lines: &str) {
    let path = field.network.folder().config(usize::from(index));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n[tuning]\n{lines}")).unwrap();
}

fn untune(field: &Field, index: u16, lines: &str) {
    let path = field.network.folder().config(usize::from(index));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(lines, "")).unwrap();
}

async fn reaches(field: &Field, index: u16, height: Height) {
    let peer = field.peer(index);
    let there = async || peer.chain_info().await.is_ok_and(|info| info.certified_height() >= height);
    until(&format!("peer {index} at height {height}"), there).await;
}

async fn status(field: &Field, index: u16) -> Option<PeerStatus> {
    field.peer(index).peer_status().await.ok()
}

/// Where the wiped peer's transfer is once so many parts are there.
async fn transferring(field: &Field, parts: u64) -> theriac_proto::admin::v1::TransferStatus {
    let began = Instant::now();
    loop {
        let status = status(field, WIPED).await;
        if let Some(transfer) = status.as_ref().and_then(PeerStatus::transfer).filter(|t| t.parts_done >= parts) {
            return *transfer;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "no transfer of {parts} parts: {status:?}");
    }
}

/// What the wiped peer does, and in which epoch.
async fn part(field: &Field) -> (&'static str, u64) {
    status(field, WIPED).await.map_or(("gone", 0), |status| (status.part(), status.status.epoch))
}

async fn fast_commits(field: &Field) -> u64 {
    status(field, 0).await.map_or(0, |status| status.status.fast_commits)
}

/// What the wiped peer's log says of the state when it is whole.
fn fetched(field: &Field) -> Option<Value> {
    let lines = field.network.log_tail(WIPED, 1000).unwrap();
    let mut values = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.rfind(|line| line["message"] == "the state of the checkpoint is here")
}

/// New keys for the wiped peer, decided by the organisations; what it fetched stays.
async fn take_another_key(field: &mut Field) {
    let maker = field.network.gateway("maker/operator").unwrap().network();
    let record = maker.membership().await.unwrap().running.replicas[usize::from(WIPED)].clone();
    let process = &field.network.processes()[usize::from(WIPED)];
    let (gateway, consensus) = (process.gateway.to_string(), process.consensus.to_string());
    let folder = field.network.folder().peer(usize::from(WIPED));
    let fresh = folder.with_extension("fresh");
    let shown = fresh.display().to_string();
    let organisation = record.org.as_str();
    let init = ["peer", "init", "--folder", &shown, "--organisation", organisation];
    field.run(&[&init[..], &["--consensus", &consensus, "--gateway", &gateway]].concat()).json();
    let public = fresh.join("replica.json").display().to_string();
    let administrator = |organisation: &str| format!("{organisation}/admin");
    let (by, index) = (administrator(organisation), WIPED.to_string());
    let mut tally = field.run(&["membership", "replace", &index, &public, "--reason", "disk lost", "--as", &by]).json();
    while tally["epoch"].is_null() {
        let next = administrator(tally["may_still_approve"][0].as_str().unwrap());
        let number = tally["proposal"].to_string();
        tally = field.run(&["membership", "approve", &number, "--as", &next]).json();
    }
    field.network.kill(WIPED).await.unwrap();
    fs::rename(folder.join("data"), fresh.join("data")).unwrap();
    fs::rename(&folder, folder.with_extension("former")).unwrap();
    fs::rename(&fresh, &folder).unwrap();
    field.network.restart(WIPED).await.unwrap();
}
