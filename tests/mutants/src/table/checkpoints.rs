//! Checkpoints, the window, and the end of an epoch: 3.7 and membership.

use super::{edit, mutant};
use crate::{Mutant, consensus};

const CHECKPOINT: &str = "host/consensus/src/replica/checkpoint.rs";
const EPOCH: &str = "host/consensus/src/replica/epoch.rs";
const EXECUTION: &str = "host/consensus/src/replica/execution.rs";
const WINDOW: &str = "host/consensus/src/replica/window.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "log-pruned-before-a-checkpoint-is-stable",
        "3.7, 8.3: slots are dropped only below a certificate",
        &[edit(
            EXECUTION,
            "            self.vote_for_checkpoint(turn, seq, digest);",
            "            self.vote_for_checkpoint(turn, seq, digest);\n            turn.emit(Effect::Prune(seq));",
        )],
        consensus("checkpoints", "without_a_stable_checkpoint_the_window_ends_and_with_one_it_moves_on"),
    ),
    mutant(
        "checkpoint-unchecked",
        "3.7: a checkpoint counts for its certificate",
        &[edit(
            CHECKPOINT,
            "if proves_stable(cluster, &*self.scheme, &checkpoint) {",
            "if proves_stable(cluster, &*self.scheme, &checkpoint) || seq > SeqNum(0) {",
        )],
        consensus("checkpoints", "forged_checkpoints_and_votes_move_nothing"),
    ),
    mutant(
        "votes-above-the-window",
        "3.7: nobody votes more than a window above the stable checkpoint",
        &[edit(
            WINDOW,
            "&& seq <= last && self.is_within_epoch(seq)",
            "&& seq <= last.saturating_add(64) && self.is_within_epoch(seq)",
        )],
        consensus("checkpoints", "without_a_stable_checkpoint_the_window_ends_and_with_one_it_moves_on"),
    ),
    mutant(
        "votes-below-the-checkpoint",
        "3.6, 3.7: nobody votes before it has executed the stable checkpoint",
        &[edit(WINDOW, "self.views.active() && executed >= stable &&", "self.views.active() &&")],
        consensus("checkpoints", "nobody_votes_before_it_has_executed_the_stable_checkpoint"),
    ),
    mutant(
        "divergence-ignored",
        "3.7: a replica whose state differs from a certified checkpoint halts",
        &[edit(
            EXECUTION,
            ".filter(|certified| certified.digest != digest)",
            ".filter(|certified| certified.digest != digest && self.halted)",
        )],
        consensus("checkpoints", "a_replica_that_reaches_a_certified_slot_with_another_state_halts"),
    ),
    mutant(
        "early-proposals-dropped",
        "3.7: what comes a little before its checkpoint waits instead of being dropped",
        &[edit(CHECKPOINT, "        self.accept_what_waited(turn);\n", "")],
        consensus("checkpoints", "a_pre_prepare_that_comes_before_the_checkpoint_waits_for_it"),
    ),
    mutant(
        "view-forgotten-by-pruning",
        "3.7, 8.3: promise and view outlive the slots below a checkpoint",
        &[edit(CHECKPOINT, "        self.repeat_view_records(turn);\n", "")],
        consensus("view_change", "the_views_of_a_long_life_survive_pruning_and_restarts"),
    ),
    mutant(
        "checkpoint-votes-not-sent-again",
        "3.7: votes for a checkpoint that is not stable are repeated to who lacks it",
        &[edit(
            CHECKPOINT,
            "            turn.send(to, Message::Checkpoint { seq, digest, share });",
            "            let _ = share;",
        )],
        consensus("checkpoints", "the_collectors_of_a_checkpoint_may_be_silent"),
    ),
    mutant(
        "votes-beyond-the-last-slot",
        "Epochs: nobody votes beyond an epoch's last slot",
        &[
            edit(
                EPOCH,
                "self.epoch_ends.is_none_or(|last| seq <= last)",
                "self.epoch_ends.is_none_or(|last| seq <= last || seq > last)",
            ),
            edit(
                WINDOW,
                "self.epoch_ends.map_or(end, |last| end.min(last))",
                "self.epoch_ends.map_or(end, |last| end.max(last))",
            ),
        ],
        consensus("epochs", "nobody_votes_beyond_the_end_when_the_window_reaches_there"),
    ),
    mutant(
        "epoch-not-filled",
        "Epochs: primaries fill what is left with null blocks",
        &[edit(
            EPOCH,
            "self.epoch_ends.is_some_and(|last| self.executed() < last)",
            "self.epoch_ends.is_some_and(|last| self.executed() > last)",
        )],
        consensus("epochs", "null_blocks_fill_what_is_left_of_an_epoch"),
    ),
    mutant(
        "epoch-over-before-its-checkpoint",
        "Epochs: an epoch is over when its last checkpoint is stable",
        &[edit(EPOCH, "self.executed() == last && self.stable_slot() == last", "self.executed() == last")],
        consensus("epochs", "an_epoch_is_not_over_before_its_last_checkpoint_is_stable"),
    ),
];
