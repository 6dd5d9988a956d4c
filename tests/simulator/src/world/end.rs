//! The end of a run: is everything answered, did the fast path come back, and what came of it all.

use super::World;
use super::event::Event;
use crate::byzantine::BehaviourKind;
use crate::operation::{self, Operation};
use crate::outcome::Outcome;
use std::collections::BTreeSet;
use theriac_types::SeqNum;

/// How often the end is looked for.
const PROBE_US: u64 = 50_000;
/// Blocks of the load that is measured after the faults: three periods of the collectors' pacing, of which the
/// first two may still be slow.
const MEASURED_SLOTS: usize = 192;
const MEASURED_AFTER_SLOTS: u64 = 128;
/// Time between two of them.
const MEASURED_PAUSE_US: u64 = 20_000;
/// Of a thousand slots, so many must be fast.
const FAST_PERMILLE_MIN: u64 = 950;

impl World {
    pub(super) fn schedule_probe(&mut self) {
        self.schedule(self.now_us + PROBE_US, Event::Probe);
    }

    /// Until when everything must be answered: view time-outs have doubled for as long as the faults lasted, and as
    /// many views as there may be faulty replicas fail once more. Far apart, every call may need a block of its own.
    fn deadline_us(&self) -> u64 {
        let end_us = self.plan.base.end_us;
        let views = self.setting.cluster.f() as u64 + 2;
        let epochs = if self.plan.change().is_some() { 60_000_000 } else { 0 };
        let calls = self.operations.len() as u64 * 200_000;
        end_us + epochs + calls + 30_000_000 + views * 2 * (end_us + 4_000_000)
    }

    /// Whether the run is over: everything is answered, or time is up.
    pub(super) fn is_over(&mut self) -> bool {
        let is_to_be_fast = self.plan.base.measures_fast_path && self.measured_from.is_none();
        let pending = self.pending().or_else(|| self.scattered().filter(|_| is_to_be_fast));
        let Some(pending) = pending else {
            return self.is_measured();
        };
        if self.now_us > self.deadline_us() {
            self.check("L1", Err(pending));
        }
        false
    }

    /// In which views the honest replicas are, when that is not one: the fast path needs all of them. Who was left alone
    /// in a view is followed, in the end.
    fn scattered(&self) -> Option<String> {
        let replicas = self.honest().filter_map(|peer| peer.running.as_ref()).map(|running| running.replica());
        let views: BTreeSet<_> = replicas.map(|replica| (replica.view(), replica.is_active())).collect();
        let together = views.len() <= 1 && views.iter().all(|(_, active)| *active);
        (!together).then(|| format!("replicas are in more than one view, or between views: {views:?}"))
    }

    /// Everything is answered. Looks at the fast path, where that is asked for.
    fn is_measured(&mut self) -> bool {
        let head = SeqNum(self.honest().map(|peer| self.height(peer).0).max().unwrap_or(0));
        let Some(first) = self.measured_from else {
            self.figures.recovered_us = self.now_us.saturating_sub(self.plan.base.end_us);
            if !self.plan.base.measures_fast_path {
                return true;
            }
            self.measured_from = Some(head);
            let load = operation::steady(MEASURED_SLOTS, self.now_us, MEASURED_PAUSE_US);
            for operation in load {
                let index = self.operations.len();
                self.schedule(operation.at_us, Event::Submit { index });
                self.operations.push(operation);
            }
            return false;
        };
        let last = (first.0 + MEASURED_AFTER_SLOTS + 1..=head.0).map(SeqNum);
        let (slots, fast) = (last.clone().count() as u64, last.filter(|seq| self.fast.contains(seq)).count() as u64);
        let permille = fast * 1000 / slots.max(1);
        self.figures.fast_again_permille = Some(permille);
        if slots > 0 && permille < FAST_PERMILLE_MIN {
            let detail = format!("of the last {slots} slots only {fast} committed on the fast path");
            self.check("L2", Err(detail));
        }
        true
    }

    /// Notes what only the end shows.
    fn note_the_rare(&mut self) {
        let liars = self.peers.iter().filter_map(|peer| peer.liar.as_ref());
        let mut lies: BTreeSet<_> = liars.flat_map(|liar| liar.lied.iter().copied()).collect();
        let rival = |operation: &Operation| operation.rival.as_ref().is_some_and(|rival| self.is_answered(rival.id()));
        lies.extend(self.operations.iter().any(rival).then_some(BehaviourKind::LyingClient));
        lies.extend(self.network.has_rushed().then_some(BehaviourKind::Rushing));
        lies.into_iter().for_each(|kind| self.coverage.note("behaviour", kind.name()));
        let depth = match self.figures.failed_views {
            0 => "decides something",
            1 => "after one that decided nothing",
            2 => "after two that decided nothing",
            _ => "after three or more that decided nothing",
        };
        if !self.entered.is_empty() {
            self.coverage.note("view", depth);
        }
        let twins = self.plan.twins().count();
        if twins > 0 && !self.entered.is_empty() {
            self.coverage.note("twins", "see a view change");
        }
    }

    pub(super) fn finish(mut self) -> Outcome {
        self.note_the_rare();
        let height = self.honest().map(|peer| self.height(peer)).max();
        self.figures.height = height.unwrap_or_default();
        let stable = self.honest().flat_map(|peer| peer.stable.values()).map(|checkpoint| checkpoint.seq.0).max();
        self.figures.epochs = self.terms.len() as u64 - 1;
        self.figures.view_changes = self.entered.len() as u64;
        self.figures.stable = stable.unwrap_or_default();
        self.figures.events = self.trace.events();
        self.figures.simulated_us = self.now_us;
        (self.figures.fast, self.figures.slow) = (self.fast.len(), self.slow.len());
        self.figures.endings = self.checkers.once.outcomes;
        self.figures.faults = self.plan.kinds();
        let (trace_hash, trace) = self.trace.finish();
        Outcome {
            seed: self.seed,
            replicas: self.setting.cluster.replicas(),
            plan: self.plan,
            trace_hash,
            trace,
            violation: self.violation,
            figures: self.figures,
            coverage: self.coverage,
        }
    }
}
