//! Leaving a view: the promise to vote in no lower view than the next, and what others promise.
//!
//! The promise is written down with its very bytes before it is sent, and sent again unchanged. Finished certificates
//! of any view are accepted as before: they only teach.

use super::Replica;
use crate::collectors::Collectors;
use crate::fault::Fault;
use crate::input::Timer;
use crate::message::Message;
use crate::record::Record;
use crate::slot::Slot;
use crate::turn::Turn;
use crate::view_change::{SignedViewChange, SlotKnowledge, ViewChange};
use crate::views::Known;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_crypto::{Share, Statement};
use theriac_types::{List, ReplicaId, SeqNum, View};

impl Replica {
    /// Draws every conclusion from what is known about views: leaves, begins or enters one.
    pub(super) fn settle_views(&mut self, turn: &mut Turn<'_>) {
        while let Some(next) = self.view_to_leave_for() {
            self.leave_for(turn, next);
        }
        self.begin_view(turn);
        self.enter_what_is_complete(turn);
        self.await_view(turn);
    }

    fn view_to_leave_for(&self) -> Option<View> {
        let view = self.views.view;
        let joinable = self.views.joinable(self.config.cluster).filter(|joinable| *joinable > view);
        // A primary that promised not to vote in its own view will not lead it.
        let deserted = self.views.message_of(self.primary()).is_some_and(|known| known.view() > view);
        joinable.or_else(|| (deserted || self.is_view_unwanted()).then(|| view.next()))
    }

    fn leave_for(&mut self, turn: &mut Turn<'_>, view: View) {
        assert!(view > self.views.view, "view {view} is not after {}", self.views.view);
        let message = self.view_change_for(view);
        let share = self.signer.sign(&message.statement());
        let promise = Arc::new(SignedViewChange { message, share });
        turn.persist(Record::Promised { stable: self.stable_slot(), message: Arc::clone(&promise) });
        turn.broadcast(Message::ViewChange(Arc::clone(&promise)));
        self.views.leave_for(promise);
        self.redraw(turn);
    }

    /// Everything this replica knows that a new view must respect.
    fn view_change_for(&self, view: View) -> ViewChange {
        let stable = self.stable_slot();
        let last = stable.saturating_add(self.config.cluster.spacing().window());
        let executed = self.decided.iter().map(|(seq, (body, proof))| {
            let committed = Some((*body, proof.clone()));
            (*seq, SlotKnowledge { seq: *seq, accepted: None, prepared: None, committed })
        });
        let open = self.slots.iter().filter(|(_, slot)| slot.is_worth_keeping());
        let open = open.map(|(seq, slot)| (*seq, knowledge(*seq, slot)));
        let slots: BTreeMap<_, _> = executed.chain(open).filter(|(seq, _)| *seq > stable && *seq <= last).collect();
        let slots = List::new(slots.into_values().collect::<Vec<_>>()).expect("a window has no more slots");
        let stable = self.stable.clone().filter(|checkpoint| checkpoint.seq > self.config.cluster.base());
        ViewChange { sender: self.config.replica, view, stable, slots }
    }

    /// Turns to the view that is current now: other collectors, no votes, and no proposals of this replica's own.
    pub(super) fn redraw(&mut self, turn: &mut Turn<'_>) {
        let (config, view, now_ms) = (&self.config, self.views.view, turn.now_ms());
        let tuning = &config.tuning;
        for slot in self.slots.values().filter(|slot| !slot.is_decided()) {
            if let Some((_, proposal)) = &slot.memory.accepted {
                self.requests.give_back(proposal, now_ms, tuning);
            }
        }
        let slots = std::mem::take(&mut self.slots).into_iter().filter(|(_, slot)| slot.is_worth_keeping());
        let redrawn = slots.map(|(seq, slot)| {
            (seq, slot.redrawn(Collectors::draw(config.cluster, &config.context, view, seq), now_ms))
        });
        self.slots = redrawn.collect();
        self.batch_due = false;
    }

