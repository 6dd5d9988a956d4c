//! Peers die at any moment and come back: nothing acknowledged is lost, and all agree.

use crate::common::{Scene, birth, until};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use theriac_client::{EventFilter, Gateway, Network, Position};
use theriac_network::demo::agreed_root;
use theriac_trace_client::capture;
use theriac_types::{Height, TxId};

/// Hands in births one after another until told to stop, and keeps what was acknowledged.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<TxId>>>,
    count: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Load {
    fn start(network: Network, prefix: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (acknowledged, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (stopped, noted, counted) = (stop.clone(), acknowledged.clone(), count.clone());
        let task = tokio::spawn(async move {
            for number in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // Without a primary nothing is acknowledged; the next one may be.
                if let Ok(committed) = capture(&network, &birth(&format!("{prefix}{number}"))).await {
                    noted.lock().unwrap().push(committed.id());
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { stop, acknowledged, count, task }
    }

    async fn goes_on(&self, by: usize) {
        let target = self.count.load(Ordering::Relaxed) + by;
        until("further transactions", || async { self.count.load(Ordering::Relaxed) >= target }).await;
    }

    async fn finish(self) -> Vec<TxId> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        Arc::try_unwrap(self.acknowledged).unwrap().into_inner().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_peer_is_killed_under_load_and_nothing_acknowledged_is_lost() {
    let mut scene = Scene::up().await;
    let mut acknowledged = Vec::new();
    for victim in 0..4 {
        // Through a peer that lives on; the victim may be the primary.
        let entrance = scene.network.gateway_to((victim + 1) % 4, Some("maker/operator")).unwrap().network();
        let load = Load::start(entrance, format!("K{victim}N"));
        load.goes_on(10).await;
        scene.network.kill(victim).await.unwrap();
        if victim != 0 {
            load.goes_on(3).await;
        }
        scene.network.restart(victim).await.unwrap();
        load.goes_on(10).await;
        acknowledged.extend(load.finish().await);
    }
    assert!(acknowledged.len() >= 80, "{}", acknowledged.len());
    let head = level(&scene).await;
    agreed_root(&scene.network, head).await.unwrap();
    for index in 0..4 {
        let peer = scene.network.gateway_to(index, None).unwrap().network();
        for id in &acknowledged {
            let committed = peer.commit(*id).status().await.unwrap();
            assert!(committed.valid().is_ok(), "{id} at peer {index}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_backup_slows_the_others_down_and_catches_up() {
    let scene = Scene::up().await;
    let entrance = scene.network.gateway_to(0, Some("maker/operator")).unwrap().network();
    scene.network.pause(2).unwrap();
    for number in 0..5 {
        let committed = capture(&entrance, &birth(&format!("P{number}"))).await.unwrap();
        assert_eq!(committed.path().as_str(), "slow", "three of four vote");
    }
    scene.network.resume(2).unwrap();
    let head = level(&scene).await;
    agreed_root(&scene.network, head).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_outlives_its_peer_without_gap_or_repetition() {
    let scene = Scene::up().await;
    let mut context = scene.network.context().unwrap().clone();
    context.peers.rotate_left(2);
    let follower = Gateway::new(context.options(None).unwrap()).unwrap().network();
    let filter = EventFilter { chaincode: Some("trace".parse().unwrap()), topics: vec!["trace.commission".to_owned()] };
    let start = follower.chain_info().await.unwrap().certified_height().next();
    let mut stream = follower.events(filter.clone(), Some(Position { height: start, index: 0 }));
    let writer = scene.network.gateway_to(0, Some("maker/operator")).unwrap().network();
    let mut written = Vec::new();
    let mut heard = Vec::new();
    for number in 0..10 {
        if number == 5 {
            // The stream's own peer: the context's first.
            scene.network.kill(2).await.unwrap();
        }
        written.push(capture(&writer, &birth(&format!("E{number}"))).await.unwrap().valid().unwrap().id());
        heard.push(stream.next().await.unwrap().receipt.receipt.tx_id);
    }
    assert_eq!(heard, written);
    let resumed = stream.checkpoint();
    let mut again = follower.events(filter, resumed);
    written.push(capture(&writer, &birth("E10")).await.unwrap().valid().unwrap().id());
    assert_eq!(again.next().await.unwrap().receipt.receipt.tx_id, written[10], "a checkpoint resumes right after it");
}

/// Waits until all peers have certified the same height as the first, and returns it.
async fn level(scene: &Scene) -> Height {
    let head = scene.network.gateway_to(0, None).unwrap().network().chain_info().await.unwrap().certified_height();
    for index in 0..4 {
        let peer = scene.network.gateway_to(index, None).unwrap().network();
        until("catching up", || async { peer.chain_info().await.is_ok_and(|info| info.certified_height() >= head) })
            .await;
    }
    head
}
