//! Published vectors, and the list of those that ours is not meant to pass.

use serde_json::Value;
use std::path::PathBuf;

/// A file of the folder that `THERIAC_CONFORMANCE_DATA` names; `None`, and a word about it, when it is unset.
pub fn published(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return None;
    };
    Some(serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap())
}

/// The vectors at a place of the file.
pub fn vectors<'a>(file: &'a Value, pointer: &str) -> &'a [Value] {
    file.pointer(pointer).unwrap().as_array().unwrap()
}

/// A field that is a text.
pub fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

/// Counts vectors that pass and holds the others against the list of exceptions.
pub struct Tally<'a> {
    name: &'a str,
    exceptions: &'a [(&'a str, &'a str)],
    passed: usize,
    excepted: Vec<&'a str>,
    wrong: Vec<String>,
}

impl<'a> Tally<'a> {
    /// `exceptions` are the texts of vectors that must not pass, each with the reason.
    pub fn new(name: &'a str, exceptions: &'a [(&'a str, &'a str)]) -> Self {
        Self { name, exceptions, passed: 0, excepted: Vec::new(), wrong: Vec::new() }
    }

    /// Counts one vector, known by its text. `outcome` is what ours made of it.
    pub fn count(&mut self, vector: &str, passes: bool, outcome: &dyn std::fmt::Debug) {
        match (passes, self.exceptions.iter().find(|(known, _)| *known == vector)) {
            (true, None) => self.passed += 1,
            (false, Some((known, _))) => self.excepted.push(known),
            (true, Some(_)) => self.wrong.push(format!("passes, and is listed as an exception: {vector}")),
            (false, None) => self.wrong.push(format!("fails: {vector}\n      ours: {outcome:?}")),
        }
    }

    /// Fails unless all passed but the exceptions, and there were as many as there should be.
    pub fn finish(self, total: usize) {
        println!("{}: {} passed, {} excepted", self.name, self.passed, self.excepted.len());
        assert!(self.wrong.is_empty(), "{}: {} wrong\n  {}", self.name, self.wrong.len(), self.wrong.join("\n  "));
        assert_eq!(self.passed + self.excepted.len(), total, "{}: the published file has another number", self.name);
        for (vector, reason) in self.exceptions {
            assert!(self.excepted.contains(vector), "{}: no vector is {vector}", self.name);
            assert!(reason.len() > 20, "{}: an exception has a reason", self.name);
        }
    }
}
