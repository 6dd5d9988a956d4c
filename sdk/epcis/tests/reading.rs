//! Documents as trading partners write them, good and bad.
#![allow(clippy::unwrap_used)]

use theriac_domain::event::Body;
use theriac_domain::{Action, BusinessStep};
use theriac_epcis::{DocumentKind, parse};

const CONTEXT: &str = r#""@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]"#;

fn document(event: &str) -> String {
    format!(
        r#"{{{CONTEXT},"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T08:00:00Z",
           "epcisBody":{{"eventList":[{event}]}}}}"#
    )
}

/// An object event with further fields.
fn object_event(fields: &str) -> String {
    document(&format!(
        r#"{{"type":"ObjectEvent","eventTime":"2026-03-02T08:00:00+01:00","eventTimeZoneOffset":"+01:00",{fields}}}"#
    ))
}

/// The first problem's code and its path within the event.
fn first_problem(text: &str) -> (&'static str, String) {
    let problems = parse(text.as_bytes()).unwrap_err();
    let first = &problems.as_slice()[0];
    (first.code, first.path.replace("$.epcisBody.eventList[0]", "@"))
}

#[test]
fn a_commissioning_event_is_read_to_the_last_field() {
    let text = object_event(
        r#""action":"ADD","bizStep":"commissioning","disposition":"active","recordTime":"2026-03-02T09:00:00Z",
        "eventID":"urn:uuid:1","certificationInfo":"https://example.org/c/1",
        "epcList":["urn:epc:id:sgtin:9501101.053000.A1","https://id.gs1.org/01/09501101530003/21/A2"],
        "quantityList":[{"epcClass":"urn:epc:class:lgtin:9501101.053000.L1","quantity":1.50,"uom":"KGM"}],
        "readPoint":{"id":"urn:epc:id:sgln:9501101.00001.LINE1","ex:door":7},"bizLocation":{"id":"https://id.gs1.org/414/9501101000018"},
        "bizTransactionList":[{"type":"prodorder","bizTransaction":"urn:epcglobal:cbv:bt:9501101000018:7"}],
        "sourceList":[{"type":"owning_party","source":"urn:epc:id:pgln:9501101.00001"}],
        "destinationList":[{"type":"location","destination":"geo:1,2"}],
        "persistentDisposition":{"set":["completeness_verified"],"unset":["completeness_inferred"]},
        "sensorElementList":[{"sensorReport":[{"type":"Temperature","value":21.50,"uom":"CEL"}]}],
        "ilmd":{"cbvmda:lotNumber":"L1","cbvmda:itemExpirationDate":"2035-01-31","ex:line":7.0},
        "ex:operator":{"name":"A B"}"#,
    );
    let document = parse(text.as_bytes()).unwrap();
    let event = &document.events[0];
    let Body::Object(body) = &event.body else { unreachable!("one object event: {event:?}") };
    assert_eq!(
        body.epcs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["01/09501101530003/21/A1", "01/09501101530003/21/A2"]
    );
    assert_eq!(event.time.to_string(), "2026-03-02T08:00:00.000+01:00");
    assert_eq!((body.action, event.step.as_ref()), (Action::Add, Some(&BusinessStep::Commissioning)));
    let read_point = event.read_point.as_ref().unwrap();
    assert_eq!(read_point.place.uri(), "https://id.gs1.org/414/9501101000018/254/LINE1");
    assert_eq!(read_point.extensions[0].json, "7");
    assert_eq!(event.sources[0].place.to_string(), "417/9501101000018");
    let report = &event.sensors[0].reports[0];
    assert_eq!(
        (report.kind.as_deref(), report.value.map(|v| v.to_string())),
        (Some("Temperature"), Some("21.5".into()))
    );
    assert_eq!(event.extensions[0].json, r#"{"name":"A B"}"#);
    assert_eq!(body.quantities[0].quantity.map(|q| q.to_string()).as_deref(), Some("1.5"));
    let data = body.master_data.as_ref().unwrap();
    assert_eq!(data.lot.as_ref().map(|l| l.as_str()), Some("L1"));
    assert_eq!(data.expiry.map(|e| e.to_string()).as_deref(), Some("2035-01-31"));
    assert_eq!(data.others[0].json, "7.0");
    assert_eq!(document.record_times.get(&0).map(|t| t.to_string()).as_deref(), Some("2026-03-02T09:00:00.000+00:00"));
}

#[test]
fn a_single_event_with_its_own_context_is_a_document() {
    let text = format!(
        r#"{{{CONTEXT},"type":"AggregationEvent","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"-05:30",
        "action":"DELETE","parentID":"https://id.gs1.org/00/095011010000000018"}}"#
    );
    let document = parse(text.as_bytes()).unwrap();
    assert!(matches!(&document.events[0].body, Body::Aggregation(body) if body.children.is_empty()));
    let array = format!("[{text},{text}]");
    let document = parse(array.as_bytes()).unwrap();
    assert_eq!((document.kind, document.events.len()), (DocumentKind::Events, 2));
}

