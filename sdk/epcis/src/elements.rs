//! The small parts of events: quantities, business transactions, sources and destinations, places, marks, declarations.

use crate::fields::{Fields, identifier, parsed, text};
use crate::json::Json;
use crate::problem::{Coded, EPCIS_VALIDATION, Sink};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use theriac_domain::event::{BusinessTransaction, ErrorDeclaration, Marks, Quantity, SourceDestination};
use theriac_domain::time::parse_date_time;
use theriac_domain::{Decimal, Disposition, Epc, Place, Uri};

/// An element of a quantity list.
pub(crate) fn quantity(value: &Json, path: &str, sink: &mut Sink) -> Option<Quantity> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["epcClass", "quantity", "uom"], sink);
    let unit = fields.text("uom", sink);
    let is_unit = |text: &str| {
        (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if let Some(unit) = unit.filter(|unit| !is_unit(unit)) {
        let message = format!("{unit:?} is no unit of measure: two or three capitals or digits, such as KGM.");
        sink.report(&fields.at("uom"), EPCIS_VALIDATION, message);
    }
    let quantity = fields.find("quantity").and_then(|value| decimal(value, &fields.at("quantity"), sink));
    if quantity.is_some_and(Decimal::is_negative) {
        sink.report(&fields.at("quantity"), EPCIS_VALIDATION, "A quantity is not negative.");
    }
    Some(Quantity { class: fields.needed_identifier("epcClass", sink)?, quantity, unit: unit.map(str::to_owned) })
}

fn decimal(value: &Json, path: &str, sink: &mut Sink) -> Option<Decimal> {
    let Json::Number(number) = value else {
        sink.report(path, EPCIS_VALIDATION, format!("This should be a number, but is {}.", value.kind()));
        return None;
    };
    number.parse().map_err(|error: <Decimal as FromStr>::Err| sink.report(path, error.code(), &error)).ok()
}

/// An element of `bizTransactionList`.
pub(crate) fn business_transaction(value: &Json, path: &str, sink: &mut Sink) -> Option<BusinessTransaction> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["type", "bizTransaction"], sink);
    let kind = fields.parsed("type", sink);
    Some(BusinessTransaction { kind, id: fields.needed_parsed("bizTransaction", sink)? })
}

/// An element of `sourceList` or `destinationList`; `name` is that of the field which holds the party or place.
pub(crate) fn source_or_destination(
    name: &str,
    value: &Json,
    path: &str,
    sink: &mut Sink,
) -> Option<SourceDestination> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["type", name], sink);
    let kind = fields.needed_parsed("type", sink);
    let place = fields.needed_identifier(name, sink);
    Some(SourceDestination { kind: kind?, place: place? })
}

/// `readPoint` or `bizLocation`.
pub(crate) fn place(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Option<Place> {
    let path = fields.at(name);
    let inner = Fields::open(fields.find(name)?, &path, sink)?;
    inner.extensions(&["id"], sink);
    inner.needed_identifier("id", sink)
}

/// `persistentDisposition`.
pub(crate) fn marks(value: &Json, path: &str, sink: &mut Sink) -> Option<Marks> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["set", "unset"], sink);
    let mut read = |name: &str| {
        let words: Vec<Disposition> = fields.list(name, sink, parsed);
        refuse_repetition(&words, &fields.at(name), sink);
        words
    };
    let marks = Marks { set: read("set"), unset: read("unset") };
    if marks.set.is_empty() && marks.unset.is_empty() {
        sink.report(path, EPCIS_VALIDATION, "Neither \"set\" nor \"unset\" names a disposition.");
    }
    Some(marks)
}

/// `errorDeclaration`.
pub(crate) fn error_declaration(value: &Json, path: &str, sink: &mut Sink) -> Option<ErrorDeclaration> {
    let fields = Fields::open(value, path, sink)?;
    fields.extensions(&["declarationTime", "reason", "correctiveEventIDs"], sink);
    let reason = fields.parsed("reason", sink);
    let corrected_by = fields.list("correctiveEventIDs", sink, parsed::<Uri>);
    let declared_ms = moment(fields, "declarationTime", sink)?;
    Some(ErrorDeclaration { declared_ms, reason, corrected_by })
}

/// `certificationInfo`: a URI or an array of them.
pub(crate) fn certifications(fields: Fields<'_>, sink: &mut Sink) -> Vec<Uri> {
    match fields.find("certificationInfo") {
        Some(Json::Array(_)) => fields.list("certificationInfo", sink, parsed),
        Some(_) => fields.parsed("certificationInfo", sink).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A moment that must be there.
pub(crate) fn moment(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Option<i64> {
    let path = fields.at(name);
    let written = text(fields.needed(name, sink)?, &path, sink)?;
    parse_date_time(written).map_err(|error| sink.report(&path, error.code(), &error)).ok()
}

/// Reports what a list holds twice.
fn refuse_repetition<T: Ord + fmt::Display>(items: &[T], path: &str, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            sink.report(path, EPCIS_VALIDATION, format!("{item} is listed twice."));
        }
    }
}

/// A list of identifiers. The same text twice is a problem; two spellings of one identifier are one.
pub(crate) fn identifiers(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Vec<Epc> {
    let mut texts = Vec::new();
    let mut identifiers: Vec<Epc> = fields.list(name, sink, |value, path, sink| {
        let epc = identifier(value, path, sink)?;
        texts.extend(text(value, path, sink));
        Some(epc)
    });
    refuse_repetition(&texts, &fields.at(name), sink);
    let mut seen = BTreeSet::new();
    identifiers.retain(|epc| seen.insert(epc.clone()));
    identifiers
}
