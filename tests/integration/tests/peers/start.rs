//! Peers that cannot start say why, and what to do.

use crate::cluster::{Cluster, register};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use theriac_peer::{PeerConfig, PeerError, run};

async fn refused(config: PeerConfig) -> PeerError {
    run(config, std::future::pending()).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_a_start_has_its_sentence() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    cluster.submit(0, &register(1, 100)).await;
    let check = |error: PeerError, code: &str, sentence: &str| {
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(sentence), "{error}");
    };
    check(refused(cluster.config(0)).await, "ADDRESS_UNAVAILABLE", "choose another in the configuration");
    let free = || "127.0.0.1:0".parse().unwrap();
    let elsewhere = |index| {
        let mut config = cluster.config(index);
        (config.gateway.listen, config.consensus.listen) = (free(), free());
        config
    };
    check(refused(elsewhere(0)).await, "DATA_FOLDER_IN_USE", "in use by");

    let mut config = elsewhere(0);
    config.consensus_key = cluster.config(1).consensus_key;
    check(refused(config).await, "KEY_FOREIGN", "is not that of replica 0");

    let mut config = elsewhere(0);
    config.consensus_key = cluster.folder().join("nowhere.key");
    check(refused(config).await, "FILE_UNREADABLE", "put it there");

    let exposed = cluster.folder().join("exposed.key");
    fs::copy(cluster.config(0).consensus_key, &exposed).unwrap();
    fs::set_permissions(&exposed, Permissions::from_mode(0o644)).unwrap();
    let mut config = elsewhere(0);
    config.consensus_key = exposed;
    check(refused(config).await, "KEY_EXPOSED", "chmod 600");

    let mut config = elsewhere(0);
    config.replica = Some(9);
    check(refused(config).await, "CONFIG_INVALID", "none of the 4 of the genesis");

    let mut config = elsewhere(0);
    config.genesis = cluster.config(0).consensus_key;
    check(refused(config).await, "GENESIS_INVALID", "the file that the network was founded with");

    let mut config = elsewhere(0);
    config.data = "/proc/theriac".into();
    let error = refused(config).await;
    assert!(["STORE_FAILED", "DISK_READ_ONLY", "LOG_IO"].contains(&error.code()), "{} {error}", error.code());
    cluster.stop_all().await;
}
