//! The two clocks of a peer.

use std::time::{Instant, SystemTime, UNIX_EPOCH};
use theriac_consensus::Now;

/// Gives the time to the replica. Started with the process.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    unix_ms: fn() -> u64,
}

impl Clock {
    /// Starts now, with the machine's time of day.
    pub fn start() -> Self {
        Self::telling(unix_ms)
    }

    /// Starts now, for a program that runs a peer and has another time of day: milliseconds since 1970. The other
    /// replicas believe a primary whose time is near theirs, whatever its source.
    pub fn telling(unix_ms: fn() -> u64) -> Self {
        Self { started: Instant::now(), unix_ms }
    }

    /// Both times.
    pub fn now(&self) -> Now {
        Now { monotonic_ms: self.uptime_ms(), unix_ms: (self.unix_ms)() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_the_programs_and_waits_are_the_machines() {
        let clock = Clock::telling(|| 7);
        let (before, after) = (clock.now(), clock.now());
        assert_eq!((before.unix_ms, after.unix_ms), (7, 7));
        assert!(after.monotonic_ms >= before.monotonic_ms && after.monotonic_ms < 60_000);
        assert!(Clock::start().now().unix_ms > 1_700_000_000_000, "the machine knows the year");
    }
}
