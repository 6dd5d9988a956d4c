//! Whatever the parties do in whatever order: the books say what the items say, containers know what is in them, and what
//! is refused changes nothing. Each run is its seed.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use std::collections::BTreeMap;
use theriac_trace::{Amounts, ShipmentPage, ShipmentQuery};
use world::cast::*;
use world::say::{Say, births, dispenses, ends, looks_into, packs_into, receives, refers, sees, ships, unpacks};
use world::{Party, World};

const PARTIES: [&Party; 4] = [&MFR, &DIS, &PH, &HO];
const PACKS: u32 = 6;
/// How a container says that something in it is flagged.
const COUNTED: &str = "of the items in it";
const RUNS: u64 = 16;
const STEPS: u64 = 120;

/// Numbers that look like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

fn things() -> Vec<String> {
    let boxes = [case(1), case(2), PALLET.to_owned(), DIS_PALLET.to_owned()];
    packs(1..=PACKS).into_iter().chain(boxes).collect()
}

fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=PACKS), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:00", &[case(1), case(2)], "C", EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:00", &[PALLET], "", "").at(MFR_SITE));
    world.does(&DIS, births("06:00", &[DIS_PALLET], "", "").at(DIS_SITE));
    world
}

/// Something that somebody might try.
fn idea(chance: &mut Chance, time: &str) -> Say {
    let all = things();
    let mut some: Vec<String> = (0..=chance.below(2)).map(|_| chance.of(&all).clone()).collect();
    some.dedup();
    let (some, parent, to) = (&some, &all[6 + chance.below(4)].clone(), *chance.of(&PARTIES));
    let reason = *chance.of(&["stolen", "unknown", "damaged", "urn:theriac:disp:exported", "urn:theriac:disp:locked"]);
    let flag = *chance.of(&["urn:theriac:disp:suspect", "urn:theriac:disp:locked", "recalled"]);
    match chance.below(36) {
        0..=4 => packs_into(time, parent, some),
        5..=6 => unpacks(time, parent, &some[..chance.below(2)]),
        7..=12 => ships(time, to, some).reference("desadv", "urn:da:1"),
        13..=14 => ships(time, to, some).back(),
        15..=22 => receives(time, some).reference("desadv", "urn:da:1"),
        23 => sees(time, "void_shipping", some),
        24 => dispenses(time, some),
        25 => sees(time, "holding", some).disposition("damaged"),
        26..=27 => sees(time, "inspecting", some).disposition("conformant"),
        28..=29 => sees(time, "inspecting", some).disposition("sellable_not_accessible"),
        30 => ends(time, "decommissioning", some).disposition(reason).extension("x:recursive", "true"),
        31 => ends(time, "destroying", some).disposition("destroyed"),
        32 => sees(time, "holding", some).disposition("unknown").sets(flag),
        33 => sees(time, "holding", some).lifts(flag),
        34 => sees(time, "cycle_counting", some).at(to.gln),
        _ if chance.below(2) == 0 => looks_into(time, parent, some),
        _ => refers(time, some),
    }
}

/// What mostly comes of a shipment: it is received; or taken back, or sent back.
fn answer_to(sent: &Say, chance: &mut Chance, time: &str) -> Say {
    let theriac_domain::event::Body::Object(body) = &sent.0.body else { unreachable!("items are shipped") };
    let items: Vec<String> = body.epcs.iter().map(ToString::to_string).collect();
    match chance.below(5) {
        0 => sees(time, "void_shipping", &items),
        1 => sees(time, "shipping", &items).back(),
        _ => receives(time, &items),
    }
}

/// Somebody for whom it would make sense: who holds what the event names, or waits for it.
fn somebody(world: &World, event: &Say) -> &'static Party {
    let of = |gln: &str| PARTIES.into_iter().find(|party| party.gln == gln).unwrap();
    let names = format!("{:?}", event.0.body);
    let named = things().into_iter().find(|item| names.contains(item.rsplit('/').next().unwrap()));
    let view = world.unit(&named.unwrap()).unwrap();
    let waits = event.0.step == Some("receiving".parse().unwrap()) || event.0.destinations.is_empty();
    let waits = waits && event.0.step != Some("void_shipping".parse().unwrap());
    of(view.consignee.filter(|_| waits).as_ref().unwrap_or(&view.holder))
}

