//! How items come into the world and leave it: birth, serial numbers, dispensing, destruction, repackaging.

use super::{edit, mutant};
use crate::{Mutant, trace};

const BIRTH: &str = "chaincode/trace/src/birth.rs";
const ENDINGS: &str = "chaincode/trace/src/endings.rs";
const GUARD: &str = "chaincode/domain/src/item/guard.rs";
const REPACKAGE: &str = "chaincode/trace/src/repackage.rs";
const SERIALS: &str = "chaincode/trace/src/serials.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "born-twice",
        "no serial number is used twice",
        &[edit(
            BIRTH,
            "            Some(known) => return Err(duplicate(id, &known.birth).into()),",
            "            Some(_) => false,",
        )],
        trace("stories", "story_13_duplicate_birth"),
    ),
    mutant(
        "born-of-anothers-reservation",
        "a reserved number is the reserver's",
        &[edit(
            BIRTH,
            "known.core.state == State::Reserved && known.birth.by == scene.party()",
            "known.core.state == State::Reserved",
        )],
        trace("guards", "reserved_and_allotted_numbers_are_for_those_who_reserved_them_and_got_them"),
    ),
    mutant(
        "born-under-anothers-prefix",
        "numbers are given out by whoever licensed the prefix",
        &[edit(BIRTH, "        scene.play.actor.expect_prefix_of(scene.ctx, id)?;\n", "")],
        trace("stories", "story_13_duplicate_birth"),
    ),
    mutant(
        "born-without-a-lot",
        "a pack states its lot",
        &[edit(
            BIRTH,
            "    if stated.lot.is_none() && matches!(id, ItemId::Unit(_)) {",
            "    if stated.lot.is_none() && matches!(id, ItemId::China(_)) {",
        )],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "born-expired",
        "what has expired is not born",
        &[edit(BIRTH, "    if expiry.is_over_at(scene.now().time_ms) {", "    if expiry.is_over_at(0) {")],
        trace("rules", "birth_needs_role_prefix_lot_and_a_future"),
    ),
    mutant(
        "born-into-a-lot-of-another-expiry",
        "a lot has one expiry date",
        &[edit(BIRTH, "        && known != said\n", "        && known > said\n")],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "range-without-its-last-number",
        "a range ends with its last number",
        &[edit(SERIALS, "(range.first.as_str()..=range.last.as_str())", "(range.first.as_str()..range.last.as_str())")],
        trace("serials", "a_range_lets_another_party_make_some_and_only_those"),
    ),
    mutant(
        "range-of-anybody",
        "a range is for the party that it was allotted to",
        &[edit(SERIALS, "range.party == *party && within(range)", "within(range)")],
        trace("guards", "reserved_and_allotted_numbers_are_for_those_who_reserved_them_and_got_them"),
    ),
    mutant(
        "serials-of-any-length",
        "serial numbers have the form that was set",
        &[edit(SERIALS, "serial.len() != usize::from(rule.length) || ", "")],
        trace("serials", "every_number_has_the_form_that_was_set"),
    ),
    mutant(
        "one-serial-too-many",
        "no more than one serial number in so many is given out",
        &[edit(SERIALS, "    if issued >= rules.serials_of(space) {", "    if issued > rules.serials_of(space) {")],
        trace("serials", "no_more_than_one_in_ten_thousand_is_given_out"),
    ),
    mutant(
        "used-after-dispensing",
        "nothing follows dispensing",
        &[edit(
            GUARD,
            "            State::Dispensed { since } => over(\"dispensed\", since),",
            "            State::Dispensed { .. } => Ok(()),",
        )],
        trace("rules", "only_pharmacies_dispense_and_only_what_is_free_good_and_theirs"),
    ),
    mutant(
        "used-after-decommissioning",
        "nothing follows decommissioning",
        &[edit(
            GUARD,
            "            State::Decommissioned { since, .. } => over(\"decommissioned\", since),",
            "            State::Decommissioned { .. } => Ok(()),",
        )],
        trace("rules", "damaged_goods_are_held_back_and_then_destroyed"),
    ),
    mutant(
        "used-before-birth",
        "a reserved number is no pack yet",
        &[edit(
            GUARD,
            "                Err(Refusal::StateForbids { item: self.id(), state: \"RESERVED\", wanted: \"used\", next })",
            "                let _ = next;\n                Ok(())",
        )],
        trace("serials", "a_reserved_number_is_the_reservers_and_no_pack_yet"),
    ),
    mutant(
        "pallets-dispensed",
        "packs are dispensed, not logistic units",
        &[edit(
            GUARD,
            "        if let ItemId::Logistic(_) = self.id {",
            "        if let (ItemId::Logistic(_), true) = (self.id, self.item.contents.children > 0) {",
        )],
        trace("guards", "an_empty_pallet_is_not_dispensed"),
    ),
    mutant(
        "opened-packs-shipped",
        "what was opened is not shipped",
        &[edit(GUARD, "        self.expect_whole(\"shipped\")", "        Ok(())")],
        trace("rules", "only_pharmacies_dispense_and_only_what_is_free_good_and_theirs"),
    ),
    mutant(
        "destroyed-out-of-stock",
        "only what was held back or taken out is destroyed",
        &[edit(
            GUARD,
            "            State::Quarantined { .. } | State::Decommissioned { .. } => Ok(()),",
            "            State::Quarantined { .. } | State::Decommissioned { .. } | State::Commissioned => Ok(()),",
        )],
        trace("rules", "damaged_goods_are_held_back_and_then_destroyed"),
    ),
    mutant(
        "lost-on-its-way-says-anybody",
        "what was lost on its way only its shipper can know",
        &[edit(GUARD, "            && core.custody.holder == *by;", "            && core.custody.since < u64::MAX;")],
        trace("reconciliation", "lost_on_the_way_is_for_the_shipper_to_say_and_ends_the_waiting"),
    ),
    mutant(
        "damaged-on-its-way",
        "on its way a thing is stolen or lost, and decommissioned for no other reason",
        &[edit(
            GUARD,
            "        let gone_on_its_way = matches!(reason, Reason::Stolen | Reason::Lost)\n            && ",
            "        let gone_on_its_way = reason != Reason::Repackaged\n            && ",
        )],
        trace("reconciliation", "lost_on_the_way_is_for_the_shipper_to_say_and_ends_the_waiting"),
    ),
    mutant(
        "waited-for-after-its-loss",
        "nobody waits any more for what was lost on its way",
        &[edit(
            ENDINGS,
            "            arrived(scene, &transit.clone(), id)?;\n        }\n        leave(scene, id, placed.item, reason, Operation::Decommission)?;",
            "            let _ = transit;\n        }\n        leave(scene, id, placed.item, reason, Operation::Decommission)?;",
        )],
        trace("reconciliation", "lost_on_the_way_is_for_the_shipper_to_say_and_ends_the_waiting"),
    ),
    mutant(
        "younger-after-repackaging",
        "what comes of packs is not younger than they are",
        &[edit(REPACKAGE, "        && stated > earliest\n", "        && stated < earliest\n")],
        trace("quantities", "repackaging_makes_no_more_than_it_used_and_nothing_younger"),
    ),
    mutant(
        "more-after-repackaging",
        "no more comes of goods than was used up",
        &[edit(REPACKAGE, "made > **used", "made > **used * 2")],
        trace("quantities", "repackaging_makes_no_more_than_it_used_and_nothing_younger"),
    ),
];
