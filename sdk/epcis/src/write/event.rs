//! Writes an event as EPCIS 2.0 JSON-LD, its keys in a fixed order.

use super::Identifiers;
use super::object::{Object, push_text};
use super::sensors;
use std::fmt::Display;
use theriac_domain::event::{Body, ErrorDeclaration, Marks, MasterData, Quantity, Site, SourceDestination};
use theriac_domain::{Event, EventTime};

/// The event without a context of its own.
pub(crate) fn event_json(event: &Event) -> String {
    let mut out = String::new();
    Writer { identifiers: Identifiers::DigitalLinks }.event(&mut out, event, None, None);
    out
}

/// Writes events with identifiers of one form.
pub(crate) struct Writer<'a> {
    pub identifiers: Identifiers<'a>,
}

impl Writer<'_> {
    /// Writes the event with a context of its own, given as JSON, and a record time.
    pub fn event(&self, out: &mut String, event: &Event, context: Option<&str>, recorded: Option<EventTime>) {
        let mut object = Object::open(out);
        object.maybe_json("@context", context);
        object.text("type", event.body.as_str());
        object.maybe_text("eventID", event.event_id.as_ref());
        object.text("eventTime", event.time);
        object.text("eventTimeZoneOffset", offset(event.time));
        object.maybe_text("recordTime", recorded);
        if let Some(error) = &event.error {
            declaration(object.field("errorDeclaration"), error);
        }
        object.list("certificationInfo", &event.certifications, push_text);
        self.body(&mut object, &event.body);
        object.maybe_text("bizStep", event.step.as_ref());
        object.maybe_text("disposition", event.disposition.as_ref());
        if let Some(found) = &event.marks {
            marks(object.field("persistentDisposition"), found);
        }
        self.site(&mut object, "readPoint", event.read_point.as_ref());
        self.site(&mut object, "bizLocation", event.location.as_ref());
        object.list("bizTransactionList", &event.transactions, |out, transaction| {
            let mut object = Object::open(out);
            object.maybe_text("type", transaction.kind.as_ref());
            object.text("bizTransaction", &transaction.id);
            object.close();
        });
        object.list("sourceList", &event.sources, |out, end| self.end(out, "source", end));
        object.list("destinationList", &event.destinations, |out, end| self.end(out, "destination", end));
        object.list("sensorElementList", &event.sensors, sensors::element);
        let master_data = match &event.body {
            Body::Object(body) => body.master_data.as_ref(),
            Body::Transformation(body) => body.master_data.as_ref(),
            _ => None,
        };
        if let Some(data) = master_data {
            ilmd(object.field("ilmd"), data);
        }
        object.extensions(&event.extensions);
        object.close();
    }

    fn body(&self, object: &mut Object<'_>, body: &Body) {
        match body {
            Body::Object(body) => {
                self.identifiers(object, "epcList", &body.epcs);
                self.quantities(object, "quantityList", &body.quantities);
                object.text("action", body.action.as_str());
            }
            Body::Aggregation(body) => {
                self.identifier(object, "parentID", body.parent.as_ref());
                self.identifiers(object, "childEPCs", &body.children);
                self.quantities(object, "childQuantityList", &body.child_quantities);
                object.text("action", body.action.as_str());
            }
            Body::Transaction(body) => {
                self.identifier(object, "parentID", body.parent.as_ref());
                self.identifiers(object, "epcList", &body.epcs);
                self.quantities(object, "quantityList", &body.quantities);
                object.text("action", body.action.as_str());
            }
            Body::Transformation(body) => {
                self.identifiers(object, "inputEPCList", &body.inputs);
                self.quantities(object, "inputQuantityList", &body.input_quantities);
                self.identifiers(object, "outputEPCList", &body.outputs);
                self.quantities(object, "outputQuantityList", &body.output_quantities);
                object.maybe_text("transformationID", body.id.as_ref());
            }
            Body::Association(body) => {
                self.identifier(object, "parentID", Some(&body.parent));
                self.identifiers(object, "childEPCs", &body.children);
                self.quantities(object, "childQuantityList", &body.child_quantities);
                object.text("action", body.action.as_str());
            }
        }
    }

    fn identifier(&self, object: &mut Object<'_>, name: &str, identifier: Option<&impl Display>) {
        object.maybe_text(name, identifier.map(|identifier| self.identifiers.uri(&identifier.to_string())));
    }

    fn identifiers(&self, object: &mut Object<'_>, name: &str, identifiers: &[impl Display]) {
        object
            .list(name, identifiers, |out, identifier| push_text(out, &self.identifiers.uri(&identifier.to_string())));
    }

    fn quantities(&self, object: &mut Object<'_>, name: &str, quantities: &[Quantity]) {
        object.list(name, quantities, |out, quantity| {
            let mut object = Object::open(out);
            self.identifier(&mut object, "epcClass", Some(&quantity.class));
            object.maybe_json("quantity", quantity.quantity);
            object.maybe_text("uom", quantity.unit.as_ref());
            object.close();
        });
    }

    fn site(&self, object: &mut Object<'_>, name: &str, site: Option<&Site>) {
        let Some(site) = site else { return };
        let mut inner = Object::open(object.field(name));
        self.identifier(&mut inner, "id", Some(&site.place));
        inner.extensions(&site.extensions);
        inner.close();
    }

    fn end(&self, out: &mut String, name: &str, end: &SourceDestination) {
        let mut object = Object::open(out);
        object.text("type", &end.kind);
        self.identifier(&mut object, name, Some(&end.place));
        object.close();
    }
}

fn declaration(out: &mut String, error: &ErrorDeclaration) {
    let mut object = Object::open(out);
    object.text("declarationTime", error.declared);
    object.maybe_text("reason", error.reason.as_ref());
    object.list("correctiveEventIDs", &error.corrected_by, push_text);
    object.extensions(&error.extensions);
    object.close();
}

fn marks(out: &mut String, marks: &Marks) {
    let mut object = Object::open(out);
    object.list("set", &marks.set, push_text);
    object.list("unset", &marks.unset, push_text);
    object.close();
}

fn ilmd(out: &mut String, data: &MasterData) {
    let mut object = Object::open(out);
    object.maybe_text("cbvmda:lotNumber", data.lot.as_ref());
    object.maybe_text("cbvmda:itemExpirationDate", data.expiry);
    object.extensions(&data.others);
    object.close();
}

/// The zone of a moment, such as `+01:00`: the last six characters of its text.
fn offset(time: EventTime) -> String {
    let text = time.to_string();
    text.get(text.len() - 6..).unwrap_or_default().to_owned()
}
