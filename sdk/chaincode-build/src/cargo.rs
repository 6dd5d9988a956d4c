//! Runs cargo for the sandbox's target.

use crate::dependencies::sources;
use crate::environment::dropped;
use crate::error::BuildError;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "chaincode";

/// How a package is optimised: given on the command line, so that it is the same in every workspace.
const PROFILE_SETTINGS: [&str; 8] = [
    "profile.chaincode.inherits=\"release\"",
    "profile.chaincode.opt-level=\"s\"",
    "profile.chaincode.lto=true",
    "profile.chaincode.codegen-units=1",
    "profile.chaincode.panic=\"abort\"",
    "profile.chaincode.strip=true",
    "profile.chaincode.debug=false",
    "profile.chaincode.overflow-checks=true",
];

/// Bytes of stack in the sandbox. A small stack leaves less memory to reset after every call: with the usual 1 MiB a
/// cold call takes twice as long.
const STACK_BYTES: u32 = 64 * 1024;

/// What to build, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the chaincode crate.
    pub crate_dir: PathBuf,
    /// Where cargo keeps what it compiles. Must not be the target folder of a cargo that waits for this build.
    pub target_dir: PathBuf,
}

/// A package that keeps the rules.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The core module: the package.
    pub module: Vec<u8>,
    /// The host functions that it imports, ascending.
    pub capabilities: Vec<String>,
    /// The files it was made of, dependencies from registries excepted.
    pub sources: Vec<PathBuf>,
}

/// Builds and checks a package. Cargo's messages go to the standard error.
pub fn build(options: &Options) -> Result<Artifact, BuildError> {
    let crate_dir = options.crate_dir.clone();
    // Cargo reports manifests without `..`, and its messages are told apart by them.
    let manifest = options.crate_dir.join("Cargo.toml");
    let manifest = manifest.canonicalize().map_err(|source| BuildError::File { path: manifest, source })?;
    require_target()?;
    let workspace_manifest = workspace_manifest(&manifest, &crate_dir)?;
    let workspace_dir = workspace_manifest.parent().unwrap_or(Path::new("/")).to_owned();

    let mut cargo = tool("CARGO", "cargo");
    cargo.args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET, "--profile", PROFILE]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.arg("--manifest-path").arg(&manifest).arg("--target-dir").arg(absolute(&options.target_dir)?);
    for setting in PROFILE_SETTINGS {
        cargo.args(["--config", setting]);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", compiler_flags(&workspace_dir));
    let output = run(&mut cargo)?;
    if !output.status.success() {
        return Err(BuildError::Cargo { crate_dir });
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let module_path = module_path(&messages, &manifest).ok_or(BuildError::NoModule { crate_dir: crate_dir.clone() })?;

    let module = read(&module_path)?;
    let component = theriac_check::check(&module).map_err(|source| BuildError::Refused { crate_dir, source })?;
    let listing = String::from_utf8_lossy(&read(&module_path.with_extension("d"))?).into_owned();
    let mut sources = sources(&listing);
    sources.extend([workspace_dir.join("Cargo.lock"), workspace_manifest, manifest]);
    Ok(Artifact { module, capabilities: component.capabilities, sources })
}

/// Flags for every crate of the package, separated as cargo wants it.
fn compiler_flags(workspace_dir: &Path) -> String {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let mut flags = vec![format!("-Clink-arg=-zstack-size={STACK_BYTES}")];
    // The later of two that match wins, so the workspace comes last.
    if let Some(cargo_home) = cargo_home {
        flags.push(format!("--remap-path-prefix={}=/cargo", cargo_home.display()));
    }
    flags.push(format!("--remap-path-prefix={}=/chaincode", workspace_dir.display()));
    flags.join("\u{1f}")
}

/// Finds the module among cargo's messages: the last artifact of this manifest that is one.
fn module_path(messages: &str, manifest: &Path) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let own = messages.filter(|message| message["manifest_path"].as_str().is_some_and(|p| Path::new(p) == manifest));
    let files = own.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    files
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .rfind(|path| path.extension().is_some_and(|e| e == "wasm"))
}

fn workspace_manifest(manifest: &Path, crate_dir: &Path) -> Result<PathBuf, BuildError> {
    let mut cargo = tool("CARGO", "cargo");
    cargo.args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"]).arg(manifest);
    let output = run(&mut cargo)?;
    if !output.status.success() {
        return Err(BuildError::Cargo { crate_dir: crate_dir.to_owned() });
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Without the target's standard library the compiler's own message misleads: it says that `core` is missing.
fn require_target() -> Result<(), BuildError> {
    let output = run(tool("RUSTC", "rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && folder.is_dir() {
        return Ok(());
    }
    Err(BuildError::TargetMissing { target: TARGET })
}

/// A tool of the toolchain in use, without the environment of an outer cargo.
fn tool(variable: &str, name: &str) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    for variable in dropped() {
        command.env_remove(variable);
    }
    command
}

fn run(command: &mut Command) -> Result<std::process::Output, BuildError> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    output.map_err(|source| BuildError::NotStarted {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    std::fs::read(path).map_err(|source| BuildError::File { path: path.to_owned(), source })
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    std::path::absolute(path).map_err(|source| BuildError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_module_is_the_artifact_of_the_wanted_manifest() {
        let messages = [
            r#"{"reason":"compiler-artifact","manifest_path":"/w/dep/Cargo.toml","filenames":["/t/dep.wasm"]}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/w/own/Cargo.toml","filenames":["/t/own.rlib","/t/own.wasm"]}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "a line of a build script",
        ];
        let messages = messages.join("\n");
        assert_eq!(module_path(&messages, Path::new("/w/own/Cargo.toml")), Some(PathBuf::from("/t/own.wasm")));
        assert_eq!(module_path(&messages, Path::new("/w/other/Cargo.toml")), None);
    }

    #[test]
    fn a_folder_without_a_crate_is_an_error_that_names_it() {
        let empty = tempfile::tempdir().unwrap();
        let options = Options { crate_dir: empty.path().join("none"), target_dir: empty.path().join("target") };
        let error = build(&options).unwrap_err();
        assert!(matches!(error, BuildError::File { .. }), "{error}");
        assert!(error.to_string().contains("none/Cargo.toml"), "{error}");
    }
}
