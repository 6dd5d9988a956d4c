//! The published scenario: sixteen events whose end states are given with them, read from the folder that
//! `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use serde_json::Value;
use std::path::PathBuf;
use world::{Party, World, read};

const MFR: Party = Party { name: "mfr", role: "manufacturer", gln: "9506000100005", prefix: "9506000" };
const DIS: Party = Party { name: "dis", role: "distributor", gln: "9506010000005", prefix: "9506010" };
const PHA: Party = Party { name: "ph", role: "pharmacy", gln: "9506030000009", prefix: "9506030" };

#[test]
fn the_scenario_ends_in_its_published_states() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return;
    };
    let folder = folder.join("own-scenarios");
    let world = World::with_parties(&[MFR, DIS, PHA]);
    let events = read(&folder.join("scenario_A_happy_path.jsonld"));
    assert_eq!(events.len(), 16);
    for (index, event) in events.iter().enumerate() {
        // The readings on the road name no party; the shipper passes them on.
        let gln = event.acting_gln().map_or(MFR.gln, |gln| gln.as_str());
        let party = [&MFR, &DIS, &PHA].into_iter().find(|party| gln.starts_with(party.prefix)).unwrap();
        let captured = world.capture(party, std::slice::from_ref(event));
        assert!(captured.is_ok(), "event {}: {captured:?}", index + 1);
    }
    let expected = std::fs::read_to_string(folder.join("scenario_A_expected_states.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let mut checked = 0;
    for group in ["units", "cases", "logistic"] {
        for (id, wanted) in expected[group].as_object().unwrap() {
            let view = world.unit(id).unwrap();
            assert_eq!(view.id, *id);
            assert_eq!(Some(view.state.as_str()), wanted["state"].as_str(), "{id}");
            assert_eq!(Some(view.holder.as_str()), wanted["holder"].as_str(), "{id}");
            if let Some(parent) = wanted.get("parent") {
                assert_eq!(view.parent.as_deref(), parent.as_str(), "{id}");
            }
            if let Some(children) = wanted.get("children") {
                assert_eq!(u64::from(view.children), children.as_u64().unwrap(), "{id}");
            }
            if group == "units" {
                assert_eq!(view.lot.as_deref(), expected["lot"].as_str());
                assert_eq!(view.expiry.as_deref(), expected["expiry"].as_str());
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 11);
}
