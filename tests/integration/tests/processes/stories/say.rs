//! Events as documents say them: what `theriac trace do` has no words for.

use crate::trace::Run;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_domain::time::EventTime;
use theriac_domain::{Date, Event};

/// The sensor of the stories.
pub const LOGGER: &str = "https://id.gs1.org/8004/9506020LOG77";

pub const MINUTE_MS: i64 = 60 * 1000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// What this machine's clock says.
pub fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// As documents write it.
pub fn moment(utc_ms: i64) -> String {
    EventTime { utc_ms, offset_minutes: 0 }.to_string()
}

/// The day, so many days from now.
pub fn day(days: i64) -> String {
    Date::at(u64::try_from(now_ms() + days * DAY_MS).unwrap()).to_string()
}

/// As documents name it.
pub fn link(path: &str) -> String {
    format!("https://id.gs1.org/{path}")
}

/// What happens now to some items.
pub fn object(action: &str, step: &str, disposition: &str, items: &[&str]) -> Value {
    json!({
        "type": "ObjectEvent",
        "eventTime": moment(now_ms()),
        "eventTimeZoneOffset": "+00:00",
        "action": action,
        "bizStep": step,
        "disposition": disposition,
        "epcList": items.iter().map(|item| link(item)).collect::<Vec<_>>(),
    })
}

/// A hand-over to a party that becomes the owner.
pub fn shipping(items: &[&str], to: &str) -> Value {
    let mut event = object("OBSERVE", "shipping", "in_transit", items);
    event["destinationList"] = json!([{ "type": "owning_party", "destination": link(&format!("417/{to}")) }]);
    event
}

/// Refers to a business document.
pub fn referring(mut event: Value, kind: &str, id: &str) -> Value {
    if event["bizTransactionList"].is_null() {
        event["bizTransactionList"] = json!([]);
    }
    let list = event["bizTransactionList"].as_array_mut().unwrap();
    list.push(json!({ "type": kind, "bizTransaction": format!("urn:epcglobal:cbv:bt:{id}") }));
    event
}

/// Adds temperatures that the sensor measured, an hour after each other, the last one at this time.
pub fn measuring(mut event: Value, values: &[f64], unit: &str, last_ms: i64) -> Value {
    let times = (0..).map(|place| last_ms - place * HOUR_MS);
    let elements: Vec<Value> =
        values.iter().rev().zip(times).map(|(value, time)| reading(*value, unit, time)).collect();
    event["sensorElementList"] = elements.into_iter().rev().collect();
    event
}

fn reading(value: f64, unit: &str, time: i64) -> Value {
    json!({
        "sensorMetadata": { "time": moment(time), "deviceID": LOGGER },
        "sensorReport": [{ "type": "Temperature", "value": value, "uom": unit }],
    })
}

/// The same event, declared not to have occurred.
pub fn undone(mut event: Value) -> Value {
    event["errorDeclaration"] = json!({ "declarationTime": moment(now_ms()), "reason": "did_not_occur" });
    event
}

/// A document of events.
pub fn document(events: &[Value]) -> String {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment(now_ms()),
        "epcisBody": { "eventList": events },
    })
    .to_string()
}

/// An event as the ledger takes it.
pub fn read(event: &Value) -> Event {
    theriac_epcis::parse(document(std::slice::from_ref(event)).as_bytes()).unwrap().events.remove(0)
}

fn capture(on: Run<'_>, who: &str, event: &Value) -> crate::common::Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("event.jsonld");
    std::fs::write(&path, document(std::slice::from_ref(event))).unwrap();
    on(&["trace", "capture", &path.display().to_string(), "--as", &format!("{who}/operator")])
}

/// Hands an event in as an organisation's operator; what became of it.
pub fn captured(on: Run<'_>, who: &str, event: &Value) -> Value {
    let row = capture(on, who, event).json()[0].take();
    assert_eq!(row["outcome"], "VALID", "{row}");
    row
}

/// The error with which an event is refused.
pub fn not_captured(on: Run<'_>, who: &str, event: &Value) -> Value {
    capture(on, who, event).error(3)
}
