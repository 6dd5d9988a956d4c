//! The write-ahead rules of 8.3: every record left out when it is due, forgotten at a restart, or written too late. Those
//! about the log itself are in `log.rs`.

use super::{edit, mutant};
use crate::{Mutant, consensus};

const CHECKPOINT: &str = "host/consensus/src/replica/checkpoint.rs";
const COMMIT: &str = "host/consensus/src/replica/commit.rs";
const COMMIT_VOTES: &str = "host/consensus/src/replica/commit_votes.rs";
const EXECUTION: &str = "host/consensus/src/replica/execution.rs";
const LEAVE: &str = "host/consensus/src/replica/leave.rs";
const NEW_VIEW: &str = "host/consensus/src/replica/new_view.rs";
const PRE_PREPARE: &str = "host/consensus/src/replica/pre_prepare.rs";
const PROPOSE: &str = "host/consensus/src/replica/propose.rs";
const REPLAY: &str = "host/consensus/src/replica/replay.rs";
const RESTART: &str = "host/consensus/src/replica/restart.rs";

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
        "proposed-before-it-is-written",
        "8.3: an accepted pre-prepare is written before the pre-prepare leaves",
        &[edit(
            PROPOSE,
            "        let share = self.accept(turn, seq, Arc::clone(&proposal));\n        turn.broadcast(Message::PrePrepare { view, seq, proposal, share });\n",
            "        let share = self.signer.sign(&theriac_crypto::Statement::Prepare { view, seq, body: proposal.hash() });\n        turn.broadcast(Message::PrePrepare { view, seq, proposal: Arc::clone(&proposal), share });\n        self.accept(turn, seq, proposal);\n",
        )],
        consensus("normal_case", "an_idle_network_certifies_a_request_after_five_hops"),
    ),
    mutant(
        "next-slot-forgotten-at-a-restart",
        "8.3: a restarted primary goes on above what it proposed",
        &[edit(
            REPLAY,
            "self.proposed = self.last_taken().max(proposed.unwrap_or_default());",
            "self.proposed = proposed.map_or(self.last_taken(), |_| self.last_taken());",
        )],
        consensus("restart", "a_primary_that_restarts_repeats_its_proposals_and_goes_on_above_them"),
    ),
    mutant(
        "proposal-not-repeated-after-a-restart",
        "8.3: a restart sends again what was said last",
        &[edit(
            RESTART,
            "            turn.broadcast(Message::PrePrepare { view, seq, proposal, share });\n",
            "            drop((proposal, share));\n",
        )],
        consensus("restart", "a_primary_that_restarts_repeats_its_proposals_and_goes_on_above_them"),
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
        "committed-written-after-the-execution",
        "8.3: a commit proof is written before the slot is executed",
        &[
            edit(COMMIT, "        turn.persist(Record::Committed { seq, body, proof: proof.clone() });\n", ""),
            edit(
                COMMIT,
                "            turn.emit(Effect::Execute { seq, proposal: Arc::clone(proposal), proof: proof.clone() });\n",
                "            let (body, proposal) = (proposal.hash(), Arc::clone(proposal));\n            turn.emit(Effect::Execute { seq, proposal, proof: proof.clone() });\n            turn.persist(Record::Committed { seq, body, proof: proof.clone() });\n",
            ),
        ],
        consensus("normal_case", "an_idle_network_certifies_a_request_after_five_hops"),
    ),
    mutant(
        "state-voted-for-before-it-is-executed",
        "8.3: a replica votes for a state that is durable at itself",
        &[edit(
            EXECUTION,
            "            self.settle(turn, seq);\n            self.blame_divergent(turn, seq, digest);",
            "            self.vote_for_state(turn, seq, digest);\n            self.settle(turn, seq);\n            self.blame_divergent(turn, seq, digest);",
        )],
        consensus("reports", "nobody_votes_for_a_certified_state_that_it_has_not_executed"),
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
        "entered-written-after-the-new-view",
        "8.3: a new-view is written before it is sent",
        &[
            edit(
                NEW_VIEW,
                "        turn.persist(Record::Entered {\n            stable: self.stable_slot(),",
                "        drop(Record::<()>::Entered {\n            stable: self.stable_slot(),",
            ),
            edit(
                NEW_VIEW,
                "            turn.broadcast(Message::NewView(new_view));\n        }\n",
                "            turn.broadcast(Message::NewView(new_view));\n        }\n        self.repeat_view_records(turn);\n",
            ),
        ],
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
        "log-forgotten-at-a-restart",
        "2.4: whoever forgets its log is as good as a liar",
        &[edit(RESTART, "        replica.replay(records);\n", "        drop(records);\n")],
        consensus("reports", "what_was_accepted_is_reported_after_a_restart"),
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
        "vote-and-signature-forgotten-at-a-restart",
        "8.3: the signer remembers what it signed, even if the core does not",
        &[
            edit(
                REPLAY,
                "        self.signer.remember(&Statement::Prepare { view, seq, body: proposal.hash() });\n",
                "",
            ),
            edit(REPLAY, "            Phase::Open if current => slot.phase = Phase::Accepted { proposal },\n", ""),
        ],
        consensus("restart", "a_restarted_replica_votes_for_no_other_body_in_the_same_slot_and_view"),
    ),
    mutant(
        "vote-forgotten-at-a-restart",
        "8.3: the core remembers what it voted for, and need not be stopped by its signer",
        &[edit(REPLAY, "            Phase::Open if current => slot.phase = Phase::Accepted { proposal },\n", "")],
        consensus("restart", "a_restarted_replica_votes_for_no_other_body_in_the_same_slot_and_view"),
    ),
    mutant(
        "prepared-forgotten-at-a-restart",
        "8.3: a restart remembers prepare certificates",
        &[edit(
            REPLAY,
            "                    slot.memory.prepared = Some((view, proposal, certificate));\n",
            "                    drop((proposal, certificate));\n",
        )],
        consensus("reports", "a_certificate_is_reported_after_a_restart"),
    ),
    mutant(
        "promise-forgotten-at-a-restart",
        "8.3: a restart remembers the promise",
        &[edit(
            REPLAY,
            "            Record::Promised { message, .. } => self.replay_promise(message),\n",
            "            Record::Promised { .. } => {}\n",
        )],
        consensus("reports", "a_promise_is_repeated_to_the_byte_and_kept_after_a_restart"),
    ),
    mutant(
        "promise-not-repeated-after-a-restart",
        "3.1, 8.3: the very bytes of a promise are sent again after a restart",
        &[edit(
            RESTART,
            "            turn.broadcast(Message::ViewChange(Arc::clone(promise)));\n",
            "            drop(Arc::clone(promise));\n",
        )],
        consensus("reports", "a_promise_is_repeated_to_the_byte_and_kept_after_a_restart"),
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
];
