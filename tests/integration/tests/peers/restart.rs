//! Peers that stop and come back: nothing acknowledged is lost, everyone ends in the same state.

use crate::cluster::{self, Cluster, REPLICAS, reason, register};
use theriac_proto::gateway::v1::SubmitRequest;
use theriac_proto::ledger::v1::CommitPath;
use theriac_types::{Outcome, encode};

/// Asserts that all peers reach a height with one state root.
async fn agree(cluster: &Cluster, height: u64) {
    let mut roots = Vec::new();
    for index in 0..REPLICAS {
        let status = cluster.reaches(index, height).await;
        assert_eq!(status.height, height, "nothing else was submitted");
        roots.push((status.state_root, status.block_hash));
    }
    assert!(roots.windows(2).all(|pair| pair[0] == pair[1]), "at height {height}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_backup_costs_the_fast_path_only_and_catches_up() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    cluster.submit(1, &register(1, 100)).await;
    cluster.stop(3).await.unwrap();
    let mut height = 0;
    for nonce in 2..=6 {
        let proven = cluster.submit_proven(1, &register(nonce, 100)).await;
        assert_eq!(proven.commit_path(), CommitPath::Slow);
        height = cluster::verify::receipt(&cluster.genesis, &proven).height.0;
    }
    cluster.start(3);
    agree(&cluster, height).await;
    let last = cluster.submit(3, &register(7, 100)).await;
    assert_eq!(last.outcome, Outcome::Valid, "the one that came back serves clients again");
    agree(&cluster, last.height.0).await;
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_was_stopped_as_a_whole_goes_on_where_it_was() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    let before = cluster.submit(2, &register(1, 100)).await;
    cluster.stop_all().await;
    cluster.start_all();
    agree(&cluster, before.height.0).await;
    let mut gateway = cluster.gateway(0).await;
    let after = cluster.submit(0, &register(2, 100)).await;
    assert_eq!(after.height, before.height.next());
    let again = SubmitRequest { transaction: encode(&register(1, 100)).into() };
    assert_eq!(reason(&gateway.submit(again).await.unwrap_err()), "DUPLICATE", "nothing was forgotten");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_quorum_clients_are_told_at_once() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    cluster.submit(0, &register(1, 100)).await;
    cluster.stop(2).await.unwrap();
    cluster.stop(3).await.unwrap();
    let mut gateway = cluster.gateway(0).await;
    let status = loop {
        let submit = SubmitRequest { transaction: encode(&register(2, 100)).into() };
        // Until the links are seen to be down the transaction is taken; it only waits.
        match gateway.submit(submit).await {
            Err(status) if status.code() == tonic::Code::Unavailable => break status,
            _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    };
    assert_eq!(reason(&status), "NO_QUORUM");
    cluster.stop_all().await;
}
