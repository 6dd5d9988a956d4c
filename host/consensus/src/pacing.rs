//! How long a C-collector waits for the fast path before it starts the slow one.
//!
//! Two rules, both over periods of 64 slots, of which a backup collects in a few. While most slots commit fast, the wait
//! follows how long full votes take: mean plus two standard deviations, at most a fifth up or down per period. When fewer
//! than 85 of 100 slots commit fast, waiting is pointless: it stops, and both paths start at once, until every second
//! slot saw enough votes again. Then waiting is tried. More cannot be asked: while nobody waits, who is far away hears of
//! many a decision before it could vote.
//!
//! Votes that come after their slot was executed count, too. The slow path is the quicker one while a replica answers
//! late: whoever looked only as long as a slot lasts would never see that all of them vote.

use crate::limits::{FAST_WAIT_MS_MAX, FAST_WAIT_MS_MIN, LATE_SLOTS_MAX, PACING_PERIOD_SLOTS};
use std::collections::{BTreeSet, VecDeque};
use theriac_types::{BodyHash, ReplicaId, SeqNum, View};

/// A period in which a collector saw less lasts longer.
const OBSERVATIONS_MIN: usize = 4;

/// What a collector saw in one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// The slot.
    pub seq: SeqNum,
    /// Whether the slot committed on the fast path.
    pub fast: bool,
    /// Milliseconds until enough votes for the fast path were in; none when they never were.
    pub full_after_ms: Option<u64>,
}

/// A slot that was executed before its votes were enough for the fast path.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// The view it was decided in here.
    pub view: View,
    /// The slot.
    pub seq: SeqNum,
    /// Its body.
    pub body: BodyHash,
    /// When it began.
    pub opened_ms: u64,
    /// Who voted for the body.
    pub voters: BTreeSet<ReplicaId>,
    /// Whether it committed on the fast path, with a proof of another collector's.
    pub fast: bool,
}

/// The wait, and what it is derived from.
#[derive(Debug, Clone)]
pub struct Pacing {
    wait_ms: u64,
    waits: bool,
    /// Since the first observation after the last period.
    period: Vec<Observation>,
    /// The last ones, oldest first.
    unfinished: VecDeque<Unfinished>,
}

impl Pacing {
    /// Starts with this wait.
    pub fn new(wait_ms: u64) -> Self {
        let wait_ms = wait_ms.clamp(FAST_WAIT_MS_MIN, FAST_WAIT_MS_MAX);
        Self { wait_ms, waits: true, period: Vec::new(), unfinished: VecDeque::new() }
    }

    /// How long to wait for the fast path.
    pub fn fast_wait_ms(&self) -> u64 {
        if self.waits { self.wait_ms } else { 0 }
    }

    /// How long a collector waits for the one before it, with so many of them. Never zero.
    pub fn stagger_ms(&self, collectors: usize) -> u64 {
        (self.wait_ms / collectors.max(1) as u64).max(1)
    }

    /// Waits for the missing votes of a slot that is executed, for as long as few others do.
    pub fn observe_later(&mut self, slot: Unfinished) {
        self.unfinished.push_back(slot);
        if self.unfinished.len() > LATE_SLOTS_MAX
            && let Some(given_up) = self.unfinished.pop_front()
        {
            self.observe(Observation { seq: given_up.seq, fast: given_up.fast, full_after_ms: None });
        }
    }

    /// Counts a vote for a slot that is executed, unchecked: a false one makes this collector wait, no more. `full` votes
    /// are enough for the fast path.
    pub fn vote_late(&mut self, from: ReplicaId, vote: (View, SeqNum, BodyHash), now_ms: u64, full: usize) {
        let place = self.unfinished.iter().position(|slot| (slot.view, slot.seq, slot.body) == vote);
        let Some((place, slot)) = place.and_then(|place| Some((place, self.unfinished.get_mut(place)?))) else {
            return;
        };
        slot.voters.insert(from);
        if slot.voters.len() < full {
            return;
        }
        let full_after_ms = Some(now_ms.saturating_sub(slot.opened_ms));
        let observation = Observation { seq: slot.seq, fast: slot.fast, full_after_ms };
        self.unfinished.remove(place);
        self.observe(observation);
    }

    /// Takes an observation into account.
    pub fn observe(&mut self, observation: Observation) {
        self.period.push(observation);
        let first = self.period.first().map_or(observation.seq, |first| first.seq);
        let is_over = observation.seq.0.saturating_sub(first.0) + 1 >= PACING_PERIOD_SLOTS;
        if is_over && self.period.len() >= OBSERVATIONS_MIN {
            self.adapt();
            self.period = Vec::new();
        }
    }