#[test]
fn two_spellings_of_one_unit_are_one_unit() {
    let text = object_event(
        r#""action":"OBSERVE","epcList":["urn:epc:id:sgtin:9501101.053000.A1","https://id.gs1.org/01/09501101530003/21/A1"]"#,
    );
    let document = parse(text.as_bytes()).unwrap();
    assert!(matches!(&document.events[0].body, Body::Object(body) if body.epcs.len() == 1));
}

#[test]
fn wrong_fields_of_events_are_named() {
    let unit = r#""epcList":["https://id.gs1.org/01/09501101530003/21/A1"]"#;
    for (fields, code, path) in [
        (r#""epcList":[]"#.to_owned(), "EPCIS_VALIDATION", "@"),
        (unit.to_owned(), "EPCIS_VALIDATION", "@"),
        (format!(r#""action":"add",{unit}"#), "EPCIS_VALIDATION", "@.action"),
        (format!(r#""action":"ADD",{unit},"bizStep":"transforming""#), "EPCIS_VALIDATION", "@.bizStep"),
        (
            format!(r#""action":"ADD",{unit},"bizStep":"urn:epcglobal:cbv:bizstep:shipping""#),
            "EPCIS_VALIDATION",
            "@.bizStep",
        ),
        (format!(r#""action":"ADD",{unit},"disposition":7"#), "EPCIS_VALIDATION", "@.disposition"),
        (format!(r#""action":"ADD",{unit},"colour":"red""#), "EPCIS_VALIDATION", "@.colour"),
        (format!(r#""action":"OBSERVE",{unit},"ilmd":{{"cbvmda:lotNumber":"L"}}"#), "EPCIS_VALIDATION", "@.ilmd"),
        (format!(r#""action":"ADD",{unit},"ilmd":{{"lotNumber":"L"}}"#), "EPCIS_VALIDATION", "@.ilmd.lotNumber"),
        (
            format!(r#""action":"ADD",{unit},"ilmd":{{"cbvmda:lotNumber":"A B"}}"#),
            "ID_CHARSET",
            "@.ilmd.cbvmda:lotNumber",
        ),
        (
            format!(r#""action":"ADD",{unit},"ilmd":{{"cbvmda:itemExpirationDate":"2035-02-30"}}"#),
            "DATE_INVALID",
            "@.ilmd.cbvmda:itemExpirationDate",
        ),
        (
            r#""action":"ADD","epcList":["https://id.gs1.org/01/09501101530004/21/A1"]"#.to_owned(),
            "ID_CHECK_DIGIT",
            "@.epcList[0]",
        ),
        (r#""action":"ADD","epcList":["01/09501101530003/21/A1"]"#.to_owned(), "EPCIS_VALIDATION", "@.epcList[0]"),
        (r#""action":"ADD","epcList":[7]"#.to_owned(), "EPCIS_VALIDATION", "@.epcList[0]"),
        (
            r#""action":"ADD","epcList":["urn:epc:id:sgtin:9501101.053000.A1","urn:epc:id:sgtin:9501101.053000.A1"]"#
                .to_owned(),
            "EPCIS_VALIDATION",
            "@.epcList",
        ),
        (format!(r#""action":"ADD",{unit},"readPoint":"x:y""#), "EPCIS_VALIDATION", "@.readPoint"),
        (
            format!(r#""action":"ADD",{unit},"quantityList":[{{"epcClass":"x:y","quantity":"9"}}]"#),
            "EPCIS_VALIDATION",
            "@.quantityList[0].quantity",
        ),
        (format!(r#""action":"ADD",{unit},"sourceList":[{{"source":"x:y"}}]"#), "EPCIS_VALIDATION", "@.sourceList[0]"),
        (
            format!(r#""action":"ADD",{unit},"persistentDisposition":{{}}"#),
            "EPCIS_VALIDATION",
            "@.persistentDisposition",
        ),
        (format!(r#""action":"ADD",{unit},"errorDeclaration":{{}}"#), "EPCIS_VALIDATION", "@.errorDeclaration"),
        (format!(r#""action":"ADD",{unit},"certificationInfo":[{{}}]"#), "EPCIS_VALIDATION", "@.certificationInfo[0]"),
        (format!(r#""action":"ADD",{unit},"sensorElementList":[{{}}]"#), "EPCIS_VALIDATION", "@.sensorElementList[0]"),
        (format!(r#""action":"ADD",{unit},{unit}"#), "JSON_SYNTAX", "@.epcList"),
    ] {
        assert_eq!(first_problem(&object_event(&fields)), (code, path.to_owned()), "{fields}");
    }
}

#[test]
fn wrong_sensors_are_named() {
    let report = |report: &str| format!(r#"{{"sensorReport":[{report}]}}"#);
    for (element, path) in [
        (report(r#"{"value":1}"#), "sensorReport[0]"),
        (report(r#"{"type":"Taste"}"#), "sensorReport[0].type"),
        (report(r#"{"type":"Temperature","uom":"cel"}"#), "sensorReport[0].uom"),
        (report(r#"{"type":"Temperature","value":"5"}"#), "sensorReport[0].value"),
        (report(r#"{"type":"Temperature","component":"w"}"#), "sensorReport[0].component"),
        (report(r#"{"type":"Temperature","hexBinaryValue":"0x"}"#), "sensorReport[0].hexBinaryValue"),
        (report(r#"{"type":"Temperature","booleanValue":1}"#), "sensorReport[0].booleanValue"),
        (report(r#"{"type":"Temperature","colour":1}"#), "sensorReport[0].colour"),
        (report(r#"{"type":"Temperature","time":"2026-03-02T07:00:00.001Z"}"#), "sensorReport[0].time"),
        (report(r#"{"exception":"ALARM"}"#), "sensorReport[0].exception"),
        (report(""), "sensorReport"),
        (
            r#"{"sensorMetadata":{"deviceID":"x:y"},"sensorReport":[{"exception":"ALARM_CONDITION","deviceID":"x:y"}]}"#
                .to_owned(),
            "sensorReport[0].deviceID",
        ),
        (
            r#"{"sensorMetadata":{"startTime":"2026-03-02T07:00:00Z","endTime":"2026-03-02T06:00:00Z"},
                "sensorReport":[{"type":"Temperature"}]}"#
                .to_owned(),
            "sensorMetadata.endTime",
        ),
    ] {
        let unit = r#""epcList":["https://id.gs1.org/01/09501101530003/21/A1"]"#;
        let text = object_event(&format!(r#""action":"OBSERVE",{unit},"sensorElementList":[{element}]"#));
        assert_eq!(first_problem(&text), ("EPCIS_VALIDATION", format!("@.sensorElementList[0].{path}")), "{element}");
    }
}

#[test]
fn wrong_documents_are_named() {
    let empty_body = r#""epcisBody":{"eventList":[]}"#;
    for (text, code, path) in [
        ("[{}]".to_owned(), "EPCIS_VALIDATION", "$[0]"),
        ("{}".to_owned(), "EPCIS_VALIDATION", "$"),
        (
            format!(
                r#"{{"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T08:00:00Z",{empty_body}}}"#
            ),
            "EPCIS_VALIDATION",
            "$",
        ),
        (
            format!(
                r#"{{{CONTEXT},"type":"EPCISDocument","schemaVersion":"1.2","creationDate":"2026-03-02T08:00:00Z",{empty_body}}}"#
            ),
            "EPCIS_VALIDATION",
            "$.schemaVersion",
        ),
        (
            format!(
                r#"{{{CONTEXT},"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"yesterday",{empty_body}}}"#
            ),
            "EPCIS_VALIDATION",
            "$.creationDate",
        ),
        (format!(r#"{{{CONTEXT},"type":"EPCISQueryDocument"}}"#), "EPCIS_VALIDATION", "$"),
        (document(r#"{"type":"example:Event"}"#), "EVENT_UNSUPPORTED", "@.type"),
        (document(r#"{"type":"SomethingEvent"}"#), "EPCIS_VALIDATION", "@.type"),
        (document("7"), "EPCIS_VALIDATION", "@"),
        (
            document(
                r#"{"type":"AggregationEvent","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"Z","action":"ADD"}"#,
            ),
            "EPCIS_VALIDATION",
            "@.eventTimeZoneOffset",
        ),
        (
            document(
                r#"{"type":"AggregationEvent","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00","action":"ADD","childEPCs":["x:y"]}"#,
            ),
            "EPCIS_VALIDATION",
            "@",
        ),
        ("\u{0}".to_owned(), "JSON_SYNTAX", "$"),
        (" ".repeat(5 * 1024 * 1024), "CAPTURE_LIMIT", "$"),
    ] {
        assert_eq!(first_problem(&text), (code, path.to_owned()), "{}", &text[..text.len().min(200)]);
    }
    assert_eq!(parse(&[0xff, 0xfe]).unwrap_err().as_slice()[0].code, "JSON_SYNTAX");
}

#[test]
fn extensions_are_bounded_in_depth() {
    let nested = |depth: usize| {
        format!(r#""action":"ADD","epcList":["x:y"],"ex:a":{}1{}"#, "[".repeat(depth), "]".repeat(depth))
    };
    assert!(parse(object_event(&nested(48)).as_bytes()).is_ok());
    assert_eq!(first_problem(&object_event(&nested(49))), ("CAPTURE_LIMIT", "@.ex:a".to_owned()));
}

#[test]
fn the_answer_to_a_query_is_read_and_not_captured() {
    let text = format!(
        r#"{{{CONTEXT},"type":"EPCISQueryDocument","epcisBody":{{"queryResults":{{"queryName":"q","resultsBody":{{"eventList":[]}}}}}}}}"#
    );
    let answer = parse(text.as_bytes()).unwrap();
    assert!(matches!(answer.kind, DocumentKind::Query(_)));
    assert_eq!(answer.into_captured().unwrap_err().as_slice()[0].code, "EVENT_UNSUPPORTED");
    assert_eq!(parse(document("").as_bytes()).unwrap().into_captured(), Ok(Vec::new()));
}

#[test]
fn every_problem_is_told_but_not_without_end() {
    let bad = r#"{"type":"ObjectEvent","eventTime":"x","eventTimeZoneOffset":"y","action":"z"}"#;
    let problems = parse(document(bad).as_bytes()).unwrap_err();
    assert_eq!(problems.as_slice().len(), 4, "{problems}");
    let many = vec![bad; 1000].join(",");
    let problems = parse(document(&many).as_bytes()).unwrap_err();
    assert_eq!(problems.as_slice().len(), theriac_epcis::limits::PROBLEMS_MAX);
}

proptest::proptest! {
    #[test]
    fn mutilated_documents_never_panic(cut in 0usize..2000, byte in 0u8..=255) {
        let mut text = object_event(r#""action":"ADD","epcList":["urn:epc:id:sgtin:9501101.053000.A1"],"ilmd":{"cbvmda:lotNumber":"L1"}"#).into_bytes();
        let at = cut % text.len();
        text[at] = byte;
        let _ = parse(&text);
        text.truncate(at);
        proptest::prop_assert!(parse(&text).is_err());
    }
}
