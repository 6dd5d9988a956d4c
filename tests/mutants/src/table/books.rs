//! What is taken back, and whether the books add up: error declarations, reconciliation, counts, goods without serials.

use super::{edit, mutant};
use crate::{Mutant, trace};

const COUNT: &str = "chaincode/trace/src/count.rs";
const CUSTODY: &str = "chaincode/trace/src/custody.rs";
const ITEM_UNDO: &str = "chaincode/domain/src/item/undo.rs";
const RECONCILIATION: &str = "chaincode/trace/src/reconciliation.rs";
const RULES: &str = "chaincode/domain/src/rules.rs";
const STOCK: &str = "chaincode/trace/src/stock.rs";
const UNDO: &str = "chaincode/trace/src/undo.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "taken-back-by-another",
        "an event is taken back by the party that stated it",
        &[edit(
            UNDO,
            "    if record.party != scene.party() {",
            "    if record.party != scene.party() && ids.is_empty() {",
        )],
        trace("undo", "dispensing_comes_back_within_ten_days_unless_something_speaks_against_it"),
    ),
    mutant(
        "taken-back-too-late",
        "dispensing comes back within ten days",
        &[edit(RULES, "<= u64::from(self.undo_days) * DAY_MS", "<= (u64::from(self.undo_days) + 1) * DAY_MS")],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "too-late-on-the-last-day",
        "the last of ten days is one of them",
        &[edit(RULES, "<= u64::from(self.undo_days) * DAY_MS", "< u64::from(self.undo_days) * DAY_MS")],
        trace("undo", "dispensing_comes_back_within_ten_days_unless_something_speaks_against_it"),
    ),
    mutant(
        "taken-back-twice",
        "an event is declared wrong once",
        &[edit(UNDO, "    if record.wrong.is_some() {", "    if record.wrong.is_some() && record.index > 99 {")],
        trace("undo", "what_is_declared_wrong_never_was_in_the_books_either"),
    ),
    mutant(
        "taken-back-beneath-others",
        "what others have built on is not taken back",
        &[edit(
            ITEM_UNDO,
            "filter(|before| before.event == event && last == Some(event))",
            "filter(|_| last.is_some())",
        )],
        trace("codes", "other_sentences_of_the_same_codes"),
    ),
    mutant(
        "destruction-taken-back",
        "destruction stays",
        &[edit(
            UNDO,
            "        Operation::Destroy => forbidden(\"Destruction\"),",
            "        Operation::Destroy => Ok(()),",
        )],
        trace("undo", "what_stays_done"),
    ),
    mutant(
        "recall-taken-back",
        "a recall stays until a regulator cancels it",
        &[edit(
            UNDO,
            "        Operation::Recall | Operation::CancelRecall => forbidden(\"A recall\"),",
            "        Operation::CancelRecall => forbidden(\"A recall\"),",
        )],
        trace("undo", "what_stays_done"),
    ),
    mutant(
        "theft-taken-back",
        "only some reasons for taking out of the chain can be taken back",
        &[edit(
            UNDO,
            "reason.filter(|reason| !reason.is_reversible())",
            "reason.filter(|reason| reason.as_str().is_empty())",
        )],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "taken-back-although-recalled",
        "what is recalled does not come back from a patient",
        &[edit(UNDO, "        placed.placement().expect_unstopped()?;\n", "")],
        trace("undo", "dispensing_comes_back_within_ten_days_unless_something_speaks_against_it"),
    ),
    mutant(
        "given-free-by-declaring-wrong",
        "what was held back takes two to come free that way too",
        &[edit(
            UNDO,
            "        Operation::Hold => crate::quarantine::expect_persons(scene),",
            "        Operation::Hold => Ok(()),",
        )],
        trace("undo", "what_was_held_back_takes_two_to_come_free_that_way_too"),
    ),
    mutant(
        "taken-back-where-it-moved-on",
        "inside a container that moved on nothing is taken back",
        &[edit(UNDO, "    parent.placement().expect_held_by(&scene.party())?;\n", "")],
        trace("undo", "what_has_moved_on_inside_a_container_is_not_taken_back"),
    ),
    mutant(
        "packed-goods-counted-twice",
        "what is packed stands for nothing of its own in the books",
        &[edit(STOCK, "        if item.parent.is_some() {\n            return;\n        }\n", "")],
        trace("reconciliation", "a_lot_adds_up_after_everything_that_can_happen_to_it"),
    ),
    mutant(
        "contents-counted-once",
        "a container stands for everything in it",
        &[edit(STOCK, "sign * i128::from(inside.units)", "sign * i128::from(inside.units.min(1))")],
        trace("reconciliation", "a_lot_adds_up_after_everything_that_can_happen_to_it"),
    ),
    mutant(
        "more-gone-than-there-was",
        "no more goods leave an account than stand in it",
        &[edit(
            STOCK,
            "u64::try_from(there + amount).map_err(|_| there)?",
            "u64::try_from((there + amount).max(0)).map_err(|_| there)?",
        )],
        trace("quantities", "goods_are_born_shipped_received_dispensed_and_never_more_than_there_are"),
    ),
    mutant(
        "missing-yet-accounted-for",
        "what is missing from a shipment with an open case is unaccounted",
        &[edit(RECONCILIATION, "units.abs_diff(booked).saturating_add(missing)", "units.abs_diff(booked)")],
        trace("stories", "story_17_a_short_delivery_and_what_was_found"),
    ),
    mutant(
        "balanced-with-something-missing",
        "books with something missing do not add up",
        &[edit(RECONCILIATION, "balanced: units == booked && missing == 0", "balanced: units == booked")],
        trace("stories", "story_17_a_short_delivery_and_what_was_found"),
    ),
    mutant(
        "missing-after-its-case",
        "what people settled leaves nothing unaccounted",
        &[edit(RECONCILIATION, "&(CaseState::Open as u8,), from, 200", "&(), from, 200")],
        trace("cases", "a_case_that_people_settle_leaves_nothing_unaccounted"),
    ),
    mutant(
        "late-before-its-time",
        "goods are late when their lane's hours are over",
        &[edit(RECONCILIATION, "<= u64::from(hours) * HOUR_MS", "< u64::from(hours) * HOUR_MS")],
        trace("reconciliation", "what_is_on_its_way_for_too_long_is_one_case"),
    ),
    mutant(
        "late-again-and-again",
        "what has its case is reported once",
        &[edit(
            RECONCILIATION,
            "filter(|(_, shipment)| shipment.case.is_none())",
            "filter(|(_, shipment)| shipment.height > 0)",
        )],
        trace("reconciliation", "what_is_on_its_way_for_too_long_is_one_case"),
    ),
    mutant(
        "counted-too-few-unsaid",
        "a count that differs opens a case",
        &[edit(COUNT, "        if booked != found {", "        if booked < found {")],
        trace("reconciliation", "a_count_finds_what_differs_and_touches_nothing_of_others"),
    ),
    mutant(
        "counted-in-its-box-and-again",
        "what was counted with its container is not counted again",
        &[edit(COUNT, "} else if !placed.around.iter().any(|(container, _)| named.contains(container)) {", "} else {")],
        trace("reconciliation", "a_count_finds_what_differs_and_touches_nothing_of_others"),
    ),
    mutant(
        "more-voided-than-on-its-way",
        "of goods only what is still on its way is taken back",
        &[edit(CUSTODY, "(*amount).min(line.shipped.saturating_sub(line.received))", "(*amount).min(line.shipped)")],
        trace("guards", "of_goods_only_what_is_still_on_its_way_is_taken_back"),
    ),
];
