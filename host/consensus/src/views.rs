//! Which view a replica is in or wants to enter, and what others said about it: complaints, view-change messages, and
//! new-views whose messages are not all here. It decides nothing.
//!
//! Memory is bounded. Of each replica the complaint about the highest view and the view-change message for the highest
//! view are kept, and of each primary one new-view with the messages that it names.

use crate::fault::Fault;
use crate::limits::REPORTED_FAULTS_MAX;
use crate::quorum::Cluster;
use crate::view_change::{NewView, SignedViewChange};
use crate::view_start::{Opening, ViewStart};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_types::{Digest, ReplicaId, SeqNum, View};

/// A view-change message with its digest, computed once.
#[derive(Debug, Clone)]
pub struct Known {
    pub digest: Digest,
    pub signed: Arc<SignedViewChange>,
}

impl Known {
    pub fn new(signed: Arc<SignedViewChange>) -> Self {
        Self { digest: signed.message.digest(), signed }
    }

    pub fn view(&self) -> View {
        self.signed.message.view
    }

    pub fn sender(&self) -> ReplicaId {
        self.signed.message.sender
    }
}

/// A new-view that waits for messages it names.
#[derive(Debug, Clone)]
pub struct Pending {
    pub new_view: Arc<NewView>,
    found: BTreeMap<ReplicaId, Arc<SignedViewChange>>,
    /// When somebody was last asked for what is missing.
    pub asked_ms: Option<u64>,
}

impl Pending {
    /// What is missing, by sender and digest.
    pub fn missing(&self) -> Vec<(ReplicaId, Digest)> {
        let missing = self.new_view.members.iter().filter(|(sender, _)| !self.found.contains_key(sender));
        missing.copied().collect()
    }

    /// Every message, in the new-view's order, once they are all here.
    pub fn complete(&self) -> Option<Vec<Arc<SignedViewChange>>> {
        self.new_view.members.iter().map(|(sender, _)| self.found.get(sender).cloned()).collect()
    }

    fn take(&mut self, known: &Known) {
        if known.view() == self.new_view.view && self.new_view.members.contains(&(known.sender(), known.digest)) {
            self.found.insert(known.sender(), Arc::clone(&known.signed));
        }
    }
}

/// The view that this replica entered last, with what made it so.
#[derive(Debug, Clone)]
pub struct Entry {
    pub new_view: Arc<NewView>,
    pub view_changes: Vec<Arc<SignedViewChange>>,
    pub start: ViewStart,
}

/// What is known about views.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// The view this replica is in, or wants to enter.
    pub view: View,
    /// Whether it left the view before and is not in this one yet.
    pub changing: bool,
    /// This replica's own latest view-change message: its promise.
    pub promise: Option<Arc<SignedViewChange>>,
    /// How the active view began; none in view 0 and while no view is active.
    pub entry: Option<Entry>,
    /// The highest view that decided anything, as far as known here.
    pub productive: View,
    /// When this replica entered the view or executed a slot last.
    pub progress_ms: u64,
    /// When it entered the view.
    pub entered_ms: u64,
    /// Since when another replica has left the view that this one is in.
    pub deserted_ms: Option<u64>,
    /// Whether it wants to leave the active view.
    pub complaining: bool,
    /// When this replica last told everybody of requests that wait here.
    pub told_ms: u64,
    /// Whether the timer for something pending is set.
    pub request_timer: bool,
    /// The view for whose beginning the timer is set.
    pub awaited: Option<View>,
    complaints: BTreeMap<ReplicaId, View>,
    messages: BTreeMap<ReplicaId, Known>,
    pending: BTreeMap<ReplicaId, Pending>,
    /// Faults already reported.
    reported: BTreeMap<ReplicaId, Vec<Fault>>,
}

impl Views {
    /// Whether the replica is in its view.
    pub fn active(&self) -> bool {
        !self.changing
    }

    /// Views in a row that decided nothing, before this one.
    pub fn failed(&self) -> u64 {
        self.view.0.saturating_sub(self.productive.0).saturating_sub(1)
    }

    /// Whether something about this view is of use: it is to come, or this replica is about to enter it.
    pub fn is_ahead(&self, view: View) -> bool {
        view > self.view || (view == self.view && self.changing)
    }

    /// How many messages of others are kept, and how many reported faults.
    pub fn counts(&self) -> (usize, usize) {
        let messages = self.complaints.len() + self.messages.len() + self.pending.len();
        (messages, self.reported.values().map(Vec::len).sum())
    }

    /// How a slot begins in the active view, when the new-view said so.
    pub fn opening(&self, seq: SeqNum) -> Option<&Opening> {
        self.entry.as_ref()?.start.openings.get(&seq)
    }

    /// Slots up to this one are not the primary's to fill as it likes.
    pub fn last_bound(&self) -> SeqNum {
        self.entry.as_ref().map_or(SeqNum(0), |entry| entry.start.last)
    }

    /// Notes that a replica wants to leave a view.
    pub fn complain(&mut self, from: ReplicaId, view: View) {
        let about = self.complaints.entry(from).or_insert(view);
        *about = view.max(*about);
    }

    /// How many others want to leave the active view, or have left it.
    pub fn unhappy(&self) -> usize {
        let complain = self.complaints.iter().filter(|(_, about)| **about == self.view).map(|(id, _)| *id);
        let left = self.messages.values().filter(|known| known.view() > self.view).map(Known::sender);
        complain.chain(left).collect::<BTreeSet<_>>().len()
    }

