//! Every code that the chaincode refuses or warns with, reached by a real call, with its whole sentence.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod births;
mod handovers;
mod packing;
mod parties;
mod states;
#[path = "../world/mod.rs"]
mod world;

use std::collections::BTreeSet;
use theriac_domain::Refusal;
use theriac_domain::cold_chain::Limits;
use theriac_trace::{
    Captured, CaseState, CloseCase, LicenseParty, NumberQuery, PartyView, Product, RegisterParty, SerialRule,
    SetSerials,
};
use world::cast::*;
use world::say::{NOTHING, attaches, births, dispenses, ends, packs_into, receives, repackages, sees, ships, unpacks};
use world::{APRIL_MS, World, sentence};

type Said = (String, String);
/// A code, how it is reached, and the sentence.
type Case = (&'static str, fn(&World) -> Said, &'static str);

/// Two packs and a case in block 10, a pallet in block 11, all at the maker's.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &[pack(1), pack(2), case(1)], LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:01", &[PALLET], "", "").at(MFR_SITE));
    world
}

/// The first remark of what was captured.
fn remark(captured: Captured) -> Said {
    let remark = captured.events[0].remarks[0].clone();
    (remark.code, remark.message)
}

/// Block 12, 13: the pack is sent to the pharmacy, and is there.
fn at_pharmacy(world: &World) {
    world.does(&MFR, ships("09:00", &PH, &[pack(1)]));
    world.does(&PH, receives("10:00", &[pack(1)]));
}

fn license(world: &World, until: Option<&str>) -> Result<PartyView, theriac_chaincode::Failure> {
    let wanted = LicenseParty { party: MFR.gln.to_owned(), until: until.map(str::to_owned) };
    world.call(&REG, "license_party", &wanted)
}

fn serials(world: &World, length: u8) -> Result<Product, theriac_chaincode::Failure> {
    let rule = Some(SerialRule { length, alphabet: "0123456789".to_owned() });
    world.call(&MFR, "set_serials", &SetSerials { gtin: CAPSULES.to_owned(), rule, range: None })
}

const WARM: Limits = Limits { coldest: 200, warmest: 800, excursion_seconds: 0, mean: None, gap_seconds: 3600 };

#[test]
fn every_code_is_reached_and_says_what_to_do() {
    let mut reached = BTreeSet::new();
    for (code, play, expected) in
        [parties::CASES, births::CASES, states::CASES, handovers::CASES, packing::CASES].into_iter().flatten()
    {
        let (said, sentence) = play(&stage());
        assert_eq!((said.as_str(), sentence.as_str()), (*code, *expected));
        reached.insert(*code);
    }
    let all: BTreeSet<&str> = Refusal::CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(reached, all, "a code that no case reaches is no code of this chaincode");
}

/// Sentences that share a code with another one.
#[test]
fn other_sentences_of_the_same_codes() {
    let world = stage();
    let lot = lot_of(TABLETS, "T");
    world.does(&MFR, sees("08:30", "reserving", &[pack(9)]));
    world.does(&MFR, births("08:30", NOTHING, "", "2028-01-31").goods(&lot, "5", "").at(MFR_SITE));
    world.does(&MFR, packs_into("08:40", PALLET, &[pack(1)]));
    world.does(&REG, sees("08:50", "holding", &[pack(1)]).disposition("no_pedigree_match"));
    world.does(
        &MFR,
        sees("09:00", "holding", NOTHING)
            .disposition("recalled")
            .goods(&lot, "", "")
            .reference("urn:theriac:btt:recall", "urn:r:R-8"),
    );
    let since = world.height.get();
    for (event, code, said) in [
        (
            ships("09:10", &DIS, &[PALLET]),
            "UNIT_SUSPECT",
            "00/095060000000000015: 1 of the items in it are flagged. Unpack it, and put them into quarantine."
                .to_owned(),
        ),
        (
            ships("09:10", &DIS, NOTHING).goods(&lot, "1", "").at(MFR_SITE),
            "UNIT_RECALLED",
            format!("{lot}: recalled in block {since}, recall R-8. Put it into quarantine and send it back."),
        ),
        (
            births("09:10", NOTHING, "", "2026-01-31").goods(&lot_of(TABLETS, "U"), "1", ""),
            "UNIT_EXPIRED",
            "01/09506000134352/10/U: expired 2026-01-31. Put it into quarantine and have it destroyed.".to_owned(),
        ),
        (
            ships("09:10", &DIS, &[pack(9)]),
            "UNIT_STATE",
            format!("{}: RESERVED, so it cannot be used. Commission it first.", pack(9)),
        ),
        (
            births("08:01", &[PALLET], "", "").at(MFR_SITE).wrong(),
            "UNDO_NOT_REVERSIBLE",
            format!("{PALLET}: other events followed, so it cannot be taken back. Open a case instead."),
        ),
        (
            attaches("09:10", PALLET, &pack(8)),
            "UNIT_UNKNOWN",
            format!("{}: not commissioned on this ledger. Treat as suspect.", pack(8)),
        ),
        (
            repackages("09:10", &[pack(2)], NOTHING),
            "EPCIS_VALIDATION",
            "The event lacks what was used up, or what came of it.".to_owned(),
        ),
    ] {
        assert_eq!(world.refuses(&MFR, event), (code.to_owned(), said));
    }
    let unknown: Result<theriac_trace::RecallView, _> = world
        .host
        .evaluate::<theriac_trace::trace::Chaincode, _, _>("recall", &NumberQuery { number: "é".repeat(400) });
    assert_eq!(
        sentence(unknown),
        ("RECORD_UNKNOWN".to_owned(), format!("Recall {} is not on this ledger. Check the number.", "é".repeat(80)))
    );
    let clerk = RegisterParty { glns: Vec::new(), prefixes: Vec::new(), china_products: Vec::new() };
    let (code, said) = sentence(world.call::<_, PartyView>(&DIS, "register_party", &clerk));
    assert_eq!(
        (code.as_str(), said.as_str()),
        ("ROLE_DENIED", "This needs the role administrator; dis/clerk has distributor. Ask somebody who has it.")
    );
}
