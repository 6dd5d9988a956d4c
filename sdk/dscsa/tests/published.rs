//! PDG's own examples and schemas, from the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used)]

mod common;

use common::published::{examples, schema};
use common::schema::breaches;
use common::{about_items, case, sending};
use serde_json::{Value, json};
use theriac_dscsa::{CaseFile, Message, Read, Report, answer, open};
use theriac_trace::{CaseKind, CaseState, CaseView};

fn message(text: &str) -> Message {
    let Read { value, remarks } = Message::read(text.as_bytes()).unwrap();
    assert!(remarks.is_empty(), "{remarks:?}");
    value
}

fn report(text: &str) -> Report {
    Report::parse(text.as_bytes()).unwrap().value
}

#[test]
fn every_example_is_read_and_written_back_letter_by_letter() {
    let Some(examples) = examples() else { return };
    assert_eq!(examples.len(), 7, "the published folder has another number");
    for (name, text) in examples {
        let read = message(&text);
        assert_eq!(matches!(read, Message::Response(_)), name.ends_with("response.json"), "{name}");
        assert_eq!(read.to_json(), text, "{name}");
    }
}

#[test]
fn what_the_schemas_refuse_is_refused_and_the_examples_are_not() {
    let (Some(examples), Some(of_report), Some(of_response)) =
        (examples(), schema("report_schema.json"), schema("response_schema.json"))
    else {
        return;
    };
    let mut broken = 0;
    for (name, text) in examples {
        let schema = if name.ends_with("response.json") { &of_response } else { &of_report };
        let good: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(breaches(schema, &good), [""; 0], "{name}");
        for place in places(&good, String::new()) {
            for other in [None, Some(json!([7])), Some(json!("?")), Some(json!({"?": 7})), Some(Value::Null)] {
                let bad = with(&good, &place, other);
                let breaks = breaches(schema, &bad);
                // Only what tells a report from a response is looked at before anything is required.
                let read = Message::read(bad.to_string().as_bytes());
                let kind = read.as_ref().is_ok_and(|read| matches!(read.value, Message::Response(_)));
                let same_kind = kind == name.ends_with("response.json");
                assert!(!breaks.is_empty() || read.is_ok(), "{name}{place}: {bad} is refused: {read:?}");
                assert!(breaks.is_empty() || read.is_err() || !same_kind, "{name}{place}: {bad} is taken");
                broken += usize::from(!breaks.is_empty());
            }
        }
    }
    assert!(broken > 200, "only {broken} documents were broken");
}

/// Every place in a document, as JSON pointers.
fn places(value: &Value, at: String) -> Vec<String> {
    let inner: Vec<String> = match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| places(value, format!("{at}/{name}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, value)| places(value, format!("{at}/{index}"))).collect()
        }
        _ => Vec::new(),
    };
    let own = (!at.is_empty()).then_some(at);
    own.into_iter().chain(inner).collect()
}

/// The document with something else, or nothing, at a place.
fn with(value: &Value, place: &str, other: Option<Value>) -> Value {
    let mut value = value.clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    match (value.pointer_mut(parent).unwrap(), other) {
        (Value::Object(members), Some(other)) => {
            members.insert(name.to_owned(), other);
        }
        (Value::Object(members), None) => {
            members.remove(name);
        }
        (Value::Array(items), Some(other)) => items[name.parse::<usize>().unwrap()] = other,
        (Value::Array(items), None) => {
            items.remove(name.parse().unwrap());
        }
        (other, _) => unreachable!("{other} holds nothing"),
    }
    value
}

/// The case that a report opens, as the ledger keeps it.
fn opened(report: &Report) -> CaseFile {
    let wanted = open(report, None).unwrap().value;
    let CaseView { number, mut case, overdue } = case(wanted.kind, &wanted.items, &[]);
    case.findings = wanted.findings;
    about_items(CaseView { number, case, overdue }, Default::default())
}

#[test]
fn the_published_stories_end_as_they_are_told() {
    let Some(examples) = examples() else { return };
    let text = |name: &str| &examples.iter().find(|(file, _)| *file == format!("hda_{name}.json")).unwrap().1;

    // The surplus is kept and paid for: when the maker agrees, nothing is left to do.
    let kept = report(text("1_1A_overage_keep_product_report"));
    let mut file = opened(&kept);
    assert_eq!(file.case.case.kind, CaseKind::Overage);
    let said = answer(&file, &message(text("1_1A_overage_keep_product_response"))).unwrap();
    assert!(
        said.notes[0].text.contains("(Debit account): Accept; Accepted the overage issue."),
        "{}",
        said.notes[0].text
    );
    assert_eq!(said.close.unwrap().state, CaseState::Settled);

    // It asks for what the partner asked for, under the partner's names.
    file.case.case.state = CaseState::Open;
    let again = file.report(&sending()).unwrap();
    assert_eq!((&again.exceptions, &again.other_errors), (&kept.exceptions, &kept.other_errors));
    assert_eq!((&again.exception_case_uuid, &again.po_number), (&kept.exception_case_uuid, &kept.po_number));
    assert_ne!(again.message_uuid, kept.message_uuid);

    // The surplus is to go back: agreeing settles nothing, that it has arrived does.
    let returned = opened(&report(text("1_1B_overage_return_product_report")));
    let said = answer(&returned, &message(text("1_1B_overage_return_product_response"))).unwrap();
    assert!(said.close.is_none());
    let said = answer(&returned, &message(text("1_1B_overage_return_product_report_2"))).unwrap();
    assert_eq!(said.close.unwrap().state, CaseState::Settled);

    // What belongs to another case is not taken.
    let error = answer(&returned, &message(text("1_4A_incorrect_serial_response"))).unwrap_err();
    assert_eq!(error.code(), "PDG_OTHER_CASE");
    let error = open(&report(text("1_4A_incorrect_serial_report_2")), None).unwrap_err();
    assert_eq!(error.code(), "PDG_NOTHING_TO_OPEN");
}

#[test]
fn numbers_of_the_examples_that_can_be_none_are_remarked_upon() {
    let Some(examples) = examples() else { return };
    let Read { value, remarks } = open(&report(&examples[0].1), None).unwrap();
    let remarks: Vec<_> = remarks.iter().map(|remark| (remark.path.as_str(), remark.code)).collect();
    let expected =
        [("$.sender_information.gln", "ID_CHECK_DIGIT"), ("$.exceptions.overages[0].gtin", "ID_CHECK_DIGIT")];
    assert_eq!(remarks, expected);
    assert_eq!((value.against, value.items.len(), value.findings.len()), (None, 0, 3));
}
