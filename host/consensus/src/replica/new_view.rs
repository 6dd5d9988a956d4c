//! Entering a view: the new primary names `2f + 2c + 1` view-change messages, and everybody computes from them what the
//! view starts with. The first valid new-view of a view counts; it is written down before the first vote in the view.

use super::Replica;
use crate::fault::Fault;
use crate::message::Message;
use crate::record::Record;
use crate::turn::Turn;
use crate::view_change::{NewView, SignedViewChange};
use crate::view_start::ViewStart;
use crate::views::{Entry, Known};
use std::sync::Arc;
use theriac_crypto::Share;
use theriac_types::{Digest, List, ReplicaId, View};

impl Replica {
    /// Begins the view that this replica is to lead, once enough replicas promised to enter it.
    pub(super) fn begin_view(&mut self, turn: &mut Turn<'_>) {
        let (view, me, size) = (self.views.view, self.config.replica, self.config.cluster.view_change());
        if !self.views.changing || self.primary() != me || self.views.messages_for(view).count() < size {
            return;
        }
        let (own, others): (Vec<&Known>, Vec<&Known>) = self.views.messages_for(view).partition(|k| k.sender() == me);
        let mut chosen: Vec<&Known> = own.into_iter().chain(others).take(size).collect();
        chosen.sort_by_key(|known| known.sender());
        let view_changes = chosen.iter().map(|known| Arc::clone(&known.signed)).collect();
        let members: Vec<_> = chosen.iter().map(|known| (known.sender(), known.digest)).collect();
        let members = List::new(members).expect("one member per replica at most");
        let unsigned = NewView { view, members, share: Share::default() };
        let share = self.signer.sign(&unsigned.statement());
        self.enter(turn, Arc::new(NewView { share, ..unsigned }), view_changes);
    }

    pub(super) fn on_new_view(&mut self, turn: &mut Turn<'_>, from: ReplicaId, new_view: Arc<NewView>) {
        let view = new_view.view;
        let primary = self.config.cluster.primary(view);
        if primary == self.config.replica {
            return;
        }
        if !self.views.is_ahead(view) {
            self.compare_new_view(turn, primary, &new_view);
            return;
        }
        if self.views.pending_mut(primary, view).is_none() {
            if !self.scheme.verify_share(primary, &new_view.statement(), &new_view.share) {
                self.peers.count_bad_certificate(from);
                return;
            }
            if !new_view.is_well_formed(self.config.cluster) {
                self.blame_once(turn, primary, Fault::InvalidNewView { view });
                return;
            }
            if !self.views.keep(primary, new_view) {
                return;
            }
            self.settle_views(turn);
        }
        self.ask_for_view_changes(turn, from, primary, view);
    }

    /// A second new-view for the view this replica is in shows that the primary is faulty.
    fn compare_new_view(&mut self, turn: &mut Turn<'_>, primary: ReplicaId, other: &NewView) {
        let entry = self.views.entry.as_ref().filter(|entry| entry.new_view.view == other.view);
        let fault = Fault::InvalidNewView { view: other.view };
        let differs = entry.is_some_and(|entry| entry.new_view.members != other.members);
        if differs
            && !self.views.has_reported(primary, &fault)
            && self.scheme.verify_share(primary, &other.statement(), &other.share)
        {
            self.blame_once(turn, primary, fault);
            self.complain(turn);
        }
    }

    /// Asks whoever passed a new-view on for the messages that are missing.
    fn ask_for_view_changes(&mut self, turn: &mut Turn<'_>, from: ReplicaId, primary: ReplicaId, view: View) {
        let (now_ms, patience_ms) = (turn.now_ms(), self.patience_ms());
        let Some(pending) = self.views.pending_mut(primary, view) else { return };
        if pending.asked_ms.is_some_and(|asked_ms| now_ms < asked_ms + patience_ms) {
            return;
        }
        pending.asked_ms = Some(now_ms);
        let wanted = List::new(pending.missing()).expect("one member per replica at most");
        turn.send(from, Message::FetchViewChanges { view, wanted });
    }

    pub(super) fn on_fetch_view_changes(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        wanted: &[(ReplicaId, Digest)],
    ) {
        let granted = self.peers.grant(from, wanted.len() as u64, turn.now_ms());
        for (sender, digest) in wanted.iter().take(usize::try_from(granted).unwrap_or(usize::MAX)) {
            if let Some(signed) = self.views.find(view, *sender, *digest) {
                turn.send(from, Message::ViewChange(signed));
            }
        }
    }

    pub(super) fn enter_what_is_complete(&mut self, turn: &mut Turn<'_>) {
        if let Some((new_view, view_changes)) = self.views.complete() {
            self.enter(turn, new_view, view_changes);
        }
    }

    fn enter(&mut self, turn: &mut Turn<'_>, new_view: Arc<NewView>, view_changes: Vec<Arc<SignedViewChange>>) {
        let view = new_view.view;
        let start = ViewStart::of(self.config.cluster, &*self.scheme, &view_changes);
        for liar in &start.liars {
            self.blame_once(turn, *liar, Fault::InvalidViewChange { view });
        }
        turn.persist(Record::Entered {
            stable: self.stable_slot(),
            new_view: Arc::clone(&new_view),
            view_changes: view_changes.clone(),
        });
        let stable = start.stable.clone();
        // Votes for the view that it left for are counted already.
        let drawn = self.views.view == view;
        self.signer.promise(view);
        self.views.enter(Entry { new_view: Arc::clone(&new_view), view_changes, start }, turn.now_ms());
        if !drawn {
            self.redraw(turn);
        }
        if self.is_primary() {
            turn.broadcast(Message::NewView(new_view));
        }
        // Before anything can be proposed: a checkpoint that the view brings along already allows it.
        self.proposed = self.last_taken();
        if let Some(checkpoint) = stable.filter(|checkpoint| checkpoint.seq > self.stable_slot()) {
            self.take_checkpoint(turn, checkpoint);
        }
        if self.halted {
            return;
        }
        self.show_decided(turn);
        self.take_up_openings(turn);
        self.accept_what_waited(turn);
        self.hand_on_requests(turn);
    }

    /// Sends what the other lacks to be in this view, or to enter the one that this replica wants to enter.
    pub(super) fn resend_view(&mut self, turn: &mut Turn<'_>, to: ReplicaId, view: View, active: bool) {
        if self.views.complaining && view <= self.views.view {
            turn.send(to, Message::Complain { view: self.views.view });
        }
        let behind = view < self.views.view || (view == self.views.view && !active);
        if !behind {
            return;
        }
        if let Some(entry) = &self.views.entry {
            turn.send(to, Message::NewView(Arc::clone(&entry.new_view)));
        } else if let Some(promise) = self.views.promise.as_ref().filter(|_| self.views.changing) {
            turn.send(to, Message::ViewChange(Arc::clone(promise)));
        }
    }

    /// Repeats the record that says which view this replica is in, for a log that drops earlier ones.
    pub(super) fn repeat_view_records(&self, turn: &mut Turn<'_>) {
        let stable = self.stable_slot();
        if let Some(Entry { new_view, view_changes, .. }) = &self.views.entry {
            let (new_view, view_changes) = (Arc::clone(new_view), view_changes.clone());
            turn.persist(Record::Entered { stable, new_view, view_changes });
        } else if let Some(promise) = self.views.promise.as_ref().filter(|_| self.views.changing) {
            turn.persist(Record::Promised { stable, message: Arc::clone(promise) });
        }
    }
}
