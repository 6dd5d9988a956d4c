//! What may lie at the top of the repository: the design card, and nothing else.

use crate::{Finding, SourceFile};
use std::collections::BTreeSet;

/// Names allowed at the top.
pub const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "chaincode",
    "clippy.toml",
    "deny.toml",
    "host",
    "network",
    "proto",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "sdk",
    "tests",
    "wit",
];

/// Finds entries at the top that are not on the card.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    let top: BTreeSet<&str> = files.iter().filter_map(|f| f.path.split('/').next()).collect();
    top.into_iter()
        .filter(|entry| !TOP_LEVEL.contains(entry))
        .map(|entry| Finding::new(entry, "this top-level entry is not on the design card"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_entry_is_found_once() {
        let files = ["host/types/src/lib.rs", "scripts/a", "scripts/b", "README.md", "notes.md"];
        let found = check(&files.map(|path| SourceFile::new(path, "")));
        assert_eq!(found.iter().map(|f| f.place.as_str()).collect::<Vec<_>>(), ["notes.md", "scripts"]);
    }
}
