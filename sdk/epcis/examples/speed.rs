//! How long one event takes to read, to write and to hash: on 932 generated events of the folder that
//! `THERIAC_CONFORMANCE_DATA` names. Their logistic units have made-up check digits, which are mended first.
#![allow(clippy::unwrap_used)]

use std::time::Instant;
use theriac_epcis::{Identifiers, event_hash, parse};

const FILE: &str = "openepcis-testdata-generator/design_test_data_ui/Generated_Events.json";
const ROUNDS: u32 = 20;

fn main() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA") else {
        println!("set THERIAC_CONFORMANCE_DATA to the folder of published documents");
        return;
    };
    let text = mended(&std::fs::read_to_string(std::path::Path::new(&folder).join(FILE)).unwrap());
    let document = parse(text.as_bytes()).unwrap_or_else(|problems| unreachable!("{problems}"));
    println!("{} events in {} bytes", document.events.len(), text.len());
    measure("read and check", document.events.len(), || drop(parse(text.as_bytes())));
    measure("write", document.events.len(), || drop(document.to_json(Identifiers::DigitalLinks)));
    measure("hash", document.events.len(), || document.events.iter().for_each(|event| drop(event_hash(event))));
}

fn measure(what: &str, events: usize, mut work: impl FnMut()) {
    work();
    let start = Instant::now();
    (0..ROUNDS).for_each(|_| work());
    let nanoseconds = start.elapsed().as_nanos() / u128::from(ROUNDS) / events as u128;
    println!("{what}: {}.{:02} us an event", nanoseconds / 1000, nanoseconds % 1000 / 10);
}

/// The text with the check digits that its logistic units should have.
fn mended(text: &str) -> String {
    let mut parts = text.split("/00/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(18);
        let sum: u32 =
            digits[..17].bytes().rev().zip([3, 1].into_iter().cycle()).map(|(d, w)| u32::from(d - b'0') * w).sum();
        out.push_str(&format!("/00/{}{}{rest}", &digits[..17], (10 - sum % 10) % 10));
    }
    out
}
