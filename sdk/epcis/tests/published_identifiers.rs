//! Identifiers that GS1's tools agree on, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::path::PathBuf;
use theriac_domain::{Epc, EpcClass, Gln, Gtin, Place, Sscc};

fn vectors(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return None;
    };
    Some(serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap())
}

/// The canonical text by whichever kind of identifier takes it.
fn canonical(text: &str) -> Option<String> {
    let epc = || text.parse::<Epc>().ok().filter(|epc| !matches!(epc, Epc::Other(_))).map(|epc| epc.to_string());
    let class =
        || text.parse::<EpcClass>().ok().filter(|class| !matches!(class, EpcClass::Other(_))).map(|c| c.to_string());
    let place = || text.parse::<Place>().ok().filter(|place| place.gln().is_some()).map(|place| place.to_string());
    epc().or_else(class).or_else(place)
}

/// The published vectors leave some reserved characters bare, which no URI allows.
fn is_escaped(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/._-%?=&*".contains(&b)) && !text.ends_with('%')
}

#[test]
fn urns_give_the_published_digital_links() {
    let Some(vectors) = vectors("openepcis-translator/vectors.json") else { return };
    let mut checked = 0;
    for vector in vectors["vectors"]["conversions"].as_array().unwrap() {
        let (test, op) = (vector["test"].as_str().unwrap(), vector["op"].as_str().unwrap());
        let (urn, link) = (vector["in"].as_str().unwrap(), vector["expect"].as_str().unwrap());
        // Some published ITIPs are a higher piece than there are; the tests of theriac-gs1 name them one by one.
        if test != "ITIPTest" && op.ends_with("urn_to_uri") && is_escaped(urn) && !urn.contains('/') {
            assert_eq!(canonical(urn).map(|path| format!("https://id.gs1.org/{path}")).as_deref(), Some(link), "{urn}");
            checked += 1;
        }
    }
    assert!(checked >= 30, "only {checked} vectors were used");
}

#[test]
fn wrong_check_digits_and_lengths_are_told_as_published() {
    let Some(vectors) = vectors("openepcis-translator/vectors.json") else { return };
    let mut checked = 0;
    for vector in vectors["vectors"]["validations"].as_array().unwrap() {
        let text = vector["in"].as_str().unwrap();
        let ours = ["/00/", "/01/", "/414/", "/417/"].iter().any(|key| text.contains(key));
        if ours && vector["check_digit_checked"].as_bool().unwrap() && is_escaped(text) {
            assert_eq!(canonical(text).is_some(), vector["ok"].as_bool().unwrap(), "{text}");
            checked += 1;
        }
    }
    assert!(checked >= 20, "only {checked} vectors were used");
}

#[test]
fn check_digits_agree() {
    let Some(vectors) = vectors("own-vectors/check_digits.json") else { return };
    let mut checked = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        for (field, ok) in [("valid", true), ("invalid_check_digit", false)] {
            let text = vector[field].as_str().unwrap();
            let read = match vector["kind"].as_str().unwrap() {
                "SSCC" => text.parse::<Sscc>().is_ok(),
                "GLN" => text.parse::<Gln>().is_ok(),
                kind if kind.starts_with("GTIN") => format!("{text:0>14}").parse::<Gtin>().is_ok(),
                _ => continue,
            };
            assert_eq!(read, ok, "{text}");
            checked += 1;
        }
    }
    assert!(checked >= 20, "only {checked} vectors were used");
}