    pub(super) fn on_view_change(&mut self, turn: &mut Turn<'_>, from: ReplicaId, signed: Arc<SignedViewChange>) {
        let (sender, view) = (signed.message.sender, signed.message.view);
        if sender == self.config.replica || !self.config.cluster.has(sender) {
            return;
        }
        let known = Known::new(signed);
        let latest = self.views.message_of(sender);
        let newer = latest.is_none_or(|latest| latest.view() < view) && self.views.is_ahead(view);
        let conflicting = latest.is_some_and(|latest| latest.view() == view && latest.digest != known.digest);
        if !(newer || conflicting || self.views.is_awaited(&known)) {
            return;
        }
        if !self.scheme.verify_share(sender, &known.signed.message.statement(), &known.signed.share) {
            self.peers.count_bad_certificate(from);
            return;
        }
        if !known.signed.message.is_well_formed(self.config.cluster) {
            self.blame_once(turn, sender, Fault::InvalidViewChange { view });
            return;
        }
        if conflicting {
            self.blame_once(turn, sender, Fault::ConflictingViewChanges { view });
        }
        self.views.take(known);
        self.settle_views(turn);
        self.views.note_deserters(turn.now_ms());
    }

    /// Starts to wait for the view's beginning once enough replicas promised to make it possible.
    fn await_view(&mut self, turn: &mut Turn<'_>) {
        let view = self.views.view;
        let possible = self.views.promised(view) >= self.config.cluster.view_change();
        if self.views.changing && possible && self.views.awaited != Some(view) {
            self.views.awaited = Some(view);
            turn.set_timer(Timer::NewView(view), self.wait_ms());
        }
    }

    pub(super) fn on_new_view_timer(&mut self, turn: &mut Turn<'_>, view: View) {
        if self.views.changing && self.views.view == view {
            self.leave_for(turn, view.next());
            self.settle_views(turn);
        }
    }

    /// Looks at a vote of a view that its sender promised to be past: a vote for a slot of which the promise is silent
    /// shows that one of the two is a lie. A vote that the promise reports was merely late.
    pub(super) fn check_promise(&mut self, turn: &mut Turn<'_>, from: ReplicaId, vote: &Statement, share: &Share) {
        let (view, seq) = match vote {
            Statement::Prepare { view, seq, .. } | Statement::Commit { view, seq, .. } => (*view, *seq),
            _ => return,
        };
        let Some(known) = self.views.message_of(from).filter(|known| known.view() > view) else { return };
        let promised = known.view();
        let fault = Fault::BrokenPromise { view, promised };
        let silent_below = known.signed.message.floor(self.config.cluster);
        if seq <= silent_below
            || reports(&known.signed.message, vote, seq, view)
            || self.views.has_reported(from, &fault)
        {
            return;
        }
        if self.scheme.verify_share(from, vote, share) {
            self.blame_once(turn, from, fault);
        } else {
            self.peers.count_bad_certificate(from);
        }
    }

    /// Two votes of one replica in one place show that it is faulty, when both are really its own. Neither counts then.
    pub(super) fn report_conflict(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        votes: [Statement; 2],
        shares: &[Share; 2],
    ) {
        let place = |vote: &Statement| match vote {
            Statement::Prepare { view, seq, body } | Statement::Commit { view, seq, body } => {
                Some((*view, *seq, *body))
            }
            _ => None,
        };
        let (Some((view, seq, first)), Some((_, _, second))) = (place(&votes[0]), place(&votes[1])) else { return };
        let fault = Fault::ConflictingVotes { view, seq, bodies: [first, second] };
        if self.views.has_reported(from, &fault) {
            return;
        }
        if votes.iter().zip(shares).all(|(vote, share)| self.scheme.verify_share(from, vote, share)) {
            self.blame_once(turn, from, fault);
        } else {
            // From now on its shares are checked when they come.
            self.peers.penalise(from, seq);
        }
    }

    /// Reports a fault in a view change, once.
    pub(super) fn blame_once(&mut self, turn: &mut Turn<'_>, replica: ReplicaId, fault: Fault) {
        if self.views.report(replica, &fault) {
            turn.blame(replica, fault);
        }
    }
}

fn knowledge(seq: SeqNum, slot: &Slot) -> SlotKnowledge {
    let memory = &slot.memory;
    SlotKnowledge {
        seq,
        accepted: memory.accepted.as_ref().map(|(view, proposal)| (*view, proposal.hash())),
        prepared: memory.prepared.as_ref().map(|(view, proposal, votes)| (*view, proposal.hash(), votes.clone())),
        committed: slot.proof().map(|(body, proof)| (body, proof.clone())),
    }
}

/// Whether a view-change message is honest about a vote that its sender cast before.
fn reports(message: &ViewChange, vote: &Statement, seq: SeqNum, view: View) -> bool {
    let Some(slot) = message.slot(seq) else { return false };
    let reported = match vote {
        Statement::Commit { .. } => slot.prepared.as_ref().map(|(reported, ..)| *reported),
        _ => slot.accepted.map(|(reported, _)| reported),
    };
    slot.committed.is_some() || reported >= Some(view)
}
