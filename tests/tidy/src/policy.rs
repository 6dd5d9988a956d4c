//! Pure crates carry a `clippy.toml` that bans clocks, hash maps, files, sockets and threads, each with a reason.
//!
//! Clippy reads one `clippy.toml`, the nearest, and merges nothing: what the root's decides has to be repeated.

use crate::Finding;
use crate::repository::Repository;
use toml::{Table, Value};

/// Folders of the crates that only compute.
pub const PURE: &[&str] = &[
    "host/types",
    "host/crypto",
    "host/consensus",
    "host/ledger",
    "host/ordering",
    "sdk/chaincode",
    "sdk/labels",
    "sdk/dscsa",
    "sdk/sealed",
    "chaincode/domain",
    "chaincode/gs1",
    "chaincode/rules",
    "chaincode/trace",
];

/// What a pure crate's policy names at least, each with a reason.
pub const BANNED_IN_PURE: &[&str] = &[
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::fs::File",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::thread::spawn",
    "std::thread::sleep",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// `ordering` writes the log: files are its business, and the thread that owns the replica is its caller's.
const ALLOWED_IN_ORDERING: &[&str] = &["std::fs::File"];

/// Finds pure crates without the policy, or with one that says less than the root's or gives no reason.
pub fn check(repository: &Repository) -> Vec<Finding> {
    let root = match read(repository, "clippy.toml") {
        Ok(root) => root,
        Err(finding) => return vec![finding],
    };
    PURE.iter().flat_map(|folder| check_crate(repository, folder, &root)).collect()
}

fn check_crate(repository: &Repository, folder: &str, root: &Table) -> Vec<Finding> {
    let path = format!("{folder}/clippy.toml");
    let policy = match read(repository, &path) {
        Ok(policy) => policy,
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    for (key, value) in root {
        if policy.get(key) != Some(value) {
            findings.push(Finding::new(&path, format!("`{key}` must be {value}, as in the root's")));
        }
    }
    let entries = ["disallowed-types", "disallowed-methods"].map(|key| policy.get(key).and_then(Value::as_array));
    let entries: Vec<&Value> = entries.into_iter().flatten().flatten().collect();
    for banned in BANNED_IN_PURE {
        if folder == "host/ordering" && ALLOWED_IN_ORDERING.contains(banned) {
            continue;
        }
        let entry = entries.iter().find(|e| e.get("path").and_then(Value::as_str) == Some(banned));
        match entry.map(|e| e.get("reason").and_then(Value::as_str).unwrap_or_default()) {
            None => findings.push(Finding::new(&path, format!("does not ban {banned}"))),
            Some("") => findings.push(Finding::new(&path, format!("bans {banned} without a reason"))),
            Some(_) => {}
        }
    }
    findings
}

fn read(repository: &Repository, path: &str) -> Result<Table, Finding> {
    let text = repository.text(path).ok_or_else(|| Finding::new(path, "is missing"))?;
    text.parse().map_err(|e| Finding::new(path, format!("is no TOML: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;
    use std::path::PathBuf;

    fn full_policy() -> String {
        let entry = |path: &&str| format!("{{ path = \"{path}\", reason = \"Because.\" }}");
        let (types, methods): (Vec<&&str>, Vec<&&str>) = BANNED_IN_PURE
            .iter()
            .partition(|p| p.rsplit("::").next().is_some_and(|n| n.starts_with(char::is_uppercase)));
        let list = |of: &[&&str]| of.iter().map(|p| entry(p)).collect::<Vec<_>>().join(", ");
        format!("lines = 70\ndisallowed-types = [{}]\ndisallowed-methods = [{}]\n", list(&types), list(&methods))
    }

    fn found(change: impl Fn(&str, String) -> String) -> Vec<String> {
        let mut files = vec![SourceFile::new("clippy.toml", "lines = 70\n")];
        files.extend(PURE.iter().map(|f| SourceFile::new(&format!("{f}/clippy.toml"), &change(f, full_policy()))));
        let repository = Repository { root: PathBuf::new(), files };
        check(&repository).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_full_policy_passes_and_each_gap_is_found() {
        assert_eq!(found(|_, text| text), [""; 0]);
        let in_types = |from: &'static str, to: &'static str| {
            found(move |folder, text| if folder == "host/types" { text.replace(from, to) } else { text })
        };
        for banned in BANNED_IN_PURE {
            let gap = in_types(banned, "std::Nothing");
            assert_eq!(gap, [format!("host/types/clippy.toml: does not ban {banned}")]);
        }
        assert_eq!(
            in_types("lines = 70", "lines = 71"),
            ["host/types/clippy.toml: `lines` must be 70, as in the root's"]
        );
        assert_eq!(in_types("Because.", "").len(), BANNED_IN_PURE.len());
    }

    #[test]
    fn a_missing_policy_is_found() {
        let repository = Repository { root: PathBuf::new(), files: vec![SourceFile::new("clippy.toml", "")] };
        assert_eq!(check(&repository).len(), PURE.len());
        assert_eq!(check(&Repository { root: PathBuf::new(), files: Vec::new() }).len(), 1);
    }
}
