//! A replica loses its disk and comes back as a new one; clients follow the chain of epochs.

use crate::common::front::Front;
use crate::common::{self, Scene, birth, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use theriac_client::{Cause, EpochLinkError, Gateway, GatewayOptions, Network, PeerAddress, VerificationError};
use theriac_network::demo::agreed_root;
use theriac_proto::ledger::v1::EpochsResponse;
use theriac_trace_client::capture;
use theriac_types::{Configuration, Epoch};

const REPLACED: u16 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_replica_comes_back_under_a_new_key_and_clients_follow() {
    let mut scene = Scene::up().await;
    let operator = scene.network.gateway("maker/operator").unwrap().network();
    for number in 0..5 {
        capture(&operator, &birth(&format!("BEFORE{number}"))).await.unwrap().valid().unwrap();
    }
    let before = scene.run(&["membership", "show"]).json();
    let old_key = before["replicas"][usize::from(REPLACED)]["consensus_key"].clone();
    assert_eq!((&before["epoch"], &before["f"]), (&0.into(), &1.into()), "{before}");

    let replaced = scene.network.replace(REPLACED).await.unwrap();
    eprintln!("{replaced:?}");
    assert_eq!(replaced.epoch, 1);
    // The new replica may know before the peer that is asked.
    until("the others' end of the epoch", || async { scene.run(&["membership", "show"]).json()["epoch"] == 1 }).await;
    let after = scene.run(&["membership", "show"]).json();
    assert_eq!((&after["epoch"], &after["from"]), (&1.into(), &replaced.first.0.into()), "{after}");
    assert_ne!(after["replicas"][usize::from(REPLACED)]["consensus_key"], old_key);
    let proposals = scene.run(&["membership", "status"]).json();
    assert_eq!((&proposals[0]["state"], &proposals[0]["from"]), (&"decided".into(), &after["from"]), "{proposals}");

    // Work goes on in the new epoch, and only with the new replica when another one is down.
    scene.network.kill((REPLACED + 1) % 4).await.unwrap();
    for number in 0..3 {
        let committed = capture(&operator, &birth(&format!("AFTER{number}"))).await.unwrap().valid().unwrap();
        assert!(committed.height() >= replaced.first);
        assert_eq!(committed.certified.certified.commitment.epoch, Epoch(1));
    }
    scene.network.restart((REPLACED + 1) % 4).await.unwrap();
    let head = operator.chain_info().await.unwrap().certified_height();
    for index in 0..4 {
        let peer = scene.network.gateway_to(index, None).unwrap().network();
        until("a peer is level", || async {
            peer.chain_info().await.is_ok_and(|info| info.certified_height() >= head)
        })
        .await;
    }
    agreed_root(&scene.network, head).await.unwrap();
    clients_believe_only_the_chain(&scene).await;
    what_was_remembered_is_checked(&scene);
}

/// Nothing but the genesis in hand, and a peer that tells of the epochs as it pleases.
async fn clients_believe_only_the_chain(scene: &Scene) {
    let honest = scene.network.processes()[0].gateway;
    let fresh = newcomer(&honest.to_string(), scene);
    fresh.chain_info().await.unwrap();
    assert_eq!(fresh.configuration().await.unwrap().epoch, Epoch(1));

    // The truth but for one configuration: the new replica in it is another organisation's.
    let lies = Arc::new(AtomicBool::new(true));
    let lying = lies.clone();
    let front = Front::of(honest).changing_epochs(move |link| match lying.load(Ordering::Relaxed) {
        true => EpochsResponse { configuration: of_another_organisation(&link.configuration).into(), ..link },
        false => link,
    });
    let address = front.serve().await;
    let error = newcomer(&address.to_string(), scene).chain_info().await.unwrap_err();
    assert_eq!(error.reason(), "VERIFICATION_FAILED");
    let Cause::Unverified { error, .. } = error.cause else { unreachable!("{error}") };
    let expected = VerificationError::EpochLink { epoch: Epoch(1), cause: EpochLinkError::OtherConfiguration };
    assert_eq!(*error, expected);
    lies.store(false, Ordering::Relaxed);
    newcomer(&address.to_string(), scene).chain_info().await.unwrap();
}

fn of_another_organisation(configuration: &[u8]) -> Vec<u8> {
    let mut changed: Configuration = theriac_types::decode(configuration, 1 << 20).unwrap();
    let mut replicas = changed.replicas.to_vec();
    replicas[usize::from(REPLACED)].org = "regulator".parse().unwrap();
    changed.replicas = theriac_types::List::new(replicas).unwrap();
    theriac_types::encode(&changed)
}

/// The file beside the context outlives the process, and a damaged one is not believed.
fn what_was_remembered_is_checked(scene: &Scene) {
    let path = scene.dir().join("context.memory");
    let good = std::fs::read(&path).unwrap();
    let mut changed = good.clone();
    let position = changed.len() - 20;
    changed[position] ^= 1;
    std::fs::write(&path, changed).unwrap();
    assert_eq!(scene.run(&["block", "list"]).error(8)["reason"], "VERIFICATION_FAILED");
    std::fs::write(&path, good).unwrap();
    scene.run(&["block", "list"]).json();
}

fn newcomer(address: &str, scene: &Scene) -> Network {
    let peer = PeerAddress { name: "peer".to_owned(), address: address.to_owned(), tls: None };
    let mut options = GatewayOptions::new(vec![peer], scene.network.context().unwrap().genesis().unwrap());
    options.deadlines.evaluate = Duration::from_secs(20);
    Gateway::new(options).unwrap().network()
}

/// A peer that the launcher does not know; ends with the test.
struct Newcomer(std::process::Child);

impl Drop for Newcomer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An organisation's new peer, made and started as its operator does: its public file.
fn newcomer_of(scene: &Scene, organisation: &str, parent: &std::path::Path) -> (String, Newcomer) {
    let folder = parent.join(organisation);
    let addresses = [0; 2].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let [consensus, gateway] = addresses.map(|address| address.to_string());
    let text = folder.display().to_string();
    let options = ["--folder", &text, "--organisation", organisation, "--consensus", &consensus, "--gateway", &gateway];
    let made = scene.run(&[&["peer", "init"][..], &options].concat()).json();
    let configuration = made["configuration"].as_str().unwrap();
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = std::process::Command::new(common::binary());
    command.args(["peer", "run", "--config", configuration]).stderr(log);
    (made["public_file"].as_str().unwrap().to_owned(), Newcomer(command.spawn().unwrap()))
}

/// Has organisations approve the newest proposal until the next epoch is decided, and waits for it.
async fn approved(scene: &Scene, number: u64, epoch: u64) {
    let number = number.to_string();
    assert!(scene.run(&["membership", "approve", &number, "--as", "carrier/admin"]).json()["epoch"].is_null());
    let decided = scene.run(&["membership", "approve", &number, "--as", "pharmacy/admin"]).json();
    assert_eq!(decided["epoch"], epoch, "{decided}");
    let peer = scene.network.gateway_to(0, None).unwrap().network();
    let begun = async || peer.peer_status().await.is_ok_and(|answer| answer.status.epoch == epoch);
    let began = std::time::Instant::now();
    while !begun().await {
        assert!(began.elapsed() < Duration::from_secs(240), "epoch {epoch} does not begin");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_grows_by_two_replicas_and_shrinks_again() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let newcomers = ["maker", "distributor"].map(|organisation| newcomer_of(&scene, organisation, folder.path()));
    let files = newcomers.each_ref().map(|(file, _)| file.as_str());
    let as_maker = ["--as", "maker/admin"];
    assert_eq!(scene.run(&["membership", "add", files[0]]).error(2)["reason"], "NETWORK_SIZE", "five are no network");
    let proposed = scene.run(&[&["membership", "add", files[0], files[1]][..], &as_maker].concat()).json();
    assert_eq!(proposed["approvals_needed"], 3, "{proposed}");
    approved(&scene, 1, 1).await;
    let shown = scene.run(&["membership", "show"]).json();
    assert_eq!((&shown["f"], &shown["c"], shown["replicas"].as_array().unwrap().len()), (&1.into(), &1.into(), 6));
    let operator = scene.network.gateway("maker/operator").unwrap().network();
    let grown = capture(&operator, &birth("GROWN1")).await.unwrap().valid().unwrap();
    assert_eq!(grown.certified.certified.commitment.epoch, Epoch(1));

    let removed = scene.run(&[&["membership", "remove", "4", "5"][..], &as_maker].concat()).json();
    approved(&scene, removed["proposal"].as_u64().unwrap(), 2).await;
    drop(newcomers);
    let shrunk = capture(&operator, &birth("SHRUNK1")).await.unwrap().valid().unwrap();
    assert_eq!(shrunk.certified.certified.commitment.epoch, Epoch(2));
    assert_eq!(scene.run(&["membership", "show"]).json()["replicas"].as_array().unwrap().len(), 4);
}
