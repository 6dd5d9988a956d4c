//! The two clocks of a peer.

use std::time::{Instant, SystemTime, UNIX_EPOCH};
use theriac_consensus::Now;

/// Gives the time to the replica. Started with the process.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Both times.
    pub fn now(&self) -> Now {
        Now { monotonic_ms: self.uptime_ms(), unix_ms: unix_ms() }
    }

    /// Milliseconds since the start.
    pub fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Milliseconds since 1970. A clock set before that reads as 0; the ledger only asks that block times ascend.
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
