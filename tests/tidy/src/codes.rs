//! Whether every stable code that a person can meet is explained by the command line.

use crate::{Finding, SourceFile};
use std::collections::BTreeSet;

/// Where codes are given out.
const SOURCES: &[&str] = &[
    "chaincode/domain/src/",
    "chaincode/gs1/src/",
    "chaincode/inspection/src/",
    "chaincode/rules/src/",
    "chaincode/trace/src/",
    "host/check/src/",
    "host/documents/src/",
    "host/ordering/src/",
    "host/peer/src/",
    "host/runtime/src/",
    "network/src/",
    "sdk/cli/src/",
    "sdk/client/src/",
    "sdk/dscsa/src/",
    "sdk/epcis/src/",
    "sdk/labels/src/",
    "sdk/sealed/src/",
    "sdk/trace/src/",
];
const EXPLANATIONS: &str = "sdk/cli/src/explain.rs";
/// Where chaincode says what its codes mean; the command line repeats it.
const MEANINGS: &[&str] = &["chaincode/domain/src/refusal.rs", "chaincode/domain/src/identifier/error.rs"];
/// Names of the environment.
const VARIABLES: &[&str] = &["CARGO_", "OUT_DIR", "THERIAC_", "XDG_"];
/// States of a unit, and what sensors report.
const STATES: &[&str] = &["ALARM_CONDITION", "ERROR_CONDITION", "IN_STOCK", "IN_TRANSIT", "PARTLY_DISPENSED"];

/// Finds codes without an explanation. A code is a string of capitals with an underscore, outside of unit tests.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    let Some(explained) = files.iter().find(|file| file.path == EXPLANATIONS) else {
        return vec![Finding::new(EXPLANATIONS, "explains the codes, and is missing")];
    };
    let mut explained: BTreeSet<&str> = explained.text.lines().filter_map(|line| strings(line).next()).collect();
    let meanings = files.iter().filter(|file| MEANINGS.contains(&file.path.as_str()));
    explained.extend(meanings.flat_map(|file| followed_by_sentence(&file.text)));
    let given_out = |file: &&SourceFile| SOURCES.iter().any(|folder| file.path.starts_with(folder));
    let unexplained = |file: &SourceFile| {
        let code = file.text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().enumerate();
        let found = lines.flat_map(|(at, line)| strings(line).map(move |code| (at + 1, code)));
        let found = found.filter(|(_, code)| is_code(code) && !explained.contains(code));
        found.map(|(at, code)| Finding::at(&file.path, at, format!("`theriac explain {code}` says nothing"))).collect()
    };
    files.iter().filter(given_out).flat_map(|file: &SourceFile| -> Vec<Finding> { unexplained(file) }).collect()
}

/// The strings behind which the next one is a sentence.
fn followed_by_sentence(text: &str) -> impl Iterator<Item = &str> {
    let all = || text.lines().flat_map(strings);
    all().zip(all().skip(1)).filter(|(_, next)| next.contains(' ')).map(|(code, _)| code)
}

/// What stands between quotation marks in a line.
fn strings(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

fn is_code(text: &str) -> bool {
    let capitals = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_named = VARIABLES.iter().any(|prefix| text.starts_with(prefix)) || STATES.contains(&text);
    capitals && text.contains('_') && !text.starts_with('_') && !text.ends_with('_') && !is_named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_code_that_nobody_explains_is_found_with_its_line() {
        let explain = file(EXPLANATIONS, "    \"DISK_FULL\", \"No room.\", \"See `DISK_LOST`.\";\n");
        let peer =
            "fn code() {\n  (\"DISK_FULL\", \"DISK_LOST\", \"THERIAC_DIR\", \"GLN\")\n}\n#[cfg(test)]\n\"ONLY_HERE\"";
        let findings = check(&[explain, file("host/peer/src/error.rs", peer), file("tests/x.rs", "\"NOT_GIVEN\"")]);
        assert_eq!(findings, [Finding::at("host/peer/src/error.rs", 2, "`theriac explain DISK_LOST` says nothing")]);
        assert_eq!(check(&[]).len(), 1);
    }

    #[test]
    fn a_code_that_chaincode_explains_itself_is_explained() {
        let explain = file(EXPLANATIONS, "");
        let text = "Unknown = \"LOT_UNKNOWN\"\n  \"No such lot. Check it.\",\nKind { .. } => \"ID_KIND\",\n";
        let findings = check(&[explain, file(MEANINGS[0], text)]);
        assert_eq!(findings, [Finding::at(MEANINGS[0], 3, "`theriac explain ID_KIND` says nothing")]);
    }
}
