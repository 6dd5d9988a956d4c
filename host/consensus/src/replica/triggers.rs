//! Why a replica wants to leave a view: something waits too long, or the primary is provably faulty.
//!
//! It complains first, and leaves when `f + 1` replicas complain or have left: one that left alone would only be missed.
//! A complaint stands as long as the view does, even when things get better. Otherwise a replica could leave on
//! complaints that others never hear of, and be left alone in the next view. Should that happen all the same, because
//! whoever complained was lying or forgot it in a crash, the others follow after a while: the fast path needs everybody.

use super::Replica;
use crate::input::Timer;
use crate::limits::{CENSORED_WAITS, LONELY_WAITS, WAIT_DOUBLINGS_MAX};
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
        if self.views.request_timer || self.halted || self.is_epoch_over() {
            return;
        }
        if let Some(due_ms) = self.next_due_ms(turn.now_ms()) {
            self.views.request_timer = true;
            // Nothing that comes meanwhile is due sooner than half a wait from then.
            let after_ms = due_ms.saturating_sub(turn.now_ms()).min(self.wait_ms() / 2);
            turn.set_timer(Timer::Request, after_ms.max(1));
        }
    }

    /// When to look again: nothing that is pending is late before.
    fn next_due_ms(&self, now_ms: u64) -> Option<u64> {
        let untold = self.requests.oldest_untold_ms().map(|since| since + self.wait_ms() / 2);
        // Who is told of a batch is not told of the next one at once.
        let untold = untold.map(|due| due.max(self.views.told_ms + self.config.tuning.status_ms));
        let late = self.late_since_ms().filter(|_| self.views.active() && !self.views.complaining);
        [late, untold].into_iter().flatten().min().map(|due| due.max(now_ms))
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
        let lonely = views.deserted_ms.map(|since| since + LONELY_WAITS * self.config.tuning.request_wait_ms);
        [censored, stalled, lonely].into_iter().flatten().min()
    }

    pub(super) fn on_request_timer(&mut self, turn: &mut Turn<'_>) {
        self.views.request_timer = false;
        if self.is_epoch_over() {
            return;
        }
        self.tell_everybody(turn);
        let late = self.late_since_ms().is_some_and(|since| since <= turn.now_ms());
        if late && self.views.active() {
            self.complain(turn);
        }
    }

    /// Sends requests that have waited long to all: the primary may not have them, or pass them over.
    fn tell_everybody(&mut self, turn: &mut Turn<'_>) {
        let since_ms = turn.now_ms().saturating_sub(self.wait_ms() / 2);
        let untold = self.requests.take_untold(since_ms, &self.config.tuning);
        if !untold.is_empty() {
            self.views.told_ms = turn.now_ms();
        }
        for message in self.request_messages(untold) {
            turn.broadcast(message);
        }
    }

    /// Tells everybody that this replica wants another primary, once per view; repair repeats it.
    pub(super) fn complain(&mut self, turn: &mut Turn<'_>) {
        if self.views.active() && !self.views.complaining {
            self.views.complaining = true;
            turn.broadcast(Message::Complain { view: self.views.view });
            self.settle_views(turn);
        }
    }

    pub(super) fn on_complain(&mut self, turn: &mut Turn<'_>, from: ReplicaId, view: View) {
        self.views.complain(from, view);
        self.settle_views(turn);
    }

    /// Whether `f + 1` replicas want to leave the active view or have left it: one of them is honest.
    pub(super) fn is_view_unwanted(&self) -> bool {
        let unhappy = self.views.unhappy() + usize::from(self.views.complaining);
        self.views.active() && unhappy > self.config.cluster.f()
    }
}
