//! Epochs over real sockets and disks: replicas change while the network runs, and a peer that lost its data does not
//! vote under the key that it forgot about.

use crate::cluster::{self, Cluster, consensus_key, register, signed};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use theriac_crypto::names::state_digest;
use theriac_crypto::{BlsScheme, CertificateScheme, Statement};
use theriac_ledger::system::membership::Propose;
use theriac_ledger::transfer::check_link;
use theriac_peer::PeerConfig;
use theriac_proto::admin::v1::Part;
use theriac_proto::gateway::v1::SubmitRequest;
use theriac_proto::ledger::v1::EpochsRequest;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_types::{
    CertifiedCommitment, Configuration, EpochLink, List, Outcome, Receipt, ReplicaRecord, Text, Transaction, decode,
    encode,
};

const MAX: usize = 1 << 22;

/// A peer's configuration with another key for votes, which it writes.
fn with_key(cluster: &Cluster, index: u16, key: u16) -> PeerConfig {
    let path = cluster.folder().join(format!("fresh-{key}.key"));
    let secret: String = consensus_key(key).to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(&path, secret).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let config = cluster.config(index);
    PeerConfig { replica: None, consensus_key: path, ..config }
}

/// A proposal that gives a replica another key. The only organisation approves what it proposes.
fn replace_key(running: &Configuration, replica: usize, key: u16, nonce: u64, valid_until: u64) -> Transaction {
    let mut replicas = running.replicas.to_vec();
    let (consensus_key, proof_of_possession) =
        (consensus_key(key).public_key(), consensus_key(key).proof_of_possession());
    replicas[replica] = ReplicaRecord { consensus_key, proof_of_possession, ..replicas[replica].clone() };
    let configuration =
        theriac_types::ProposedConfiguration { replicas: List::new(replicas).unwrap(), ..running.proposed() };
    let argument = Propose { configuration, reason: Text::new("its disk died").unwrap() };
    signed(&cluster::member(), "_membership", "propose", encode(&argument), nonce, valid_until)
}

/// The configurations since the genesis, as a client comes to trust them.
async fn chain_of_trust(cluster: &Cluster, index: u16) -> Vec<Configuration> {
    let mut chain = vec![cluster.genesis.configuration()];
    let mut ledger = LedgerClient::new(cluster.channel(index).await);
    let mut links = ledger.epochs(EpochsRequest { after: 0 }).await.unwrap().into_inner();
    while let Some(link) = links.message().await.unwrap() {
        let configuration: Configuration = decode(&link.configuration, MAX).unwrap();
        let last: CertifiedCommitment = decode(&link.commitment, MAX).unwrap();
        let before = chain.last().unwrap();
        let scheme = BlsScheme::new(cluster.genesis.channel.clone(), before).unwrap();
        check_link(before, &scheme, &EpochLink { configuration: configuration.clone(), last }).unwrap();
        chain.push(configuration);
    }
    chain
}

