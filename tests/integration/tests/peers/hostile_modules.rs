//! Packages that mean harm on a running network, beside clients that go on: each is refused or stopped with its own
//! code, four peers agree on all of it, none of them ends, and blocks keep coming.
//!
//! `THERIAC_HOSTILE_SMITH` sets how many packages are made at random.

use crate::cluster::{Cluster, PATIENCE, REPLICAS, member, signed};
use crate::deployment::{Turn, activation, propose, upload};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use theriac_hostile::{Refused, Running, fitting, mute, refused, running, wild};
use theriac_proto::gateway::v1::BlocksRequest;
use theriac_proto::gateway::v1::blocks_response::Item;
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::{Height, Outcome, Receipt, encode};
use tokio::task::JoinHandle;

const VALID_BLOCKS: u64 = 2000;
/// Blocks with nothing but their transactions, to compare with.
const ORDINARY_BLOCKS: u64 = 80;

/// What the network does beside the corpus.
#[derive(Default)]
struct Beside {
    stop: AtomicBool,
    nonce: AtomicU64,
    height: AtomicU64,
}

impl Beside {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn turn(&self) -> Turn {
        let nonce = self.nonce.fetch_add(1, Ordering::Relaxed) + 1;
        Turn { nonce, valid_until: self.height.load(Ordering::Relaxed) + VALID_BLOCKS }
    }
}

/// An honest client that never pauses.
async fn client(cluster: &Cluster, beside: &Beside, number: u64) {
    let index = u16::try_from(number).unwrap() % REPLICAS;
    while !beside.stopped() {
        let (Turn { nonce, valid_until }, entry) = (beside.turn(), encode(&(format!("key-{number}"), "value")));
        let transaction = signed(&member(), "honest", "set", entry, nonce, valid_until);
        let receipt = cluster.submit(index, &transaction).await;
        assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
        beside.height.fetch_max(receipt.height.0, Ordering::Relaxed);
    }
}

/// When each block was there, certified, as a task of its own sees it.
async fn watch(cluster: &Cluster) -> JoinHandle<BTreeMap<u64, Instant>> {
    let request = BlocksRequest { from: None, include_receipts: false };
    let mut blocks = cluster.gateway(1).await.blocks(request).await.unwrap().into_inner();
    tokio::spawn(async move {
        let mut seen = BTreeMap::new();
        // The stream ends with the peer.
        while let Ok(Some(answer)) = blocks.message().await {
            if let Some(Item::Block(_)) = answer.item {
                seen.insert(answer.resume - 1, Instant::now());
            }
        }
        seen
    })
}

/// A package, and the name that it gets.
struct Candidate {
    name: String,
    module: Vec<u8>,
    /// What its call comes to; none when anything may.
    expected: Option<(Outcome, &'static str)>,
}

async fn bring(cluster: &Cluster, beside: &Beside, lane: u16, module: &[u8]) -> Receipt {
    cluster.submit(lane, &upload(beside.turn(), module)).await
}

/// Uploads what no peer takes: the code is its own, and nothing is kept.
async fn is_refused(cluster: &Cluster, beside: &Beside, lane: u16, row: &Refused) {
    let Refused { name, code, says, module } = row;
    let receipt = bring(cluster, beside, lane, module).await;
    assert_eq!((receipt.outcome, &*receipt.code), (Outcome::PreconditionFailed, *code), "{name}");
    assert!(receipt.message.contains(says), "{name}: {}", receipt.message);
}

/// Uploads a package, and puts it in force when peers take it.
async fn deploy(cluster: &Cluster, beside: &Beside, lane: u16, candidate: &Candidate) -> Option<Height> {
    let receipt = bring(cluster, beside, lane, &candidate.module).await;
    if receipt.outcome != Outcome::Valid {
        assert!(
            candidate.expected.is_none() && receipt.code.starts_with("PACKAGE_"),
            "{}: {receipt:?}",
            candidate.name
        );
        return None;
    }
    let proposal = propose(beside.turn(), &candidate.name, &candidate.module, Height(0));
    Some(activation(&cluster.submit(lane, &proposal).await).from)
}

/// Calls what is in force, and holds the outcome against what it must be.
async fn call(cluster: &Cluster, beside: &Beside, lane: u16, candidate: &Candidate, from: Height) -> (u64, Outcome) {
    cluster.until(lane, "the package is in force", |status| status.certified_height + 1 >= from.0).await;
    let Turn { nonce, valid_until } = beside.turn();
    let transaction = signed(&member(), &candidate.name, "any", encode(&7_u64), nonce, valid_until);
    let receipt = cluster.submit(lane, &transaction).await;
    if let Some((outcome, says)) = candidate.expected {
        let told = format!("{}: {:?}: {}", candidate.name, receipt.outcome, receipt.message);
        assert!(receipt.outcome == outcome && receipt.message.contains(says), "{told}");
    }
    assert_eq!(receipt.judges.len(), 1);
    (receipt.height.0, receipt.outcome)
}

/// Brings a package in and calls it; gives the block that judged the call.
async fn try_one(cluster: &Cluster, beside: &Beside, lane: u16, candidate: &Candidate) -> Option<(u64, Outcome)> {
    let from = deploy(cluster, beside, lane, candidate).await?;
    Some(call(cluster, beside, lane, candidate, from).await)
}

/// What is still to be tried, for whichever lane is free.
type Left<T> = Mutex<Box<dyn Iterator<Item = T>>>;

fn left<T>(all: impl Iterator<Item = T> + 'static) -> Left<T> {
    Mutex::new(Box::new(all))
}

fn take<T>(left: &Left<T>) -> Option<T> {
    left.lock().unwrap().next()
}

/// All hostile packages, beside the clients. Gives the blocks that judged their calls.
async fn corpus(cluster: &Cluster, beside: &Beside, seeds: u64) -> Vec<(String, u64)> {
    let rows = running().into_iter().map(|Running { name, outcome, says, module }| Candidate {
        name: name.replace([' ', ','], "-"),
        module,
        expected: Some((outcome, says)),
    });
    let random = |seed| [("wild", wild(seed)), ("fitting", fitting(seed))].map(|(kind, module)| (kind, seed, module));
    let random = (0..seeds).flat_map(random).filter_map(|(kind, seed, module)| {
        Some(Candidate { name: format!("{kind}-{seed}"), module: module?, expected: None })
    });
    let (unfit, candidates) = (left(refused().into_iter().chain(mute())), left(rows.chain(random)));
    let judged = Mutex::new((Vec::new(), BTreeMap::new()));
    let (unfit, candidates, judged) = (&unfit, &candidates, &judged);
    let lane = |lane| async move {
        while let Some(row) = take(unfit) {
            is_refused(cluster, beside, lane, &row).await;
        }
        while let Some(candidate) = take(candidates) {
            let Some((height, outcome)) = try_one(cluster, beside, lane, &candidate).await else { continue };
            let mut judged = judged.lock().unwrap();
            judged.0.push((candidate.name, height));
            *judged.1.entry(outcome.code()).or_insert(0) += 1;
        }
    };
    tokio::join!(lane(0), lane(1), lane(2), lane(3));
    let (judged, outcomes) = std::mem::take(&mut *judged.lock().unwrap());
    println!("outcomes of calls: {outcomes:?}");
    judged
}

/// How long the blocks of a part took, from one to the next, ascending.
fn block_times(seen: &BTreeMap<u64, Instant>, part: std::ops::Range<u64>) -> Vec<Duration> {
    let pairs = part.clone().zip(part.skip(1));
    let mut times: Vec<_> = pairs.filter_map(|(a, b)| Some(seen.get(&b)?.duration_since(*seen.get(&a)?))).collect();
    times.sort_unstable();
    times
}

fn quantile(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() - 1) * percent / 100]
}

