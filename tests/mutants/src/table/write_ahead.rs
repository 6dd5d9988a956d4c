//! The write-ahead rules of 8.3: every record left out when it is due, forgotten at a restart, or written too late.

use super::{edit, mutant};
use crate::{Mutant, consensus, ordering};

const CHECKPOINT: &str = "host/consensus/src/replica/checkpoint.rs";
const COMMIT: &str = "host/consensus/src/replica/commit.rs";
const COMMIT_VOTES: &str = "host/consensus/src/replica/commit_votes.rs";
const LEAVE: &str = "host/consensus/src/replica/leave.rs";
const NEW_VIEW: &str = "host/consensus/src/replica/new_view.rs";
const PRE_PREPARE: &str = "host/consensus/src/replica/pre_prepare.rs";
const REPLAY: &str = "host/consensus/src/replica/replay.rs";
const ORDERING: &str = "host/ordering/src/ordering.rs";
const FILE_LOG: &str = "host/ordering/src/file_log.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "accepted-not-written",
        "8.3: an accepted pre-prepare is durable before the pre-prepare or sign-share leaves",
        &[edit(
            PRE_PREPARE,
            "        turn.persist(match slot.memory.body(body) {",
            "        drop(match slot.memory.body(body) {",
        )],
        consensus("normal_case", "an_idle_network_certifies_a_request_after_five_hops"),
    ),
    mutant(
        "accepted-written-after-the-vote",
        "8.3: an accepted pre-prepare is written before the sign-share leaves",
        &[
            edit(
                PRE_PREPARE,
                "        turn.persist(match slot.memory.body(body) {",
                "        let record = Some(match slot.memory.body(body) {",
            ),
            edit(
                PRE_PREPARE,
                "        self.count_vote(turn, self.config.replica, view, seq, body, share.clone());\n        share\n",
                "        self.count_vote(turn, self.config.replica, view, seq, body, share.clone());\n        self.send_vote(turn, seq, body, &share);\n        record.into_iter().for_each(|record| turn.persist(record));\n        share\n",
            ),
        ],
        consensus("normal_case", "an_idle_network_certifies_a_request_after_five_hops"),
    ),
    mutant(
        "accepted-again-not-written",
        "8.3: a body accepted again in a later view is written again",
        &[edit(
            PRE_PREPARE,
            "        turn.persist(match slot.memory.body(body) {\n            Some(_) => Record::AcceptedAgain { view, seq, body },\n            None => Record::Accepted { view, seq, proposal: Arc::clone(&proposal) },\n        });",
            "        if slot.memory.body(body).is_none() {\n            turn.persist(Record::Accepted { view, seq, proposal: Arc::clone(&proposal) });\n        }",
        )],
        consensus("view_change", "a_slow_commit_that_the_primary_saw_before_it_crashed_stays"),
    ),
    mutant(
        "prepared-not-written",
        "8.3: a prepare certificate is durable before the commit vote leaves",
        &[edit(
            COMMIT_VOTES,
            "                turn.persist(Record::Prepared { view, seq, body, certificate: certificate.clone() });\n",
            "",
        )],
        consensus("normal_case", "without_the_fast_path_a_request_is_certified_after_seven_hops"),
    ),
    mutant(
        "prepared-written-after-the-vote",
        "8.3: a prepare certificate is written before the commit vote leaves",
        &[
            edit(
                COMMIT_VOTES,
                "                turn.persist(Record::Prepared { view, seq, body, certificate: certificate.clone() });\n",
                "                let record = Record::Prepared { view, seq, body, certificate: certificate.clone() };\n",
            ),
            edit(
                COMMIT_VOTES,
                "                self.send_commit(turn, seq, body, &share);\n",
                "                self.send_commit(turn, seq, body, &share);\n                turn.persist(record);\n",
            ),
        ],
        consensus("normal_case", "without_the_fast_path_a_request_is_certified_after_seven_hops"),
    ),
    mutant(
        "committed-not-written",
        "8.3: a commit proof is durable before the slot is executed",
        &[edit(COMMIT, "        turn.persist(Record::Committed { seq, body, proof: proof.clone() });\n", "")],
        consensus("reports", "an_executed_slot_is_reported_with_its_proof_after_a_restart"),
    ),
    mutant(
        "promise-not-written",
        "3.1, 8.3: a promise is durable before the view-change leaves",
        &[edit(
            LEAVE,
            "        turn.persist(Record::Promised { stable: self.stable_slot(), message: Arc::clone(&promise) });\n",
            "",
        )],
        consensus("view_change", "a_primary_that_crashes_before_it_proposes_is_replaced"),
    ),
    mutant(
        "promise-written-after-the-view-change",
        "3.1, 8.3: a promise is written before the view-change leaves",
        &[
            edit(
                LEAVE,
                "        turn.persist(Record::Promised { stable: self.stable_slot(), message: Arc::clone(&promise) });\n",
                "",
            ),
            edit(
                LEAVE,
                "        turn.broadcast(Message::ViewChange(Arc::clone(&promise)));\n",
                "        turn.broadcast(Message::ViewChange(Arc::clone(&promise)));\n        turn.persist(Record::Promised { stable: self.stable_slot(), message: Arc::clone(&promise) });\n",
            ),
        ],
        consensus("view_change", "a_primary_that_crashes_before_it_proposes_is_replaced"),
    ),
    mutant(
        "entered-not-written",
        "8.3: a new-view is durable before it is sent and before the first vote in its view",
        &[edit(
            NEW_VIEW,
            "        turn.persist(Record::Entered {\n            stable: self.stable_slot(),",
            "        drop(Record::<()>::Entered {\n            stable: self.stable_slot(),",
        )],
        consensus("view_change", "a_primary_that_crashes_before_it_proposes_is_replaced"),
    ),
    mutant(
        "stable-not-written",
        "8.3: a checkpoint certificate is durable before slots are dropped",
        &[edit(CHECKPOINT, "        turn.persist(Record::Stable(checkpoint.clone()));\n", "")],
        consensus("checkpoints", "effects_of_a_stable_checkpoint_come_in_the_order_of_their_safety"),
    ),
    mutant(
        "stable-written-after-pruning",
        "8.3: a checkpoint certificate is written before slots are dropped",
        &[
            edit(CHECKPOINT, "        turn.persist(Record::Stable(checkpoint.clone()));\n", ""),
            edit(
                CHECKPOINT,
                "        turn.emit(Effect::Prune(seq));\n",
                "        turn.emit(Effect::Prune(seq));\n        self.stable.iter().for_each(|stable| turn.persist(Record::Stable(stable.clone())));\n",
            ),
        ],
        consensus("checkpoints", "effects_of_a_stable_checkpoint_come_in_the_order_of_their_safety"),
    ),
    mutant(
        "accepted-forgotten-at-a-restart",
        "8.3: a restart remembers what was accepted",
        &[edit(
            REPLAY,
            "                self.replay_accepted(view, seq, proposal);\n",
            "                drop((view, proposal));\n",
        )],
        consensus("reports", "what_was_accepted_is_reported_after_a_restart"),
    ),
    mutant(
        "prepared-forgotten-at-a-restart",
        "8.3: a restart remembers prepare certificates",
        &[edit(
            REPLAY,
            "                    slot.memory.prepared = Some((view, proposal, certificate));\n",
            "                    drop((proposal, certificate));\n",
        )],
        consensus("reports", "a_certificate_is_reported_view_after_view"),
    ),
    mutant(
        "view-forgotten-at-a-restart",
        "8.3: a restart remembers the view that was entered",
        &[edit(
            REPLAY,
            "                if self.views.is_ahead(new_view.view) {",
            "                if self.views.is_ahead(new_view.view) && self.halted {",
        )],
        consensus("view_change", "the_views_of_a_long_life_survive_pruning_and_restarts"),
    ),
    mutant(
        "checkpoint-forgotten-at-a-restart",
        "8.3: a restart remembers the stable checkpoint",
        &[edit(
            REPLAY,
            "                self.stable = Some(checkpoint.clone());\n",
            "                drop(checkpoint.clone());\n",
        )],
        consensus("checkpoints", "a_restart_finds_the_checkpoint_in_log_or_store"),
    ),
    mutant(
        "messages-leave-before-the-sync",
        "8.3: all of a turn's records are synced before anything of the turn leaves",
        &[edit(
            ORDERING,
            "        self.persist(&mut turn)?;\n        self.release(now, &mut turn)?;\n        Ok(turn)",
            "        let effects = self.effects.clone();\n        self.release(now, &mut turn)?;\n        self.effects = effects;\n        self.persist(&mut turn)?;\n        self.effects.clear();\n        Ok(turn)",
        )],
        ordering("turn", "nothing_leaves_when_the_sync_fails_and_no_turn_follows"),
    ),
    mutant(
        "sync-skipped",
        "8.3: a turn's records are synced",
        &[edit(ORDERING, "        if turn.records > 0 {", "        if turn.records > usize::MAX - 1 {")],
        ordering("turn", "a_proposal_leaves_after_its_record_is_synced"),
    ),
    mutant(
        "failed-sync-ignored",
        "8.3: a sync that fails stops the process",
        &[edit(
            ORDERING,
            "            self.log.sync().inspect_err(|error| self.halted = Some(error.to_string()))?;\n",
            "            self.log.sync().unwrap_or_default();\n",
        )],
        ordering("turn", "nothing_leaves_when_the_sync_fails_and_no_turn_follows"),
    ),
    mutant(
        "log-goes-on-after-a-failure",
        "8.3: after a failed write or sync nothing is known of the disk",
        &[edit(FILE_LOG, "        self.failed = result.is_err();\n", "")],
        ordering("file_log", "a_log_that_failed_once_takes_nothing_more"),
    ),
];
