//! What each of the five kinds of events is about, and what it has to name.

use super::Prefixes;
use super::fields::Fields;
use super::ilmd::master_data;
use super::parts::{identifiers, quantity};
use crate::problem::Sink;
use theriac_domain::Action;
use theriac_domain::event::{
    Aggregation, Association, Body, MasterData, Object, Quantity, Transaction, Transformation,
};

/// The fields of each kind that tell what it is about.
pub(crate) fn own_fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "ObjectEvent" => &["action", "epcList", "quantityList", "ilmd"],
        "AggregationEvent" | "AssociationEvent" => &["action", "parentID", "childEPCs", "childQuantityList"],
        "TransactionEvent" => &["action", "parentID", "epcList", "quantityList"],
        "TransformationEvent" => {
            &["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd"]
        }
        _ => return None,
    })
}

/// Reads what an event of one of the five kinds is about.
pub(crate) fn body(kind: &str, fields: Fields<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<Body> {
    match kind {
        "ObjectEvent" => object(fields, prefixes, sink).map(Body::Object),
        "AggregationEvent" => aggregation(fields, sink).map(Body::Aggregation),
        "TransactionEvent" => transaction(fields, sink).map(Body::Transaction),
        "TransformationEvent" => transformation(fields, prefixes, sink).map(Body::Transformation),
        _ => association(fields, sink).map(Body::Association),
    }
}

fn object(fields: Fields<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<Object> {
    let action = fields.needed_parsed("action", sink);
    let epcs = identifiers(fields, "epcList", sink);
    let quantities = quantities(fields, "quantityList", sink);
    let senses_a_place = fields.has_items("sensorElementList") && fields.find("readPoint").is_some();
    if !fields.has_items("epcList") && !fields.has_items("quantityList") && !senses_a_place {
        let message = "The event names nothing: give epcList, quantityList, or sensorElementList with readPoint.";
        sink.invalid(fields.path, message);
    }
    let master_data = ilmd(fields, prefixes, sink);
    let action = action?;
    if fields.find("ilmd").is_some() && action != Action::Add {
        sink.invalid(&fields.at("ilmd"), "Master data (ilmd) is stated when objects begin, with action ADD only.");
    }
    Some(Object { action, epcs, quantities, master_data })
}

fn aggregation(fields: Fields<'_>, sink: &mut Sink) -> Option<Aggregation> {
    let action = fields.needed_parsed("action", sink);
    let parent = fields.identifier("parentID", sink);
    let children = identifiers(fields, "childEPCs", sink);
    let child_quantities = quantities(fields, "childQuantityList", sink);
    let action = action?;
    if fields.find("parentID").is_none() && action != Action::Observe {
        let message = "The required field \"parentID\" is missing: ADD and DELETE need a container.";
        sink.invalid(fields.path, message);
    }
    needs_unless_deleting(action, &["childEPCs", "childQuantityList"], fields, sink);
    Some(Aggregation { action, parent, children, child_quantities })
}

fn transaction(fields: Fields<'_>, sink: &mut Sink) -> Option<Transaction> {
    let action = fields.needed_parsed("action", sink);
    if !fields.has_items("bizTransactionList") {
        sink.invalid(fields.path, "The event ties objects to no document: give bizTransactionList.");
    }
    let parent = fields.identifier("parentID", sink);
    let epcs = identifiers(fields, "epcList", sink);
    let quantities = quantities(fields, "quantityList", sink);
    let action = action?;
    needs_unless_deleting(action, &["epcList", "quantityList"], fields, sink);
    Some(Transaction { action, parent, epcs, quantities })
}

fn transformation(fields: Fields<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<Transformation> {
    let id = fields.parsed("transformationID", sink);
    let has = |names: [&str; 2]| names.iter().any(|name| fields.has_items(name));
    let has_inputs = has(["inputEPCList", "inputQuantityList"]);
    let has_outputs = has(["outputEPCList", "outputQuantityList"]);
    if !has_inputs && !has_outputs {
        sink.invalid(fields.path, "The event names neither inputs nor outputs.");
    } else if (!has_inputs || !has_outputs) && fields.find("transformationID").is_none() {
        let message = "Inputs or outputs alone need a transformationID that ties them to the others.";
        sink.invalid(fields.path, message);
    }
    Some(Transformation {
        inputs: identifiers(fields, "inputEPCList", sink),
        input_quantities: quantities(fields, "inputQuantityList", sink),
        outputs: identifiers(fields, "outputEPCList", sink),
        output_quantities: quantities(fields, "outputQuantityList", sink),
        id,
        master_data: ilmd(fields, prefixes, sink),
    })
}

fn association(fields: Fields<'_>, sink: &mut Sink) -> Option<Association> {
    let action = fields.needed_parsed("action", sink);
    let parent = fields.needed_identifier("parentID", sink);
    let children = identifiers(fields, "childEPCs", sink);
    let child_quantities = quantities(fields, "childQuantityList", sink);
    let action = action?;
    needs_unless_deleting(action, &["childEPCs", "childQuantityList"], fields, sink);
    Some(Association { action, parent: parent?, children, child_quantities })
}

fn needs_unless_deleting(action: Action, lists: &[&str; 2], fields: Fields<'_>, sink: &mut Sink) {
    if action != Action::Delete && !lists.iter().any(|name| fields.has_items(name)) {
        let [epcs, quantities] = lists;
        sink.invalid(fields.path, format!("The event names no objects: give {epcs} or {quantities}."));
    }
}

fn quantities(fields: Fields<'_>, name: &str, sink: &mut Sink) -> Vec<Quantity> {
    fields.list(name, sink, quantity)
}

fn ilmd(fields: Fields<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<MasterData> {
    fields.find("ilmd").and_then(|value| master_data(value, &fields.at("ilmd"), prefixes, sink))
}
