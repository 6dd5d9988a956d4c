//! `ilmd`: what makers state about objects at their birth. Lot and expiry are read, the rest is kept.

use super::Prefixes;
use super::fields::{Fields, parsed};
use crate::json::Json;
use crate::path::Path;
use crate::problem::{Coded, Sink};
use std::str::FromStr;
use theriac_domain::event::MasterData;

/// The namespace of CBV's master data, without the sign at its end that documents disagree on.
const NAMESPACE: &str = "urn:epcglobal:cbv:mda";

/// Whether it is the namespace of CBV's master data.
fn is_master_data_namespace(uri: &str) -> bool {
    uri.strip_prefix(NAMESPACE).is_some_and(|end| matches!(end, "" | ":" | "#"))
}

/// Reads the object.
pub(crate) fn master_data(value: &Json, path: &Path<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<MasterData> {
    let fields = Fields::open(value, path, sink)?;
    let is_named = |member: &str, name: &str| local_name(member, prefixes) == Some(name);
    let known: Vec<&str> = fields
        .members()
        .map(|(member, _)| member)
        .filter(|member| is_named(member, "lotNumber") || is_named(member, "itemExpirationDate"))
        .collect();
    let member = |name: &str| known.iter().copied().filter(|member| is_named(member, name)).collect::<Vec<_>>();
    let (lots, expiries) = (member("lotNumber"), member("itemExpirationDate"));
    for (name, members) in [("lotNumber", &lots), ("itemExpirationDate", &expiries)] {
        if members.len() > 1 {
            sink.invalid(path, format!("{name} is given {} times, under several prefixes.", members.len()));
            return None;
        }
    }
    let lot = read(fields, lots.first(), sink);
    let expiry = read(fields, expiries.first(), sink);
    Some(MasterData { lot, expiry, others: fields.extensions(&known, sink) })
}

/// The name within CBV's master data. Its prefix `cbvmda` is the EPCIS context's, and nobody redefines it.
fn local_name<'a>(member: &'a str, prefixes: &Prefixes) -> Option<&'a str> {
    if let Some(name) = member.strip_prefix(NAMESPACE) {
        return name.strip_prefix([':', '#']);
    }
    let (prefix, name) = member.split_once(':')?;
    let stands_for_it = || prefixes.resolve(prefix).is_some_and(|uri| is_master_data_namespace(uri.as_str()));
    (prefix == "cbvmda" || stands_for_it()).then_some(name)
}

fn read<T: FromStr<Err: Coded>>(fields: Fields<'_>, member: Option<&&str>, sink: &mut Sink) -> Option<T> {
    parsed(fields.find(member?)?, &fields.at(member?), sink)
}
