//! Peers that stop: killed, paused, all at once.

use crate::field::Field;
use crate::workload::Workload;

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
