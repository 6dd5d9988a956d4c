//! Events reach whoever follows them exactly once and in order, whatever becomes of the peers meanwhile.

use crate::common::{Scene, binary, birth, until};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use theriac_client::{EventFilter, Gateway, Network, Position};
use theriac_trace_client::capture;
use theriac_types::{Height, Outcome};
use tokio::task::JoinHandle;

/// How often a peer is killed and started again.
const RESTARTS_VARIABLE: &str = "THERIAC_EVENT_RESTARTS";
const RESTARTS: usize = 6;

/// An event as whoever follows knows it: height, index of the transaction, number within it, topic.
type Seen = (u64, u32, usize, String);

/// Hands in births until told to stop.
fn load(network: Network, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> JoinHandle<()> {
    tokio::spawn(async move {
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            // While a view changes, nothing is acknowledged; the next one may be.
            if capture(&network, &birth(&format!("E{number}"))).await.is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
}

/// Follows from a place on, and notes everything as it comes.
fn follow(network: &Network, filter: EventFilter, from: Position, seen: Arc<Mutex<Vec<Seen>>>) -> JoinHandle<()> {
    let mut stream = network.events(filter, Some(from));
    tokio::spawn(async move {
        loop {
            let events = stream.next().await.unwrap();
            let receipt = &events.receipt.receipt;
            let mut seen = seen.lock().unwrap();
            for (number, event) in events.events.iter().enumerate() {
                seen.push((receipt.height.0, receipt.index, number, event.topic.to_string()));
            }
        }
    })
}

/// What the proven blocks hold.
async fn announced(network: &Network, to: Height) -> Vec<Seen> {
    let mut all = Vec::new();
    for height in (1..=to.0).map(Height) {
        let block = network.block(height, true).await.unwrap();
        for (receipt, transaction) in block.receipts.iter().zip(&block.block.body.transactions) {
            if transaction.body.chaincode.as_str() == "trace" && receipt.outcome == Outcome::Valid {
                let events = receipt.events.iter().enumerate();
                all.extend(events.map(|(n, event)| (height.0, receipt.index, n, event.topic.to_string())));
            }
        }
    }
    all
}

fn restarts() -> usize {
    std::env::var(RESTARTS_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(RESTARTS)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_exactly_once_and_in_order_while_peers_are_killed_and_come_back() {
    let mut scene = Scene::up().await;
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load = load(network.clone(), stop.clone(), count.clone());
    let filter = EventFilter { chaincode: Some("trace".parse().unwrap()), topics: Vec::new() };
    let start = Position { height: Height(1), index: 0 };
    // One follower for each peer that it begins at: whichever is killed, somebody was listening to it.
    let mut followers = Vec::new();
    for index in 0..4 {
        let mut context = scene.network.context().unwrap().clone();
        context.peers.rotate_left(index);
        let own = Gateway::new(context.options(None).unwrap()).unwrap().network();
        let seen = Arc::new(Mutex::new(Vec::new()));
        followers.push((follow(&own, filter.clone(), start, seen.clone()), seen));
    }
    for round in 0..restarts() {
        let (victim, before) = (u16::try_from(round % 4).unwrap(), count.load(Ordering::Relaxed));
        scene.network.kill(victim).await.unwrap();
        scene.network.restart(victim).await.unwrap();
        until("transactions after a restart", || async { count.load(Ordering::Relaxed) >= before + 3 }).await;
    }
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();
    let head = network.chain_info().await.unwrap().certified_height();
    let all = announced(&network, head).await;
    assert!(all.len() >= 3 * restarts() && all.is_sorted());
    for (task, seen) in followers {
        until("the last event", || async { seen.lock().unwrap().len() >= all.len() }).await;
        task.abort();
        assert_eq!(*seen.lock().unwrap(), all, "each once, in order, none missing");
    }
}

/// Reads so many transactions' events with a checkpoint, and gives what was printed.
fn watch(dir: &Path, checkpoint: &str, count: usize) -> Vec<Seen> {
    let output = Command::new(binary())
        .args(["events", "watch", "--chaincode", "trace", "--from", "1", "--checkpoint", checkpoint])
        .args(["--count", &count.to_string(), "-o", "jsonl", "--dir"])
        .arg(dir)
        .env_remove("THERIAC_DIR")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut seen: Vec<Seen> = Vec::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let (height, index) = (event["height"].as_u64().unwrap(), event["index"].as_u64().unwrap() as u32);
        let same = seen.iter().filter(|(h, i, ..)| (*h, *i) == (height, index)).count();
        seen.push((height, index, same, event["topic"].as_str().unwrap().to_owned()));
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_with_a_checkpoint_goes_on_behind_what_it_printed() {
    let mut scene = Scene::up().await;
    let network = scene.network.gateway("maker/operator").unwrap().network();
    for number in 0..6 {
        capture(&network, &birth(&format!("C{number}"))).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen.json").display().to_string();
    let mut printed = watch(scene.dir(), &file, 2);
    scene.network.kill(0).await.unwrap();
    printed.extend(watch(scene.dir(), &file, 3));
    scene.network.restart(0).await.unwrap();
    printed.extend(watch(scene.dir(), &file, 1));
    let head = network.chain_info().await.unwrap().certified_height();
    let all = announced(&network, head).await;
    assert!(!printed.is_empty());
    assert_eq!(printed[..], all[..printed.len()], "nothing twice, nothing left out");
    let other = scene.run(&["events", "watch", "--chaincode", "other", "--checkpoint", &file, "--count", "1"]);
    assert_eq!(other.error(2)["reason"], "CHECKPOINT_FOREIGN");
}
