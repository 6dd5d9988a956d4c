//! Lines between peers that are cut in one direction, or lose much, and heal.

use crate::common::until;
use crate::field::{Field, setting};
use crate::switch::Line;
use crate::workload::Workload;
use std::time::Duration;
use theriac_client::CommitPath;
use theriac_types::Height;

/// How long the fast path may take to come back.
const RECOVERY: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn after_heavy_loss_the_fast_path_comes_back() {
    let story = "a fifth of all packets lost, then healed";
    let Some(field) = Field::on_namespaces(story, 3).await else { return };
    let (delay, jitter) = (Duration::from_millis(1), Duration::from_millis(1));
    let healthy = Line { delay, jitter, ..Line::default() };
    field.namespaces().between_peers(healthy);
    let workload = Workload::start(&field, 30);
    workload.goes_on(100).await;
    let seconds = setting("THERIAC_LOSS_SECONDS", 10);
    let before = workload.answers();
    field.namespaces().between_peers(Line { lost_percent: 20, ..healthy });
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (during, lost) = (workload.answers() - before, field.namespaces().switch.lost());
    assert!(lost > 100, "{lost} packets lost");
    field.namespaces().between_peers(healthy);
    tokio::time::sleep(RECOVERY).await;
    let from = head(&field).await;
    until("a hundred further blocks", || async { head(&field).await.0 >= from.0 + 100 }).await;
    let to = head(&field).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
    for index in 0..4 {
        let (fast, all) = paths(&field, index, from, to).await;
        println!("{during} answers in {seconds} s of loss; then at peer {index} {fast} of {all} blocks fast");
        assert!(fast * 100 >= all * 95, "peer {index}: {fast} of {all} blocks on the fast path after {RECOVERY:?}");
    }
}

/// The highest certified head of any peer.
async fn head(field: &Field) -> Height {
    let mut highest = Height(0);
    for index in 0..4 {
        highest = highest.max(field.peer(index).chain_info().await.unwrap().certified_height());
    }
    highest
}

/// How many blocks above one height up to another a peer saw committed on the fast path, and of how many.
async fn paths(field: &Field, index: u16, from: Height, to: Height) -> (u64, u64) {
    let peer = field.peer(index);
    let mut fast = 0;
    for height in from.0 + 1..=to.0 {
        fast += u64::from(peer.block(Height(height), false).await.unwrap().path == CommitPath::Fast);
    }
    (fast, to.0 - from.0)
}
