//! Sensor readings: checked for their shape, then kept verbatim.

use crate::fields::{Fields, array};
use crate::json::Json;
use crate::problem::{Coded, EPCIS_VALIDATION, Sink};
use theriac_domain::Decimal;
use theriac_domain::time::parse_date_time;

/// The text of `sensorElementList`; none when it is absent or empty.
pub(crate) fn sensors(fields: Fields<'_>, sink: &mut Sink) -> Option<String> {
    let list = fields.find("sensorElementList")?;
    let path = fields.at("sensorElementList");
    let elements = array(list, &path, sink)?;
    for (index, element) in elements.iter().enumerate() {
        check_element(element, &format!("{path}[{index}]"), sink);
    }
    (!elements.is_empty()).then(|| list.to_string())
}

fn check_element(element: &Json, path: &str, sink: &mut Sink) {
    let Some(fields) = Fields::open(element, path, sink) else { return };
    fields.extensions(&["sensorMetadata", "sensorReport"], sink);
    if let Some(metadata) = fields.find("sensorMetadata") {
        let at = fields.at("sensorMetadata");
        if let Some(metadata) = Fields::open(metadata, &at, sink) {
            check_times(metadata, sink);
        }
    }
    let Some(reports) = fields.needed("sensorReport", sink) else { return };
    let at = fields.at("sensorReport");
    let Some(reports) = array(reports, &at, sink) else { return };
    if reports.is_empty() {
        sink.report(&at, EPCIS_VALIDATION, "A sensor element holds at least one report.");
    }
    for (index, report) in reports.iter().enumerate() {
        check_report(report, &format!("{at}[{index}]"), sink);
    }
}

fn check_report(report: &Json, path: &str, sink: &mut Sink) {
    let Some(fields) = Fields::open(report, path, sink) else { return };
    // An exception such as ALARM_CONDITION stands in for a measurement.
    if fields.find("exception").is_none() {
        fields.needed("type", sink);
    }
    check_times(fields, sink);
    for name in ["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"] {
        match fields.find(name) {
            None => {}
            Some(Json::Number(number)) => {
                if let Err(error) = number.parse::<Decimal>() {
                    sink.report(&fields.at(name), error.code(), error);
                }
            }
            Some(other) => {
                sink.report(
                    &fields.at(name),
                    EPCIS_VALIDATION,
                    format!("This should be a number, but is {}.", other.kind()),
                );
            }
        }
    }
    if let Some(other) = fields.find("booleanValue").filter(|value| !matches!(value, Json::Bool(_))) {
        let message = format!("This should be true or false, but is {}.", other.kind());
        sink.report(&fields.at("booleanValue"), EPCIS_VALIDATION, message);
    }
}

fn check_times(fields: Fields<'_>, sink: &mut Sink) {
    for name in ["time", "startTime", "endTime"] {
        if let Some(Err(error)) = fields.text(name, sink).map(parse_date_time) {
            sink.report(&fields.at(name), error.code(), error);
        }
    }
}
