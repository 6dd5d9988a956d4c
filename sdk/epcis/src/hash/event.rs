//! The order of an event's fields, and the hash over them.

use super::field::Fields;
use super::node::{Names, Node};
use super::{sensor, value};
use sha2::{Digest, Sha256};
use std::fmt::{Display, Write};
use theriac_domain::Event;
use theriac_domain::event::{Body, Marks, MasterData, Quantity, Site, SourceDestination};

/// The event hash: `ni:///sha-256;…?ver=CBV2.0`.
pub fn event_hash(event: &Event) -> String {
    event_hash_ignoring(event, &[])
}

/// The event hash without extensions of some names, such as those a repository adds: `prefix:name`, at any level.
pub fn event_hash_ignoring(event: &Event, ignored: &[String]) -> String {
    let digest = Sha256::digest(pre_hash_ignoring(event, ignored));
    let mut hash = String::from("ni:///sha-256;");
    for byte in digest {
        write!(hash, "{byte:02x}").expect("a String takes every text");
    }
    hash.push_str("?ver=CBV2.0");
    hash
}

/// The pre-hash string: what is hashed.
pub fn pre_hash(event: &Event) -> String {
    pre_hash_ignoring(event, &[])
}

/// The pre-hash string without extensions of some names.
pub fn pre_hash_ignoring(event: &Event, ignored: &[String]) -> String {
    let names = Names { namespaces: &event.namespaces, ignored };
    let (mut fields, mut later) = (Fields::default(), Vec::new());
    fields.push("eventType", event.body.as_str());
    fields.push("eventTime", &value::moment(event.time));
    let local = event.time.to_string();
    fields.push("eventTimeZoneOffset", local.get(local.len() - 6..).unwrap_or_default());
    let certifications =
        event.certifications.iter().map(|uri| format!("certificationInfo={}", value::text(uri.as_str())));
    fields.texts(certifications.collect());
    subject(&mut fields, &event.body);
    fields.maybe("bizStep", event.step.as_ref().map(|word| value::cbv_word(word.as_str(), "BizStep-")));
    fields.maybe("disposition", event.disposition.as_ref().map(|word| value::cbv_word(word.as_str(), "Disp-")));
    if let Some(marks) = &event.marks {
        fields.texts(vec![persistent_disposition(marks)]);
    }
    for (name, place) in [("readPoint", &event.read_point), ("bizLocation", &event.location)] {
        if let Some(place) = place {
            later.extend(site(&mut fields, name, place, &names));
        }
    }
    later.extend(sensor::push(&mut fields, &event.sensors, &names));
    later.extend(documents_and_ends(event));
    if let Body::Object(body) = &event.body {
        later.extend(body.master_data.as_ref().map(|data| master_data(data, &names)));
    }
    if let Body::Transformation(body) = &event.body {
        later.extend(body.master_data.as_ref().map(|data| master_data(data, &names)));
    }
    later.extend(names.nodes(&event.extensions));
    fields.texts(later.iter().map(Node::hashed).collect());
    fields.finish()
}

/// What the event is about, and the action.
fn subject(fields: &mut Fields, body: &Body) {
    match body {
        Body::Object(body) => {
            fields.list("epcList", epcs(&body.epcs));
            fields.list("quantityList", quantities(&body.quantities));
            fields.push("action", body.action.as_str());
        }
        Body::Aggregation(body) => {
            fields.maybe("parentID", body.parent.as_ref().map(identifier));
            fields.list("childEPCs", epcs(&body.children));
            fields.list("childQuantityList", quantities(&body.child_quantities));
            fields.push("action", body.action.as_str());
        }
        Body::Transaction(body) => {
            fields.list("epcList", epcs(&body.epcs));
            fields.maybe("parentID", body.parent.as_ref().map(identifier));
            fields.list("quantityList", quantities(&body.quantities));
            fields.push("action", body.action.as_str());
        }
        Body::Transformation(body) => {
            fields.list("inputEPCList", epcs(&body.inputs));
            fields.list("inputQuantityList", quantities(&body.input_quantities));
            fields.list("outputEPCList", epcs(&body.outputs));
            fields.list("outputQuantityList", quantities(&body.output_quantities));
            fields.maybe("transformationID", body.id.as_ref().map(|id| value::text(id.as_str())));
        }
        Body::Association(body) => {
            fields.push("parentID", &identifier(&body.parent));
            fields.list("childEPCs", epcs(&body.children));
            fields.list("childQuantityList", quantities(&body.child_quantities));
            fields.push("action", body.action.as_str());
        }
    }
}

