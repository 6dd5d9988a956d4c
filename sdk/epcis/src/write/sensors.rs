//! Sensor elements.

use super::object::Object;
use theriac_domain::event::{SensorElement, SensorMetadata, SensorReport, SensorSource};

pub(crate) fn element(out: &mut String, element: &SensorElement) {
    let mut object = Object::open(out);
    if let Some(common) = &element.metadata {
        metadata(object.field("sensorMetadata"), common);
    }
    object.whole_list("sensorReport", &element.reports, report);
    object.extensions(&element.extensions);
    object.close();
}

fn metadata(out: &mut String, metadata: &SensorMetadata) {
    let mut object = Object::open(out);
    object.maybe_text("time", metadata.time);
    object.maybe_text("startTime", metadata.start);
    object.maybe_text("endTime", metadata.end);
    source(&mut object, &metadata.source);
    object.extensions(&metadata.extensions);
    object.close();
}

fn report(out: &mut String, report: &SensorReport) {
    let mut object = Object::open(out);
    object.maybe_text("type", report.kind.as_ref());
    object.maybe_text("exception", report.exception.as_ref());
    source(&mut object, &report.source);
    object.maybe_text("time", report.time);
    object.maybe_text("microorganism", report.microorganism.as_ref());
    object.maybe_text("chemicalSubstance", report.substance.as_ref());
    object.maybe_text("coordinateReferenceSystem", report.coordinate_system.as_ref());
    object.maybe_json("value", report.value);
    object.maybe_text("component", report.component.as_ref());
    object.maybe_text("stringValue", report.text.as_ref());
    object.maybe_json("booleanValue", report.boolean);
    object.maybe_text("hexBinaryValue", report.hexadecimal.as_ref());
    object.maybe_text("uriValue", report.uri.as_ref());
    object.maybe_json("minValue", report.min);
    object.maybe_json("maxValue", report.max);
    object.maybe_json("meanValue", report.mean);
    object.maybe_json("sDev", report.deviation);
    object.maybe_json("percRank", report.percentile_rank);
    object.maybe_json("percValue", report.percentile_value);
    object.maybe_text("uom", report.unit.as_ref());
    object.extensions(&report.extensions);
    object.close();
}

fn source(object: &mut Object<'_>, source: &SensorSource) {
    object.maybe_text("deviceID", source.device.as_ref());
    object.maybe_text("deviceMetadata", source.device_metadata.as_ref());
    object.maybe_text("rawData", source.raw_data.as_ref());
    object.maybe_text("dataProcessingMethod", source.processing_method.as_ref());
    object.maybe_text("bizRules", source.business_rules.as_ref());
}
