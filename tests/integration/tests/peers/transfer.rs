//! State transfer over real links and disks: whoever lost its data or was away for long gets the state from the others.

use crate::cluster::{self, Cluster, register, signed};
use std::fs;
use theriac_ledger::system::membership::Propose;
use theriac_peer::PeerConfig;
use theriac_peer::config::{FaultsConfig, TuningConfig};
use theriac_proto::admin::v1::Part;
use theriac_proto::ledger::v1::StateRequest;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_types::{List, Text, Transaction, encode};

/// A peer that fetches states sooner than others, and cannot do without: it asks nobody for slots.
fn impatient(cluster: &Cluster, index: u16) -> PeerConfig {
    let tuning = TuningConfig { transfer_slots: Some(300), ..TuningConfig::default() };
    let faults = FaultsConfig { withhold: vec!["fetch".to_owned()] };
    PeerConfig { tuning, faults, ..cluster.config(index) }
}

/// Restarts it as it should be, once the state is there.
async fn cured(cluster: &mut Cluster, index: u16) {
    cluster.until(index, "having the state", |status| status.height >= 384).await;
    cluster.stop(index).await.unwrap();
    cluster.start(index);
}

/// A proposal that changes nothing but an address: the epoch fills up with null blocks, which come quickly.
fn new_address(cluster: &Cluster, nonce: u64) -> Transaction {
    let mut proposed = cluster.genesis.configuration().proposed();
    let mut replicas = proposed.replicas.to_vec();
    replicas[1].address = Text::new("localhost:1").unwrap();
    proposed.replicas = List::new(replicas).unwrap();
    let argument = Propose { configuration: proposed, reason: Text::new("it moves").unwrap() };
    signed(&cluster::member(), "_membership", "propose", encode(&argument), nonce, 1000)
}

/// The record of a member, proven, at a height.
async fn member_record(cluster: &Cluster, index: u16, nonce: u64, height: u64) -> Vec<u8> {
    let key = theriac_ledger::system::identity::member_key(&format!("org/member-{nonce}").parse().unwrap());
    let mut ledger = LedgerClient::new(cluster.channel(index).await);
    let request =
        StateRequest { chaincode: "_identity".to_owned(), key: key.key.to_vec().into(), height: Some(height) };
    ledger.state(request).await.unwrap().into_inner().value.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_its_data_gets_the_state_across_the_end_of_an_epoch() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    for nonce in 1..=3 {
        cluster.submit_proven(0, &register(nonce, 1000)).await;
    }
    cluster.stop(3).await.unwrap();
    fs::remove_dir_all(cluster.config(3).data).unwrap();
    cluster.submit_proven(0, &new_address(&cluster, 4)).await;
    cluster.until(0, "epoch 1", |status| status.epoch == 1 && status.height >= 384).await;
    cluster.submit_proven(0, &register(5, 1000)).await;
    cluster.start_with(3, impatient(&cluster, 3));
    cured(&mut cluster, 3).await;
    let status = cluster.until(3, "being there", |status| status.certified_height > 384).await;
    assert_eq!((status.part(), status.epoch), (Part::Observer, 1), "what it voted for is lost");
    let other = cluster.until(0, "the same height", |other| other.certified_height >= status.certified_height).await;
    for nonce in [1, 2, 3, 5] {
        let height = status.certified_height.min(other.certified_height);
        let (here, there) =
            (member_record(&cluster, 3, nonce, height).await, member_record(&cluster, 0, nonce, height).await);
        assert_eq!(here, there);
    }
    let before = LedgerClient::new(cluster.channel(3).await)
        .state(StateRequest { chaincode: "_identity".to_owned(), key: vec![1].into(), height: Some(2) })
        .await;
    assert_eq!(cluster::reason(&before.unwrap_err()), "STATE_PRUNED", "it has the state, not the history");
    assert_eq!(status.evidence, 0, "nobody did anything wrong");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_away_for_long_gets_the_state_and_votes_again() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    cluster.submit_proven(0, &register(1, 1000)).await;
    cluster.until(2, "the first block", |status| status.certified_height >= 1).await;
    cluster.stop(2).await.unwrap();
    cluster.submit_proven(0, &new_address(&cluster, 2)).await;
    cluster.until(0, "epoch 1", |status| status.epoch == 1 && status.height >= 384).await;
    cluster.start_with(2, impatient(&cluster, 2));
    cured(&mut cluster, 2).await;
    let status = cluster.until(2, "epoch 1", |status| status.epoch == 1 && status.certified_height >= 384).await;
    assert_eq!(status.part(), Part::Voter, "its log is here, and it never voted in this epoch");
    let before = cluster.status(0).await;
    for nonce in 3..=8 {
        cluster.submit_proven(2, &register(nonce, 1000)).await;
    }
    cluster.until(0, "the fast path", |status| status.fast_commits > before.fast_commits).await;
    // It goes on from what it fetched.
    cluster.stop(2).await.unwrap();
    assert!(!cluster.config(2).data.join("fetching").exists() && !cluster.config(2).data.join("former").exists());
    cluster.start(2);
    cluster.submit_proven(2, &register(9, 1000)).await;
    cluster.stop_all().await;
}
