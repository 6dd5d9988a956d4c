//! From a chaincode crate to a package: a build by cargo for `wasm32-unknown-unknown`, and the check that peers make.
//!
//! The package is the module as the linker leaves it. Its bytes depend on the sources, the lock file and the
//! toolchain, and on nothing else: the environment's compiler flags are kept out, and paths of this machine are
//! replaced by fixed ones. Where a dependency outside of the workspace lies is part of its name for cargo, though: for
//! the same package on two machines, take such dependencies from a repository or put them in the same place.
//!
//! [`build`] serves `theriac chaincode build`; [`embed`] serves build scripts of crates that carry a package.

mod cargo;
mod dependencies;
mod environment;
mod error;
mod project;
mod script;

pub use cargo::{Artifact, Options, build};
pub use error::BuildError;
pub use project::Project;
pub use script::embed;
/// The check that peers make of a package.
pub use theriac_check::{CheckError, check};
