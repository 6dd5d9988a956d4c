//! Documents handed in by command and kept whole: published ones come back as they were, in JSON; what is partly refused
//! is not kept; and a transaction statement is found again.

use crate::common::{Ran, Scene};
use crate::said::{differences, exception, said};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use theriac_epcis::{DocumentKind, parse};

type Run<'a> = &'a dyn Fn(&[&str]) -> Ran;

/// Where published documents are.
const PUBLISHED: [&str; 3] = ["gs1-EPCIS", "openepcis-test-resources", "own-scenarios"];

/// Documents that can be captured, with what they are read as.
fn published(folder: &Path) -> Vec<(PathBuf, theriac_epcis::Document)> {
    let (mut folders, mut found) = (PUBLISHED.map(|part| folder.join(part)).to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_document =
                path.extension().is_some_and(|end| ["json", "jsonld", "xml"].iter().any(|one| end == *one));
            let read = is_document.then(|| parse(&std::fs::read(&path).unwrap()).ok()).flatten();
            found.extend(read.filter(|read| !matches!(read.kind, DocumentKind::Query(_))).map(|read| (path, read)));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// Captures a document as a record, and exports it as it is kept.
fn exported(on: Run<'_>, path: &Path) -> String {
    let file = path.display().to_string();
    let captured = on(&["trace", "capture", &file, "--as-record", "--keep-going", "--as", "maker/operator"]);
    let rows: Value = serde_json::from_str(&captured.stdout).unwrap_or_default();
    let id = rows[0]["document"].as_str().unwrap_or_else(|| unreachable!("{file}: {captured:?}"));
    let exported = on(&["trace", "document", id, "--epcis"]);
    assert_eq!(exported.code, Some(0), "{file}: {exported:?}");
    exported.stdout
}

#[tokio::test]
async fn published_documents_come_back_from_the_ledger_as_they_were() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return;
    };
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let (mut in_json, mut in_xml, mut wrong) = (0, 0, Vec::new());
    for (path, mut read) in published(&folder) {
        let text = exported(on, &path);
        if path.extension().is_some_and(|ending| ending == "xml") {
            // What is written is EPCIS 2.0.
            read.schema_version = read.schema_version.map(|_| "2.0".to_owned());
            assert_eq!(parse(text.as_bytes()).unwrap(), read, "{}", path.display());
            in_xml += 1;
            continue;
        }
        let found = differences(&said(&std::fs::read_to_string(&path).unwrap()), &said(&text));
        let unmeant = found.into_iter().filter(|difference| exception(&path, difference).is_none());
        wrong.extend(unmeant.map(|difference| format!("{}: {difference}", path.display())));
        in_json += 1;
    }
    println!("{in_json} documents in JSON and {in_xml} in XML come back from the ledger");
    assert_eq!(wrong, [] as [String; 0], "{}", wrong.join("\n"));
    assert!(in_json >= 40 && in_xml >= 20, "{in_json} in JSON, {in_xml} in XML");
}

/// A document of the maker's: the birth of a pack, its keeping in store, and a transaction statement.
fn delivery(shelf: &str) -> String {
    let event = |time: &str, rest: &str| {
        format!(
            r#"{{"type":"ObjectEvent","eventTime":"2026-03-02T{time}:00Z","eventTimeZoneOffset":"+00:00",
            "epcList":["https://id.gs1.org/01/09506000134376/21/SN26D00001"],
            "readPoint":{{"id":"https://id.gs1.org/414/9506000100012"}},{rest}}}"#
        )
    };
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {{"gs1ushc":"http://epcis.gs1us.org/hc/ns","own":"urn:own:"}}],
        "type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T10:00:00Z","sender":"9506000100005",
        "receiver":"9506010000005","instanceIdentifier":"DELIVERY-1",
        "epcisHeader":{{"gs1ushc:dscsaTransactionStatement":{{"gs1ushc:affirmTransactionStatement":true,
        "gs1ushc:legalNotice":"The seller states what section 581(27) asks for."}}}},
        "epcisBody":{{"eventList":[{},{}]}}}}"#,
        event(
            "08:00",
            r#""action":"ADD","bizStep":"commissioning",
            "ilmd":{"cbvmda:lotNumber":"LOT26D","cbvmda:itemExpirationDate":"2032-05-31"}"#
        ),
        event("09:00", &format!(r#""action":"OBSERVE","bizStep":"storing","own:shelf":"{shelf}""#)),
    )
}

#[tokio::test]
async fn a_delivery_is_kept_whole_and_what_is_partly_refused_is_not() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let partly = written("partly.jsonld", &delivery("7").replace("2026-03-02T09:00", "2026-03-02T07:00"));
    let error = on(&["trace", "capture", &partly]).error(9);
    assert_eq!(error["reason"], "TIME_BEFORE_PREVIOUS", "{error}");
    assert_eq!(error["details"]["document"], "not kept: 1 of its 2 events are not on the ledger", "{error}");
    assert_eq!(on(&["trace", "documents"]).json(), json!([]));

    let whole = written("whole.jsonld", &delivery("7"));
    let captured = on(&["trace", "capture", &whole]).json();
    let outcomes: Vec<&Value> = captured.as_array().unwrap().iter().map(|event| &event["outcome"]).collect();
    assert_eq!(outcomes, ["CAPTURED BEFORE", "VALID"], "{captured}");
    let id = captured[0]["document"].as_str().unwrap();
    let again = on(&["trace", "capture", &whole]).json();
    assert_eq!((&again[1]["outcome"], &again[1]["document"]), (&json!("CAPTURED BEFORE"), &json!(id)), "{again}");

    let shown = on(&["trace", "document", id]).json();
    assert_eq!(
        (&shown["said_by"], &shown["sender"], &shown["instance_identifier"], &shown["statement_affirmed"]),
        (&json!("maker/operator"), &json!("9506000100005"), &json!("DELIVERY-1"), &json!(true)),
        "{shown}"
    );
    assert_eq!(shown["statement"], "The seller states what section 581(27) asks for.");
    assert_eq!(shown["events"].as_array().map(Vec::len), Some(2), "{shown}");
    let exported = on(&["trace", "document", id, "--epcis"]).stdout;
    assert_eq!(differences(&said(&delivery("7")), &said(&exported)), [] as [String; 0]);

    let other = written("other.jsonld", &delivery("8"));
    on(&["trace", "capture", &other]).json();
    let event = shown["events"][1]["id"].as_str().unwrap();
    for (wanted, count) in [
        (&["--event", event][..], 1),
        (&["--item", "(01)09506000134376(21)SN26D00001"], 2),
        (&["--party", "9506000100005"], 2),
        (&["--party", "9506010000005"], 0),
        (&[], 2),
    ] {
        let found = on(&[&["trace", "documents"], wanted].concat()).json();
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{wanted:?}: {found}");
    }
    assert_eq!(on(&["trace", "document", &"0".repeat(64)]).error(3)["reason"], "RECORD_UNKNOWN");
}
