//! What sensors measured, in the form that is hashed.

use super::field::Fields;
use super::node::{Names, Node};
use super::value;
use theriac_domain::event::{SensorElement, SensorMetadata, SensorReport, SensorSource};
use theriac_domain::{Decimal, Uri};

const LIST: &str = "sensorElementList";
const ELEMENT: &str = "sensorElement";
const METADATA: &str = "sensorMetadata";
const REPORT: &str = "sensorReport";

/// Adds the sensor elements; gives back what has to follow at the end.
pub(super) fn push(fields: &mut Fields, sensors: &[SensorElement], names: &Names<'_>) -> Option<Node> {
    let mut later = Vec::new();
    let elements = sensors.iter().map(|sensor| {
        let (text, rest) = element(sensor, names);
        later.extend((!rest.is_empty()).then(|| Node::branch(ELEMENT, rest)));
        text
    });
    let elements = elements.collect();
    fields.list(LIST, elements);
    (!later.is_empty()).then(|| Node::branch(LIST, later))
}

fn element(element: &SensorElement, names: &Names<'_>) -> (String, Vec<Node>) {
    let (mut fields, mut later) = (Fields::default(), Vec::new());
    if let Some(common) = &element.metadata {
        let (text, rest) = metadata(common, names);
        fields.texts(vec![text]);
        later.extend((!rest.is_empty()).then(|| Node::branch(METADATA, rest)));
    }
    let mut reports = Vec::new();
    for own in &element.reports {
        let (text, rest) = report(own, names);
        reports.push(text);
        later.extend((!rest.is_empty()).then(|| Node::branch(REPORT, rest)));
    }
    fields.texts(reports);
    let (named, unknown) = names.split(&element.extensions);
    fields.texts(named.iter().map(Node::hashed).collect());
    later.extend(unknown);
    (format!("{ELEMENT}{}", fields.finish()), later)
}

fn metadata(metadata: &SensorMetadata, names: &Names<'_>) -> (String, Vec<Node>) {
    let mut fields = Fields::default();
    fields.maybe("time", metadata.time.map(value::moment));
    fields.maybe("startTime", metadata.start.map(value::moment));
    fields.maybe("endTime", metadata.end.map(value::moment));
    source(&mut fields, &metadata.source);
    fields.maybe("bizRules", metadata.source.business_rules.as_ref().map(uri));
    let (named, later) = names.split(&metadata.extensions);
    fields.texts(named.iter().map(Node::hashed).collect());
    (format!("{METADATA}{}", fields.finish()), later)
}

fn report(report: &SensorReport, names: &Names<'_>) -> (String, Vec<Node>) {
    let mut fields = Fields::default();
    let decimal = |number: Decimal| value::text(&number.to_string());
    fields.maybe("type", report.kind.as_deref().map(value::gs1_word));
    fields.maybe("exception", report.exception.as_deref().map(value::gs1_word));
    source(&mut fields, &report.source);
    fields.maybe("time", report.time.map(value::moment));
    fields.maybe("microorganism", report.microorganism.as_ref().map(uri));
    fields.maybe("chemicalSubstance", report.substance.as_ref().map(uri));
    fields.maybe("value", report.value.map(decimal));
    fields.maybe("component", report.component.as_deref().map(|word| value::cbv_word(word, "Comp-")));
    fields.maybe("stringValue", report.text.as_deref().map(value::text));
    fields.maybe("booleanValue", report.boolean.map(|value| value.to_string()));
    fields.maybe("hexBinaryValue", report.hexadecimal.as_deref().map(value::text));
    fields.maybe("uriValue", report.uri.as_ref().map(uri));
    fields.maybe("minValue", report.min.map(decimal));
    fields.maybe("maxValue", report.max.map(decimal));
    fields.maybe("meanValue", report.mean.map(decimal));
    fields.maybe("sDev", report.deviation.map(decimal));
    fields.maybe("percRank", report.percentile_rank.map(decimal));
    fields.maybe("percValue", report.percentile_value.map(decimal));
    fields.maybe("uom", report.unit.as_deref().map(value::text));
    fields.maybe("coordinateReferenceSystem", report.coordinate_system.as_ref().map(uri));
    let (named, mut later) = names.split(&report.extensions);
    fields.texts(named.iter().map(Node::hashed).collect());
    later.extend(report.source.business_rules.as_ref().map(|rules| Node::leaf("bizRules", uri(rules))));
    (format!("{REPORT}{}", fields.finish()), later)
}

fn source(fields: &mut Fields, source: &SensorSource) {
    fields.maybe("deviceID", source.device.as_ref().map(uri));
    fields.maybe("deviceMetadata", source.device_metadata.as_ref().map(uri));
    fields.maybe("rawData", source.raw_data.as_ref().map(uri));
    fields.maybe("dataProcessingMethod", source.processing_method.as_ref().map(uri));
}

fn uri(uri: &Uri) -> String {
    value::text(uri.as_str())
}
