//! Every document that GS1 and others publish, read from the folder that `THERIAC_CONFORMANCE_DATA` names: accepted or
//! refused as its publisher says, or for a reason given here; and what is accepted comes back as it was.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{documents, folder, name};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use theriac_epcis::{Document, Identifiers, parse};

/// Where valid documents are.
const VALID: &[&str] = &[
    "gs1-EPCIS/JSON",
    "gs1-EPCIS/JSON-Schema/test",
    "gs1-EPCIS/XML",
    "gs1-EPCIS/XSL/1.2/XML",
    "epcis-event-hash-generator/examples",
    "epcis-event-hash-generator/expected_equal",
    "openepcis-test-resources/1.2/EPCIS/XML/Capture/Documents",
    "openepcis-test-resources/2.0/EPCIS/JSON/Capture/Documents",
    "openepcis-test-resources/2.0/EPCIS/JSON/Capture/Events",
    "openepcis-test-resources/2.0/EPCIS/JSON/Query",
    "openepcis-test-resources/2.0/EPCIS/XML/Capture/Documents",
    "openepcis-test-resources/2.0/EPCIS/XML/Capture/Events",
    "openepcis-test-resources/2.0/EPCIS/XML/Query",
    "openepcis-event-sentry/epcis-events",
    "openepcis-testdata-generator/create_test_data_ui",
    "openepcis-testdata-generator/design_test_data_ui",
    "own-scenarios",
];

/// Files among them that are no documents: settings of a generator, expectations, schemas, jobs, questions.
const NO_DOCUMENTS: &[&str] = &[
    "CommissioningEventRandomOption.json",
    "Exported_Design.json",
    "InputTemplate.json",
    "scenario_A_expected_states.json",
    "scenario_A_hashes.json",
    "sch1.json",
    "sch2.json",
    "Example-CaptureJobRunning.xml",
    "Example-CaptureJobSuccess.xml",
    "Example-CaptureJobWithErrorFile.xml",
    "Example-CaptureJobWithErrors.xml",
    "Query_with_unknown_parameter.json",
    "Query_without_queryName.xml",
];

const SENSED_LATER: &str = "a sensor measures later than its event";
const TWICE: &str = "a sensor's report repeats what its metadata say, and sensors measure later than their event";
const DOCUMENT_TYPE: &str = "it has a document type";
const SHORT_TIME: &str = "a moment has no seconds, which neither XML Schema nor RFC 3339 allows";

const ASSET: &str = "it names a returnable asset with a wrong check digit";

