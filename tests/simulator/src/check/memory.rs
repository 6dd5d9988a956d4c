//! Bounded memory: however much others send, a replica keeps what its window, its network and its tuning allow.

use super::Verdict;
use theriac_consensus::limits::{REPORTED_FAULTS_MAX, UNCERTIFIED_KEPT};
use theriac_consensus::{Cluster, Footprint, Tuning};
use theriac_types::ReplicaId;

/// A replica keeps this much after a turn.
pub fn check(replica: ReplicaId, found: Footprint, cluster: Cluster, tuning: &Tuning) -> Verdict {
    let (spacing, n) = (cluster.spacing(), cluster.replicas());
    let (window, transfer) = (spacing.window() as usize, spacing.transfer() as usize);
    let bounds = [
        ("open slots", found.slots, 2 * window),
        ("decided slots", found.decided, window + transfer),
        ("slots with state votes", found.executions, UNCERTIFIED_KEPT as usize + window),
        ("checkpoints", found.checkpoints, 4 + 2 * window + transfer),
        ("messages about views", found.view_changes, 3 * n),
        ("reported faults", found.faults, REPORTED_FAULTS_MAX * n),
        ("requests", found.requests, tuning.requests_waiting),
    ];
    let broken = bounds.iter().find(|(_, found, most)| found > most);
    broken.map_or(Ok(()), |(what, found, most)| Err(format!("replica {replica} keeps {found} {what}, at most {most}")))
}
