//! Leaving a view and entering the next: 3.1 to 3.6.

use super::{edit, mutant};
use crate::{Mutant, consensus, unit};

const COMMIT: &str = "host/consensus/src/replica/commit.rs";
const GUARD: &str = "host/consensus/src/guard.rs";
const LEAVE: &str = "host/consensus/src/replica/leave.rs";
const NEW_VIEW: &str = "host/consensus/src/replica/new_view.rs";
const OPENINGS: &str = "host/consensus/src/replica/openings.rs";
const PRE_PREPARE: &str = "host/consensus/src/replica/pre_prepare.rs";
const TRIGGERS: &str = "host/consensus/src/replica/triggers.rs";
const VIEWS: &str = "host/consensus/src/views.rs";
const VIEW_CHANGE: &str = "host/consensus/src/view_change.rs";
const VIEW_START: &str = "host/consensus/src/view_start.rs";
const VOTES: &str = "host/consensus/src/replica/votes.rs";
const WINDOW: &str = "host/consensus/src/replica/window.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "votes-after-a-promise",
        "3.1: whoever promised a view signs nothing of a lower one",
        &[edit(
            GUARD,
            "place.bound_view().is_none_or(|view| view >= self.promised)",
            "place.bound_view().is_none_or(|view| view <= self.promised || view >= self.promised)",
        )],
        unit("guard::tests::nothing_below_a_promise_is_signed_even_after_a_restart"),
    ),
    mutant(
        "signs-what-it-forgot",
        "8.3: where the signer does not know what it signed, it signs nothing",
        &[edit(
            GUARD,
            "place.voted_slot().is_none_or(|seq| seq > self.floor)",
            "place.voted_slot().is_none_or(|seq| seq > self.floor || seq <= self.floor)",
        )],
        unit("guard::tests::what_is_forgotten_is_not_signed_again"),
    ),
    mutant(
        "signs-two-values-in-one-place",
        "8.3: a second value for one purpose, view and slot is never signed",
        &[edit(
            GUARD,
            "assert_eq!(before, value, \"two values",
            "assert!(before == value || before != value, \"two values",
        )],
        unit("guard::tests::a_second_value_is_never_signed"),
    ),
    mutant(
        "votes-before-the-view-begins",
        "3.4: nobody votes in a view before its new-view is accepted",
        &[edit(WINDOW, "self.views.active() && executed >= stable", "executed >= stable")],
        consensus("promises", "nobody_votes_in_a_view_that_has_not_begun"),
    ),
    mutant(
        "prepare-of-an-earlier-view-believed",
        "1.5: a prepare certificate counts in its own view",
        &[edit(
            VOTES,
            "        if view != self.views.view {\n            return;\n        }\n        let Some(slot) = self.slot_mut(turn, seq) else { return };\n        let wanted",
            "        if view > self.views.view {\n            return;\n        }\n        let Some(slot) = self.slot_mut(turn, seq) else { return };\n        let wanted",
        )],
        consensus("promises", "a_prepare_certificate_of_an_earlier_view_moves_nobody_to_a_commit_vote"),
    ),
    mutant(
        "new-view-not-recomputed",
        "3.4: every replica computes what the view starts with, and holds the primary to it",
        &[edit(
            PRE_PREPARE,
            "if !self.views.active() || seq > self.views.last_bound() {",
            "if !self.views.active() || seq > SeqNum(0) {",
        )],
        consensus("view_change_lies", "a_primary_that_proposes_against_its_new_view_is_shown"),
    ),
    mutant(
        "second-new-view-accepted",
        "3.4: the first valid new-view of a view is the only one",
        &[edit(VIEWS, "view > self.view || (view == self.view && self.changing)", "view >= self.view")],
        consensus("view_change_lies", "a_second_new_view_for_a_view_is_shown"),
    ),
    mutant(
        "new-view-of-anybody",
        "3.4: a new-view is signed by the primary of its view",
        &[edit(
            NEW_VIEW,
            "if !self.scheme.verify_share(primary, &new_view.statement(), &new_view.share) {",
            "if new_view.members.is_empty() {",
        )],
        consensus("promises", "new_views_and_promises_that_their_senders_did_not_sign_are_dropped"),
    ),
    mutant(
        "view-change-of-anybody",
        "3.3: a view-change message is signed by its sender",
        &[edit(
            LEAVE,
            "if !self.scheme.verify_share(sender, &known.signed.message.statement(), &known.signed.share) {",
            "if !self.config.cluster.has(sender) {",
        )],
        consensus("promises", "new_views_and_promises_that_their_senders_did_not_sign_are_dropped"),
    ),
    mutant(
        "impossible-view-change-accepted",
        "3.3: what is reported as accepted or certified is older than the promise",
        &[edit(
            VIEW_CHANGE,
            "accepted.is_none_or(|view| view < self.view)",
            "accepted.is_none_or(|view| view <= self.view || view > self.view)",
        )],
        consensus("view_change_lies", "impossible_promises_are_refused_and_shown"),
    ),
    mutant(
        "checkpoint-of-a-view-change-unchecked",
        "3.6: the highest checkpoint with a valid certificate is where a view starts",
        &[edit(
            VIEW_START,
            "if proves_stable(cluster, scheme, stable) {",
            "if proves_stable(cluster, scheme, stable) || stable.seq > SeqNum(0) {",
        )],
        consensus("view_change_lies", "a_checkpoint_in_a_promise_is_believed_only_with_its_certificate"),
    ),
    mutant(
        "decided-slots-kept-to-oneself",
        "3.4: whoever knows that a slot is decided shows why instead of voting again",
        &[edit(
            NEW_VIEW,
            "        self.show_decided(turn);\n        self.take_up_openings(turn);",
            "        self.take_up_openings(turn);",
        )],
        consensus("reports", "whoever_decided_a_slot_shows_why_to_the_new_view"),
    ),
    mutant(
        "slots-of-a-new-view-not-taken-up",
        "3.4: what the view starts with is accepted as a pre-prepare",
        &[edit(
            OPENINGS,
            "Some(Opening::Propose { .. }) if !self.may_vote(seq) => {}",
            "Some(Opening::Propose { .. }) if !self.may_vote(seq) || self.may_vote(seq) => {}",
        )],
        consensus("entering", "a_slot_that_a_view_starts_with_is_accepted_and_voted_for_at_once"),
    ),
    mutant(
        "slots-of-a-new-view-taken-up-by-repair-only",
        "3.4: what the view starts with is accepted on entering it",
        &[edit(
            NEW_VIEW,
            "        self.show_decided(turn);\n        self.take_up_openings(turn);",
            "        self.show_decided(turn);",
        )],
        consensus("entering", "a_slot_that_a_view_starts_with_is_accepted_and_voted_for_at_once"),
    ),
    mutant(
        "slots-between-left-open",
        "3.4: a slot below the last one that is reported starts with a null block when nothing is known of it",
        &[edit(
            OPENINGS,
            "if null.hash() == body { Some(Arc::new(null)) } else { self.body_of(seq, body) }",
            "self.body_of(seq, body)",
        )],
        consensus("entering", "a_slot_that_comes_up_between_others_starts_with_a_null_block"),
    ),
    mutant(
        "bodies-asked-of-one-reporter-only",
        "3.5: the body of a fast value may be at one honest reporter: all are asked",
        &[edit(
            OPENINGS,
            "let Some(next) = others.get(slot.fetches % others.len().max(1)) else { return };",
            "let Some(next) = others.last() else { return };",
        )],
        consensus("entering", "a_missing_body_is_asked_of_every_reporter"),
    ),
    mutant(
        "view-changes-not-asked-for",
        "3.8: whoever has a new-view without its messages asks for them",
        &[edit(
            NEW_VIEW,
            "        turn.send(from, Message::FetchViewChanges { view, wanted });\n",
            "        drop(Message::<()>::FetchViewChanges { view, wanted });\n",
        )],
        consensus("entering", "missing_view_changes_are_asked_for_by_digest_and_passed_on_to_others"),
    ),
    mutant(
        "view-changes-not-passed-on",
        "3.8: whoever has the messages of a new-view passes them on",
        &[edit(
            NEW_VIEW,
            "                turn.send(from, Message::ViewChange(signed));\n",
            "                drop(signed);\n",
        )],
        consensus("entering", "missing_view_changes_are_asked_for_by_digest_and_passed_on_to_others"),
    ),
    mutant(
        "view-changes-taken-for-others",
        "3.4: a new-view is computed from the messages that it names by digest",
        &[edit(
            VIEWS,
            "self.new_view.members.contains(&(known.sender(), known.digest)) {",
            "self.new_view.members.iter().any(|member| member.0 == known.sender()) {",
        )],
        consensus("entering", "missing_view_changes_are_asked_for_by_digest_and_passed_on_to_others"),
    ),
    mutant(
        "back-off-absent",
        "3.1: a wait doubles with every view that decides nothing",
        &[edit(
            TRIGGERS,
            "self.config.tuning.request_wait_ms << self.views.failed().min(WAIT_DOUBLINGS_MAX)",
            "self.config.tuning.request_wait_ms << self.views.failed().min(WAIT_DOUBLINGS_MAX).min(0)",
        )],
        consensus("promises", "every_view_that_decides_nothing_doubles_the_wait_and_one_that_does_ends_it"),
    ),
    mutant(
        "back-off-never-reset",
        "3.1: a view that decides something ends the doubling",
        &[edit(COMMIT, "        self.views.productive = self.views.productive.max(proof.view());\n", "")],
        consensus("promises", "every_view_that_decides_nothing_doubles_the_wait_and_one_that_does_ends_it"),
    ),
    mutant(
        "new-view-not-waited-for",
        "3.1: a view that does not begin in time is left, too",
        &[edit(LEAVE, "            turn.set_timer(Timer::NewView(view), self.wait_ms());\n", "")],
        consensus("view_change", "primaries_that_crash_one_after_another_are_passed_over"),
    ),
    mutant(
        "deserting-primary-awaited",
        "3.1: a primary that leaves its own view is left at once",
        &[edit(LEAVE, "(deserted || self.is_view_unwanted()).then(", "(deserted && self.is_view_unwanted()).then(")],
        consensus("view_change_lies", "a_primary_that_leaves_its_own_view_is_left_at_once"),
    ),
    mutant(
        "broken-promise-unnoticed",
        "8.4: a vote that its sender's promise is silent about is evidence",
        &[edit(
            LEAVE,
            "            self.blame_once(turn, from, fault);\n        } else {\n            self.peers.count_bad_certificate(from);\n        }\n    }\n\n    /// Two votes",
            "            let _ = fault;\n        } else {\n            self.peers.count_bad_certificate(from);\n        }\n    }\n\n    /// Two votes",
        )],
        consensus("view_change_lies", "a_vote_that_a_promise_is_silent_about_is_shown_and_a_late_one_is_not"),
    ),
];
