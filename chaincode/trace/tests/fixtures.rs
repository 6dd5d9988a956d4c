//! The life of eight units in `network/fixtures`, and everything there that is refused.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use world::{DIS, MFR, PHA, World, code, fixture, party_named, read, sentence};

const UNIT: &str = "https://id.gs1.org/01/09501101530003/21/7KQ2M9XC01";
const CASE: &str = "https://id.gs1.org/01/19501101530000/21/C4T8A1";
const OTHER_CASE: &str = "https://id.gs1.org/01/19501101530000/21/C4T8B6";
const PALLET: &str = "https://id.gs1.org/00/095011010000000018";

fn unit(serial: &str) -> String {
    format!("https://id.gs1.org/01/09501101530003/21/{serial}")
}

#[test]
fn eight_units_live_from_maker_to_patient() {
    let world = World::with_life(14);
    for (item, state, holder, parent) in [
        (UNIT.to_owned(), "DISPENSED", PHA.gln, None),
        (unit("7KQ2M9XC14"), "IN_STOCK", PHA.gln, None),
        (unit("7KQ2M9XF33"), "IN_STOCK", DIS.gln, Some(OTHER_CASE)),
        (unit("7KQ2M9XH95"), "IN_STOCK", DIS.gln, Some(OTHER_CASE)),
        (CASE.to_owned(), "IN_STOCK", PHA.gln, None),
        (OTHER_CASE.to_owned(), "IN_STOCK", DIS.gln, None),
        (PALLET.to_owned(), "IN_STOCK", DIS.gln, None),
    ] {
        let view = world.unit(&item).unwrap();
        assert_eq!(
            (view.state.as_str(), view.holder.as_str(), view.owner.as_str(), view.parent.as_deref()),
            (state, holder, holder, parent),
            "{item}"
        );
    }
    assert_eq!(world.unit(CASE).unwrap().children, 0);
    assert_eq!(world.unit(OTHER_CASE).unwrap().children, 4);
    assert_eq!(world.unit(PALLET).unwrap().marks, ["completeness_inferred"]);
}

#[test]
fn a_shipped_pallet_takes_its_contents_along() {
    let world = World::with_life(6);
    let before = world.host.state();
    let shipping = &read(&fixture("life.jsonld"))[6];
    world.capture(&MFR, std::slice::from_ref(shipping)).unwrap();
    let after = world.host.state();
    let written = after.iter().filter(|entry| !before.contains(entry)).count();
    // The pallet, the event and its number, the shipment; for two documents an entry each; for two lots an entry and a row of the books.
    assert_eq!(written, 10, "keys written by shipping a pallet with ten items on it");
    let view = world.unit(UNIT).unwrap();
    assert_eq!((view.state.as_str(), view.holder.as_str()), ("IN_TRANSIT", MFR.gln), "answerable until it is received");
    assert_eq!((view.consignee.as_deref(), view.container.as_deref()), (Some(DIS.gln), Some(PALLET)));
    let pallet = world.logistic_unit(PALLET);
    let levels: Vec<u8> = pallet.contents.iter().map(|content| content.level).collect();
    assert_eq!(levels, [1, 2, 2, 2, 2, 1, 2, 2, 2, 2]);
}

#[test]
fn a_units_history_follows_it_through_its_containers() {
    let world = World::with_life(14);
    let history = world.history(UNIT);
    let steps: Vec<(&str, &str)> =
        history.steps.iter().map(|step| (step.operation.as_str(), step.party.as_str())).collect();
    assert_eq!(
        steps,
        [
            ("commission", MFR.gln),
            ("pack", MFR.gln),
            ("pack", MFR.gln),
            ("ship", MFR.gln),
            ("carry", MFR.gln),
            ("receive", DIS.gln),
            ("unpack", DIS.gln),
            ("ship", DIS.gln),
            ("receive", PHA.gln),
            ("unpack", PHA.gln),
            ("dispense", PHA.gln),
        ]
    );
    assert!(history.complete);
    assert_eq!(history.steps[3].container.as_deref(), Some(PALLET));
    assert_eq!(history.steps[7].container.as_deref(), Some(CASE));
    assert_eq!(history.steps[8].counterpart.as_deref(), Some(DIS.gln));
    assert!(history.steps.windows(2).all(|pair| pair[0].height <= pair[1].height));
    let stayed: Vec<String> = world.history(&unit("7KQ2M9XF33")).steps.into_iter().map(|step| step.operation).collect();
    assert_eq!(stayed, ["commission", "pack", "pack", "ship", "carry", "receive", "unpack"]);
}