/// What the books say of the lot by holder, against what its packs say of themselves.
fn check(world: &World, seed: u64) {
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!(lot.total.sum(), lot.commissioned, "seed {seed}");
    let mut books: BTreeMap<String, [u64; 6]> = BTreeMap::new();
    for row in lot.stock {
        let Amounts { in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed, .. } = row.amounts;
        let sums = books.entry(row.holder).or_default();
        let amounts = [in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed];
        sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
    }
    let mut items: BTreeMap<String, [u64; 6]> = BTreeMap::new();
    for item in packs(1..=PACKS) {
        let view = world.unit(&item).unwrap();
        let phases = ["COMMISSIONED IN_STOCK", "IN_TRANSIT", "QUARANTINED", "DISPENSED", "DECOMMISSIONED", "DESTROYED"];
        let at = phases.iter().position(|names| names.split(' ').any(|name| name == view.state)).unwrap();
        items.entry(view.holder).or_default()[at] += 1;
    }
    assert_eq!(books, items, "seed {seed}");
    for container in &things()[6..] {
        let view = world.unit(container).unwrap();
        let inside = things().iter().filter(|item| world.unit(item).unwrap().parent.as_ref() == Some(&view.id)).count();
        assert_eq!(view.children as usize, inside, "seed {seed}: {container}");
        // What speaks against a container speaks against all in it; so flags inside are told apart only without such.
        let flags = |item: &str| world.unit(item).unwrap().stops.iter().any(|stop| !stop.contains(COUNTED));
        if !flags(container) {
            let flagged = world.logistic_unit(container).contents.iter().any(|content| flags(&content.id));
            assert_eq!(view.stops.len(), usize::from(flagged), "seed {seed}: {container}: {:?}", view.stops);
        }
    }
    let open: ShipmentPage = world.ask("shipments", &ShipmentQuery { party: None, open: true, after: None });
    let missing: Vec<String> =
        open.shipments.iter().flat_map(|view| &view.shipment.missing).map(|id| id.path()).collect();
    for item in things() {
        let view = world.unit(&item).unwrap();
        let waited = missing.iter().filter(|known| **known == item).count();
        let free_on_its_way = view.state == "IN_TRANSIT" && view.parent.is_none();
        assert_eq!(waited, usize::from(free_on_its_way), "seed {seed}: {item} is {}", view.state);
    }
}

#[test]
fn the_books_say_what_the_items_say() {
    let mut taken = BTreeMap::new();
    for seed in 1..=RUNS {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let world = stage();
        let mut done: Vec<(&Party, Say)> = Vec::new();
        for step in 0..STEPS {
            let time = format!("{:02}:{:02}", 7 + step / 60, step % 60);
            let (party, event) = match chance.below(8) {
                0 if !done.is_empty() => {
                    let (party, event) = done[done.len() - 1 - chance.below(done.len().min(6))].clone();
                    (party, event.wrong())
                }
                1 => (&REG, idea(&mut chance, &time)),
                2 => (*chance.of(&PARTIES), idea(&mut chance, &time)),
                3 if !done.is_empty() => {
                    // What was sent is mostly received.
                    let sent = done.iter().rev().find(|(_, event)| event.0.step == Some("shipping".parse().unwrap()));
                    let event = match sent {
                        Some((_, sent)) => answer_to(sent, &mut chance, &time),
                        None => idea(&mut chance, &time),
                    };
                    (somebody(&world, &event), event)
                }
                _ => {
                    let event = idea(&mut chance, &time);
                    (somebody(&world, &event), event)
                }
            };
            let before = world.host.state();
            match world.does_with(party, &[&MFR], event.clone()) {
                Ok(captured) => {
                    *taken.entry(captured.events[0].operation.clone().unwrap()).or_insert(0) += 1;
                    if event.0.error.is_none() {
                        done.push((party, event));
                    }
                    check(&world, seed);
                }
                Err(_) => assert_eq!(world.host.state(), before, "seed {seed}"),
            }
        }
    }
    println!("{taken:?}");
    assert!(taken.len() >= 16 && taken["undo"] > 20, "chance has to reach what it tests: {taken:?}");
}
