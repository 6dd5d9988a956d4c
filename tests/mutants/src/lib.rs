//! Mutants of the consensus core, its write-ahead log, and the trace rules: in each one rule is broken, by replacing a few
//! words of the source, and the table names the test that notices.
//!
//! The production code knows nothing of them. [`Workshop`] copies the crates that matter into a folder of its own,
//! changes the copy, runs the one test there and puts the words back. First it runs every such test on the unchanged
//! copy: a test that fails anyway kills nothing.
//!
//! ```text
//! cargo run --release -p theriac-mutants              every mutant
//! cargo run --release -p theriac-mutants -- promise   those whose names contain "promise"
//! cargo run --release -p theriac-mutants -- chaincode those that a test below `chaincode/` kills
//! cargo run --release -p theriac-mutants -- --list    the table: mutant, rule, test
//! ```
//!
//! What is read, executed or stored wrongly below and above consensus (a disk that does not sync, chaincode that sees a
//! clock) has its mutants in the simulator, where the disk and the chaincode are its own.

mod table;
mod workshop;

pub use table::{all, find};
pub use workshop::{Verdict, Workshop, WorkshopError};

/// Words of a source file, and what a mutant has in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// Path from the repository's root.
    pub file: &'static str,
    /// What the file holds exactly once.
    pub before: &'static str,
    /// What the mutant holds instead.
    pub after: &'static str,
}

/// A test of one crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The crate's folder from the repository's root: `host/consensus`.
    pub krate: &'static str,
    /// The file below `tests/` without its ending; none for the crate's unit tests.
    pub target: Option<&'static str>,
    /// The test's whole path within.
    pub name: &'static str,
}

impl Test {
    /// Where it is: `host/consensus/src`, `chaincode/trace/tests/rules`.
    pub fn place(&self) -> String {
        let target = self.target.map_or_else(|| "src".to_owned(), |target| format!("tests/{target}"));
        format!("{}/{target}", self.krate)
    }
}

/// One rule, broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutant {
    /// What it does wrong, in a few words with hyphens.
    pub name: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
    /// How.
    pub edits: &'static [Edit],
    /// Who notices.
    pub killed_by: Test,
}

/// A unit test of the consensus crate.
pub const fn unit(name: &'static str) -> Test {
    Test { krate: "host/consensus", target: None, name }
}

/// A test of the consensus crate as a whole.
pub const fn consensus(target: &'static str, name: &'static str) -> Test {
    Test { krate: "host/consensus", target: Some(target), name }
}

/// A test of the ordering loop and its log.
pub const fn ordering(target: &'static str, name: &'static str) -> Test {
    Test { krate: "host/ordering", target: Some(target), name }
}

/// A test of the trace rules.
pub const fn trace(target: &'static str, name: &'static str) -> Test {
    Test { krate: "chaincode/trace", target: Some(target), name }
}
