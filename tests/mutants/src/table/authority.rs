//! Who may act: roles, licences, numbers and places, cases; and when: the time of events, and events said twice.

use super::{edit, mutant};
use crate::{Mutant, trace};

const ALIAS: &str = "chaincode/trace/src/alias.rs";
const LICENCE: &str = "chaincode/trace/src/licence.rs";
const PARTY: &str = "chaincode/trace/src/party.rs";
const RULES: &str = "chaincode/domain/src/rules.rs";
const SCENE: &str = "chaincode/trace/src/scene.rs";
const SETTLEMENT: &str = "chaincode/trace/src/settlement.rs";
const STEP: &str = "chaincode/domain/src/item/step.rs";

pub const TABLE: &[Mutant] = &[
    mutant(
        "any-role-will-do",
        "an operation is for those who have the role",
        &[edit(
            RULES,
            "        if right.roles.iter().any(|role| roles.contains(role)) {",
            "        if right.roles.iter().any(|role| roles.contains(role) || !roles.is_empty()) {",
        )],
        trace("rights", "every_operation_is_for_those_who_have_the_role_and_for_nobody_else"),
    ),
    mutant(
        "registered-by-a-clerk",
        "an organisation's administrator registers its numbers",
        &[edit(
            PARTY,
            "    if !caller.member_roles.iter().any(|role| role == \"administrator\") {",
            "    if caller.member_roles.iter().any(|role| role != \"administrator\") {",
        )],
        trace("rules", "numbers_belong_to_one_organisation"),
    ),
    mutant(
        "prefix-within-a-prefix",
        "no prefix contains another organisation's",
        &[edit(PARTY, "number.starts_with(wanted) || wanted.starts_with(number)", "number.starts_with(wanted)")],
        trace("rules", "numbers_belong_to_one_organisation"),
    ),
    mutant(
        "prefix-around-a-prefix",
        "no prefix is contained in another organisation's",
        &[edit(PARTY, "number.starts_with(wanted) || wanted.starts_with(number)", "wanted.starts_with(number)")],
        trace("rules", "numbers_belong_to_one_organisation"),
    ),
    mutant(
        "number-of-another",
        "a number is bound to one organisation",
        &[edit(
            PARTY,
            "        Some(holder) if holder != organisation =>",
            "        Some(holder) if holder != organisation && holder.is_empty() =>",
        )],
        trace("rules", "numbers_belong_to_one_organisation"),
    ),
    mutant(
        "places-of-others",
        "events happen at one's own places",
        &[edit(
            PARTY,
            ".filter(|gln| !self.party.has_gln(gln))",
            ".filter(|gln| !self.party.has_gln(gln) && self.party.glns.is_empty())",
        )],
        trace("rules", "birth_needs_role_prefix_lot_and_a_future"),
    ),
    mutant(
        "licensed-by-anybody",
        "regulators give licences",
        &[edit(
            LICENCE,
            "    if !actor.has_role(\"regulator\") {",
            "    if !actor.has_role(\"regulator\") && actor.has_role(\"bystander\") {",
        )],
        trace("licences", "regulators_give_licences_and_nobody_else"),
    ),
    mutant(
        "withdrawn-and-yet-licensed",
        "a licence that was withdrawn is none",
        &[edit(
            LICENCE,
            "        Some(licence) if licence.withdrawn =>",
            "        Some(licence) if licence.withdrawn && rules.licence_needed =>",
        )],
        trace("licences", "a_licence_that_ended_or_was_withdrawn_stops_everything"),
    ),
    mutant(
        "ended-and-yet-licensed",
        "a licence that has ended is none",
        &[edit(
            LICENCE,
            "        Some(licence) if licence.until.is_over_at(now.time_ms) =>",
            "        Some(licence) if licence.until.is_over_at(0) =>",
        )],
        trace("licences", "a_licence_that_ended_or_was_withdrawn_stops_everything"),
    ),
    mutant(
        "two-units-under-one-code",
        "each Chinese code stands for one unit",
        &[edit(ALIAS, "if ITEMS.contains(ctx, &code.path())? || ALIASES", "if ALIASES")],
        trace("aliases", "each_code_stands_for_one_unit_that_exists"),
    ),
    mutant(
        "aliases-of-others-packs",
        "codes are given to one's own packs",
        &[edit(ALIAS, "        actor.expect_prefix_of(ctx, item)?;\n", "")],
        trace("guards", "a_code_is_given_to_ones_own_packs"),
    ),
    mutant(
        "doubt-settled-by-the-doubted",
        "a doubt is settled by who raised it, or a regulator",
        &[edit(
            SETTLEMENT,
            "    if case.kind == CaseKind::Suspect && !decides {",
            "    if case.kind == CaseKind::Suspect && !decides && case.against.is_none() {",
        )],
        trace("cases", "a_doubt_is_dispelled_by_who_raised_it_or_a_regulator_and_is_overdue_after_a_day"),
    ),
    mutant(
        "case-of-strangers",
        "a case is for those whom it is about",
        &[edit(
            SETTLEMENT,
            "    if case.opened_by != party && case.against != Some(party) && !actor.has_role(\"regulator\") {",
            "    if case.opened_by != party && case.against.is_none() && !actor.has_role(\"regulator\") {",
        )],
        trace("cases", "people_open_note_and_settle_a_case_about_each_other"),
    ),
    mutant(
        "said-twice",
        "an event is taken once",
        &[edit(SCENE, "filter(|(_, recorded)| !judged || !recorded)", "filter(|(_, recorded)| !judged && !recorded)")],
        trace("codes", "every_code_is_reached_and_says_what_to_do"),
    ),
    mutant(
        "recorded-by-a-stranger-and-barred",
        "what somebody only kept as it was stated can still be done",
        &[edit(
            SCENE,
            "filter(|(_, recorded)| !judged || !recorded)",
            "filter(|(_, recorded)| !judged || *recorded || !recorded)",
        )],
        trace("proceed", "a_record_is_kept_and_changes_nothing"),
    ),
    mutant(
        "events-of-tomorrow",
        "an event lies no further ahead than clocks differ",
        &[edit(
            SCENE,
            "        if event.time.utc_ms > latest {",
            "        if event.time.utc_ms > latest.saturating_add(i64::MAX / 2) {",
        )],
        trace("rules", "time_runs_forward_and_not_ahead"),
    ),
    mutant(
        "events-out-of-order",
        "what happens to an item is told in its order",
        &[edit(
            STEP,
            "            && step.time.utc_ms < previous.utc_ms\n",
            "            && step.time.utc_ms < previous.utc_ms.saturating_sub(3_600_000)\n",
        )],
        trace("rules", "time_runs_forward_and_not_ahead"),
    ),
];
