//! `ilmd`: what makers state about objects at their birth. Lot and expiry are read, the rest is kept.

use crate::fields::{Fields, text};
use crate::json::Json;
use crate::problem::{Coded, EPCIS_VALIDATION, Sink};
use std::str::FromStr;
use theriac_domain::event::MasterData;

/// The spellings of CBV's master data namespace that documents use.
const NAMESPACES: [&str; 2] = ["cbvmda:", "urn:epcglobal:cbv:mda:"];

/// Reads the object.
pub(crate) fn master_data(value: &Json, path: &str, sink: &mut Sink) -> Option<MasterData> {
    let fields = Fields::open(value, path, sink)?;
    let lot = read(fields, "lotNumber", sink);
    let expiry = read(fields, "itemExpirationDate", sink);
    let known: Vec<String> = NAMESPACES
        .iter()
        .flat_map(|namespace| ["lotNumber", "itemExpirationDate"].map(|name| format!("{namespace}{name}")))
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Some(MasterData { lot, expiry, others: fields.extensions(&known, sink) })
}

fn read<T>(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Option<T>
where
    T: FromStr,
    T::Err: Coded,
{
    let mut spellings = NAMESPACES.iter().map(|namespace| format!("{namespace}{name}"));
    let found = spellings.find(|spelling| fields.find(spelling).is_some())?;
    if spellings.any(|other| fields.find(&other).is_some()) {
        sink.report(fields.path, EPCIS_VALIDATION, format!("{name} is given twice, under two prefixes."));
    }
    let path = fields.at(&found);
    text(fields.find(&found)?, &path, sink)?
        .parse()
        .map_err(|error: T::Err| sink.report(&path, error.code(), &error))
        .ok()
}