fn identifier(identifier: &impl Display) -> String {
    value::identifier(&identifier.to_string())
}

fn epcs(epcs: &[impl Display]) -> Vec<String> {
    epcs.iter().map(|epc| format!("epc={}", identifier(epc))).collect()
}

fn quantities(quantities: &[Quantity]) -> Vec<String> {
    let written = |quantity: &Quantity| {
        let mut fields = Fields::default();
        fields.push("epcClass", &identifier(&quantity.class));
        fields.maybe("quantity", quantity.quantity.map(|number| value::text(&number.to_string())));
        fields.maybe("uom", quantity.unit.as_deref().map(value::text));
        format!("quantityElement{}", fields.finish())
    };
    quantities.iter().map(written).collect()
}

fn persistent_disposition(marks: &Marks) -> String {
    let mut fields = Fields::default();
    for (name, words) in [("set", &marks.set), ("unset", &marks.unset)] {
        fields.texts(words.iter().map(|w| format!("{name}={}", value::cbv_word(w.as_str(), "Disp-"))).collect());
    }
    format!("persistentDisposition{}", fields.finish())
}

/// Adds a site; gives back what has to follow at the end.
fn site(fields: &mut Fields, name: &str, site: &Site, names: &Names<'_>) -> Option<Node> {
    let mut inner = Fields::default();
    inner.push("id", &identifier(&site.place));
    let (named, unknown) = names.split(&site.extensions);
    inner.texts(named.iter().map(Node::hashed).collect());
    fields.texts(vec![format!("{name}{}", inner.finish())]);
    (!unknown.is_empty()).then(|| Node::branch(name, unknown))
}

/// Business transactions, sources and destinations: each member its type first.
fn documents_and_ends(event: &Event) -> Vec<Node> {
    // A member is one text, so that its type stays before its value.
    let member = |kind: Option<String>, name: &str, value: String| {
        let kind = kind.map_or_else(String::new, |kind| format!("type={kind}"));
        Node::branch(&format!("{kind}{name}={value}"), Vec::new())
    };
    let transactions = event.transactions.iter().map(|transaction| {
        let kind = transaction.kind.as_ref().map(|kind| value::cbv_word(kind.as_str(), "BTT-"));
        member(kind, "bizTransaction", value::text(transaction.id.as_str()))
    });
    let ends = |ends: &[SourceDestination], name: &str| -> Vec<Node> {
        let written = ends.iter().map(|end| {
            let kind = value::cbv_word(end.kind.as_str(), "SDT-");
            member(Some(kind), name, identifier(&end.place))
        });
        written.collect()
    };
    let lists = [
        ("bizTransactionList", transactions.collect::<Vec<_>>()),
        ("sourceList", ends(&event.sources, "source")),
        ("destinationList", ends(&event.destinations, "destination")),
    ];
    lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| Node::branch(name, list)).collect()
}

fn master_data(data: &MasterData, names: &Names<'_>) -> Node {
    let read = [
        ("cbvmda:lotNumber", data.lot.as_ref().map(ToString::to_string)),
        ("cbvmda:itemExpirationDate", data.expiry.map(|date| date.to_string())),
    ];
    let read = read.into_iter().filter_map(|(name, text)| text.map(|text| names.named_text(name, &text)));
    Node::branch("ilmd", read.chain(names.nodes(&data.others)).collect())
}