/// Hands a transaction in, and checks its outcome against the epoch it was executed in.
async fn submit(cluster: &Cluster, index: u16, transaction: &Transaction) -> Receipt {
    let proven = cluster.submit_proven(index, transaction).await;
    let certified: CertifiedCommitment = decode(&proven.commitment, MAX).unwrap();
    let chain = chain_of_trust(cluster, index).await;
    let configuration = chain.iter().rfind(|configuration| configuration.first <= certified.commitment.height).unwrap();
    assert_eq!(configuration.epoch, certified.commitment.epoch);
    let scheme = BlsScheme::new(cluster.genesis.channel.clone(), configuration).unwrap();
    let digest = state_digest(&certified.commitment);
    let statement = Statement::State { seq: certified.commitment.height.into(), digest };
    scheme.verify(&statement, &certified.certificate, usize::from(configuration.f) + 1).unwrap();
    decode(&proven.receipt, MAX).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_lost_its_data_observes_until_it_has_a_new_key() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    let mut nonce = 0;
    let mut next = || {
        nonce += 1;
        nonce
    };
    for _ in 0..5 {
        assert_eq!(submit(&cluster, 0, &register(next(), 1000)).await.outcome, Outcome::Valid);
    }
    cluster.until(0, "the fast path", |status| status.fast_commits >= 1).await;
    cluster.stop(3).await.unwrap();
    fs::remove_dir_all(cluster.config(3).data).unwrap();
    cluster.start(3);
    let status = cluster.until(3, "following", |status| status.certified_height >= 5).await;
    assert_eq!((status.part(), status.epoch, status.replica), (Part::Observer, 0, 3));
    // It neither votes nor takes transactions; the three others go on without the fast path.
    let before = cluster.status(0).await;
    for _ in 0..5 {
        assert_eq!(submit(&cluster, 0, &register(next(), 1000)).await.outcome, Outcome::Valid);
    }
    let after = cluster.status(0).await;
    assert_eq!(after.fast_commits, before.fast_commits, "all four would have to vote");
    assert!(after.slow_commits >= before.slow_commits + 5);
    let request = SubmitRequest { transaction: encode(&register(500, 1000)).into() };
    let refused = cluster.gateway(3).await.submit(request).await;
    assert_eq!(cluster::reason(&refused.unwrap_err()), "PEER_OBSERVES");
    // Restarted, it still remembers that it forgot.
    cluster.stop(3).await.unwrap();
    cluster.start(3);
    cluster.until(3, "following again", |status| status.certified_height >= 10).await;
    assert_eq!(cluster.status(3).await.part(), Part::Observer);

    // With a new key it observes at first; in the epoch that names the key it votes.
    cluster.stop(3).await.unwrap();
    cluster.start_with(3, with_key(&cluster, 3, 9));
    let status = cluster.until(3, "following with a new key", |status| status.certified_height >= 10).await;
    assert_eq!((status.part(), status.replica), (Part::Observer, u32::MAX));
    let proposal = replace_key(&cluster.genesis.configuration(), 3, 9, next(), 1000);
    let decided = submit(&cluster, 0, &proposal).await;
    assert_eq!(decided.outcome, Outcome::Valid, "{decided:?}");
    for index in 0..4 {
        let status = cluster.until(index, "epoch 1", |status| status.epoch == 1).await;
        assert_eq!(status.part(), Part::Voter, "replica {index}");
        assert!(status.height >= 384);
    }
    let before = cluster.until(0, "the end of epoch 0", |status| status.height >= 384).await;
    for index in 0..4 {
        assert_eq!(submit(&cluster, index, &register(next(), 1000)).await.outcome, Outcome::Valid);
    }
    let after = cluster.until(0, "the fast path", |status| status.fast_commits > before.fast_commits).await;
    assert_eq!(after.epoch, 1);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_restart_anywhere_around_the_end_of_an_epoch_go_on() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    assert_eq!(submit(&cluster, 0, &register(1, 1000)).await.outcome, Outcome::Valid);
    // Replica 3 changes its address: the same keys, another configuration.
    let mut proposed = cluster.genesis.configuration().proposed();
    let mut replicas = proposed.replicas.to_vec();
    replicas[3].address = Text::new("localhost:1").unwrap();
    proposed.replicas = List::new(replicas).unwrap();
    let argument = Propose { configuration: proposed, reason: Text::new("it moves").unwrap() };
    let proposal = signed(&cluster::member(), "_membership", "propose", encode(&argument), 2, 1000);
    assert_eq!(submit(&cluster, 0, &proposal).await.outcome, Outcome::Valid);
    // One peer after the other is stopped and started while the epoch fills up, ends, and the next begins.
    let mut nonce = 3;
    for round in 0_u16.. {
        let index = round % 4;
        cluster.stop(index).await.unwrap();
        cluster.start(index);
        let status = cluster.until(index, "being back", |status| status.links.iter().any(|link| link.connected)).await;
        let other = (index + 1) % 4;
        assert_eq!(submit(&cluster, other, &register(nonce, 2000)).await.outcome, Outcome::Valid);
        nonce += 1;
        if status.epoch == 1 && round > 8 {
            break;
        }
    }
    for index in 0..4 {
        let status = cluster.until(index, "epoch 1", |status| status.epoch == 1 && status.certified_height > 384).await;
        assert_eq!(status.part(), Part::Voter);
    }
    assert_eq!(submit(&cluster, 2, &register(nonce, 2000)).await.outcome, Outcome::Valid);
    let heights: Vec<_> = [cluster.status(0).await, cluster.status(3).await].map(|status| status.epoch).into();
    assert_eq!(heights, [1, 1]);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_slept_through_the_end_of_an_epoch_is_told_of_it() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    assert_eq!(submit(&cluster, 0, &register(1, 1000)).await.outcome, Outcome::Valid);
    cluster.stop(2).await.unwrap();
    let proposal = replace_key(&cluster.genesis.configuration(), 1, 8, 2, 1000);
    assert_eq!(submit(&cluster, 0, &proposal).await.outcome, Outcome::Valid);
    // Without replica 2, all three that are left have to carry the epoch to its end.
    for index in [0, 3] {
        cluster.until(index, "the end of epoch 0", |status| status.epoch == 1).await;
    }
    cluster.stop(1).await.unwrap();
    cluster.start_with(1, with_key(&cluster, 1, 8));
    cluster.start(2);
    for index in 0..4 {
        let status = cluster.until(index, "epoch 1", |status| status.epoch == 1).await;
        assert_eq!(status.part(), Part::Voter, "replica {index}");
    }
    assert_eq!(submit(&cluster, 2, &register(3, 1000)).await.outcome, Outcome::Valid);
    cluster.stop_all().await;
}
