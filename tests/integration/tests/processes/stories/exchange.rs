//! Story 9: documents that others wrote are captured by command, found again, and hash as their publishers say.
//!
//! The capture job over HTTP, its paging and its subscriptions belong to the web; a search by item reaches what the
//! ledger judged, and what it only keeps as stated is found by business document, name, place and step.

use crate::common::Scene;
use crate::trace::Run;
use serde_json::Value;
use std::path::{Path, PathBuf};
use theriac_epcis::event_hash;

#[tokio::test]
async fn documents_of_others_are_captured_found_and_hashed_as_published() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return;
    };
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    kept_as_stated(on, &folder);
    judged(on, &folder);
}

/// The published hashes of a document's events.
fn published(folder: &Path, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("oracle_schema_and_hashes.json")).unwrap();
    let oracle: Value = serde_json::from_str(&text).unwrap();
    let known = oracle["documents"].as_array().unwrap().iter().find(|document| document["file"] == file);
    texts(&known.unwrap()["hashes"])
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The hashes of the events that a search finds, as anybody computes them from the document that it answers with.
fn found(on: Run<'_>, wanted: &[&str]) -> Vec<String> {
    let answer = on(&[&["trace", "events"], wanted, &["--epcis"]].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    theriac_epcis::parse(answer.stdout.as_bytes()).unwrap().events.iter().map(event_hash).collect()
}

/// Examples of GS1, which speak of goods and parties that this ledger does not know.
fn kept_as_stated(on: Run<'_>, folder: &Path) {
    let shipping = "gs1-EPCIS/JSON/WithDigitalLinkID/Example_9.6.1-ObjectEventWithDigitalLink.jsonld";
    let receiving = "gs1-EPCIS/JSON/Example_9.6.2-ObjectEvent.jsonld";
    let capture = |file: &str, more: &[&str]| {
        let path = folder.join(file).display().to_string();
        on(&[&["trace", "capture", &path, "--as", "maker/operator"], more].concat())
    };
    let rules_judge = capture(shipping, &[]).error(3);
    assert!(rules_judge["reason"].is_string(), "{rules_judge}");
    for file in [shipping, receiving] {
        let captured = capture(file, &["--as-record"]).json();
        assert!(captured.as_array().unwrap().iter().all(|event| event["outcome"] == "VALID"), "{captured}");
    }
    let order = found(on, &["--document", "http://transaction.acme.com/po/12345678"]);
    assert_eq!(order, published(folder, shipping));
    let named = "ni:///sha-256;9fa42e8bf64e1cfe152d582a248646ce0ad2b0c6826c7e8ed95442a7a1545f33?ver=CBV2.0";
    assert_eq!(found(on, &["--name", named]), published(folder, shipping)[..1]);
    let place = found(on, &["--location", "414/0614141008889", "--step", "receiving"]);
    assert_eq!(place, published(folder, receiving));
    assert!(found(on, &["--location", "414/0614141008889", "--step", "shipping"]).is_empty());
}

/// A scenario whose goods and parties are this ledger's: found by one of its packs.
fn judged(on: Run<'_>, folder: &Path) {
    let scenario = folder.join("own-scenarios/scenario_A_happy_path.jsonld").display().to_string();
    on(&["trace", "capture", &scenario]).json();
    let text = std::fs::read_to_string(folder.join("own-scenarios/scenario_A_hashes.json")).unwrap();
    let hashes = texts(&serde_json::from_str::<Value>(&text).unwrap()["hashes"]);
    let second = found(on, &["--item", "(01)09506000134376(21)SN26A00002"]);
    // Its birth, packed, on the pallet; on its way to the pharmacy, unpacked, damaged and destroyed.
    let expected = [0, 2, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15].map(|place: usize| hashes[place].clone());
    assert_eq!(second, expected);
}
