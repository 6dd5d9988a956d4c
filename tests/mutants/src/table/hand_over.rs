//! Hand-over of goods in two steps: who ships, who receives, what goes back, what came short.

use super::{edit, mutant};
use crate::{Mutant, trace};

const CHANGE: &str = "chaincode/domain/src/item/change.rs";
const CUSTODY: &str = "chaincode/trace/src/custody.rs";
const GUARD: &str = "chaincode/domain/src/item/guard.rs";
const RECEIPT: &str = "chaincode/trace/src/receipt.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "received-twice",
        "what was received is not received again",
        &[edit(
            GUARD,
            "                Err(Refusal::DoubleReceipt { item: self.id(), by: receipt.by, height: receipt.height })",
            "                Ok(())",
        )],
        trace("stories", "story_14_double_spend"),
    ),
    mutant(
        "received-by-anybody",
        "only the consignee receives",
        &[edit(
            GUARD,
            "(State::InTransit(transit), _) if transit.consignee == *party => Ok(()),",
            "(State::InTransit(_), _) => Ok(()),",
        )],
        trace("stories", "story_14_double_spend"),
    ),
    mutant(
        "receipt-forgotten-in-a-new-box",
        "what came by itself and was packed since knows of its receipt",
        &[edit(GUARD, "core.receipt.as_ref().or(self.item.core.receipt.as_ref())", "core.receipt.as_ref()")],
        trace("returns", "what_was_in_stock_before_is_no_newborn_after_a_box"),
    ),
    mutant(
        "moved-by-strangers",
        "only its holder moves a thing",
        &[edit(
            GUARD,
            "        if core.custody.holder != *party {",
            "        if core.custody.holder != *party && self.top.is_none() {",
        )],
        trace("stories", "story_15_not_yours"),
    ),
    mutant(
        "moved-by-an-owner-elsewhere",
        "an owner may ship what another keeps for it, and do nothing else with it",
        &[edit(
            GUARD,
            "        if core.custody.holder != *party {",
            "        if core.custody.holder != *party && core.custody.owner != *party {",
        )],
        trace("guards", "an_owner_does_nothing_with_what_another_holds_but_ship_it"),
    ),
    mutant(
        "shipped-while-on-its-way",
        "what is on its way is not shipped again",
        &[edit(
            GUARD,
            "                Err(Refusal::AlreadyInTransit { item: self.id(), consignee: *consignee, since: *since })",
            "                let _ = (consignee, since);\n                Ok(())",
        )],
        trace("rules", "only_the_outermost_container_moves"),
    ),
    mutant(
        "handed-over-in-one-step",
        "the shipper answers for goods until they are received",
        &[edit(
            CHANGE,
            "        self.core.state = State::InTransit(transit);",
            "        self.core.custody.holder = transit.consignee;\n        self.core.state = State::InTransit(transit);",
        )],
        trace("rules", "a_hand_over_takes_both_parties"),
    ),
    mutant(
        "owner-unchanged-by-a-sale",
        "who receives as the owning party owns it",
        &[edit(
            CHANGE,
            "        custody.owner = new_owner.unwrap_or(custody.owner);\n",
            "        let _ = new_owner;\n",
        )],
        trace("rules", "a_hand_over_takes_both_parties"),
    ),
    mutant(
        "owner-changed-by-a-loan",
        "possession moves without ownership",
        &[edit(CHANGE, "new_owner.unwrap_or(custody.owner)", "new_owner.unwrap_or(*by)")],
        trace("rules", "possession_can_move_without_ownership"),
    ),
    mutant(
        "sold-by-its-keeper",
        "who only keeps a thing does not sell it",
        &[edit(
            CUSTODY,
            "            && custody.owner != new_owner\n",
            "            && custody.owner != new_owner\n            && back\n",
        )],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "shipped-to-oneself",
        "a consignee is another party",
        &[edit(
            CUSTODY,
            "    if consignee == scene.party() {",
            "    if consignee == scene.party() && scene.event.sources.len() > 9 {",
        )],
        trace("rules", "a_shipment_needs_another_registered_party_to_go_to"),
    ),
    mutant(
        "shipped-to-the-unlicensed",
        "goods go to those only whose licence is in force",
        &[edit(CUSTODY, "    expect_active(scene.ctx, &consignee, &scene.play.rules, scene.now())?;\n", "")],
        trace("licences", "goods_go_only_to_those_whose_licence_is_in_force_and_what_is_on_its_way_waits"),
    ),
    mutant(
        "returned-to-strangers",
        "what goes back goes to somebody who held it",
        &[edit(CUSTODY, "        if back && !was_held_by(", "        if back && ids.is_empty() && !was_held_by(")],
        trace("returns", "what_travelled_in_a_container_goes_back_to_those_who_held_the_container"),
    ),
    mutant(
        "returned-with-things-of-others",
        "a box goes back to whoever held everything in it",
        &[edit(
            CUSTODY,
            "        if !was_held_by(scene, &child, &packed, party)? {\n            return Ok(false);",
            "        if !was_held_by(scene, &child, &packed, party)? {\n            return Ok(true);",
        )],
        trace("returns", "a_box_of_ones_own_goes_back_when_all_in_it_was_there_before"),
    ),
    mutant(
        "returned-into-stock",
        "what was sent back is held back until somebody looked at it",
        &[edit(RECEIPT, "        item.hold(Disposition::Returned, scene.now());\n", "")],
        trace("stories", "story_6_a_saleable_return"),
    ),
    mutant(
        "voided-by-the-consignee",
        "its shipper alone voids a shipment",
        &[edit(CUSTODY, "shipment.is_none_or(|shipment| shipment.from != scene.party())", "shipment.is_none()")],
        trace("rules", "a_shipment_can_be_voided_by_its_shipper_until_it_is_received"),
    ),
    mutant(
        "rejection-voided",
        "who rejected a delivery cannot take that back, having never held it",
        &[edit(
            CUSTODY,
            "    if transit.consignee == core.custody.holder {",
            "    if transit.consignee == core.custody.holder && core.flags.len() > 9 {",
        )],
        trace("returns", "a_rejected_delivery_goes_back_to_its_shipper_and_only_there"),
    ),
    mutant(
        "carried-by-anybody",
        "on its way a thing is handled by its shipper, consignee and carriers",
        &[edit(CUSTODY, "shipment.is_some_and(|shipment| shipment.carriers.contains(&party))", "shipment.is_some()")],
        trace("guards", "on_their_way_goods_are_handled_by_those_who_have_to_do_with_them"),
    ),
    mutant(
        "short-and-complete",
        "a shipment is complete when nothing of it is missing",
        &[edit(
            CUSTODY,
            "        let complete = self.missing.is_empty() && ",
            "        let complete = self.missing.len() < self.items as usize && ",
        )],
        trace("stories", "story_17_a_short_delivery_and_what_was_found"),
    ),
    mutant(
        "short-goods-complete",
        "a shipment of goods is complete when all of each was received",
        &[edit(CUSTODY, "line.received >= line.shipped", "line.received > 0")],
        trace("quantities", "a_short_receipt_opens_one_case_and_the_rest_settles_it"),
    ),
    mutant(
        "unseen-yet-received",
        "of an opened container only what was seen is received",
        &[edit(RECEIPT, "    let missing = eject_missing(scene, &arrival)?;", "    let missing = BTreeMap::new();")],
        trace("stories", "story_17_a_short_delivery_and_what_was_found"),
    ),
    mutant(
        "overage-unsaid",
        "what nobody shipped opens a case",
        &[edit(
            RECEIPT,
            "    report_overage(scene, arrival.strangers, extra, touched.first().copied())?;\n",
            "    let _ = (arrival.strangers, extra);\n",
        )],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "more-received-than-shipped",
        "a receipt takes no more goods than are on their way",
        &[edit(RECEIPT, "(*amount).min(line.shipped.saturating_sub(line.received))", "(*amount).min(line.shipped)")],
        trace("quantities", "a_short_receipt_opens_one_case_and_the_rest_settles_it"),
    ),
];
