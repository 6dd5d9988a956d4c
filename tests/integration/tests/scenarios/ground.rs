//! The ground itself: what namespaces, switch and clients do when nothing fails.

use crate::field::Field;
use crate::switch::{Cut, Line};
use crate::workload::Workload;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn lines_between_namespaces_delay_and_cut() {
    let Some(field) = Field::on_namespaces("delays and cuts between namespaces", 1).await else { return };
    let (peer, switch) = (field.peer(2), &field.namespaces().switch);
    peer.chain_info().await.unwrap();
    let (delay, test) = (Duration::from_millis(60), field.namespaces().place_of_the_test());
    switch.set(2, test, Line { delay, ..Line::default() });
    switch.set(test, 2, Line { delay, ..Line::default() });
    let began = Instant::now();
    peer.chain_info().await.unwrap();
    assert!(began.elapsed() >= 2 * delay, "{:?} there and back", began.elapsed());
    switch.set(2, test, Line { cut: Cut::Data, ..Line::default() });
    let lost = switch.lost();
    peer.chain_info().await.unwrap_err();
    assert!(switch.lost() > lost);
    switch.set(2, test, Line::default());
    switch.set(test, 2, Line::default());
    crate::common::until("the healed line", || async { peer.chain_info().await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_clients_of_a_network_without_faults_see_registers() {
    let field = Field::up().await;
    let workload = Workload::start(&field, 1);
    workload.goes_on(400).await;
    let record = workload.finish().await;
    assert_eq!(record.counts().1, 0, "every operation got its answer");
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
}
