//! The table of mutants fits the source: what a mutant changes is there, and so is the test that kills it.
//!
//! That the tests do kill them is shown by `cargo run --release -p theriac-mutants`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use theriac_mutants::{Test, all};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_mutant_changes_something_that_is_there_once() {
    for mutant in all() {
        for edit in mutant.edits {
            let text = fs::read_to_string(root().join(edit.file)).unwrap();
            let changed = edit.apply(&text).unwrap_or_else(|error| panic!("{}: {error}", mutant.name));
            assert_ne!(text, changed, "{}", mutant.name);
        }
    }
}

#[test]
fn every_mutant_has_a_name_of_its_own() {
    let names: BTreeSet<_> = all().map(|mutant| mutant.name).collect();
    assert_eq!(names.len(), all().count());
    let edits: BTreeSet<_> = all().map(|mutant| format!("{:?}", mutant.edits)).collect();
    assert_eq!(edits.len(), all().count(), "no two are the same");
}

fn files_of(test: &Test) -> Vec<PathBuf> {
    let krate = root().join(test.krate);
    let Some(target) = test.target else {
        let module = test.name.split("::").next().unwrap();
        return vec![krate.join("src").join(module).with_extension("rs")];
    };
    [krate.join("tests").join(target).with_extension("rs"), krate.join("tests").join(target).join("main.rs")].into()
}

#[test]
fn every_test_that_kills_one_is_there() {
    for mutant in all() {
        let function = format!("fn {}(", mutant.killed_by.name.rsplit("::").next().unwrap());
        let files = files_of(&mutant.killed_by);
        let found = files.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(&function)));
        assert!(found, "{}: no {function} in {files:?}", mutant.name);
    }
}
