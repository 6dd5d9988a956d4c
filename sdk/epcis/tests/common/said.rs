//! What a document in JSON says, so that two can be compared: whatever has several spellings is brought to one, and
//! nothing else is. Published documents of which something comes back otherwise are listed here, each with its reason.
#![allow(dead_code, clippy::unwrap_used)]

use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;
use theriac_domain::time::parse_date_time;
use theriac_domain::{Decimal, Epc, EpcClass, Place};

const FINE: &str = "moments are kept to the millisecond";
const WORD: &str = "a word of GS1 is written bare";
const TWICE: &str = "it names one thing twice, once as a URN and once as a Digital Link";

/// What comes back otherwise: the end of the file's name, in which places, and why.
pub const OTHERWISE: &[(&str, &[&str], &str)] = &[
    (
        "TimeStampRoundOff.jsonld",
        &["[0].eventTime", "[1].eventTime", "[2].eventTime", "[2].sensorElementList[0].sensorMetadata.time"],
        FINE,
    ),
    ("TimeStampRoundOff.jsonld", &["[2].certificationInfo"], "a list of one may be written without brackets"),
    ("create_test_data_ui/Generated_Events.json", &["$.creationDate"], FINE),
    ("epcisDocWithSensorComponent.jsonld", &[".component", ".type"], WORD),
    ("epcisDocWithSensorComponent.json", &[".component", ".type"], WORD),
    ("epcisDocWithAllGS1Keys.jsonld", &[".epcList"], TWICE),
    ("epcisDocWithAllGS1Keys.json", &[".epcList"], TWICE),
    ("WithSensorData/SensorDataExample4.jsonld", &[".epcList"], "a list of nothing says nothing"),
];

/// The file that is allowed to differ so, as [`OTHERWISE`] names it.
pub fn exception(path: &Path, difference: &str) -> Option<&'static str> {
    let (path, place) = (path.to_string_lossy(), difference.split(": ").next()?);
    let is_meant = |file: &str, places: &[&str]| path.ends_with(file) && places.iter().any(|end| place.ends_with(end));
    OTHERWISE.iter().find(|(file, places, _)| is_meant(file, places)).map(|(file, ..)| *file)
}

/// A JSON value in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Null, a truth value or a number; 1.50 is 1.5.
    Plain(String),
    /// A text; of a moment and of an identifier of GS1 the one form that means the same.
    Text(String),
    /// Values in an order that counts.
    List(Vec<Said>),
    /// Members, whose order does not count.
    Object(BTreeMap<String, Said>),
}

/// Reads a JSON text.
pub fn said(json: &str) -> Said {
    match json.trim_start().as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
            Said::Object(members.into_iter().map(|(name, value)| (name, said(value.get()))).collect())
        }
        Some(b'[') => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(json).unwrap();
            Said::List(items.iter().map(|item| said(item.get())).collect())
        }
        Some(b'"') => Said::Text(one_spelling(serde_json::from_str(json).unwrap())),
        _ => Said::Plain(json.parse::<Decimal>().map_or_else(|_| json.to_owned(), |number| number.to_string())),
    }
}

fn one_spelling(text: String) -> String {
    if let Ok(utc_ms) = parse_date_time(&text) {
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest).chars();
        let finer: String = fraction.take_while(char::is_ascii_digit).skip(3).collect();
        return format!("moment {utc_ms} {}", finer.trim_end_matches('0'));
    }
    let canonical = |path: String| path.starts_with(|first: char| first.is_ascii_digit()).then_some(path);
    let epc = || canonical(text.parse::<Epc>().ok()?.to_string());
    let class = || canonical(text.parse::<EpcClass>().ok()?.to_string());
    let place = || canonical(text.parse::<Place>().ok()?.to_string());
    match text.contains(':').then(|| epc().or_else(class).or_else(place)).flatten() {
        Some(path) => format!("https://id.gs1.org/{path}"),
        None => text,
    }
}

/// Where two differ, as paths with both values.
pub fn differences(one: &Said, other: &Said) -> Vec<String> {
    let mut found = Vec::new();
    compare("$", Some(one), Some(other), &mut found);
    found
}

fn compare(path: &str, one: Option<&Said>, other: Option<&Said>, found: &mut Vec<String>) {
    match (one, other) {
        (Some(Said::Object(one)), Some(Said::Object(other))) => {
            let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                compare(&format!("{path}.{name}"), one.get(name), other.get(name), found);
            }
        }
        (Some(Said::List(one)), Some(Said::List(other))) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}[{index}]"), Some(one), Some(other), found);
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.push(format!("{path}: {one:?} became {other:?}")),
    }
}