#[test]
fn one_transaction_with_the_whole_birth_keeps_every_step() {
    let world = World::new();
    let life = read(&fixture("life.jsonld"));
    let captured = world.capture(&MFR, &life[..7]).unwrap();
    let operations: Vec<&str> = captured.events.iter().map(|event| event.operation.as_deref().unwrap()).collect();
    assert_eq!(operations, ["commission", "commission", "commission", "pack", "pack", "pack", "ship"]);
    assert_eq!(captured.events[0].items, 8);
    let steps: Vec<String> = world.history(UNIT).steps.into_iter().map(|step| step.operation).collect();
    assert_eq!(steps, ["commission", "pack", "pack", "ship"]);
    assert_eq!(world.host.events().len(), 7);
    assert_eq!(world.host.events()[6].0, "trace.ship");
}

#[test]
fn what_is_refused_has_its_code_and_changes_nothing() {
    let readme = std::fs::read_to_string(fixture("README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| `refused/"));
    let mut played = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, file, after, by, expected, ..] = cells.as_slice() else { unreachable!("a row has five cells: {row}") };
        let document = std::fs::read(fixture(file)).unwrap();
        played += 1;
        if *expected == "ID_CHECK_DIGIT" {
            let problems = theriac_epcis::parse(&document).unwrap_err();
            assert_eq!(problems.as_slice()[0].code, *expected);
            continue;
        }
        let world = World::with_life(after.parse().unwrap());
        let before = world.host.state();
        let events = theriac_epcis::parse(&document).unwrap().events;
        assert_eq!(code(world.capture(party_named(by), &events)), *expected, "{file}");
        assert_eq!(world.host.state(), before, "{file}");
    }
    assert_eq!(played, std::fs::read_dir(fixture("refused")).unwrap().count());
    assert!(played >= 13);
}

#[test]
fn refusals_say_what_is_known_and_what_to_do() {
    let world = World::with_life(9);
    let receipt = read(&fixture("refused/double-receipt.jsonld"));
    let (code, message) = sentence(world.capture(&DIS, &receipt));
    assert_eq!(code, "DOUBLE_RECEIPT");
    assert_eq!(
        message,
        "00/095011010000000018: already received by 9501102000000 in block 12; your receipt was refused. \
         Check for a second pack of this code."
    );
    let (code, message) = sentence(world.unit("https://id.gs1.org/01/09501101530003/21/NOBODY"));
    assert_eq!(code, "UNIT_UNKNOWN");
    assert_eq!(message, "01/09501101530003/21/NOBODY: not commissioned on this ledger. Treat as suspect.");
    let (code, message) = sentence(world.unit("(01)09501101530004(21)A"));
    assert_eq!(code, "ID_CHECK_DIGIT");
    assert_eq!(message, "GTIN 09501101530004: check digit is 4, should be 3. Re-scan or re-type.");
}

#[test]
fn verification_answers_identity_and_saleability_apart() {
    let world = World::with_life(14);
    let stocked = "(01)09501101530003(21)7KQ2M9XC14(17)350131(10)B2602";
    let answer = world.verify(stocked, None, None);
    assert!(answer.verified && answer.saleable, "{answer:?}");
    for (lot, expiry, reason) in [
        (Some("B2603"), None, "No_match_GTIN_Serial_Lot"),
        (None, Some("2035-02-01"), "No_match_GTIN_Serial_Expiry"),
        (Some("B2603"), Some("350201"), "No_match_GTIN_Serial_Lot_Expiry"),
    ] {
        let answer = world.verify(stocked, lot, expiry);
        assert_eq!((answer.verified, answer.verification_failure_reason.as_deref()), (false, Some(reason)));
    }
    let unknown = world.verify(&unit("NOBODY"), None, None);
    assert_eq!(unknown.verification_failure_reason.as_deref(), Some("No_match_GTIN_Serial"));
    let dispensed = world.verify(UNIT, None, None);
    assert!(dispensed.verified && !dispensed.saleable, "known, but used");
    world.next_block(2_054_000_000_000);
    let expired = world.verify(stocked, None, None);
    assert_eq!(
        (expired.verified, expired.saleable, expired.additional_info.as_deref()),
        (true, false, Some("Expired"))
    );
}
