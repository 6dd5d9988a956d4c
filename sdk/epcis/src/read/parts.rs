//! The small parts of events: quantities, business transactions, sources and destinations, sites, marks, declarations.

use super::fields::{Fields, identifier, parsed, text};
use super::words::word;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Sink;
use std::collections::BTreeSet;
use std::fmt;
use theriac_domain::event::{BusinessTransaction, ErrorDeclaration, Marks, Quantity, Site, SourceDestination};
use theriac_domain::{Decimal, Disposition, Epc, Uri};

/// An element of a quantity list.
pub(crate) fn quantity(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<Quantity> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["epcClass", "quantity", "uom"], sink);
    let unit = fields.unit("uom", sink);
    let quantity = fields.decimal("quantity", sink);
    if quantity.is_some_and(Decimal::is_negative) {
        sink.invalid(&fields.at("quantity"), "A quantity is not negative.");
    }
    Some(Quantity { class: fields.needed_identifier("epcClass", sink)?, quantity, unit })
}

/// An element of `bizTransactionList`.
pub(crate) fn business_transaction(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<BusinessTransaction> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["type", "bizTransaction"], sink);
    let kind = fields.find("type").and_then(|value| word(value, &fields.at("type"), sink));
    Some(BusinessTransaction { kind, id: fields.needed_parsed("bizTransaction", sink)? })
}

/// An element of `sourceList` or `destinationList`; `name` is that of the field which holds the party or place.
pub(crate) fn source_or_destination(
    name: &str,
    value: &Json,
    path: &Path<'_>,
    sink: &mut Sink,
) -> Option<SourceDestination> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["type", name], sink);
    let kind = fields.needed("type", sink).and_then(|value| word(value, &fields.at("type"), sink));
    let place = fields.needed_identifier(name, sink);
    Some(SourceDestination { kind: kind?, place: place? })
}

/// `readPoint` or `bizLocation`.
pub(crate) fn site(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Option<Site> {
    let path = fields.at(name);
    let inner = Fields::open(fields.find(name)?, &path, sink)?;
    let extensions = inner.extensions(&["id"], sink);
    Some(Site { place: inner.needed_identifier("id", sink)?, extensions })
}

/// `persistentDisposition`.
pub(crate) fn marks(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<Marks> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["set", "unset"], sink);
    let mut read = |name: &str| {
        let words: Vec<Disposition> = fields.list(name, sink, word);
        if matches!(fields.find(name), Some(Json::Array(items)) if items.is_empty()) {
            sink.invalid(&fields.at(name), "A list that is given names at least one disposition.");
        }
        refuse_repetition(&words, &fields.at(name), sink);
        words
    };
    let marks = Marks { set: read("set"), unset: read("unset") };
    if marks.set.is_empty() && marks.unset.is_empty() {
        sink.invalid(path, "Neither \"set\" nor \"unset\" names a disposition.");
    }
    Some(marks)
}

/// `errorDeclaration`.
pub(crate) fn error_declaration(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<ErrorDeclaration> {
    let fields = Fields::open(value, path, sink)?;
    let extensions = fields.extensions(&["declarationTime", "reason", "correctiveEventIDs"], sink);
    let reason = fields.find("reason").and_then(|value| word(value, &fields.at("reason"), sink));
    let corrected_by = fields.list("correctiveEventIDs", sink, parsed::<Uri>);
    Some(ErrorDeclaration {
        declared: fields.needed_moment("declarationTime", sink)?,
        reason,
        corrected_by,
        extensions,
    })
}

/// `certificationInfo`: a URI or an array of them.
pub(crate) fn certifications(fields: Fields<'_>, sink: &mut Sink) -> Vec<Uri> {
    match fields.find("certificationInfo") {
        Some(Json::Array(_)) => fields.list("certificationInfo", sink, parsed),
        Some(_) => fields.parsed("certificationInfo", sink).into_iter().collect(),
        None => Vec::new(),
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

/// Reports what a list holds twice.
fn refuse_repetition<T: Ord + fmt::Display>(items: &[T], path: &Path<'_>, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            sink.invalid(path, format!("{item} is listed twice."));
        }
    }
}
