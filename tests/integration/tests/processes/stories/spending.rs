//! Story 14: goods are received twice at the same time, at different peers. One receipt wins, the same at all of them,
//! also when the primary dies in between.
//!
//! The one alarm for the two receipts belongs to the alarms.

use super::say::{object, read};
use super::stage::{DISTRIBUTOR, SECOND_DISTRIBUTOR, SITE, held, hires, joins, level, peer, so};
use crate::common::{Scene, until};
use crate::trace::{Run, done};
use theriac_client::{Committed, Network, SignedTransaction};
use theriac_trace_client::capture_argument;
use theriac_types::{FunctionName, Outcome, TxId};

/// The pallet of the story, and more of them for further rounds.
const PALLETS: [&str; 4] =
    ["00/095060000000000022", "00/095060000000000039", "00/095060000000000046", "00/095060000000000053"];
/// The peers that two receipts are handed in at.
const AT: [(u16, u16); 3] = [(0, 1), (2, 3), (3, 0)];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_received_twice_at_once_is_received_once_at_every_peer() {
    let mut scene = Scene::up().await;
    {
        let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
        joins(on, "wholesaler", "distributor", SECOND_DISTRIBUTOR);
        hires(on, "distributor", "berta");
        for pallet in PALLETS {
            done(on, "maker", &["commission", pallet, "--at", SITE]);
            done(on, "maker", &["ship", pallet, "--to", DISTRIBUTOR]);
        }
    }
    two_distributors_receive_at_once(&scene).await;
    for (pallet, (one, other)) in PALLETS[..3].iter().zip(AT).skip(1) {
        two_workers_receive_at_once(&scene, pallet, one, other).await;
    }
    the_primary_dies_between_two_receipts(&mut scene, PALLETS[3]).await;
}

/// As a member of an organisation sees it at one peer.
fn at(scene: &Scene, index: u16, member: &str) -> Network {
    scene.network.gateway_to(index, Some(member)).unwrap().network()
}

/// A receipt, signed and not yet handed in.
async fn receipt(network: &Network, pallet: &str) -> SignedTransaction {
    let event = read(&object("OBSERVE", "receiving", "in_progress", &[pallet]));
    let capture = FunctionName::new("capture").unwrap();
    let contract = network.contract("trace".parse().unwrap());
    contract.transaction(&capture, capture_argument(&[event])).await.unwrap()
}

/// Code, sentence and height of what became of a receipt.
fn told(committed: &Committed) -> (String, String, u64) {
    let receipt = committed.receipt();
    let code = if receipt.outcome == Outcome::Valid { "VALID" } else { &*receipt.code };
    (code.to_owned(), receipt.message.to_string(), receipt.height.0)
}

/// Every peer proves the same receipts, and has the goods in the same state.
async fn is_everywhere(scene: &Scene, pallet: &str, ids: &[TxId]) {
    level(scene).await;
    for id in ids {
        let mut receipts = Vec::new();
        for index in 0..4 {
            receipts.push(peer(scene, index).transaction(*id).await.unwrap().1.receipt);
        }
        assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]), "{receipts:?}");
    }
    assert_eq!(held(scene, pallet).await, so("IN_STOCK", DISTRIBUTOR));
}

async fn two_distributors_receive_at_once(scene: &Scene) {
    let (consignee, stranger) = (at(scene, AT[0].0, "distributor/operator"), at(scene, AT[0].1, "wholesaler/operator"));
    let (own, foreign) = (receipt(&consignee, PALLETS[0]).await, receipt(&stranger, PALLETS[0]).await);
    let (own, foreign) = tokio::join!(consignee.submit_and_wait(&own), stranger.submit_and_wait(&foreign));
    let (own, foreign) = (own.unwrap(), foreign.unwrap());
    assert_eq!(told(&own).0, "VALID");
    let (code, sentence, _) = told(&foreign);
    assert_eq!(code, "WRONG_CONSIGNEE", "{sentence}");
    let expected =
        format!("addressed to {DISTRIBUTOR}, not to {SECOND_DISTRIBUTOR}. Do not accept it; tell the shipper.");
    assert!(sentence.ends_with(&expected), "{sentence}");
    is_everywhere(scene, PALLETS[0], &[own.id(), foreign.id()]).await;
}

/// One of two wins, and the other is told who did, and in which block.
fn one_won(pallet: &str, both: &[Committed; 2]) {
    let mut all = both.each_ref().map(told);
    all.sort_by_key(|(code, ..)| code != "VALID");
    let [(winner, _, height), (loser, sentence, later)] = all;
    assert_eq!((winner.as_str(), loser.as_str()), ("VALID", "DOUBLE_RECEIPT"), "{sentence}");
    let expected = format!(
        "{pallet}: already received by {DISTRIBUTOR} in block {height}; your receipt was refused. Check for a second \
         pack of this code."
    );
    assert_eq!(sentence, expected);
    assert!(later >= height, "{later} and {height}");
}

async fn two_workers_receive_at_once(scene: &Scene, pallet: &str, one: u16, other: u16) {
    let (anna, berta) = (at(scene, one, "distributor/operator"), at(scene, other, "distributor/berta"));
    let (first, second) = (receipt(&anna, pallet).await, receipt(&berta, pallet).await);
    let (first, second) = tokio::join!(anna.submit_and_wait(&first), berta.submit_and_wait(&second));
    let both = [first.unwrap(), second.unwrap()];
    one_won(pallet, &both);
    is_everywhere(scene, pallet, &both.map(|committed| committed.id())).await;
}

/// Both receipts lie at peers that wait for the primary, which never answers again.
async fn the_primary_dies_between_two_receipts(scene: &mut Scene, pallet: &str) {
    level(scene).await;
    let status = peer(scene, 0).peer_status().await.unwrap().status;
    let (primary, view) = (u16::try_from(status.primary).unwrap(), status.view);
    let mut backups = (0..4).filter(|index| *index != primary);
    let (one, other) = (backups.next().unwrap(), backups.next().unwrap());
    let (anna, berta) = (at(scene, one, "distributor/operator"), at(scene, other, "distributor/berta"));
    let (first, second) = (receipt(&anna, pallet).await, receipt(&berta, pallet).await);
    scene.network.pause(primary).unwrap();
    let commits = [anna.submit(&first).await.unwrap(), berta.submit(&second).await.unwrap()];
    scene.network.kill(primary).await.unwrap();
    let both = [commits[0].wait().await.unwrap(), commits[1].wait().await.unwrap()];
    one_won(pallet, &both);
    let now = peer(scene, one).peer_status().await.unwrap().status;
    assert!(now.view > view, "another primary ordered them: view {} after {view}", now.view);

    scene.network.restart(primary).await.unwrap();
    let back = peer(scene, primary);
    let head = both.iter().map(Committed::height).max().unwrap();
    let level = || async { back.chain_info().await.is_ok_and(|info| info.certified_height() >= head) };
    until("the former primary has caught up", level).await;
    is_everywhere(scene, pallet, &both.map(|committed| committed.id())).await;
}
