//! Versions, lints and profiles are decided once, at the root of the workspace.

use crate::{Finding, SourceFile};
use toml::{Table, Value};

const DEPENDENCY_TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Finds members whose dependencies or lints are not the workspace's, or that bring a profile. Folders that are
/// workspaces of their own are none of it.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    files.iter().filter(|f| f.path.ends_with("/Cargo.toml")).flat_map(check_member).collect()
}

fn check_member(file: &SourceFile) -> Vec<Finding> {
    let manifest = match file.text.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(&file.path, format!("is no TOML: {error}"))],
    };
    if manifest.contains_key("workspace") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    for tables in std::iter::once(&manifest).chain(targets.filter_map(Value::as_table)) {
        for (name, dependency) in DEPENDENCY_TABLES.iter().filter_map(|t| tables.get(*t)?.as_table()).flatten() {
            if !is_inherited(Some(dependency)) {
                findings.push(Finding::new(&file.path, format!("`{name}` must be `{name}.workspace = true`")));
            }
        }
    }
    if !is_inherited(manifest.get("lints")) {
        findings.push(Finding::new(&file.path, "must take the workspace's lints: `[lints] workspace = true`"));
    }
    if manifest.contains_key("profile") {
        findings.push(Finding::new(&file.path, "cargo reads profiles at the root only"));
    }
    findings
}

fn is_inherited(value: Option<&Value>) -> bool {
    value.and_then(|v| v.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[dependencies]\nborsh.workspace = true\ntokio = { workspace = true, features = [\"io-std\"] }\n\
                        [lints]\nworkspace = true\n";

    fn check_text(text: &str) -> usize {
        check(&[SourceFile::new("host/types/Cargo.toml", text)]).len()
    }

    #[test]
    fn a_version_in_a_member_is_found_in_every_table() {
        assert_eq!(check_text(GOOD), 0);
        for table in ["dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            assert_eq!(check_text(&format!("{GOOD}[{table}]\nlibc = \"0.2\"\n")), 1, "{table}");
            assert_eq!(check_text(&format!("{GOOD}[{table}]\nlibc = {{ path = \"x\" }}\n")), 1, "{table}");
        }
    }

    #[test]
    fn a_workspace_of_its_own_keeps_its_own_rules() {
        assert_eq!(check_text("[workspace]\n[package]\nname = \"a\"\n[dependencies]\nlibc = \"0.2\"\n"), 0);
    }

    #[test]
    fn missing_lints_a_profile_and_broken_text_are_found() {
        assert_eq!(check_text("[package]\nname = \"a\"\n"), 1);
        assert_eq!(check_text(&format!("{GOOD}[profile.release]\nlto = true\n")), 1);
        assert_eq!(check_text("[package"), 1);
    }
}