/// Prints how block time compares, and holds it to what a loaded machine keeps too.
fn compare(seen: &BTreeMap<u64, Instant>, began: u64, ended: u64, judged: &[(String, u64)]) {
    let first = *seen.keys().next().unwrap();
    let (ordinary, corpus) = (block_times(seen, first..began), block_times(seen, began..ended));
    for (name, times) in [("ordinary", &ordinary), ("corpus", &corpus)] {
        let [half, most, nearly_all] = [50, 90, 99].map(|percent| quantile(times, percent));
        println!("{name}: {} blocks, median {half:?}, p90 {most:?}, p99 {nearly_all:?}", times.len());
    }
    let mut slowest: Vec<_> = judged
        .iter()
        .filter_map(|(name, height)| Some((seen.get(height)?.duration_since(*seen.get(&(height - 1))?), name)))
        .collect();
    slowest.sort_unstable();
    println!("slowest with a hostile call: {:?}", slowest.iter().rev().take(8).collect::<Vec<_>>());
    let ratio = |percent| quantile(&corpus, percent).as_secs_f64() / quantile(&ordinary, percent).as_secs_f64();
    println!("block time, corpus over ordinary: median {:.2}, p90 {:.2}", ratio(50), ratio(90));
    assert!(quantile(&corpus, 50) < 4 * quantile(&ordinary, 50) + Duration::from_millis(100), "blocks slow down");
    assert!(quantile(&corpus, 99) < PATIENCE / 10, "a block stands still");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_packages_are_refused_or_stopped_and_the_network_goes_on() {
    let seeds = std::env::var("THERIAC_HOSTILE_SMITH").map_or(50, |text| text.parse().unwrap()) / 2;
    let mut cluster = Cluster::new();
    cluster.start_all();
    let beside = Beside::default();
    assert_eq!(bring(&cluster, &beside, 0, KEY_VALUE).await.outcome, Outcome::Valid);
    let from = activation(&cluster.submit(0, &propose(beside.turn(), "honest", KEY_VALUE, Height(0))).await).from;
    let mut began = Vec::new();
    for index in 0..REPLICAS {
        began.push(cluster.until(index, "honest work", |status| status.certified_height + 1 >= from.0).await);
    }
    let clients = async {
        // One at each peer.
        let client = |number| client(&cluster, &beside, number);
        tokio::join!(client(0), client(1), client(2), client(3));
    };
    let story = async {
        let ordinary = from.0 + ORDINARY_BLOCKS;
        cluster.until(0, "ordinary blocks", |status| status.certified_height >= ordinary).await;
        let began = cluster.status(0).await.height;
        let judged = corpus(&cluster, &beside, seeds).await;
        let ended = cluster.status(0).await.certified_height;
        beside.stop.store(true, Ordering::Relaxed);
        (began, ended, judged)
    };
    let watched = watch(&cluster).await;
    let ((), (first, ended, judged)) = tokio::join!(clients, story);
    let last = cluster.status(0).await.height;
    let mut ends = Vec::new();
    for (index, before) in (0..REPLICAS).zip(began) {
        let status = cluster.until(index, "the last block", |status| status.certified_height >= last).await;
        assert!(status.uptime_ms > before.uptime_ms && status.evidence == 0, "it never ended, nor saw a fault");
        ends.push((status.height, status.block_hash, status.state_root));
    }
    // A block's hash covers its receipts and the block below.
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "four peers, one chain, one state: {ends:?}");
    cluster.stop_all().await;
    compare(&watched.await.unwrap(), first, ended, &judged);
}
