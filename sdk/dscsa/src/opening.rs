//! From a partner's report to a case of the ledger's.

use crate::error::{CAPTURE_LIMIT, DSCSA_VALIDATION, DscsaError, Problem};
use crate::findings::keep;
use crate::message::Read;
use crate::report::{Exceptions, Report};
use std::collections::BTreeSet;
use theriac_domain::{Gln, Gtin, ItemId, Sgtin};
use theriac_trace::{CaseKind, OpenCase};

/// Most items of a case, by the ledger's own rule.
const CASE_ITEMS_MAX: usize = 200;

/// The case that a report opens against its sender. Its findings keep what the report says, and its items are the packs
/// that the report names by codes that can be ones; other codes are remarked upon.
///
/// # Errors
/// When the report opens nothing, does not say what it is about, or is too long for a case.
pub fn open(report: &Report, kind: Option<CaseKind>) -> Result<Read<OpenCase>, DscsaError> {
    if report.case_resolved {
        return Err(DscsaError::NothingToOpen { why: "says that its case is resolved" });
    }
    let none = Exceptions::default();
    let exceptions = report.exceptions.as_ref().unwrap_or(&none);
    let has_words = report.other_errors.as_ref().is_some_and(|errors| !errors.is_empty());
    if exceptions.items().is_empty() && !has_words {
        return Err(DscsaError::NothingToOpen { why: "tells of no exception" });
    }
    let kind = kind.or_else(|| kind_of(exceptions)).ok_or(DscsaError::KindUnclear)?;
    let mut remarks = Vec::new();
    let against = report.sender_information.gln.as_ref().and_then(|gln| {
        let path = "$.sender_information.gln";
        let read = gln.parse::<Gln>();
        let problem = |error: &dyn std::fmt::Display, code| {
            Problem::new(path, code, format!("{error} The case is opened against nobody."))
        };
        read.map_err(|error| remarks.push(problem(&error, error.code()))).ok()
    });
    let mut items = packs(exceptions, &mut remarks);
    if items.len() > CASE_ITEMS_MAX {
        let message = format!("{} packs; the case names the first {CASE_ITEMS_MAX}.", items.len());
        remarks.push(Problem::new("$.exceptions", CAPTURE_LIMIT, message));
        items.truncate(CASE_ITEMS_MAX);
    }
    let against = against.map(|gln| gln.to_string());
    Ok(Read { value: OpenCase { kind, against, items, findings: keep(report)? }, remarks })
}

/// What a report is about; of several kinds the first.
fn kind_of(exceptions: &Exceptions) -> Option<CaseKind> {
    let has = |length: Option<usize>| length.is_some_and(|length| length > 0);
    let master_data = exceptions.master_data_errors.as_ref();
    let kinds = [
        (has(exceptions.overages.as_ref().map(Vec::len)), CaseKind::Overage),
        (has(exceptions.underages.as_ref().map(Vec::len)), CaseKind::Underage),
        // Whether a whole shipment is lost, no report says.
        (has(exceptions.missing_product.as_ref().map(Vec::len)), CaseKind::Underage),
        (has(exceptions.missing_product_data.as_ref().map(Vec::len)), CaseKind::MissingData),
        (has(exceptions.data_misalignment.as_ref().map(Vec::len)), CaseKind::DataMisalignment),
        (master_data.is_some(), CaseKind::DataMisalignment),
    ];
    kinds.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
}

/// The packs that a report names, each once, in its order. Of goods and data that do not fit it is the pack in the data:
/// that is the one the ledger knows.
fn packs(exceptions: &Exceptions, remarks: &mut Vec<Problem>) -> Vec<ItemId> {
    let mut seen = BTreeSet::new();
    let mut packs = Vec::new();
    let mut add = |section: &str, at: usize, prefix: &str, gtin: &str, serial: Option<&str>| {
        let Some(serial) = serial else { return };
        let place = |field: &str| format!("$.exceptions.{section}[{at}].{prefix}{field}");
        let read = || {
            let gtin = Gtin::from_any_length(gtin).map_err(|error| (place("gtin"), error))?;
            let serial = serial.parse().map_err(|error| (place("serial"), error))?;
            Ok(ItemId::Unit(Sgtin { gtin, serial }))
        };
        match read() {
            Ok(item) => {
                if seen.insert(item.clone()) {
                    packs.push(item);
                }
            }
            Err((path, error)) => {
                let message = format!("{error} The case has it in words only.");
                remarks.push(Problem { path, code: error.code(), message });
            }
        }
    };
    for (at, item) in exceptions.missing_product_data.iter().flatten().enumerate() {
        add("missing_product_data", at, "product_", &item.product_gtin, item.product_serial.as_deref());
    }
    for (at, item) in exceptions.missing_product.iter().flatten().enumerate() {
        add("missing_product", at, "product_", &item.product_gtin, Some(&item.product_serial));
    }
    for (at, item) in exceptions.data_misalignment.iter().flatten().enumerate() {
        add("data_misalignment", at, "product_data_", &item.product_data_gtin, item.product_data_serial.as_deref());
    }
    let counted = [("overages", &exceptions.overages), ("underages", &exceptions.underages)];
    for (section, list) in counted {
        for (at, item) in list.iter().flatten().enumerate() {
            if let Err(error) = Gtin::from_any_length(&item.gtin) {
                let path = format!("$.exceptions.{section}[{at}].gtin");
                remarks.push(Problem { path, code: error.code(), message: error.to_string() });
            }
            if (section == "overages") != (item.quantity_received > item.quantity_ordered) {
                let path = format!("$.exceptions.{section}[{at}].quantity_received");
                let message = format!("{} were ordered. Ask the sender.", item.quantity_ordered);
                remarks.push(Problem { path, code: DSCSA_VALIDATION, message });
            }
        }
    }
    packs
}
