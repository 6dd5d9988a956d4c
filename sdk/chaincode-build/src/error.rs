//! Why a build gave no package.

use std::path::PathBuf;
use theriac_check::CheckError;

/// Why a build gave no package.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The compiler lacks the standard library for the sandbox.
    #[error("the target {target} is not installed. Run in {}: rustup target add {target}", folder.display())]
    TargetMissing {
        /// The target.
        target: &'static str,
        /// The project's folder, which says which toolchain.
        folder: PathBuf,
    },
    /// There is no crate.
    #[error("there is no Cargo project in {}. Name its folder, or make one: theriac chaincode new NAME", folder.display())]
    NoProject {
        /// The folder.
        folder: PathBuf,
    },
    /// Tests failed, and have said which.
    #[error("the native tests of {} did not pass: see above", folder.display())]
    Tests {
        /// The project's folder.
        folder: PathBuf,
    },
    /// A program could not be started.
    #[error("cannot run {program}: {source}. Install Rust from https://rustup.rs, or put it on the PATH")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// Cargo found something wrong, and has said what.
    #[error("cargo could not build {}: see its messages above", crate_dir.display())]
    Cargo {
        /// The crate.
        crate_dir: PathBuf,
    },
    /// Cargo was content but made no module.
    #[error("building {} made no module. Is it a library crate with a #[chaincode] module?", crate_dir.display())]
    NoModule {
        /// The crate.
        crate_dir: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was built breaks a rule.
    #[error("the package of {} is refused ({}): {source}", crate_dir.display(), source.code())]
    Refused {
        /// The crate.
        crate_dir: PathBuf,
        /// The rule.
        source: CheckError,
    },
    /// Called outside a build script.
    #[error("{variable} is not set: call this from a build script, which cargo runs")]
    NoBuildScript {
        /// The variable that cargo would have set.
        variable: &'static str,
    },
}
