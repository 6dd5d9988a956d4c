//! Lines between peers that are cut in one direction, or lose much, and heal.

use crate::field::{Field, setting};
use crate::namespaces::Namespaces;
use crate::stops::VIEW_TIMEOUT;
use crate::switch::{Cut, Line};
use crate::workload::Workload;
use std::time::{Duration, Instant};

/// A way to cut a peer off.
type Cutting = fn(&Namespaces, usize, Cut);

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_cut_off_in_one_direction_is_replaced_and_comes_back() {
    let story = "a primary cut off in one direction";
    let Some(field) = Field::on_namespaces(story, 2).await else { return };
    let rows: [(&str, Cutting, Cut); 3] = [
        ("nothing comes from it", Namespaces::silence, Cut::Everything),
        ("it hears and its acknowledgements pass, but nothing it says", Namespaces::silence, Cut::Data),
        ("it speaks and is heard, but hears nothing", Namespaces::deafen, Cut::Data),
    ];
    for (seed, (row, cut_off, cut)) in (20..).zip(rows) {
        let primary = field.primary(0).await;
        // Clients that only know a peer that is cut off wait as long as it is: that is not what is asked here.
        let others: Vec<usize> = (0..4).filter(|peer| *peer != usize::from(primary)).collect();
        let workload = Workload::start_at(&field, seed, &others);
        workload.goes_on(100).await;
        let began = Instant::now();
        cut_off(field.namespaces(), usize::from(primary), cut);
        workload.goes_on(200).await;
        let lost = field.namespaces().switch.lost();
        field.namespaces().between_peers(Line::default());
        workload.goes_on(100).await;
        let record = workload.finish().await;
        record.is_linearizable();
        field.agree(&[0, 1, 2, 3]).await;
        record.is_kept_by(&field, &[0, 1, 2, 3]).await;
        let (silence, _) = record.longest_silence(began);
        assert!(lost > 0, "{row}: something was cut");
        assert!(silence <= 2 * VIEW_TIMEOUT, "{row}: silent for {silence:?}");
        println!("{row}: longest silence {silence:?}");
    }
}

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
    println!("{during} answers in {seconds} s of loss, {lost} packets lost");
    field.is_fast(&[0, 1, 2, 3]).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
}
