//! The log itself: what is synced and when, and what a disk may do to it. The write-ahead rules of 8.3 that are not about
//! one record or another.

use super::{edit, mutant};
use crate::{Mutant, ordering};

const ORDERING: &str = "host/ordering/src/ordering.rs";
const FILE_LOG: &str = "host/ordering/src/file_log.rs";
const FRAME: &str = "host/ordering/src/frame.rs";
const SEGMENT: &str = "host/ordering/src/segment.rs";

pub const TABLE: &[Mutant] = &[
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
        "sync-for-each-record",
        "8.3: the records of a turn share one sync",
        &[edit(
            ORDERING,
            "                turn.records += 1;\n",
            "                self.log.sync()?;\n                turn.records += 1;\n",
        )],
        ordering("turn", "records_of_a_turn_share_one_sync_and_its_blocks_are_executed_after_it"),
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
    mutant(
        "torn-tail-kept",
        "8.3: a torn tail is cut off, its output was never sent",
        &[edit(FILE_LOG, "    file.set_len(good_bytes).map_err(LogError::io(\"truncate\", path))?;\n", "")],
        ordering("file_log", "what_a_torn_turn_left_behind_does_not_come_back_after_a_later_one"),
    ),
    mutant(
        "torn-tail-refused",
        "8.3: a torn tail is cut off instead of stopping the process",
        &[edit(
            SEGMENT,
            "            if is_last && is_torn(bytes, offset, lsn) {\n",
            "            if is_last && offset > bytes.len() {\n",
        )],
        ordering("file_log", "a_log_cut_at_any_byte_gives_back_a_prefix_and_goes_on"),
    ),
    mutant(
        "damage-taken-for-a-torn-tail",
        "8.3: a record that was durable and does not read back stops the process",
        &[edit(SEGMENT, "&& !is_vouched_for(rest, lsn)", "")],
        ordering("file_log", "a_lost_sector_below_a_later_turn_is_damage_and_the_sentence_says_what_to_do"),
    ),
    mutant(
        "record-unchecked",
        "8.3: a record has a checksum",
        &[edit(
            FRAME,
            "(u32_at(trailer, 0)? == crc32fast::hash(payload)).then_some((header, payload))",
            "u32_at(trailer, 0).map(|_| (header, payload))",
        )],
        ordering("file_log", "every_flipped_bit_is_found"),
    ),
    mutant(
        "length-unchecked",
        "8.3: the length of a record has a checksum",
        &[edit(
            FRAME,
            "    if crc32fast::hash(&header[..36]) != checksum {\n",
            "    if crc32fast::hash(&header[..36]) != checksum && checksum == 0 {\n",
        )],
        ordering("file_log", "every_flipped_bit_is_found"),
    ),
    mutant(
        "place-of-a-record-unchecked",
        "8.3: a record carries its place in the log",
        &[edit(
            SEGMENT,
            "        if header.lsn != lsn || header.durable > lsn {\n",
            "        if header.durable > header.lsn {\n",
        )],
        ordering("file_log", "a_record_that_stands_at_another_ones_place_is_damage"),
    ),
    mutant(
        "records-of-an-earlier-epoch-replayed",
        "8.3: a record carries its epoch",
        &[edit(SEGMENT, "        if header.epoch == epoch {\n", "        if header.epoch <= epoch {\n")],
        ordering("file_log", "records_of_earlier_epochs_are_passed_over_and_later_ones_refused"),
    ),
];