/// Published as valid, and refused here: the end of the path, what a problem says, and why.
const REFUSED: &[(&str, &str, &str)] = &[
    ("JSON/WithFullCombinationOfFields/object_event_all_possible_fields.jsonld", "give it only once", TWICE),
    ("JSON/WithFullCombinationOfFields/association_event_all_possible_fields.jsonld", "give it only once", TWICE),
    ("AssociationEvent-h.jsonld", "This key occurs twice", "it gives eventID twice"),
    ("Extended-Event.json", "is no event of EPCIS 2.0", "an event of a kind of its own has no meaning on the ledger"),
    ("XML/WithFullCombinationOfFields/object_event_all_possible_fields.xml", "document type", DOCUMENT_TYPE),
    ("XML/WithFullCombinationOfFields/association_event_all_possible_fields.xml", "document type", DOCUMENT_TYPE),
    ("XML/WithFullCombinationOfFields/masterdata_all_possible_fields.xml", "document type", DOCUMENT_TYPE),
    ("1.2/XML/ObjectEvent.xml", "Unknown element", "an extension is in no namespace, so that nobody knows whose it is"),
    ("JSON/Capture/Documents/CurieString_document.json", "later than its event", SENSED_LATER),
    ("XML/Capture/Documents/CurieString_document.xml", "later than its event", SENSED_LATER),
    ("JSON/Capture/Documents/Combination_of_different_event.json", "later than its event", SENSED_LATER),
    ("XML/Capture/Documents/Combination_of_different_event.xml", "later than its event", SENSED_LATER),
    ("JSON/Capture/Documents/Namespaces_at_different_level.json", "later than its event", SENSED_LATER),
    ("XML/Capture/Documents/Namespaces_at_different_level.xml", "later than its event", SENSED_LATER),
    ("JSON/Query/CurieString_document.json", "later than its event", SENSED_LATER),
    ("JSON/Query/Combination_of_different_event.json", "later than its event", SENSED_LATER),
    ("XML/Query/CurieString_document.xml", "later than its event", SENSED_LATER),
    ("XML/Query/Combination_of_different_event.xml", "later than its event", SENSED_LATER),
    ("XML/Query/Documents/QueryResultsDocument.xml", "later than its event", SENSED_LATER),
    ("1.2/EPCIS/XML/Capture/Documents/All_eventTypes_in_single_document.xml", "later than its event", SENSED_LATER),
    ("2.0/EPCIS/JSON/Capture/Documents/ObjectEvent_all_possible_fields.json", "give it only once", TWICE),
    ("2.0/EPCIS/JSON/Capture/Documents/AggregationEvent_all_possible_fields.json", "give it only once", TWICE),
    ("2.0/EPCIS/JSON/Capture/Documents/TransactionEvent_all_possible_fields.json", "give it only once", TWICE),
    ("2.0/EPCIS/JSON/Capture/Documents/TransformationEvent_all_possible_fields.json", "give it only once", TWICE),
    ("JSON/Query/ObjectEventWithAllPossibleFields.json", "give it only once", TWICE),
    ("2.0/EPCIS/XML/Capture/Documents/ObjectEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("2.0/EPCIS/XML/Capture/Documents/AggregationEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("2.0/EPCIS/XML/Capture/Documents/TransactionEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("2.0/EPCIS/XML/Capture/Documents/TransformationEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("XML/Query/ObjectEventWithAllPossibleFields.xml", "give it only once", TWICE),
    ("1.2/EPCIS/XML/Capture/Documents/AggregationEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("1.2/EPCIS/XML/Capture/Documents/TransformationEvent_all_possible_fields.xml", "give it only once", TWICE),
    ("1.2/EPCIS/XML/Capture/Documents/TransactionEvent_all_possible_fields.xml", "give it only once", TWICE),
    (
        "1.2/EPCIS/XML/Capture/Documents/ObjectEvent_all_possible_fields.xml",
        "no URI",
        "certificationInfo is no URI, master data are stated with OBSERVE, and the sensor repeats itself",
    ),
    ("XML/Query/TransformationEvent_with_error_declaration.xml", "no date and time", SHORT_TIME),
    ("2.0/EPCIS/JSON/Query/queryDocument.json", "check digit is 1", ASSET),
    ("2.0/EPCIS/XML/Query/queryDocument.xml", "check digit is 1", ASSET),
    ("design_test_data_ui/Generated_Events.json", "check digit", "the generator made up SSCCs with wrong check digits"),
];

fn is_excepted(path: &Path) -> Option<&'static (&'static str, &'static str, &'static str)> {
    REFUSED.iter().find(|(end, ..)| path.to_string_lossy().ends_with(end))
}

fn valid(folder: &Path) -> Vec<PathBuf> {
    let found = VALID.iter().flat_map(|part| documents(&folder.join(part)));
    let is_document = |path: &PathBuf| !NO_DOCUMENTS.contains(&name(path).as_str());
    found.filter(is_document).filter(|path| !path.to_string_lossy().contains("/Invalid/")).collect()
}

#[test]
fn valid_documents_are_accepted_but_for_those_that_break_a_rule() {
    let Some(folder) = folder() else { return };
    let (mut accepted, mut events, mut wrong, mut met) = (0, 0, Vec::new(), BTreeSet::new());
    for path in valid(&folder) {
        match (parse(&std::fs::read(&path).unwrap()), is_excepted(&path)) {
            (Ok(document), None) => {
                accepted += 1;
                events += document.events.len();
            }
            (Ok(_), Some((.., reason))) => wrong.push(format!("{} is accepted, though {reason}", path.display())),
            (Err(problems), None) => wrong.push(format!("{}: {problems}", path.display())),
            (Err(problems), Some((end, told, _))) => {
                met.insert(*end);
                if !problems.as_slice().iter().any(|problem| problem.message.contains(told)) {
                    wrong.push(format!("{} is refused for something else: {problems}", path.display()));
                }
            }
        }
    }
    println!("{accepted} documents with {events} events are accepted, {} kinds are refused", met.len());
    assert_eq!(wrong, [] as [String; 0], "{}", wrong.join("\n"));
    assert_eq!(met.len(), REFUSED.len(), "{met:?}");
    assert!(accepted >= 140, "only {accepted}");
}

#[test]
fn invalid_documents_are_refused_for_their_own_fault() {
    let Some(folder) = folder() else { return };
    let found = documents(&folder.join("openepcis-test-resources/2.0/EPCIS"));
    let invalid: Vec<_> = found.into_iter().filter(|path| path.to_string_lossy().contains("/Invalid/")).collect();
    assert!(invalid.len() >= 22, "only {} found", invalid.len());
    for path in invalid {
        let problems = parse(&std::fs::read(&path).unwrap()).unwrap_err();
        // Questions to a repository are no documents that are captured, valid or not.
        let own = if name(&path).contains("Query_") || name(&path).contains("missing_value") {
            ""
        } else {
            "EPCIS_VALIDATION"
        };
        let has_own = problems.as_slice().iter().any(|problem| problem.code.starts_with(own));
        assert!(has_own, "{}: {problems}", path.display());
    }
}

#[test]
fn what_is_accepted_comes_back_as_it_was() {
    let Some(folder) = folder() else { return };
    let prefixes = |digits: &str| digits.starts_with('0').then_some(7);
    for path in valid(&folder) {
        let Ok(mut document) = parse(&std::fs::read(&path).unwrap()) else { continue };
        let read = |text: &str| -> Document {
            parse(text.as_bytes()).unwrap_or_else(|e| unreachable!("{}: {e}\n{text}", path.display()))
        };
        let written = document.to_json(Identifiers::DigitalLinks);
        if document.schema_version.as_deref().is_some_and(|version| version.starts_with('1')) {
            document.schema_version = Some("2.0".to_owned());
        }
        assert_eq!(read(&written), document, "{}\n{written}", path.display());
        assert_eq!(read(&document.to_json(Identifiers::Urns(&prefixes))), document, "{}", path.display());
        assert_eq!(read(&written).to_json(Identifiers::DigitalLinks), written, "{}", path.display());
    }
}

/// Refused by the schema that GS1's repository holds, and accepted here.
const BEYOND_THE_SCHEMA: &[(&str, &str)] = &[(
    "TransactionEvent_with_userExtensions.json",
    "it measures EffectiveDoseRate, which the drafts had and the schema has under another name",
)];

#[test]
fn the_schema_says_the_same() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("oracle_schema_and_hashes.json")).unwrap();
    let verdicts: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut same, mut wrong) = (0, Vec::new());
    for verdict in verdicts["documents"].as_array().unwrap() {
        let (Some(is_valid), Some(file)) = (verdict["schema_valid"].as_bool(), verdict["file"].as_str()) else {
            continue;
        };
        let path = folder.join(file);
        let is_read = parse(&std::fs::read(&path).unwrap()).is_ok();
        let is_beyond = BEYOND_THE_SCHEMA.iter().any(|(name, _)| file.ends_with(name));
        if is_read == is_valid {
            same += 1;
        } else if (is_read && !is_beyond) || (is_valid && is_excepted(&path).is_none()) {
            wrong.push(format!("{file}: the schema says {is_valid}"));
        }
    }
    println!("{same} verdicts are the same");
    assert_eq!(wrong, [] as [String; 0], "{}", wrong.join("\n"));
    assert!(same >= 75, "only {same}");
}
