//! What the inner cargo inherits of the environment: how to reach its registry, and nothing that changes code.
//!
//! A build script runs inside an outer cargo, whose flags, wrappers, profiles and job server are meant for the host.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Settings of cargo that say where things are, not how to compile.
const KEPT: [&str; 7] =
    ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTRY_", "CARGO_REGISTRIES_", "CARGO_SOURCE_", "CARGO_TERM_"];
/// Beginnings of names that cargo and its companions give to build scripts and compilers.
const DROPPED: [&str; 6] = ["CARGO", "DEP_", "RUSTC", "RUSTDOC", "RUSTFLAGS", "CLIPPY_"];
/// Further such names.
const DROPPED_NAMES: [&str; 9] =
    ["MAKEFLAGS", "MFLAGS", "TARGET", "HOST", "OUT_DIR", "NUM_JOBS", "OPT_LEVEL", "PROFILE", "DEBUG"];

/// A tool of the toolchain that the folder asks for, without the environment of an outer cargo.
pub fn tool(variable: &str, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    command.current_dir(folder);
    for variable in dropped() {
        command.env_remove(variable);
    }
    command
}

/// Names of this process's variables that the inner cargo must not see.
fn dropped() -> Vec<OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(is_dropped)).collect()
}

fn is_dropped(name: &str) -> bool {
    let begins_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    (begins_with(&DROPPED) && !begins_with(&KEPT)) || DROPPED_NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_code_is_dropped() {
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_PROFILE_RELEASE_LTO", "CARGO_BUILD_TARGET"] {
            assert!(is_dropped(name), "{name}");
        }
        for name in ["RUSTC_WRAPPER", "CARGO_TARGET_DIR", "CARGO_MAKEFLAGS", "MAKEFLAGS", "OUT_DIR", "CARGO"] {
            assert!(is_dropped(name), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            assert!(!is_dropped(name), "{name}");
        }
    }
}
