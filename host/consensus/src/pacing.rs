//! How long a C-collector waits for the fast path before it starts the slow one.
//!
//! Two rules, both over periods of 64 slots. While most slots commit fast, the wait follows how long full votes take:
//! mean plus two standard deviations, at most a fifth up or down per period. When fewer than 85 of 100 slots commit
//! fast, waiting is pointless: it stops, and both paths start at once, until 95 of 100 slots saw enough votes again.

use crate::limits::{FAST_WAIT_MS_MAX, FAST_WAIT_MS_MIN, PACING_PERIOD_SLOTS};

/// What a collector saw in one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Whether the slot committed on the fast path.
    pub fast: bool,
    /// Milliseconds until enough votes for the fast path were in; none when they never were.
    pub full_after_ms: Option<u64>,
}

/// The wait, and what it is derived from.
#[derive(Debug, Clone)]
pub struct Pacing {
    wait_ms: u64,
    waits: bool,
    period: Vec<Observation>,
}

impl Pacing {
    /// Starts with this wait.
    pub fn new(wait_ms: u64) -> Self {
        Self { wait_ms: wait_ms.clamp(FAST_WAIT_MS_MIN, FAST_WAIT_MS_MAX), waits: true, period: Vec::new() }
    }

    /// How long to wait for the fast path.
    pub fn fast_wait_ms(&self) -> u64 {
        if self.waits { self.wait_ms } else { 0 }
    }

    /// How long a collector waits for the one before it, with so many of them. Never zero.
    pub fn stagger_ms(&self, collectors: usize) -> u64 {
        (self.wait_ms / collectors.max(1) as u64).max(1)
    }

    /// Takes an observation into account.
    pub fn observe(&mut self, observation: Observation) {
        self.period.push(observation);
        if self.period.len() as u64 == PACING_PERIOD_SLOTS {
            self.adapt();
            self.period = Vec::new();
        }
    }

    fn adapt(&mut self) {
        let slots = self.period.len() as u64;
        let fast = self.period.iter().filter(|o| o.fast).count() as u64;
        let times: Vec<u64> = self.period.iter().filter_map(|o| o.full_after_ms).collect();
        let full = times.len() as u64;
        self.waits = if self.waits { fast * 100 >= slots * 85 } else { full * 100 >= slots * 95 };
        if !times.is_empty() {
            let target = mean_plus_two_deviations(&times).clamp(FAST_WAIT_MS_MIN, FAST_WAIT_MS_MAX);
            let step = (self.wait_ms / 5).max(1);
            self.wait_ms = target.clamp(self.wait_ms.saturating_sub(step), self.wait_ms + step);
        }
    }
}

/// In whole milliseconds, rounded down. Times are cut at the longest wait, which also keeps the squares small.
fn mean_plus_two_deviations(times_ms: &[u64]) -> u64 {
    let count = times_ms.len() as u64;
    let times = || times_ms.iter().map(|t| (*t).min(FAST_WAIT_MS_MAX));
    let mean = times().sum::<u64>() / count;
    let variance = times().map(|t| t.abs_diff(mean).pow(2)).sum::<u64>() / count;
    mean + 2 * variance.isqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(pacing: &mut Pacing, count: u64, observation: Observation) {
        (0..count * PACING_PERIOD_SLOTS).for_each(|_| pacing.observe(observation));
    }

    #[test]
    fn the_wait_follows_the_votes_a_fifth_at_a_time() {
        let mut pacing = Pacing::new(150);
        let quick = Observation { fast: true, full_after_ms: Some(8) };
        periods(&mut pacing, 1, quick);
        assert_eq!(pacing.fast_wait_ms(), 120);
        periods(&mut pacing, 20, quick);
        assert_eq!(pacing.fast_wait_ms(), FAST_WAIT_MS_MIN);
        periods(&mut pacing, 60, Observation { fast: true, full_after_ms: Some(u64::MAX) });
        assert_eq!(pacing.fast_wait_ms(), FAST_WAIT_MS_MAX);
    }

    #[test]
    fn without_fast_commits_nobody_waits_until_votes_are_complete_again() {
        let mut pacing = Pacing::new(150);
        periods(&mut pacing, 1, Observation { fast: false, full_after_ms: None });
        assert_eq!(pacing.fast_wait_ms(), 0);
        assert_eq!(pacing.stagger_ms(2), 75, "collectors still take turns");
        periods(&mut pacing, 1, Observation { fast: false, full_after_ms: Some(9) });
        assert_eq!(pacing.fast_wait_ms(), 120, "both paths ran, the slow one was first, yet every vote came");
    }

    #[test]
    fn a_few_slow_slots_change_nothing() {
        let mut pacing = Pacing::new(100);
        for slot in 0..PACING_PERIOD_SLOTS {
            let fast = slot % 10 != 0;
            pacing.observe(Observation { fast, full_after_ms: fast.then_some(100) });
        }
        assert_eq!(pacing.fast_wait_ms(), 100);
    }

    #[test]
    fn deviations_are_added_twice() {
        assert_eq!(mean_plus_two_deviations(&[10, 10, 10, 10]), 10);
        assert_eq!(mean_plus_two_deviations(&[0, 20]), 30);
    }
}
