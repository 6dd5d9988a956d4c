//! `sensorElementList`: what sensors measured.

use super::fields::Fields;
use super::words::{ALERTS, COMPONENTS, MEASUREMENTS};
use crate::json::Json;
use crate::path::Path;
use crate::problem::Sink;
use theriac_domain::EventTime;
use theriac_domain::event::{SensorElement, SensorMetadata, SensorReport, SensorSource};

/// Reads the list; no sensor may have measured later than the event happened.
pub(crate) fn sensors(fields: Fields<'_>, event_time: Option<EventTime>, sink: &mut Sink) -> Vec<SensorElement> {
    fields.list("sensorElementList", sink, |value, path, sink| element(value, path, event_time, sink))
}

fn element(value: &Json, path: &Path<'_>, event_time: Option<EventTime>, sink: &mut Sink) -> Option<SensorElement> {
    let fields = Fields::open(value, path, sink)?;
    let extensions = fields.extensions(&["sensorMetadata", "sensorReport"], sink);
    let metadata_path = fields.at("sensorMetadata");
    let common = fields.find("sensorMetadata").and_then(|value| Fields::open(value, &metadata_path, sink));
    let metadata = common.map(|common| metadata(common, event_time, sink));
    fields.needed("sensorReport", sink)?;
    if matches!(fields.find("sensorReport"), Some(Json::Array(items)) if items.is_empty()) {
        sink.invalid(&fields.at("sensorReport"), "A sensor element holds at least one report.");
    }
    let reports = fields.list("sensorReport", sink, |value, path, sink| {
        let own = Fields::open(value, path, sink)?;
        refuse_common(own, common, sink);
        Some(report(own, event_time, sink))
    });
    Some(SensorElement { metadata, reports, extensions })
}

/// What is common to all reports stands in the metadata or in the reports, not in both.
fn refuse_common(own: Fields<'_>, common: Option<Fields<'_>>, sink: &mut Sink) {
    let Some(common) = common else { return };
    for name in COMMON.iter().filter(|name| common.find(name).is_some() && own.find(name).is_some()) {
        sink.invalid(&own.at(name), format!("sensorMetadata gives {name:?} for all its reports: give it only once."));
    }
}

fn metadata(fields: Fields<'_>, event_time: Option<EventTime>, sink: &mut Sink) -> SensorMetadata {
    let known: Vec<&str> = COMMON.iter().copied().chain(["startTime", "endTime"]).collect();
    let metadata = SensorMetadata {
        time: past(fields, "time", event_time, sink),
        start: past(fields, "startTime", event_time, sink),
        end: past(fields, "endTime", event_time, sink),
        source: source(fields, sink),
        extensions: fields.extensions(&known, sink),
    };
    if let (Some(start), Some(end)) = (metadata.start, metadata.end)
        && start.utc_ms > end.utc_ms
    {
        sink.invalid(&fields.at("endTime"), "An interval does not end before it starts.");
    }
    metadata
}

fn report(fields: Fields<'_>, event_time: Option<EventTime>, sink: &mut Sink) -> SensorReport {
    // An exception such as ALARM_CONDITION may stand in for a measurement.
    if fields.find("exception").is_none() {
        fields.needed("type", sink);
    }
    let words = |name: &str, list: &super::words::SensorWords, sink: &mut Sink| {
        fields.find(name).and_then(|value| list.read(value, &fields.at(name), sink))
    };
    SensorReport {
        kind: words("type", &MEASUREMENTS, sink),
        exception: words("exception", &ALERTS, sink),
        source: source(fields, sink),
        time: past(fields, "time", event_time, sink),
        microorganism: fields.parsed("microorganism", sink),
        substance: fields.parsed("chemicalSubstance", sink),
        coordinate_system: fields.parsed("coordinateReferenceSystem", sink),
        component: words("component", &COMPONENTS, sink),
        value: fields.decimal("value", sink),
        min: fields.decimal("minValue", sink),
        max: fields.decimal("maxValue", sink),
        mean: fields.decimal("meanValue", sink),
        deviation: fields.decimal("sDev", sink),
        percentile_rank: fields.decimal("percRank", sink),
        percentile_value: fields.decimal("percValue", sink),
        unit: fields.unit("uom", sink),
        text: fields.owned_text("stringValue", sink),
        boolean: boolean(fields, sink),
        hexadecimal: hexadecimal(fields, sink),
        uri: fields.parsed("uriValue", sink),
        extensions: fields.extensions(&report_fields(), sink),
    }
}

fn source(fields: Fields<'_>, sink: &mut Sink) -> SensorSource {
    SensorSource {
        device: fields.parsed("deviceID", sink),
        device_metadata: fields.parsed("deviceMetadata", sink),
        raw_data: fields.parsed("rawData", sink),
        processing_method: fields.parsed("dataProcessingMethod", sink),
        business_rules: fields.parsed("bizRules", sink),
    }
}

fn past(fields: Fields<'_>, name: &str, event_time: Option<EventTime>, sink: &mut Sink) -> Option<EventTime> {
    let time = fields.moment(name, sink)?;
    if let Some(event_time) = event_time.filter(|event_time| event_time.utc_ms < time.utc_ms) {
        let message = format!("A sensor measured at {time}, later than its event at {event_time}.");
        sink.invalid(&fields.at(name), message);
    }
    Some(time)
}

fn boolean(fields: Fields<'_>, sink: &mut Sink) -> Option<bool> {
    match fields.find("booleanValue")? {
        Json::Bool(value) => Some(*value),
        other => {
            let message = format!("This should be true or false, but is {}.", other.kind());
            sink.invalid(&fields.at("booleanValue"), message);
            None
        }
    }
}

fn hexadecimal(fields: Fields<'_>, sink: &mut Sink) -> Option<String> {
    let digits = fields.text("hexBinaryValue", sink)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        sink.invalid(&fields.at("hexBinaryValue"), "This should consist of hexadecimal digits.");
    }
    Some(digits.to_owned())
}

fn report_fields() -> Vec<&'static str> {
    COMMON.iter().chain(&OF_REPORTS).copied().collect()
}

/// What metadata and reports both may give.
const COMMON: [&str; 6] = ["time", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"];

/// What only reports give.
const OF_REPORTS: [&str; 18] = [
    "type",
    "exception",
    "microorganism",
    "chemicalSubstance",
    "coordinateReferenceSystem",
    "component",
    "value",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
];
