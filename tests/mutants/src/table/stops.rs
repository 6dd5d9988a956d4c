//! What speaks against using goods: recalls, flags, age by the block's time, quarantine, temperatures.

use super::{edit, mutant};
use crate::{Mutant, Test, trace};

const COLD_CHAIN: &str = "chaincode/domain/src/cold_chain.rs";
const FLAGS: &str = "chaincode/trace/src/flags.rs";
const GOODS: &str = "chaincode/trace/src/goods.rs";
const GUARD: &str = "chaincode/domain/src/item/guard.rs";
const LOOK: &str = "chaincode/trace/src/look.rs";
const PACKING: &str = "chaincode/trace/src/packing.rs";
const QUARANTINE: &str = "chaincode/trace/src/quarantine.rs";
const RECALL: &str = "chaincode/trace/src/recall.rs";
const SCENE: &str = "chaincode/trace/src/scene.rs";
const TIME: &str = "chaincode/domain/src/time.rs";

/// A unit test of the domain.
const fn domain(name: &'static str) -> Test {
    Test { krate: "chaincode/domain", target: None, name }
}

pub const TABLE: &[Mutant] = &[
    mutant(
        "shipped-although-recalled",
        "what is recalled is shipped to nobody but back",
        &[edit(GUARD, "        if !back {\n            self.expect_unstopped()?;\n        }\n", "")],
        trace("stories", "story_7_a_recall_stops_everything_but_the_way_back"),
    ),
    mutant(
        "not-even-sent-back",
        "what is recalled may go back",
        &[edit(
            GUARD,
            "        if !back {\n            self.expect_unstopped()?;\n        }\n",
            "        self.expect_unstopped()?;\n",
        )],
        trace("stories", "story_7_a_recall_stops_everything_but_the_way_back"),
    ),
    mutant(
        "dispensed-although-recalled",
        "nothing speaks against what is dispensed",
        &[edit(
            GUARD,
            "        self.expect_unstopped()\n    }\n\n    /// The guards of packing",
            "        Ok(())\n    }\n\n    /// The guards of packing",
        )],
        trace("stories", "story_16_expired_at_the_counter"),
    ),
    mutant(
        "recall-not-seen-in-containers",
        "a recalled lot stops every container that holds units of it",
        &[edit(
            LOOK,
            "item.birth.lot.iter().chain(packed).chain(&loose)",
            "item.birth.lot.iter().chain(packed.take(0)).chain(&loose)",
        )],
        trace("stories", "story_7_a_recall_stops_everything_but_the_way_back"),
    ),
    mutant(
        "recalled-case-does-not-stop-its-packs",
        "a recalled lot of cases stops what is in them",
        &[edit(LOOK, "around.clone().filter_map(", "around.clone().take(0).filter_map(")],
        trace("recalls", "a_recalled_lot_of_cases_recalls_what_is_in_them_and_comes_out"),
    ),
    mutant(
        "recalled-case-lets-its-packs-go",
        "what comes out of a case of a recalled lot is recalled",
        &[edit(
            PACKING,
            "            child.core.raise(Flag::Recalled);\n            scene.recalled.put(id.path(), number);\n        }\n",
            "            let _not_raised = number;\n        }\n",
        )],
        trace("recalls", "a_recalled_lot_of_cases_recalls_what_is_in_them_and_comes_out"),
    ),
    mutant(
        "flags-not-seen-in-containers",
        "a flagged pack stops every container around it",
        &[edit(LOOK, "        if item.contents.flagged > 0 {", "        if item.contents.flagged > u32::MAX - 1 {")],
        trace("recalls", "suspects_are_found_by_who_holds_them_and_cleared_by_maker_or_regulator"),
    ),
    mutant(
        "flags-not-counted-outwards",
        "a flag is counted in the containers around, and no longer when it is taken off",
        &[edit(FLAGS, "flagged.saturating_sub(1) };", "*flagged };")],
        trace("guards", "a_doubt_that_is_dispelled_stops_no_container_any_more"),
    ),
    mutant(
        "a-day-too-young",
        "a pack may be used on its last day",
        &[edit(TIME, "(i64::from(self.days) + 1) * MS_PER_DAY", "i64::from(self.days) * MS_PER_DAY")],
        domain("time::tests::a_unit_may_be_used_on_its_last_day"),
    ),
    mutant(
        "age-by-the-events-clock",
        "expiry is judged by the block's time, whatever an event claims",
        &[edit(
            SCENE,
            "    fn now_ms(&self) -> u64 {\n        self.play.now.time_ms\n",
            "    fn now_ms(&self) -> u64 {\n        u64::try_from(self.event.time.utc_ms).unwrap_or(0)\n",
        )],
        trace("stories", "story_16_expired_at_the_counter"),
    ),
    mutant(
        "recalled-by-strangers",
        "a lot is recalled by its maker, the product's owner, or a regulator",
        &[edit(
            RECALL,
            "record.maker != scene.party() && !licensed {",
            "record.maker != scene.party() && !licensed && lots.is_empty() {",
        )],
        trace("recalls", "only_who_makes_a_lot_and_regulators_recall_it"),
    ),
    mutant(
        "recalled-by-its-holder",
        "to hold an item is not to have made it",
        &[edit(
            RECALL,
            "        if !scene.play.actor.has_role(\"regulator\") && maker != scene.party() {",
            "        if !scene.play.actor.has_role(\"regulator\") && maker != scene.party() && ids.is_empty() {",
        )],
        trace("recalls", "only_who_makes_a_lot_and_regulators_recall_it"),
    ),
    mutant(
        "recalled-twice-at-once",
        "a lot has one recall at a time",
        &[edit(RECALL, "        expect_unrecalled(\"Lot\", lot.to_string(), record.recall.as_ref())?;\n", "")],
        trace("recalls", "one_recall_at_a_time_and_cancelled_only_when_nothing_of_it_is_left"),
    ),
    mutant(
        "recall-number-used-twice",
        "a number stands for one recall",
        &[edit(
            RECALL,
            "    if scene.recalls.get(scene.ctx, &number)?.is_some() {",
            "    if scene.recalls.get(scene.ctx, &number)?.is_some_and(|known| known.cancelled.is_some()) {",
        )],
        trace("recalls", "only_who_makes_a_lot_and_regulators_recall_it"),
    ),
    mutant(
        "recall-cancelled-in-part",
        "a recall is cancelled when nothing of it is left",
        &[edit(RECALL, "            && !is_in_force(scene, &number, &recall)?\n", "")],
        trace("recalls", "one_recall_at_a_time_and_cancelled_only_when_nothing_of_it_is_left"),
    ),
    mutant(
        "recalled-goods-shipped",
        "a recalled lot stops its goods without serial numbers",
        &[edit(
            GOODS,
            "            if let Some(number) = record.recall {",
            "            if let Some(number) = record.recall.filter(|number| number.is_empty()) {",
        )],
        trace("quantities", "a_recalled_or_expired_lot_stops_its_goods_alone_and_in_containers"),
    ),
    mutant(
        "expired-goods-shipped",
        "an expired lot stops its goods without serial numbers",
        &[edit(
            GOODS,
            "record.expiry.filter(|expiry| expiry.is_over_at(self.now_ms()))",
            "record.expiry.filter(|expiry| expiry.is_over_at(0))",
        )],
        trace("quantities", "a_recalled_or_expired_lot_stops_its_goods_alone_and_in_containers"),
    ),
    mutant(
        "used-out-of-quarantine",
        "what is held back is not used",
        &[edit(
            GUARD,
            "                Err(Refusal::UnitQuarantined { item: self.id(), because: because.to_string(), since: *since })",
            "                let _ = (because, since);\n                Ok(())",
        )],
        trace("rules", "damaged_goods_are_held_back_and_then_destroyed"),
    ),
    mutant(
        "held-back-on-its-way",
        "holding back does not touch what is on its way",
        &[edit(QUARANTINE, "        placed.placement().expect_at_rest()?;\n", "")],
        trace("recalls", "a_lock_stops_goods_on_their_way_and_a_hold_does_not_touch_them"),
    ),
    mutant(
        "released-by-one",
        "a release needs as many people as the rules say",
        &[edit(QUARANTINE, "    if signed >= needed {", "    if signed + 1 >= needed {")],
        trace("quantities", "goods_are_held_back_released_by_two_and_destroyed_from_there_only"),
    ),
    mutant(
        "warm-goods-released-without-the-maker",
        "what was too warm its maker gives free too",
        &[edit(QUARANTINE, "        expect_released_by_maker(scene, &placed)?;\n", "")],
        trace("cold_chain", "what_was_released_is_watched_anew"),
    ),
    mutant(
        "recalled-goods-released",
        "what anything else speaks against is not given free",
        &[edit(
            QUARANTINE,
            "            return Err(stop.refusal(id).into());\n        }\n        expect_persons(scene)?;",
            "            let _ = stop;\n        }\n        expect_persons(scene)?;",
        )],
        trace("guards", "what_is_recalled_is_not_given_free"),
    ),
    mutant(
        "resold-without-a-check",
        "only what was held back is found good for sale",
        &[edit(QUARANTINE, "        placed.placement().expect_quarantined(\"sold again\")?;\n", "")],
        trace("guards", "only_what_is_held_back_is_checked"),
    ),
    mutant(
        "resold-although-recalled",
        "what is recalled is not sold again",
        &[edit(QUARANTINE, "        placed.placement().expect_unstopped()?;\n", "")],
        trace("recalls", "a_recall_on_the_way_lets_the_goods_arrive_and_go_back"),
    ),
    mutant(
        "cleared-by-its-holder",
        "a doubt is dispelled by the maker or a regulator",
        &[edit(
            FLAGS,
            "        if !scene.is_signed_by_role(\"regulator\") && !scene.is_signed_by_party(&maker)? {",
            "        if !scene.is_signed_by_role(\"regulator\") && !scene.is_signed_by_party(&maker)? && ids.is_empty() {",
        )],
        trace("recalls", "suspects_are_found_by_who_holds_them_and_cleared_by_maker_or_regulator"),
    ),
    mutant(
        "doubted-by-strangers",
        "a doubt is raised by who holds, made or watches over a thing",
        &[edit(FLAGS, "            expect_watch(scene, &placed)?;\n", "")],
        trace("recalls", "suspects_are_found_by_who_holds_them_and_cleared_by_maker_or_regulator"),
    ),
    mutant(
        "the-mildest-limit-counts",
        "of products that travel together the strictest limit counts",
        &[edit(COLD_CHAIN, "self.warmest.min(other.warmest)", "self.warmest.max(other.warmest)")],
        trace("cold_chain", "limits_hold_for_whatever_is_inside"),
    ),
];
