//! Why a replica wants to leave a view: something waits too long, or the primary is provably faulty.
//!
//! It complains first, and leaves when `f + 1` replicas complain: one that left alone would only be missed. A complaint
//! stands until there is progress, and is repeated while it stands; one not heard for a while no longer counts.

use super::Replica;
use crate::input::Timer;
use crate::limits::{CENSORED_WAITS, COMPLAINT_PERIODS, WAIT_DOUBLINGS_MAX};
use crate::message::Message;
use crate::slot::Phase;
use crate::turn::Turn;
use theriac_types::{ReplicaId, View};

impl Replica {
    /// How long something may wait in this view, in milliseconds: twice as long after each view that decided nothing.
    pub(super) fn wait_ms(&self) -> u64 {
        self.config.tuning.request_wait_ms << self.views.failed().min(WAIT_DOUBLINGS_MAX)
    }

    /// Sets the timer for whatever is pending, unless it is set.
    pub(super) fn watch(&mut self, turn: &mut Turn<'_>) {
        if self.views.request_timer || self.views.changing || self.halted || self.is_epoch_over() {
            return;
        }
        if let Some(due_ms) = self.next_due_ms(turn.now_ms()) {
            self.views.request_timer = true;
            turn.set_timer(Timer::Request, due_ms.saturating_sub(turn.now_ms()).max(1));
        }
    }

    /// When to look again: nothing that is pending is late before.
    fn next_due_ms(&self, now_ms: u64) -> Option<u64> {
        if self.views.betrayed || (self.views.complaining && self.late_since_ms().is_some()) {
            return Some(now_ms + self.config.tuning.status_ms);
        }
        let untold = self.requests.oldest_untold_ms().map(|since| since + self.wait_ms() / 2);
        [self.late_since_ms(), untold].into_iter().flatten().min()
    }

    /// From when on this replica has reason to complain; none when nothing is pending.
    fn late_since_ms(&self) -> Option<u64> {
        let (views, wait_ms) = (&self.views, self.wait_ms());
        let oldest_request = self.requests.oldest_ms();
        // A request may be unlucky while slots are executed, but not for ever.
        let censored = oldest_request.map(|since| since.max(views.entered_ms) + CENSORED_WAITS * wait_ms);
        let undecided = self.slots.values().filter(|slot| !slot.is_committed() && !matches!(slot.phase, Phase::Open));
        let oldest_slot = undecided.map(|slot| slot.opened_ms).min();
        let bound = (self.executed() < views.last_bound()).then_some(views.entered_ms);
        let ending = self.is_epoch_ending().then_some(views.entered_ms);
        let oldest = [oldest_request, oldest_slot, bound, ending].into_iter().flatten().min();
        let stalled = oldest.map(|since| since.max(views.progress_ms) + wait_ms);
        [censored, stalled].into_iter().flatten().min()
    }

    pub(super) fn on_request_timer(&mut self, turn: &mut Turn<'_>) {
        self.views.request_timer = false;
        if self.views.changing || self.is_epoch_over() {
            return;
        }
        let told_ms = turn.now_ms().saturating_sub(self.wait_ms() / 2);
        let untold = self.requests.take_untold(told_ms, &self.config.tuning);
        for message in self.request_messages(untold) {
            turn.broadcast(message);
        }
        let late = self.late_since_ms().is_some_and(|since| since <= turn.now_ms());
        self.views.complaining = self.views.betrayed || late;
        if self.views.complaining {
            self.complain(turn);
        }
    }

    fn complain(&mut self, turn: &mut Turn<'_>) {
        self.views.complaining = true;
        turn.broadcast(Message::Complain { view: self.views.view });
        self.settle_views(turn);
    }

    /// Complains at once and until the view is left: its primary is provably faulty.
    pub(super) fn complain_of_fault(&mut self, turn: &mut Turn<'_>) {
        if self.views.active() && !self.views.betrayed {
            self.views.betrayed = true;
            self.complain(turn);
        }
    }

    pub(super) fn on_complain(&mut self, turn: &mut Turn<'_>, from: ReplicaId, view: View) {
        self.views.complain(from, view, turn.now_ms());
        self.settle_views(turn);
    }

    /// Whether `f + 1` replicas want to leave the active view: one of them is honest.
    pub(super) fn is_view_unwanted(&self, now_ms: u64) -> bool {
        let since_ms = now_ms.saturating_sub(COMPLAINT_PERIODS * self.config.tuning.status_ms);
        let others = self.views.complainers(since_ms).count();
        self.views.active() && others + usize::from(self.views.complaining) > self.config.cluster.f()
    }
}
