//! The documents that GS1 and OpenEPCIS publish, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use theriac_epcis::parse;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
    }
    folder
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json" || ending == "jsonld") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_invalid_document_is_refused_for_its_own_fault() {
    let Some(folder) = folder() else { return };
    let invalid = documents(&folder.join("openepcis-test-resources/2.0/EPCIS/JSON/Capture/Invalid"));
    assert!(invalid.len() >= 12, "only {} found", invalid.len());
    for path in invalid {
        let problems = parse(&std::fs::read(&path).unwrap()).unwrap_err();
        let own = problems.as_slice().iter().any(|problem| problem.code == "EPCIS_VALIDATION");
        assert!(own, "{}: {problems}", path.display());
    }
}

/// Leaves out the scenario's expectations, and one document of GS1 that names a key twice.
fn is_document(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name != "AssociationEvent-h.jsonld" && !name.ends_with("_expected_states.json") && !name.ends_with("_hashes.json")
}

#[test]
fn valid_documents_are_refused_for_unsupported_kinds_of_events_only() {
    let Some(folder) = folder() else { return };
    let mut read = 0;
    let mut refused = Vec::new();
    for part in ["openepcis-test-resources/2.0/EPCIS/JSON/Capture/Documents", "gs1-EPCIS/JSON", "own-scenarios"] {
        for path in documents(&folder.join(part)).into_iter().filter(|path| is_document(path)) {
            match parse(&std::fs::read(&path).unwrap()) {
                Ok(document) => read += document.events.len(),
                Err(problems) => {
                    let other = problems.as_slice().iter().filter(|problem| problem.code != "EVENT_UNSUPPORTED");
                    refused.extend(other.map(|problem| format!("{}: {problem}", path.display())));
                }
            }
        }
    }
    println!("{read} events read");
    assert!(read >= 40, "only {read} events were read");
    assert_eq!(refused, [] as [String; 0], "{}", refused.join("\n"));
}
