//! EPCIS events as they are signed and ordered: the canonical bytes of the demo's documents.

use std::path::{Path, PathBuf};
use theriac_conformance::{Golden, GoldenError, Vector};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../network/fixtures")
}

#[test]
fn the_life_of_eight_units_event_by_event() -> Result<(), GoldenError> {
    let text = std::fs::read(fixtures().join("life.jsonld")).expect("part of the repository");
    let document = theriac_epcis::parse(&text).expect("a valid document");
    assert!(!document.events.is_empty());
    let mut golden = Golden::new("event");
    for (number, event) in (1..).zip(&document.events) {
        let vector = Vector::default().text("action", format!("{:?}", event.action())).encoded("event", event);
        golden.add(&format!("life {number}"), vector);
    }
    golden.finish()
}
