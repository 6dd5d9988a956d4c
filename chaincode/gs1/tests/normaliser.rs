//! Constrained canonical links beside the vectors of the EPCIS event hash generator's normaliser, read from the folder
//! that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{Tally, published, text, vectors};
use theriac_gs1::{ElementString, LinkOptions};

#[test]
fn identifiers_have_one_constrained_link() {
    let Some(file) = published("epcis-event-hash-generator/dl_normaliser_vectors.json") else { return };
    let mut tally = Tally::new("normalise", EXCEPTIONS);
    for vector in vectors(&file, "/vectors/normalise") {
        let from = vector["in"].as_str().map_or_else(|| vector["in"].to_string(), str::to_owned);
        let elements = if from.starts_with("urn:") {
            ElementString::from_urn(from.as_bytes())
        } else {
            ElementString::from_digital_link(from.as_bytes(), LinkOptions::LENIENT)
        };
        let link = elements.and_then(|elements| elements.to_constrained_link());
        let expected = (!vector["expect"].is_null()).then(|| text(vector, "expect"));
        tally.count(&from, link.as_deref().ok() == expected, &link);
    }
    tally.finish(55);
}

const CHECK_DIGIT: &str = "its check digit is wrong: the normaliser does not look at it, and here it is never taken";

const EXCEPTIONS: &[(&str, &str)] = &[
    ("http://example.de/gtin-8/01/97803111", CHECK_DIGIT),
    ("http://example.de/01/040123451234/cpv/344/lot/ABD", CHECK_DIGIT),
];
