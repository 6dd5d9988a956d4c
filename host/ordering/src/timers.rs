//! The replica's timers, in the order they fall due.

use std::collections::{BTreeMap, BTreeSet};
use theriac_consensus::Timer;

/// At most one deadline per timer. Deadlines are monotonic milliseconds.
#[derive(Debug, Default)]
pub struct Timers {
    by_deadline: BTreeSet<(u64, Timer)>,
    deadlines: BTreeMap<Timer, u64>,
}

impl Timers {
    /// Sets a timer, moving it when it is set already.
    pub fn set(&mut self, timer: Timer, deadline_ms: u64) {
        self.cancel(timer);
        self.deadlines.insert(timer, deadline_ms);
        self.by_deadline.insert((deadline_ms, timer));
    }

    /// Forgets a timer.
    pub fn cancel(&mut self, timer: Timer) {
        if let Some(deadline_ms) = self.deadlines.remove(&timer) {
            self.by_deadline.remove(&(deadline_ms, timer));
        }
    }

    /// When the next one falls due.
    pub fn next_deadline(&self) -> Option<u64> {
        self.by_deadline.first().map(|(deadline_ms, _)| *deadline_ms)
    }

    /// Takes the first timer that is due by now; of several with one deadline, the smallest.
    pub fn take_due(&mut self, now_ms: u64) -> Option<Timer> {
        let (deadline_ms, timer) = self.by_deadline.first().copied()?;
        if deadline_ms > now_ms {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::SeqNum;

    #[test]
    fn timers_fall_due_in_order_and_move_when_set_again() {
        let mut timers = Timers::default();
        timers.set(Timer::Status, 30);
        timers.set(Timer::Batch, 10);
        timers.set(Timer::Execute(SeqNum(1)), 20);
        timers.set(Timer::Batch, 40);
        timers.cancel(Timer::Execute(SeqNum(1)));
        assert_eq!(timers.next_deadline(), Some(30));
        assert_eq!(timers.take_due(29), None);
        assert_eq!(timers.take_due(40), Some(Timer::Status));
        assert_eq!(timers.take_due(40), Some(Timer::Batch));
        assert_eq!((timers.take_due(u64::MAX), timers.next_deadline()), (None, None));
    }
}