    fn adapt(&mut self) {
        let slots = self.period.len() as u64;
        let fast = self.period.iter().filter(|o| o.fast).count() as u64;
        let times: Vec<u64> = self.period.iter().filter_map(|o| o.full_after_ms).collect();
        let full = times.len() as u64;
        self.waits = if self.waits { fast * 100 >= slots * 85 } else { full * 2 >= slots };
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

    fn periods(pacing: &mut Pacing, count: u64, fast: bool, full_after_ms: Option<u64>) {
        (1..=count * PACING_PERIOD_SLOTS)
            .for_each(|seq| pacing.observe(Observation { seq: SeqNum(seq), fast, full_after_ms }));
    }

    #[test]
    fn the_wait_follows_the_votes_a_fifth_at_a_time() {
        let mut pacing = Pacing::new(150);
        periods(&mut pacing, 1, true, Some(8));
        assert_eq!(pacing.fast_wait_ms(), 120);
        periods(&mut pacing, 20, true, Some(8));
        assert_eq!(pacing.fast_wait_ms(), FAST_WAIT_MS_MIN);
        periods(&mut pacing, 60, true, Some(u64::MAX));
        assert_eq!(pacing.fast_wait_ms(), FAST_WAIT_MS_MAX);
    }

    #[test]
    fn without_fast_commits_nobody_waits_until_votes_are_complete_again() {
        let mut pacing = Pacing::new(150);
        periods(&mut pacing, 1, false, None);
        assert_eq!(pacing.fast_wait_ms(), 0);
        assert_eq!(pacing.stagger_ms(2), 75, "collectors still take turns");
        periods(&mut pacing, 1, false, Some(9));
        assert_eq!(pacing.fast_wait_ms(), 120, "both paths ran, the slow one was first, yet every vote came");
    }

    #[test]
    fn waiting_is_tried_again_when_every_second_slot_saw_all_votes() {
        for (outrun, waits) in [(0, true), (1, true), (2, false), (3, false)] {
            let mut pacing = Pacing::new(150);
            periods(&mut pacing, 1, false, None);
            for seq in 1..=PACING_PERIOD_SLOTS {
                let full_after_ms = (seq % 3 >= outrun).then_some(100);
                pacing.observe(Observation { seq: SeqNum(seq), fast: false, full_after_ms });
            }
            assert_eq!(pacing.fast_wait_ms() > 0, waits, "{outrun} of 3 slots without");
        }
    }

    #[test]
    fn votes_that_come_after_their_slot_bring_the_wait_back() {
        let mut pacing = Pacing::new(50);
        let body = BodyHash(theriac_types::Digest::ZERO);
        let slot = |seq, opened_ms| {
            let voters = (0..3).map(ReplicaId).collect();
            Unfinished { view: View(0), seq: SeqNum(seq), body, opened_ms, voters, fast: false }
        };
        let vote = |seq| (View(0), SeqNum(seq), body);
        let slots = PACING_PERIOD_SLOTS + LATE_SLOTS_MAX as u64;
        (1..=slots).for_each(|seq| pacing.observe_later(slot(seq, seq * 10)));
        assert_eq!(pacing.fast_wait_ms(), 0, "nobody else voted in any slot of a period");
        for seq in slots + 1..=slots + PACING_PERIOD_SLOTS {
            pacing.observe_later(slot(seq, seq * 10));
            pacing.vote_late(ReplicaId(3), (View(1), SeqNum(seq), body), seq * 10 + 70, 4);
            pacing.vote_late(ReplicaId(2), vote(seq), seq * 10 + 70, 4);
            pacing.vote_late(ReplicaId(3), vote(seq), seq * 10 + 80, 4);
        }
        assert_eq!(pacing.fast_wait_ms(), 60, "a fifth more than before");
    }

    #[test]
    fn a_backup_that_collects_now_and_then_adapts_as_often_as_the_primary() {
        let mut pacing = Pacing::new(150);
        let observe = |pacing: &mut Pacing, seq| {
            pacing.observe(Observation { seq: SeqNum(seq), fast: false, full_after_ms: None });
        };
        (100..=104).for_each(|turn| observe(&mut pacing, turn * 10));
        assert_eq!(pacing.fast_wait_ms(), 150, "the period began with the first of them, and is not over");
        observe(&mut pacing, 1_063);
        assert_eq!(pacing.fast_wait_ms(), 0);
    }

    #[test]
    fn a_few_slow_slots_change_nothing() {
        let mut pacing = Pacing::new(100);
        for slot in 1..=PACING_PERIOD_SLOTS {
            let fast = slot % 10 != 0;
            pacing.observe(Observation { seq: SeqNum(slot), fast, full_after_ms: fast.then_some(100) });
        }
        assert_eq!(pacing.fast_wait_ms(), 100);
    }

    #[test]
    fn deviations_are_added_twice() {
        assert_eq!(mean_plus_two_deviations(&[10, 10, 10, 10]), 10);
        assert_eq!(mean_plus_two_deviations(&[0, 20]), 30);
    }
}
