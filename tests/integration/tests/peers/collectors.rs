//! Acknowledgements when the replica that should collect votes on states does not pass on what it made of them.

use crate::cluster::{self, Cluster, REPLICAS, register};
use theriac_consensus::execution_collectors;
use theriac_crypto::VoteContext;
use theriac_peer::PeerConfig;
use theriac_peer::config::FaultsConfig;
use theriac_types::{CertifiedCommitment, Epoch, Outcome, ReplicaId, decode};

const SILENT: u16 = 1;
/// Slots that the silent one was to collect for.
const WANTED: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_keeps_certificates_to_itself_costs_no_client_its_proof() {
    let mut cluster = Cluster::new();
    for index in 0..REPLICAS {
        let kinds = if index == SILENT { vec!["full-execute-proof".to_owned()] } else { Vec::new() };
        let faults = FaultsConfig { withhold: kinds };
        cluster.start_with(index, PeerConfig { faults, ..cluster.config(index) });
    }
    let size = theriac_consensus::Cluster::new(1, 0).unwrap();
    let context = VoteContext { channel: cluster.genesis.channel.clone(), epoch: Epoch(0) };
    let (mut kept, mut nonce) = (0, 0);
    while kept < WANTED {
        nonce += 1;
        assert!(nonce <= 100, "the lot never falls on replica {SILENT}");
        let gateway = [0, 2, 3][usize::try_from(nonce).unwrap() % 3];
        let proven = cluster.submit_proven(gateway, &register(nonce, 1000)).await;
        // The certificate is checked against the genesis: f + 1 replicas signed, whoever put their votes together.
        assert_eq!(cluster::verify::receipt(&cluster.genesis, &proven).outcome, Outcome::Valid);
        let certified: CertifiedCommitment = decode(&proven.commitment, 1 << 22).unwrap();
        let collectors = execution_collectors(size, &context, certified.commitment.height.into());
        kept += usize::from(collectors == [ReplicaId(SILENT)]);
    }
    cluster.stop_all().await;
}
