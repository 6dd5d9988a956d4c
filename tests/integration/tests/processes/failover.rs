//! Clients whose peers die, stall or lag: the same transaction goes on elsewhere, once, and what is not known is said so.

use crate::common::front::Front;
use crate::common::{Scene, birth, until};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use theriac_client::{Cause, Gateway, GatewayOptions, Network, PeerAddress, SignedTransaction};
use theriac_proto::ledger::v1::StateResponse;
use theriac_trace_client::capture_argument;
use theriac_types::{FunctionName, Outcome};

async fn signed(network: &Network, serial: &str) -> SignedTransaction {
    let capture = FunctionName::new("capture").unwrap();
    network.contract("trace".parse().unwrap()).transaction(&capture, capture_argument(&birth(serial))).await.unwrap()
}

/// All peers for an operator, with so much patience for an outcome.
fn patient_for(scene: &Scene, commit: Duration) -> Network {
    let identity = scene.network.identity("maker/operator").unwrap();
    let mut options = scene.network.context().unwrap().options(Some(&identity)).unwrap();
    options.deadlines.commit = commit;
    Gateway::new(options).unwrap().network()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_primary_costs_time_and_no_transaction_is_executed_twice() {
    let scene = Scene::up().await;
    let network = patient_for(&scene, Duration::from_secs(60));
    let transaction = signed(&network, "STALL1").await;
    let primary = u16::try_from(network.peer_status().await.unwrap().status.primary).unwrap();
    // The client prefers this very peer. Its connections stay open, and nothing comes back.
    scene.network.pause(primary).unwrap();
    let began = Instant::now();
    let committed = network.submit_and_wait(&transaction).await.unwrap();
    assert_eq!((committed.id(), committed.receipt().outcome), (transaction.id(), Outcome::Valid));
    assert_ne!(committed.peer, format!("peer-{primary}"));
    eprintln!("went on after {} ms", began.elapsed().as_millis());
    scene.network.resume(primary).unwrap();
    // The paused peer had it too: it is handed in again, and found to be done.
    let again = network.submit_and_wait(&transaction).await.unwrap_err();
    assert_eq!(again.reason(), "DUPLICATE");
    let head = network.chain_info().await.unwrap().certified_height();
    let mut found = 0;
    for height in 1..=head.0 {
        let block = network.block(theriac_types::Height(height), true).await.unwrap();
        found += block.receipts.iter().filter(|receipt| receipt.tx_id == transaction.id()).count();
    }
    assert_eq!(found, 1, "once in all blocks up to {head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_nobody_proves_is_called_unknown_and_settled_later() {
    let scene = Scene::up().await;
    let network = patient_for(&scene, Duration::from_secs(4));
    let transaction = signed(&network, "UNKNOWN1").await;
    // Two of four: nothing can be decided, and no connection breaks.
    for index in [2, 3] {
        scene.network.pause(index).unwrap();
    }
    let error = network.submit_and_wait(&transaction).await.unwrap_err();
    assert_eq!(error.reason(), "OUTCOME_UNKNOWN", "{error}");
    assert!(
        error.retryable() && error.to_string().contains(&format!("theriac tx wait {}", transaction.id())),
        "{error}"
    );
    assert!(matches!(error.cause, Cause::OutcomeUnknown(_)));
    for index in [2, 3] {
        scene.network.resume(index).unwrap();
    }
    let settled = scene.run(&["tx", "wait", &transaction.id().to_string()]).json();
    assert_eq!(settled["outcome"], "VALID", "{settled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reached_nobody_is_no_ambiguous_outcome() {
    let scene = Scene::up().await;
    let network = patient_for(&scene, Duration::from_secs(60));
    let transaction = signed(&network, "NOBODY1").await;
    for index in 0..4 {
        scene.network.kill(index).await.unwrap();
    }
    let began = Instant::now();
    let error = network.submit_and_wait(&transaction).await.unwrap_err();
    assert_eq!(error.reason(), "PEER_UNREACHABLE", "{error}");
    assert!(began.elapsed() < Duration::from_secs(30), "nothing is waited for when nobody is there");
    assert_eq!(scene.run(&["tx", "status", &transaction.id().to_string()]).error(7)["reason"], "PEER_UNREACHABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn ordered_reads_see_everything_and_their_answers_are_proven() {
    let scene = Scene::up().await;
    let network = patient_for(&scene, Duration::from_secs(60));
    let contract = network.contract("trace".parse().unwrap());
    let party = FunctionName::new("party").unwrap();
    let described = contract.description().await.unwrap().function(&party).unwrap();
    let argument = described.argument.encode(&serde_json::json!({ "name": "maker" })).unwrap();
    let answered = contract.query_ordered(&party, argument.clone()).await.unwrap().valid().unwrap();
    let asked = contract.evaluate(&party, argument).await.unwrap();
    assert_eq!(*answered.receipt().result, *asked.result, "the receipt holds what the query returns");
    assert!(asked.height >= answered.height());

    // Written through one peer, read in order through another that this client has never spoken to.
    let committed = network.submit_and_wait(&signed(&network, "ORDERED1").await).await.unwrap();
    let other = scene.network.gateway_to(3, Some("pharmacy/operator")).unwrap().network();
    let key = theriac_client::state_key("_identity".parse().unwrap(), *b"o/maker").unwrap();
    let read = other.read_ordered(key).await.unwrap();
    assert!(read.height() > committed.height() && read.value.is_some() && read.proof.is_some());
    let shown = scene.run(&["state", "get", "_identity", "--key-text", "o/maker", "--ordered"]).json();
    assert!(shown["height"].as_u64().unwrap() > read.height().0, "{shown}");
    let shown = scene.run(&["query", "trace", "party", r#"{"name":"maker"}"#, "--ordered"]).json();
    assert_eq!(shown["organisation"], "maker");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_an_older_state_than_he_has_seen() {
    let scene = Scene::up().await;
    let operator = patient_for(&scene, Duration::from_secs(60));
    // A peer that stands still: true answers with good proofs, for ever those of one moment.
    let first = Arc::new(Mutex::new(None::<StateResponse>));
    let honest = scene.network.processes()[0].gateway;
    let front = Front::of(honest).changing_states(move |now| first.lock().unwrap().get_or_insert(now).clone());
    let address = front.serve().await;
    let stale = PeerAddress { name: "stale".to_owned(), address: address.to_string(), tls: None };
    let fresh = PeerAddress { name: "fresh".to_owned(), address: honest.to_string(), tls: None };
    let reader = |peers: Vec<PeerAddress>| {
        let mut options = GatewayOptions::new(peers, scene.network.context().unwrap().genesis().unwrap());
        options.deadlines.evaluate = Duration::from_secs(2);
        Gateway::new(options).unwrap().network()
    };
    let key = || theriac_client::state_key("_identity".parse().unwrap(), *b"o/maker").unwrap();
    let (lone, both) = (reader(vec![stale.clone()]), reader(vec![stale, fresh]));
    let seen = [lone.state(key(), None).await.unwrap().height(), both.state(key(), None).await.unwrap().height()];
    assert_eq!(seen[0], seen[1]);

    let committed = operator.submit_and_wait(&signed(&operator, "STALE1").await).await.unwrap();
    for network in [&lone, &both] {
        // Both hear of the new head; the stale peer still shows the old state.
        until("the head is seen", || async {
            network.chain_info().await.unwrap().certified_height() >= committed.height()
        })
        .await;
    }
    assert!(both.state(key(), None).await.unwrap().height() >= committed.height(), "read at the other peer");
    let error = lone.state(key(), None).await.unwrap_err();
    assert_eq!(error.reason(), "PEERS_BEHIND", "{error}");
}
