//! One event of a document.

use crate::context::check_context;
use crate::elements::{
    business_transaction, certifications, error_declaration, identifiers, marks, moment, place, quantity,
    source_or_destination,
};
use crate::fields::{Fields, text};
use crate::json::Json;
use crate::master_data::master_data;
use crate::problem::{Coded, EPCIS_VALIDATION, EVENT_UNSUPPORTED, Sink};
use crate::sensors::sensors;
use theriac_domain::time::{EventTime, parse_offset};
use theriac_domain::{Action, AggregationEvent, Common, Epc, Event, ObjectEvent};

/// Reads an event; `None` after reporting why not.
pub(crate) fn event(value: &Json, path: &str, sink: &mut Sink) -> Option<Event> {
    let problems_before = sink.count();
    let fields = Fields::open(value, path, sink)?;
    let at = fields.at("type");
    let read = match text(fields.needed("type", sink)?, &at, sink)? {
        "ObjectEvent" => object_event(fields, sink).map(Event::Object),
        "AggregationEvent" => aggregation_event(fields, sink).map(Event::Aggregation),
        kind @ ("TransactionEvent" | "TransformationEvent" | "AssociationEvent") => {
            let message = format!("This ledger takes ObjectEvent and AggregationEvent, not {kind}.");
            sink.report(&at, EVENT_UNSUPPORTED, message);
            None
        }
        other => {
            let message = format!("{other:?} is no kind of event of EPCIS 2.0.");
            sink.report(&at, EPCIS_VALIDATION, message);
            None
        }
    };
    let read = read.filter(|_| sink.count() == problems_before)?;
    if let Err(error) = read.check_limits() {
        sink.report(path, error.code(), error);
        return None;
    }
    Some(read)
}

const COMMON_FIELDS: [&str; 16] = [
    "@context",
    "type",
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "certificationInfo",
    "errorDeclaration",
    "action",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
];

fn object_event(fields: Fields<'_>, sink: &mut Sink) -> Option<ObjectEvent> {
    let own = ["epcList", "quantityList", "sensorElementList", "persistentDisposition", "ilmd"];
    let common = common(fields, &own, sink);
    let epcs = identifiers(fields, "epcList", sink);
    let quantities = fields.list("quantityList", sink, quantity);
    let has = |name: &str| matches!(fields.find(name), Some(Json::Array(items)) if !items.is_empty());
    let senses_a_place = has("sensorElementList") && fields.find("readPoint").is_some();
    if !has("epcList") && !has("quantityList") && !senses_a_place {
        let message = "The event names nothing: give epcList, quantityList, or sensorElementList with readPoint.";
        sink.report(fields.path, EPCIS_VALIDATION, message);
    }
    let master_data = match fields.find("ilmd") {
        Some(ilmd) => master_data(ilmd, &fields.at("ilmd"), sink)?,
        None => Default::default(),
    };
    let common = common?;
    if fields.find("ilmd").is_some() && common.action != Action::Add {
        let message = "Master data (ilmd) is stated when objects begin, with action ADD only.";
        sink.report(&fields.at("ilmd"), EPCIS_VALIDATION, message);
    }
    Some(ObjectEvent { common, epcs, quantities, master_data })
}

fn aggregation_event(fields: Fields<'_>, sink: &mut Sink) -> Option<AggregationEvent> {
    let own = ["parentID", "childEPCs", "childQuantityList", "sensorElementList"];
    let common = common(fields, &own, sink);
    let parent: Option<Epc> = fields.identifier("parentID", sink);
    let children = identifiers(fields, "childEPCs", sink);
    let child_quantities = fields.list("childQuantityList", sink, quantity);
    let common = common?;
    if fields.find("parentID").is_none() && common.action != Action::Observe {
        let message = "The required field \"parentID\" is missing: ADD and DELETE need a container.";
        sink.report(fields.path, EPCIS_VALIDATION, message);
    }
    let names_children = ["childEPCs", "childQuantityList"]
        .iter()
        .any(|name| matches!(fields.find(name), Some(Json::Array(items)) if !items.is_empty()));
    if !names_children && common.action != Action::Delete {
        let message = "The event names no children: give childEPCs or childQuantityList.";
        sink.report(fields.path, EPCIS_VALIDATION, message);
    }
    Some(AggregationEvent { common, parent, children, child_quantities })
}

fn common(fields: Fields<'_>, own: &[&str], sink: &mut Sink) -> Option<Common> {
    if let Some(context) = fields.find("@context") {
        check_context(context, &fields.at("@context"), sink);
    }
    let time = event_time(fields, sink);
    if fields.find("recordTime").is_some() {
        // Whoever stores an event sets its record time; a sender's is checked and dropped.
        moment(fields, "recordTime", sink);
    }
    let action = fields.needed_parsed("action", sink);
    let error = fields.find("errorDeclaration");
    let error = error.and_then(|value| error_declaration(value, &fields.at("errorDeclaration"), sink));
    let known: Vec<&str> = COMMON_FIELDS.iter().chain(own).copied().collect();
    let marked = fields.find("persistentDisposition").filter(|_| own.contains(&"persistentDisposition"));
    let marks = marked.and_then(|value| marks(value, &fields.at("persistentDisposition"), sink));
    let read = Common {
        time: time?,
        event_id: fields.parsed("eventID", sink),
        certifications: certifications(fields, sink),
        error,
        action: action?,
        step: fields.parsed("bizStep", sink),
        disposition: fields.parsed("disposition", sink),
        marks,
        read_point: place(fields, "readPoint", sink),
        location: place(fields, "bizLocation", sink),
        transactions: fields.list("bizTransactionList", sink, business_transaction),
        sources: fields.list("sourceList", sink, |v, p, s| source_or_destination("source", v, p, s)),
        destinations: fields.list("destinationList", sink, |v, p, s| source_or_destination("destination", v, p, s)),
        sensors: sensors(fields, sink),
        extensions: fields.extensions(&known, sink),
    };
    Some(read)
}

fn event_time(fields: Fields<'_>, sink: &mut Sink) -> Option<EventTime> {
    let utc_ms = moment(fields, "eventTime", sink);
    let path = fields.at("eventTimeZoneOffset");
    let offset = text(fields.needed("eventTimeZoneOffset", sink)?, &path, sink)?;
    match parse_offset(offset) {
        Ok(offset_minutes) => Some(EventTime { utc_ms: utc_ms?, offset_minutes }),
        Err(error) => {
            sink.report(&path, error.code(), error);
            None
        }
    }
}
