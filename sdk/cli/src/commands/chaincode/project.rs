//! A chaincode project: built to a package, checked, tested.

use super::sandbox;
use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use theriac_chaincode_build::{Artifact, BuildError, Options, Project};
use theriac_client::{Description, FunctionKind};
use theriac_crypto::names::package_id;
use theriac_ledger::ChaincodeEngine;
use theriac_types::limits::PACKAGE_BYTES_MAX;

/// What to build.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode build
  theriac chaincode build chaincode/trace --out trace.wasm")]
pub struct Build {
    #[command(flatten)]
    source: Source,
    /// Where to write the package; NAME.wasm in the project's folder when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to test.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode test
  theriac chaincode test --scenario tests/recall.json")]
pub struct Test {
    #[command(flatten)]
    source: Source,
    /// The calls to make in the sandbox; tests/scenario.json, if there is one, when left out.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

/// A project's source, and how it is compiled.
#[derive(Debug, Args)]
pub struct Source {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Where cargo keeps what it compiles; what CARGO_TARGET_DIR says, or target in the project, when left out.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
    /// Keep the names of functions in the package, so that a backtrace shows them. That is another package, larger.
    #[arg(long)]
    pub names: bool,
}

impl Source {
    /// Builds the package. Cargo's messages go to the standard error.
    pub fn build(&self) -> Result<Artifact, Failure> {
        let target_dir = match &self.target_dir {
            Some(folder) => folder.clone(),
            None => self.project()?.target_dir(),
        };
        let options = Options { crate_dir: self.folder.clone(), target_dir, names: self.names };
        theriac_chaincode_build::build(&options).map_err(failed)
    }

    fn project(&self) -> Result<Project, Failure> {
        Project::find(&self.folder).map_err(failed)
    }
}

fn failed(error: BuildError) -> Failure {
    let reason = match &error {
        BuildError::NoProject { .. } => "PROJECT_MISSING",
        BuildError::TargetMissing { .. } => "TARGET_MISSING",
        BuildError::Refused { .. } => "PACKAGE_REFUSED",
        BuildError::Tests { .. } => "TESTS_FAILED",
        _ => "BUILD_FAILED",
    };
    Failure::new(Exit::Usage, reason, error.to_string())
}

pub fn build(global: &Global, options: &Build) -> Result<(), Failure> {
    let artifact = options.source.build()?;
    let out = match &options.out {
        Some(file) => file.clone(),
        None => beside(&options.source.folder).join(format!("{}.wasm", options.source.project()?.name)),
    };
    std::fs::write(&out, &artifact.module).map_err(|error| {
        Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", out.display()))
    })?;
    let shown = json!({
        "package": package_id(&artifact.module).to_string(),
        "bytes": artifact.module.len(),
        "capabilities": capabilities(&artifact.capabilities),
        "file": out.display().to_string(),
    });
    output::record(global.output, &shown)
}

/// The folder as part of a path that people read.
fn beside(folder: &Path) -> &Path {
    if folder == Path::new(".") { Path::new("") } else { folder }
}

pub fn check(global: &Global, package: &Path) -> Result<(), Failure> {
    let module = read_input(package, PACKAGE_BYTES_MAX as u64)?;
    let sandbox = theriac_runtime::Sandbox::new()
        .map_err(|error| Failure::new(Exit::Internal, "SANDBOX_FAILED", error.to_string()))?;
    let checked = sandbox.check(&module).map_err(|error| {
        Failure::new(Exit::Usage, "PACKAGE_REFUSED", error.to_string()).with("package_code", error.code)
    })?;
    let description = Description::from_bytes(&theriac_types::encode(&checked.description))
        .map_err(|error| Failure::malformed(error.to_string()))?;
    let names = |functions: FunctionKind| {
        let of_kind = description.functions.iter().filter(move |function| function.kind == functions);
        of_kind.map(|function| function.name.clone()).collect::<Vec<_>>()
    };
    let component = theriac_chaincode_build::check(&module)
        .map_err(|error| Failure::new(Exit::Usage, "PACKAGE_REFUSED", error.to_string()))?;
    let shown = json!({
        "package": package_id(&module).to_string(),
        "bytes": module.len(),
        "calls_itself": description.name,
        "state_version": description.state_version,
        "transactions": names(FunctionKind::Transaction),
        "queries": names(FunctionKind::Query),
        "capabilities": capabilities(&component.capabilities),
        "metering": checked.metering.to_string(),
    });
    output::record(global.output, &shown)
}

/// Host functions without what all of their names begin with.
fn capabilities(names: &[String]) -> Vec<String> {
    let short = |name: &String| {
        let (interface, function) = name.strip_prefix("theriac:chaincode/")?.split_once('#')?;
        Some(format!("{}.{function}", interface.split_once('@')?.0))
    };
    names.iter().map(|name| short(name).unwrap_or_else(|| name.clone())).collect()
}

pub fn test(global: &Global, options: &Test) -> Result<(), Failure> {
    let project = options.source.project()?;
    eprintln!("== native tests");
    project.test(options.source.target_dir.as_deref()).map_err(failed)?;
    let default = options.source.folder.join("tests/scenario.json");
    let scenario = options.scenario.clone().or_else(|| default.is_file().then_some(default));
    eprintln!("== the package, as peers run it");
    let artifact = options.source.build()?;
    let steps = scenario.map(|path| sandbox::Scenario::read(&path)).transpose()?.unwrap_or_default();
    let rows = sandbox::play(&artifact.module, &steps)?;
    output::rows(global.output, &["step", "by", "function", "came_out", "gas", "host_gas", "events"], &rows)?;
    let wrong: Vec<_> = rows.iter().filter_map(|row| row["wrong"].as_str()).collect();
    if wrong.is_empty() {
        eprintln!("ok: the package is accepted, and {} call(s) came out as they should", rows.len());
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "TESTS_FAILED", wrong.join("; ")))
}
