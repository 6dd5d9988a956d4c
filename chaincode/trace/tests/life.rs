//! An item's life: its steps alone and in containers, in the order of the ledger, and one digest of them all.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use borsh::BorshDeserialize;
use theriac_domain::Item;
use theriac_domain::item::{Life, LifeStep};
use theriac_trace::{LifePage, LifeQuery};
use world::World;
use world::cast::*;
use world::say::{births, packs_into, receives, sees, ships, unpacks};

/// Packs, two cases and a pallet at the maker's.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &[pack(1), pack(2), case(1), case(2)], LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:01", &[PALLET], "", "").at(MFR_SITE));
    world
}

fn operations(world: &World, code: &str) -> Vec<String> {
    world.history(code).steps.into_iter().map(|step| step.operation).collect()
}

/// All pages of an item's own steps, oldest first, and how many pages there were.
fn own_steps(world: &World, code: &str) -> (Vec<LifeStep>, usize) {
    let (mut steps, mut before, mut pages) = (Vec::new(), None, 0);
    loop {
        let page: LifePage = world.ask("life", &LifeQuery { code: code.to_owned(), before });
        steps.extend(page.steps);
        pages += 1;
        before = page.next;
        if before.is_none() {
            steps.reverse();
            return (steps, pages);
        }
    }
}

/// The digest in the item's record.
fn recorded(world: &World, path: &str) -> Life {
    let key = [b"unit\x00\x01", path.as_bytes(), b"\x00\x01"].concat();
    let (_, value) = world.host.state().into_iter().find(|(known, _)| *known == key).unwrap();
    Item::try_from_slice(&value).unwrap().life
}

fn digest(world: &World, steps: &[LifeStep]) -> Life {
    let host = world.host.query_context();
    steps.iter().fold(Life::default(), |life, step| life.and(step, |bytes| host.sha2_256(bytes)))
}

#[test]
fn the_digest_covers_every_step_and_nothing_else() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", &case(1), &[pack(1), pack(2)]));
    world.does(&MFR, ships("09:10", &PH, &[case(1)]));
    world.does(&PH, receives("10:00", &[case(1)]).at(PH.gln));
    world.does(&PH, unpacks("10:10", &case(1), &[pack(1)]));
    world.does(&PH, sees("10:20", "storing", &[pack(1)]).at(PH.gln));
    for path in [pack(1), pack(2), case(1)] {
        let (steps, _) = own_steps(&world, &path);
        let known = recorded(&world, &path);
        assert_eq!(digest(&world, &steps), known, "{path}");
        assert_eq!(usize::try_from(known.steps).unwrap(), steps.len());
        assert_ne!(digest(&world, &steps[1..]), known, "one left out");
        let mut altered = steps.clone();
        altered[0].said_by = "somebody/else".to_owned();
        assert_ne!(digest(&world, &altered), known, "one altered");
        altered = steps.clone();
        altered.swap(0, 1);
        assert_ne!(digest(&world, &altered), known, "another order");
    }
}

#[test]
fn what_is_put_into_a_case_on_a_pallet_moves_with_the_pallet() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", PALLET, &[case(1)]));
    world.does(&MFR, sees("09:05", "storing", &[PALLET]).at(MFR_SITE));
    world.does(&MFR, packs_into("09:10", &case(1), &[pack(1)]));
    world.does(&MFR, ships("09:20", &PH, &[PALLET]));
    world.does(&PH, receives("10:00", &[PALLET]).at(PH.gln));
    world.does(&PH, unpacks("10:10", PALLET, &[case(1)]));
    world.does(&PH, sees("10:20", "storing", &[PALLET]).at(PH.gln));
    let steps = world.history(&pack(1)).steps;
    let told: Vec<(&str, Option<&str>)> =
        steps.iter().map(|step| (step.operation.as_str(), step.container.as_deref())).collect();
    let uri = |path: &str| format!("https://id.gs1.org/{path}");
    let (case, pallet) = (uri(&case(1)), uri(PALLET));
    let expected = [
        ("commission", None),
        ("pack", Some(case.as_str())),
        ("ship", Some(pallet.as_str())),
        ("receive", Some(pallet.as_str())),
        ("unpack", Some(pallet.as_str())),
    ];
    assert_eq!(told, expected, "neither what was before it was packed, nor what the pallet did without the case");
}

#[test]
fn two_cases_that_were_in_each_other_have_a_life_with_an_end() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", &case(2), &[case(1)]));
    world.does(&MFR, unpacks("09:10", &case(2), &[case(1)]));
    world.does(&MFR, packs_into("09:20", &case(1), &[case(2)]));
    world.does(&MFR, sees("09:30", "storing", &[case(1)]).at(MFR_SITE));
    world.does(&MFR, unpacks("09:40", &case(1), &[case(2)]));
    assert_eq!(operations(&world, &case(1)), ["commission", "pack", "unpack", "fill", "observe", "empty"]);
    assert_eq!(operations(&world, &case(2)), ["commission", "fill", "empty", "pack", "observe", "unpack"]);
}

#[test]
fn an_unpacking_that_never_was_leaves_the_pack_in_its_case() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", &case(1), &[pack(1)]));
    let unpacking = unpacks("09:10", &case(1), &[pack(1)]);
    world.does(&MFR, unpacking.clone());
    world.does(&MFR, sees("09:20", "storing", &[case(2)]).at(MFR_SITE));
    world.does(&MFR, unpacking.wrong());
    world.does(&MFR, ships("09:30", &PH, &[case(1)]));
    assert_eq!(operations(&world, &pack(1)), ["commission", "pack", "unpack", "undo", "ship"]);
}

#[test]
fn a_long_life_comes_in_pages_and_none_of_it_is_lost() {
    let world = stage();
    let count = 1_700;
    for number in 0..count {
        let time = format!("2026-03-01T{:02}:{:02}:{:02}Z", 9 + number / 3600, number / 60 % 60, number % 60);
        world.does(&MFR, sees(&time, "storing", &[pack(1)]).at(MFR_SITE));
    }
    let (steps, pages) = own_steps(&world, &pack(1));
    assert_eq!(steps.len(), count + 1);
    assert!(pages > 1, "{pages} pages");
    assert_eq!(digest(&world, &steps), recorded(&world, &pack(1)));
    let shown = world.history(&pack(1));
    assert!(!shown.complete && shown.steps.len() > 200, "its last part: {}", shown.steps.len());
    assert_eq!(shown.steps.last().unwrap().height, steps.last().unwrap().height);
    assert_eq!(world.unit(&pack(1)).unwrap().state, "COMMISSIONED");
}

#[test]
fn who_is_unknown_has_no_life() {
    let world = stage();
    let query = LifeQuery { code: pack(9), before: None };
    let asked = world.host.evaluate::<theriac_trace::trace::Chaincode, _, LifePage>("life", &query);
    let said = format!("{:?}", asked.unwrap_err());
    assert!(said.contains("UNIT_UNKNOWN"), "{said}");
}
