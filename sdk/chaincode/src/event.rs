//! Kinds of events.

use borsh::{BorshSchema, BorshSerialize};

/// Something that a chaincode announces. Derive it: `#[derive(BorshSerialize, BorshSchema, ChaincodeEvent)]` with
/// `#[topic("unit.shipped")]`, and name it in `events(…)` of `#[chaincode]`, so that its payload is shown to people.
pub trait Event: BorshSerialize + BorshSchema {
    /// What it is about, for filters.
    const TOPIC: &'static str;
}

/// What a chaincode refuses with. Derive it: `#[derive(ChaincodeError)]`, and name it in `errors(…)` of `#[chaincode]`.
///
/// Each variant is a code: its name in capitals with underscores, or that of `#[code("…")]`. Its documentation says
/// what it means and what to do; that is the message, too, unless `#[message("… {field} …")]` gives one.
pub trait ErrorCodes {
    /// Codes with what they mean.
    fn codes() -> Vec<(&'static str, &'static str)>;
}
