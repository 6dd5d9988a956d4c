//! XML and JSON documents that say the same, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{documents, folder, name};
use std::path::{Path, PathBuf};
use theriac_epcis::parse;

/// XML and JSON documents of one name.
fn twins(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let open = folder.join("openepcis-test-resources/2.0/EPCIS");
    let mut twins = Vec::new();
    for part in ["Capture/Documents", "Capture/Events", "Query"] {
        for xml in documents(&open.join("XML").join(part)) {
            let json = open.join("JSON").join(part).join(name(&xml)).with_extension("json");
            if json.exists() {
                twins.push((xml, json));
            }
        }
    }
    let hashes = documents(&folder.join("epcis-event-hash-generator/examples"));
    for xml in hashes.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "xml")) {
        let json = xml.with_extension("jsonld");
        if json.exists() {
            twins.push((xml, json));
        }
    }
    twins
}

/// Twins that do not say the same, by the end of their path, with what they differ in.
const DIFFERING: &[(&str, &str)] = &[
    ("AggregationEvent_with_sensorData.xml", ZONE),
    ("AssociationEvent_with_sensorData.xml", ZONE),
    ("ObjectEvent_with_sensorData.xml", ZONE),
    ("SensorData_and_extension.xml", ZONE),
    ("ObjectEvent_with_comment.xml", "a comment is a field in JSON and a comment of the language in XML"),
    ("TransformationEvent_with_userExtensions.xml", "XML has to say what cbvmda stands for, JSON must not"),
    ("Events/TransformationEvent.xml", "the error was declared at another time"),
];
const ZONE: &str = "the times of sensors stand in another zone";

/// Twins of which one breaks a rule (see documents.rs).
const REFUSED: &[&str] = &[
    "AggregationEvent_all_possible_fields.xml",
    "Combination_of_different_event.xml",
    "CurieString_document.xml",
    "Namespaces_at_different_level.xml",
    "ObjectEventWithAllPossibleFields.xml",
    "ObjectEvent_all_possible_fields.xml",
    "TransactionEvent_all_possible_fields.xml",
    "TransformationEvent_all_possible_fields.xml",
    "TransformationEvent_with_error_declaration.xml",
    "queryDocument.xml",
];

#[test]
fn twins_that_say_the_same_give_the_same_events() {
    let Some(folder) = folder() else { return };
    let (mut same, mut wrong) = (0, Vec::new());
    for (xml, json) in twins(&folder) {
        let file = name(&xml);
        let read = |path: &Path| parse(&std::fs::read(path).unwrap());
        let (Ok(from_xml), Ok(from_json)) = (read(&xml), read(&json)) else {
            if !REFUSED.contains(&file.as_str()) {
                wrong.push(format!("{file} is refused"));
            }
            continue;
        };
        let exception = DIFFERING.iter().find(|(end, _)| xml.to_string_lossy().ends_with(end));
        match (from_xml.events == from_json.events, exception) {
            (true, None) => same += 1,
            (false, Some(_)) => {}
            (true, Some((_, reason))) => wrong.push(format!("{file} says the same after all, though {reason}")),
            (false, None) => wrong.push(format!("{file} differs: {:#?} {:#?}", from_xml.events, from_json.events)),
        }
    }
    println!("{same} pairs give the same events");
    assert_eq!(wrong, [] as [String; 0], "{}", wrong.join("\n"));
    assert!(same >= 23, "only {same}");
}
