//! Random lives of goods, played on the chaincode and on a simple model of its rules at once: after every event both agree
//! on what was refused and why, on where everything is, and on the books.
//!
//! `THERIAC_MODEL_EVENTS` sets how many events are played.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its settings")]

mod reference;

use reference::deeds::{Dice, is_idle};
use reference::ledger::Ledger;
use reference::{Kind, MAKER, PARTIES, PHARMACY, REGULATOR, World};
use std::collections::BTreeMap;

/// After so many events a new world begins.
const EVENTS_PER_WORLD: usize = 160;

fn play(seed: u64, events: usize) -> BTreeMap<String, usize> {
    let mut dice = Dice(seed);
    let mut ledger = Ledger::new();
    let kinds: Vec<Kind> = ledger.items.iter().map(|(_, kind)| *kind).collect();
    let mut model = World {
        kinds,
        things: BTreeMap::new(),
        recalled: vec![false; 4],
        maker: MAKER,
        dispensers: vec![PHARMACY],
        watcher: REGULATOR,
        clock: 0,
    };
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = 0;
    while number < events {
        let (who, deed) = model.imagine(&mut dice);
        if is_idle(&deed) {
            continue;
        }
        number += 1;
        let before = model.clone();
        let expected = model.perform(who, &deed);
        if expected.is_err() {
            model = before;
        }
        let found = ledger.perform(who, &deed);
        let told = format!("seed {seed}, event {number}: {} {deed:?}", PARTIES[who].0);
        assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|code| *code), "{told}");
        ledger.expect_like(&model);
        *outcomes.entry(found.err().unwrap_or_else(|| "done".to_owned())).or_default() += 1;
    }
    outcomes
}

#[test]
fn random_lives_go_as_the_simple_model_says() {
    let events = std::env::var("THERIAC_MODEL_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(8_000);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..events / EVENTS_PER_WORLD {
        for (outcome, count) in play(seed as u64, EVENTS_PER_WORLD) {
            *outcomes.entry(outcome).or_default() += count;
        }
    }
    println!("{outcomes:?}");
    let played: usize = outcomes.values().sum();
    assert!(outcomes["done"] * 6 > played, "a sixth of the events take effect: {outcomes:?}");
    for code in [
        "AGG_CHILD_ALREADY_PACKED",
        "AGG_CHILD_DIRECT_MOVE",
        "AGG_CHILD_NOT_IN_PARENT",
        "AGG_CYCLE",
        "AGG_NOT_EMPTY",
        "ALREADY_IN_TRANSIT",
        "DOUBLE_RECEIPT",
        "ID_PREFIX_NOT_LICENSED",
        "NOT_HOLDER",
        "RETURN_TO_STRANGER",
        "ROLE_DENIED",
        "SHIP_NOT_OPEN",
        "UNIT_DUPLICATE_COMMISSION",
        "UNIT_QUARANTINED",
        "UNIT_RECALLED",
        "UNIT_STATE",
        "UNIT_TERMINAL",
        "UNIT_UNKNOWN",
        "WRONG_CONSIGNEE",
    ] {
        assert!(outcomes.contains_key(code), "{code} was never met: {outcomes:?}");
    }
}