    /// The message of a replica for the highest view.
    pub fn message_of(&self, sender: ReplicaId) -> Option<&Known> {
        self.messages.get(&sender)
    }

    /// Whether a pending new-view waits for this message.
    pub fn is_awaited(&self, known: &Known) -> bool {
        let member = (known.sender(), known.digest);
        let waits = |pending: &Pending| {
            pending.new_view.view == known.view()
                && pending.new_view.members.contains(&member)
                && !pending.found.contains_key(&known.sender())
        };
        self.pending.values().any(waits)
    }

    /// Takes a checked message: for the new-views that name it, and as its sender's latest if it is.
    pub fn take(&mut self, known: Known) {
        self.pending.values_mut().for_each(|pending| pending.take(&known));
        if self.messages.get(&known.sender()).is_none_or(|latest| latest.view() < known.view()) {
            self.messages.insert(known.sender(), known);
        }
    }

    /// The highest view that `f + 1` replicas promised to enter or went beyond: one of them is honest.
    pub fn joinable(&self, cluster: Cluster) -> Option<View> {
        let mut views: Vec<_> = self.messages.values().map(Known::view).collect();
        views.sort_by_key(|view| std::cmp::Reverse(*view));
        views.get(cluster.f()).copied()
    }

    /// How many replicas promised to vote in no view below this one.
    pub fn promised(&self, view: View) -> usize {
        self.messages.values().filter(|known| known.view() >= view).count()
    }

    /// The messages for exactly this view, by sender.
    pub fn messages_for(&self, view: View) -> impl Iterator<Item = &Known> {
        self.messages.values().filter(move |known| known.view() == view)
    }

    /// Keeps a well-formed new-view until its messages are here. False when one of that primary and view is kept.
    pub fn keep(&mut self, primary: ReplicaId, new_view: Arc<NewView>) -> bool {
        if self.pending.get(&primary).is_some_and(|pending| pending.new_view.view >= new_view.view) {
            return false;
        }
        let mut pending = Pending { new_view, found: BTreeMap::new(), asked_ms: None };
        self.messages.values().for_each(|known| pending.take(known));
        self.pending.insert(primary, pending);
        true
    }

    /// The new-view that is kept of a view.
    pub fn pending_mut(&mut self, primary: ReplicaId, view: View) -> Option<&mut Pending> {
        self.pending.get_mut(&primary).filter(|pending| pending.new_view.view == view)
    }

    /// The complete new-view of the highest view that is ahead.
    pub fn complete(&self) -> Option<(Arc<NewView>, Vec<Arc<SignedViewChange>>)> {
        let ahead = self.pending.values().filter(|pending| self.is_ahead(pending.new_view.view));
        let complete = ahead.filter_map(|pending| Some((Arc::clone(&pending.new_view), pending.complete()?)));
        complete.max_by_key(|(new_view, _)| new_view.view)
    }

    /// A message by sender and digest, wherever it is kept.
    pub fn find(&self, view: View, sender: ReplicaId, digest: Digest) -> Option<Arc<SignedViewChange>> {
        let latest = self.messages.get(&sender).filter(|known| known.digest == digest).map(|known| &known.signed);
        let of_entry = || {
            let entry = self.entry.as_ref().filter(|entry| entry.new_view.view == view)?;
            let at = entry.new_view.members.iter().position(|member| *member == (sender, digest))?;
            entry.view_changes.get(at)
        };
        latest.or_else(of_entry).cloned()
    }

    /// Goes for a view with this promise.
    pub fn leave_for(&mut self, promise: Arc<SignedViewChange>) {
        self.view = promise.message.view;
        self.changing = true;
        self.take(Known::new(Arc::clone(&promise)));
        self.promise = Some(promise);
        self.entry = None;
        self.start_over();
    }

    /// Is in a view from now on, and forgets what was about earlier ones.
    pub fn enter(&mut self, entry: Entry, now_ms: u64) {
        self.view = entry.new_view.view;
        self.changing = false;
        self.entry = Some(entry);
        (self.progress_ms, self.entered_ms) = (now_ms, now_ms);
        let view = self.view;
        self.pending.retain(|_, pending| pending.new_view.view > view);
        self.messages.retain(|_, known| known.view() >= view);
        self.start_over();
        self.note_deserters(now_ms);
    }

    /// Notes when the first replica has left the view that this one is in.
    pub fn note_deserters(&mut self, now_ms: u64) {
        let deserted = self.active() && self.messages.values().any(|known| known.view() > self.view);
        self.deserted_ms = deserted.then_some(self.deserted_ms.unwrap_or(now_ms));
    }

    fn start_over(&mut self) {
        self.complaining = false;
        self.deserted_ms = None;
        self.awaited = None;
        let view = self.view;
        self.complaints.retain(|_, about| *about >= view);
    }

    /// Whether a fault of a replica is to be reported: for the first time, and one of a bounded number.
    pub fn report(&mut self, replica: ReplicaId, fault: &Fault) -> bool {
        let news = !self.has_reported(replica, fault);
        if news {
            self.reported.entry(replica).or_default().push(fault.clone());
        }
        news
    }

    /// Whether a fault of a replica needs no report: it was reported, or enough others were.
    pub fn has_reported(&self, replica: ReplicaId, fault: &Fault) -> bool {
        let reported = self.reported.get(&replica);
        reported.is_some_and(|faults| faults.len() >= REPORTED_FAULTS_MAX || faults.contains(fault))
    }
}
