//! The thread that owns the replica: sleeps until something comes in or falls due, then takes one turn for all of it.

use crate::clock::Clock;
use crate::error::PeerError;
use crate::execution::WorkQueue;
use crate::inbox::{Letters, Taken};
use crate::replica_status::ReplicaStatus;
use crate::transport::Links;
use std::sync::Arc;
use std::time::Duration;
use theriac_ordering::{FileLog, Ordering};

/// Sleeps no longer than this, timers or not.
const IDLE: Duration = Duration::from_secs(1);

/// Runs the replica until it is asked to stop.
///
/// # Errors
/// When the log fails or the replica halts: the process must end.
pub fn run(
    mut ordering: Ordering<FileLog, Links, WorkQueue>,
    letters: &Letters,
    clock: Clock,
    status: &Arc<ReplicaStatus>,
) -> Result<(), PeerError> {
    loop {
        let now_ms = clock.now().monotonic_ms;
        let wait = ordering.next_deadline().map(|deadline| Duration::from_millis(deadline.saturating_sub(now_ms)));
        let Taken { inputs, permits, stop } = letters.take(wait.unwrap_or(IDLE).min(IDLE));
        ordering.turn(clock.now(), inputs)?;
        drop(permits);
        status.publish(ordering.replica());
        if stop {
            return Ok(());
        }
    }
}
