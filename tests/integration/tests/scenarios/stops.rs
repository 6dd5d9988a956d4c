//! Peers that stop: killed, paused, all at once.

use crate::field::{Field, setting};
use crate::workload::Workload;
use std::time::{Duration, Instant};

/// How long backups wait for a primary: `request_wait_ms` of the tuning.
pub const VIEW_TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_primary_is_replaced_within_two_view_timeouts() {
    let repetitions = setting("THERIAC_REPETITIONS", 3);
    let mut field = Field::up().await;
    let mut silences = Vec::new();
    for repetition in 0..repetitions {
        let workload = Workload::start(&field, repetition);
        workload.goes_on(100).await;
        let primary = field.primary(u16::try_from(repetition % 4).unwrap()).await;
        let killed = Instant::now();
        field.network.kill(primary).await.unwrap();
        workload.goes_on(200).await;
        field.network.restart(primary).await.unwrap();
        workload.goes_on(50).await;
        let record = workload.finish().await;
        record.is_linearizable();
        field.agree(&[0, 1, 2, 3]).await;
        record.is_kept_by(&field, &[0, 1, 2, 3]).await;
        let (silence, ended) = record.longest_silence(killed);
        assert!(silence <= 2 * VIEW_TIMEOUT, "repetition {repetition}: silent for {silence:?} until {ended:?}");
        assert_eq!(record.counts().1, 0, "repetition {repetition}: every operation got its answer");
        silences.push(silence);
    }
    silences.sort();
    let middle = silences[silences.len() / 2];
    println!("{repetitions} primaries killed; longest silence {middle:?} (median), {:?} (worst)", silences.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_primary_is_replaced_and_goes_on_as_a_backup() {
    let field = Field::up().await;
    let workload = Workload::start(&field, 11);
    workload.goes_on(100).await;
    let primary = field.primary(0).await;
    let paused = Instant::now();
    field.network.pause(primary).unwrap();
    workload.goes_on(200).await;
    field.network.resume(primary).unwrap();
    workload.goes_on(100).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
    let (silence, _) = record.longest_silence(paused);
    assert!(silence <= 2 * VIEW_TIMEOUT, "silent for {silence:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_backup_costs_nobody_an_answer() {
    let field = Field::up().await;
    let workload = Workload::start(&field, 12);
    workload.goes_on(100).await;
    let backup = (field.primary(0).await + 2) % 4;
    field.network.pause(backup).unwrap();
    workload.goes_on(200).await;
    field.network.resume(backup).unwrap();
    workload.goes_on(100).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_collector_to_spare_a_paused_backup_does_not_cost_the_fast_path() {
    let field = Field::up_with(6).await;
    let workload = Workload::start(&field, 14);
    workload.goes_on(50).await;
    field.network.pause(5).unwrap();
    // Collectors that wait for the paused one learn to wait less: a period of slots.
    workload.goes_on(50).await;
    field.is_fast(&[0, 1, 2, 3, 4]).await;
    field.network.resume(5).unwrap();
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3, 4, 5]).await;
    record.is_kept_by(&field, &[0, 5]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_restarts_again_and_again_is_carried_along() {
    let mut field = Field::up().await;
    let workload = Workload::start(&field, 15);
    for _ in 0..setting("THERIAC_REPETITIONS", 3) {
        workload.goes_on(30).await;
        field.network.kill(2).await.unwrap();
        workload.goes_on(10).await;
        field.network.restart(2).await.unwrap();
    }
    workload.goes_on(50).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_killed_at_once_go_on_where_they_were() {
    let mut field = Field::up().await;
    let workload = Workload::start(&field, 13);
    workload.goes_on(100).await;
    for index in 0..4 {
        field.network.kill(index).await.unwrap();
    }
    let killed = Instant::now();
    for index in 0..4 {
        field.network.restart(index).await.unwrap();
    }
    workload.goes_on(100).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
    println!("all killed; answers again {:?} after the last kill", record.longest_silence(killed).1);
}
