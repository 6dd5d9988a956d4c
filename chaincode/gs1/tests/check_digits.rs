//! Check digits beside the vectors in the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{Tally, published, text, vectors};
use theriac_gs1::{Gln, Gs1Error, Gsin, Gsrn, Gtin, Problem, Sscc};

fn parse(kind: &str, digits: &str) -> Result<(), Gs1Error> {
    match kind {
        "SSCC" => digits.parse::<Sscc>().map(|_| ()),
        "GLN" => digits.parse::<Gln>().map(|_| ()),
        "GSRN" => digits.parse::<Gsrn>().map(|_| ()),
        "GSIN" => digits.parse::<Gsin>().map(|_| ()),
        _ => Gtin::from_any_length(digits).map(|_| ()),
    }
}

#[test]
fn check_digits_agree_and_the_right_one_is_named() {
    let Some(file) = published("own-vectors/check_digits.json") else { return };
    let mut tally = Tally::new("check_digits", &[]);
    for vector in vectors(&file, "/vectors") {
        let kind = text(vector, "kind");
        let (valid, invalid) = (text(vector, "valid"), text(vector, "invalid_check_digit"));
        let read = parse(kind, valid);
        tally.count(valid, read.is_ok(), &read);
        let read = parse(kind, invalid);
        let named = match &read {
            Err(Gs1Error { problem: Problem::CheckDigit { should, .. }, .. }) => valid.ends_with(*should),
            _ => false,
        };
        tally.count(invalid, named, &read);
    }
    tally.finish(26);
}
