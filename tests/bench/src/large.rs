//! What large lots and long lives cost: a recall, a history with its proof, and what a unit takes in the world state.

use crate::chain::{ADMINISTRATOR as MAKER, Chain, event, event_at};
use crate::events::{PHARMACY, admit_pharmacy, born, case, dispensed, moved, packed, packs, site};
use crate::{quartile_us, show};
use serde_json::{Value, json};
use theriac_crypto::guest::sha2_256;
use theriac_domain::Item;
use theriac_domain::item::Life;
use theriac_ledger::{ScanRange, StateKey, StateReader, prove_value};
use theriac_trace::{LifePage, LifeQuery, LotQuery, LotView, NumberQuery, RecallView};
use theriac_types::Height;

/// Units of the lot that is recalled.
const UNITS: usize = 100_000;
/// As many as one event commissions.
const AT_ONCE: usize = 400;
/// Events of the long life, besides its birth.
const EVENTS: usize = 1_000;
const ROUNDS: usize = 9;

pub fn print() {
    recall();
    history();
    state();
}

fn recall() {
    let mut chain = Chain::start();
    let made = site("9506000100012");
    for batch in 0..UNITS / AT_ONCE {
        let units = packs(&format!("R{batch:04}-"), AT_ONCE);
        let transaction = chain.capture(MAKER, event(born(&units, &made)));
        chain.commit(vec![transaction]);
    }
    let transaction = chain.capture(MAKER, event(recalled()));
    let time = quartile_us(ROUNDS, |_| drop(chain.execute(vec![transaction.clone()])));
    show("recall of a lot of 100,000 units, in a block of its own", time);
    chain.commit(vec![transaction]);
    let number = NumberQuery { number: "R-1".to_owned() };
    let found: RecallView = chain.ask("recall", &number);
    assert_eq!(found.total.in_stock, u64::try_from(UNITS).unwrap());
    show("  its counts by holder", quartile_us(ROUNDS, |_| drop(chain.ask::<_, RecallView>("recall", &number))));
    let lot = LotQuery { gtin: "09506000134376".to_owned(), lot: "BENCH1".to_owned() };
    show("  the lot's books", quartile_us(ROUNDS, |_| drop(chain.ask::<_, LotView>("lot", &lot))));
}

fn recalled() -> Value {
    json!({
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "holding", "disposition": "recalled",
        "quantityList": [{ "epcClass": "https://id.gs1.org/01/09506000134376/10/BENCH1" }],
        "persistentDisposition": { "set": ["recalled"] },
        "bizTransactionList": [{ "type": "urn:theriac:btt:recall", "bizTransaction": "urn:theriac:recall:R-1" }],
    })
}

fn history() {
    let mut chain = Chain::start();
    let made = site("9506000100012");
    let unit = packs("LONG", 1);
    let birth = chain.capture(MAKER, event(born(&unit, &made)));
    chain.commit(vec![birth]);
    for minute in 0..EVENTS {
        let time = format!("2026-03-03T{:02}:{:02}:00.000+00:00", minute / 60, minute % 60);
        let stored = chain.capture(MAKER, event_at(&time, stored(&unit, &made)));
        chain.commit(vec![stored]);
    }
    let path = unit[0].trim_start_matches("https://id.gs1.org/");
    let key =
        StateKey::new("trace".parse().unwrap(), [b"unit\x00\x01", path.as_bytes(), b"\x00\x01"].concat()).unwrap();
    let steps = || {
        let (mut steps, mut before) = (Vec::new(), None);
        loop {
            let page: LifePage = chain.ask("life", &LifeQuery { code: unit[0].clone(), before });
            steps.extend(page.steps);
            before = page.next;
            if before.is_none() {
                return steps;
            }
        }
    };
    let proven = || {
        let value = prove_value(chain.store(), &key, None).unwrap();
        value.proof.verify(value.commitment.state_root, &key, value.value.as_deref()).unwrap();
        let item: Item = borsh::from_slice(&value.value.unwrap()).unwrap();
        let life = steps().iter().rev().fold(Life::default(), |life, step| life.and(step, sha2_256));
        assert_eq!((life.steps, life), (u32::try_from(EVENTS).unwrap() + 1, item.life));
    };
    show("history of a unit with 1,000 events", quartile_us(ROUNDS, |_| drop(steps())));
    show("  with its proof, made and checked", quartile_us(ROUNDS, |_| proven()));
}

fn stored(items: &[String], site: &Value) -> Value {
    json!({
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "storing", "disposition": "in_progress",
        "epcList": items, "readPoint": site, "bizLocation": site,
    })
}

/// A pallet of a hundred packs goes to a pharmacy, is opened, and ten packs are dispensed.
fn state() {
    let mut chain = Chain::start();
    admit_pharmacy(&mut chain);
    let (made, sold) = (site("9506000100012"), site("9506030000016"));
    let cases: Vec<String> = (0..10).map(case).collect();
    let pallet = "https://id.gs1.org/00/095060000000000015".to_owned();
    let mut units = Vec::new();
    let mut life = vec![(MAKER, born(&cases, &made)), (MAKER, born(std::slice::from_ref(&pallet), &made))];
    for (number, case) in cases.iter().enumerate() {
        let inside = packs(&format!("S{number}"), 10);
        life.push((MAKER, born(&inside, &made)));
        life.push((MAKER, packed("ADD", case, &inside, &made)));
        units.push(inside);
    }
    life.push((MAKER, packed("ADD", &pallet, &cases, &made)));
    life.push((MAKER, moved("shipping", "in_transit", &made)));
    life.push((PHARMACY, moved("receiving", "in_progress", &sold)));
    life.push((PHARMACY, packed("DELETE", &pallet, &cases, &sold)));
    for (case, inside) in cases.iter().zip(&units) {
        life.push((PHARMACY, packed("DELETE", case, inside, &sold)));
    }
    life.push((PHARMACY, dispensed(&units[0], &sold)));
    for (member, fields) in life {
        let transaction = chain.capture(member, event(fields));
        chain.commit(vec![transaction]);
    }
    for (number, what) in [(0, "dispensed"), (1, "in stock")] {
        let keys = units[number].iter().map(|unit| unit.trim_start_matches("https://id.gs1.org/").to_owned());
        let bytes: usize = keys.map(|path| record_bytes(&chain, &path)).sum();
        println!(
            "{:<58} {:>10} bytes",
            format!("record of a unit after a typical life, {what}"),
            bytes / units[number].len()
        );
    }
    let (entries, bytes) = size(&chain, b"unit\x00\x01");
    println!("{:<58} {:>10} bytes", "record of an item on average, cases and pallet included", bytes / entries);
}

/// Key and value of an item's record.
fn record_bytes(chain: &Chain, path: &str) -> usize {
    let key = [b"unit\x00\x01", path.as_bytes(), b"\x00\x01"].concat();
    let (_, bytes) = size(chain, &key);
    bytes
}

/// Entries below a prefix, and their bytes.
fn size(chain: &Chain, prefix: &[u8]) -> (usize, usize) {
    let mut end = prefix.to_vec();
    *end.last_mut().unwrap() += 1;
    let height: Height = chain.store().head().unwrap().height;
    let namespace = "trace".parse().unwrap();
    let range = ScanRange { namespace: &namespace, start: prefix, end: &end, limit: 1_000, bytes_max: 1 << 20 };
    let entries = chain.store().scan(&range, height).unwrap().entries;
    let bytes = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
    (entries.len(), bytes)
}
