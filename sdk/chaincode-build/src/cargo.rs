//! Runs cargo for the sandbox's target.

use crate::dependencies::sources;
use crate::environment::tool;
use crate::error::BuildError;
use crate::project::{Project, run};
use std::path::{Path, PathBuf};
use theriac_check::CheckError;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "chaincode";

/// How a package is optimised: given on the command line, so that it is the same in every workspace.
const PROFILE_SETTINGS: [&str; 6] = [
    "profile.chaincode.inherits=\"release\"",
    "profile.chaincode.lto=true",
    "profile.chaincode.codegen-units=1",
    "profile.chaincode.panic=\"abort\"",
    "profile.chaincode.debug=false",
    "profile.chaincode.overflow-checks=true",
];
const FAST: &str = "profile.chaincode.opt-level=\"s\"";
/// A fifth smaller, for about an eighth more gas.
const SMALL: &str = "profile.chaincode.opt-level=\"z\"";
const STRIPPED: &str = "profile.chaincode.strip=true";
const WITH_NAMES: &str = "profile.chaincode.strip=\"debuginfo\"";

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
    /// Whether functions keep their names in the package, for backtraces.
    pub names: bool,
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
    let project = Project::find(&crate_dir)?;
    require_target(&project)?;

    let mut cargo = tool("CARGO", "cargo", &project.folder);
    cargo.args(["rustc", "--lib", "--crate-type", "cdylib", "--target", TARGET, "--profile", PROFILE]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.arg("--manifest-path").arg(&project.manifest).arg("--target-dir").arg(absolute(&options.target_dir)?);
    let level = if project.small { SMALL } else { FAST };
    let names = if options.names { WITH_NAMES } else { STRIPPED };
    for setting in PROFILE_SETTINGS.into_iter().chain([level, names]) {
        cargo.args(["--config", setting]);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", compiler_flags(&project));
    // Crates of the workspace are compiled from relative paths. The one that is the package may say more of its place.
    cargo.arg("--").arg(format!("--remap-path-prefix={}=/chaincode", project.workspace_dir.display()));
    let output = run(&mut cargo)?;
    if !output.status.success() {
        return Err(BuildError::Cargo { crate_dir });
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let module_path =
        module_path(&messages, &project.manifest).ok_or(BuildError::NoModule { crate_dir: crate_dir.clone() })?;

    let module = read(&module_path)?;
    let component = theriac_check::check(&module).map_err(|source| refused(options, source))?;
    let listing = String::from_utf8_lossy(&read(&module_path.with_extension("d"))?).into_owned();
    let mut sources = sources(&listing);
    sources.extend([project.workspace_dir.join("Cargo.lock"), project.workspace_dir.join("Cargo.toml")]);
    sources.push(project.manifest);
    Ok(Artifact { module, capabilities: component.capabilities, sources })
}

/// A refusal in the names of the source, for which the package is built once more when it leaves them out.
fn refused(options: &Options, source: CheckError) -> BuildError {
    let crate_dir = options.crate_dir.clone();
    let named = (!options.names).then(|| build(&Options { names: true, ..options.clone() }));
    match named {
        Some(Err(BuildError::Refused { source, .. })) => BuildError::Refused { crate_dir, source },
        _ => BuildError::Refused { crate_dir, source },
    }
}

/// Flags for every crate that the package is made of, separated as cargo wants it. They name nothing of the project
/// itself, so that projects which share a target folder share what they depend on.
fn compiler_flags(project: &Project) -> String {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let mut flags = vec![format!("-Clink-arg=-zstack-size={STACK_BYTES}")];
    if let Some(cargo_home) = cargo_home {
        flags.push(format!("--remap-path-prefix={}=/cargo", cargo_home.display()));
    }
    for (number, workspace) in project.other_workspaces.iter().enumerate() {
        flags.push(format!("--remap-path-prefix={}=/dependency-{number}", workspace.display()));
    }
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

/// Without the target's standard library the compiler's own message misleads: it says that `core` is missing.
fn require_target(project: &Project) -> Result<(), BuildError> {
    let output = run(tool("RUSTC", "rustc", &project.folder).args(["--print", "target-libdir", "--target", TARGET]))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && folder.is_dir() {
        return Ok(());
    }
    Err(BuildError::TargetMissing { target: TARGET, folder: project.folder.clone() })
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
    fn a_refusal_names_the_function_although_the_package_leaves_names_out() {
        let place = tempfile::tempdir().unwrap();
        let crate_dir = place.path().join("floating");
        std::fs::create_dir_all(crate_dir.join("src")).unwrap();
        let manifest = "[workspace]\n[package]\nname = \"floating\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        std::fs::write(crate_dir.join("Cargo.toml"), manifest).unwrap();
        let source = "mod rules { #[inline(never)] pub fn price(x: u64) -> u64 { (x as f64 * 1.5) as u64 } }\n\
            #[unsafe(no_mangle)] pub extern \"C\" fn run(x: u64) -> u64 { rules::price(x) }\n";
        std::fs::write(crate_dir.join("src/lib.rs"), source).unwrap();
        let options = Options { crate_dir, target_dir: place.path().join("target"), names: false };
        let error = build(&options).unwrap_err();
        assert!(matches!(error, BuildError::Refused { source: CheckError::Floats { .. }, .. }), "{error}");
        assert!(error.to_string().contains("in floating::rules::price"), "{error}");
    }

    #[test]
    fn a_folder_without_a_crate_is_an_error_that_names_it() {
        let empty = tempfile::tempdir().unwrap();
        let target_dir = empty.path().join("target");
        let options = Options { crate_dir: empty.path().join("none"), target_dir, names: false };
        let error = build(&options).unwrap_err();
        assert!(matches!(error, BuildError::NoProject { .. }), "{error}");
        assert!(error.to_string().contains("/none"), "{error}");
    }
}
