//! From a chaincode crate to a package: a build by cargo for `wasm32-unknown-unknown`, and the check that peers make.
//!
//! The package is the module as the linker leaves it. Its bytes depend on the sources, the lock file and the
//! toolchain, and on nothing else: the environment's compiler flags are kept out, and paths of this machine are
//! replaced by fixed ones.
//!
//! [`build`] serves `theriac chaincode build`; [`embed`] serves build scripts of crates that carry a package.

mod cargo;
mod dependencies;
mod environment;
mod error;
mod script;

pub use cargo::{Artifact, Options, build};
pub use error::BuildError;
pub use script::embed;
/// The check that peers make of a package.
pub use theriac_check::{CheckError, check};
