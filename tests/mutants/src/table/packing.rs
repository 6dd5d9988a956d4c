//! Packing: what a container may hold, how deep, and what comes out of it.

use super::{edit, mutant};
use crate::{Mutant, trace};

const CHANGE: &str = "chaincode/domain/src/item/change.rs";
const CONTENTS: &str = "chaincode/domain/src/item/contents.rs";
const CORE: &str = "chaincode/domain/src/item/core.rs";
const GUARD: &str = "chaincode/domain/src/item/guard.rs";
const PACKING: &str = "chaincode/trace/src/packing.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "packed-anew-turns-new",
        "what was received stays in stock in a container that is new",
        &[edit(CORE, "if was_received { &self.state } else { &top.state }", "&top.state")],
        trace("guards", "what_was_received_stays_in_stock_in_a_container_that_is_new"),
    ),
    mutant(
        "packed-into-its-own-contents",
        "a container is not packed into what it contains",
        &[edit(
            PACKING,
            "        if *id == parent_id || parent.around.iter().any(|(container, _)| container == *id) {",
            "        if *id == parent_id {",
        )],
        trace("rules", "containers_hold_each_thing_once_and_never_themselves"),
    ),
    mutant(
        "packed-into-itself",
        "a container does not contain itself",
        &[edit(PACKING, "        if *id == parent_id || parent.around", "        if parent.around")],
        trace("rules", "containers_hold_each_thing_once_and_never_themselves"),
    ),
    mutant(
        "packed-twice",
        "what is packed is unpacked before it is packed elsewhere",
        &[edit(
            GUARD,
            "        if let Some(parent) = &self.item.parent {",
            "        if let Some(parent) = self.item.parent.as_ref().filter(|_| self.top.is_none()) {",
        )],
        trace("rules", "containers_hold_each_thing_once_and_never_themselves"),
    ),
    mutant(
        "packed-with-goods-of-another",
        "what is in a container has one owner",
        &[edit(
            PACKING,
            "        if child.item.core.custody.owner != owner {",
            "        if child.item.core.custody.owner != owner && ids.is_empty() {",
        )],
        trace("guards", "a_container_holds_what_has_one_owner"),
    ),
    mutant(
        "packed-although-recalled",
        "what anything but its age speaks against is not packed",
        &[edit(GUARD, "        self.expect_unflagged()?;\n", "")],
        trace("guards", "what_is_recalled_is_not_packed_and_what_is_old_is"),
    ),
    mutant(
        "packed-only-when-young",
        "what has expired is packed, to be sent back",
        &[edit(GUARD, "        self.expect_unflagged()?;\n", "        self.expect_unstopped()?;\n")],
        trace("guards", "what_is_recalled_is_not_packed_and_what_is_old_is"),
    ),
    mutant(
        "opened-packs-packed",
        "what was opened is not packed",
        &[edit(GUARD, "        self.expect_whole(\"packed\")", "        Ok(())")],
        trace("guards", "what_was_opened_is_not_packed"),
    ),
    mutant(
        "nested-one-too-deep",
        "packing ends at the eighth level",
        &[edit(CONTENTS, "        if self.levels >= LEVELS_MAX {", "        if self.levels > LEVELS_MAX {")],
        trace("rules", "nesting_ends_at_the_eighth_level"),
    ),
    mutant(
        "depth-not-carried-outwards",
        "a container knows how deep what is in it is packed",
        &[edit(PACKING, "        container.contents.deepen(id, levels)?;\n", "        let _ = id;\n")],
        trace("rules", "nesting_ends_at_the_eighth_level"),
    ),
    mutant(
        "lots-not-carried-outwards",
        "every container around counts what is in it, by lot",
        &[edit(PACKING, "        container.contents.add(&brought)?;\n", "")],
        trace("chance", "the_books_say_what_the_items_say"),
    ),
    mutant(
        "moved-out-of-its-container",
        "only the outermost container moves",
        &[edit(
            GUARD,
            "            Some((top, _)) => Err(Refusal::ChildDirectMove { child: self.id(), top: top.clone() }),",
            "            Some(_) => Ok(()),",
        )],
        trace("rules", "only_the_outermost_container_moves"),
    ),
    mutant(
        "full-and-yet-empty",
        "a container is emptied before its life ends",
        &[edit(
            GUARD,
            "        match self.item.contents.is_empty() {",
            "        match self.item.contents.is_empty() || self.item.contents.children > 0 {",
        )],
        trace("rules", "only_pharmacies_dispense_and_only_what_is_free_good_and_theirs"),
    ),
    mutant(
        "taken-out-of-another-container",
        "a thing is taken out of the container that it lies in",
        &[edit(
            PACKING,
            "filter(|child| child.parent.as_ref() == Some(&parent.id))",
            "filter(|child| child.parent.is_some())",
        )],
        trace("guards", "things_come_out_of_the_container_that_they_lie_in"),
    ),
    mutant(
        "recall-left-in-the-container",
        "what speaks against a container speaks against what comes out of it",
        &[edit(PACKING, "            child.core.raise(*flag);\n", "            let _ = &child;\n")],
        trace("recalls", "a_recalled_pallet_recalls_what_comes_out_of_it"),
    ),
    mutant(
        "custody-left-in-the-container",
        "what comes out of a container belongs to whoever holds the container",
        &[edit(CHANGE, "std::mem::replace(&mut self.core.custody, top.custody.clone())", "self.core.custody.clone()")],
        trace("stories", "story_3_and_4_shipping_receiving_and_breaking_bulk"),
    ),
    mutant(
        "goods-taken-out-that-are-not-in",
        "no more goods come out of a container than are in it",
        &[edit(PACKING, "        if left < 0 {", "        if left < i128::MIN + 1 {")],
        trace("quantities", "goods_in_a_container_travel_with_it_and_stay_what_they_are"),
    ),
];
