//! A chaincode project as cargo sees it.

use crate::environment::tool;
use crate::error::BuildError;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::stderr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A crate with its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The crate's name.
    pub name: String,
    /// The crate's folder.
    pub folder: PathBuf,
    pub(crate) manifest: PathBuf,
    /// Whether its package is to be small rather than fast: `optimise = "size"` in `[package.metadata.theriac]`.
    pub(crate) small: bool,
    pub(crate) workspace_dir: PathBuf,
    /// Roots of workspaces that crates of this one depend on by path, ascending.
    pub(crate) other_workspaces: BTreeSet<PathBuf>,
}

impl Project {
    /// Asks cargo about the crate in a folder.
    ///
    /// # Errors
    /// When there is none, or when cargo does not understand it: it has said why.
    pub fn find(folder: &Path) -> Result<Self, BuildError> {
        // Cargo reports manifests without `..`, and its messages are told apart by them.
        let manifest = folder.join("Cargo.toml").canonicalize();
        let manifest = manifest.map_err(|_| missing(folder))?;
        let own_folder = manifest.parent().unwrap_or(Path::new("/")).to_owned();
        let failed = || BuildError::Cargo { crate_dir: folder.to_owned() };
        let mut cargo = tool("CARGO", "cargo", &own_folder);
        cargo.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(&manifest);
        let output = run(&mut cargo)?;
        let told: Value = serde_json::from_slice(&output.stdout).map_err(|_| failed())?;
        let workspace_dir = told["workspace_root"].as_str().map(PathBuf::from).ok_or_else(failed)?;
        let own = |package: &&Value| package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest);
        let packages = told["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let package = packages.iter().find(own);
        let small = package.is_some_and(|package| package["metadata"]["theriac"]["optimise"] == "size");
        let name = package.and_then(|package| package["name"].as_str());
        let name = name.ok_or_else(|| missing(folder))?.to_owned();
        let dependencies = packages.iter().filter_map(|package| package["dependencies"].as_array()).flatten();
        let paths = dependencies.filter_map(|dependency| dependency["path"].as_str()).map(PathBuf::from);
        let elsewhere: BTreeSet<_> = paths.filter(|path| !path.starts_with(&workspace_dir)).collect();
        let other_workspaces = elsewhere.iter().map(|path| workspace_of(path)).collect::<Result<_, _>>()?;
        Ok(Self { name, folder: own_folder, manifest, small, workspace_dir, other_workspaces })
    }

    /// Where cargo keeps what it compiles: below `CARGO_TARGET_DIR` if that is set, beside the manifest otherwise.
    pub fn target_dir(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.workspace_dir.join("target"), |shared| PathBuf::from(shared).join("chaincode"))
    }

    /// Runs the crate's native tests. What they print goes to the standard error.
    ///
    /// # Errors
    /// When one fails, or cannot be compiled.
    pub fn test(&self, target_dir: Option<&Path>) -> Result<(), BuildError> {
        let target_dir = target_dir.map_or_else(|| self.target_dir(), Path::to_owned);
        let target_dir =
            std::path::absolute(&target_dir).map_err(|source| BuildError::File { path: target_dir, source })?;
        let mut cargo = tool("CARGO", "cargo", &self.folder);
        cargo.arg("test").arg("--manifest-path").arg(&self.manifest).arg("--target-dir").arg(target_dir);
        let status =
            cargo.stdin(Stdio::null()).stdout(stderr()).status().map_err(|source| not_started(&cargo, source))?;
        if status.success() { Ok(()) } else { Err(BuildError::Tests { folder: self.folder.clone() }) }
    }
}

/// The root of the workspace that a crate belongs to.
fn workspace_of(folder: &Path) -> Result<PathBuf, BuildError> {
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(missing(folder));
    }
    let mut cargo = tool("CARGO", "cargo", folder);
    cargo.args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"]).arg(manifest);
    let output = run(&mut cargo)?;
    let found = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let root = found.parent().filter(|_| output.status.success());
    root.map(Path::to_owned).ok_or_else(|| BuildError::Cargo { crate_dir: folder.to_owned() })
}

fn missing(folder: &Path) -> BuildError {
    BuildError::NoProject { folder: std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()) }
}

/// Runs a tool to its end. Its messages go to the standard error.
pub(crate) fn run(command: &mut Command) -> Result<Output, BuildError> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    output.map_err(|source| not_started(command, source))
}

fn not_started(command: &Command, source: std::io::Error) -> BuildError {
    BuildError::NotStarted { program: command.get_program().to_string_lossy().into_owned(), source }
}
