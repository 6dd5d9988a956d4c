//! Keeps the repository in the shape that was agreed on: who may depend on whom, how long a file may be, which words
//! it may not contain, and what may lie at its top.
//!
//! Each check is a pure function from what was read to a list of [`Finding`]s, proved by its own tests on made-up
//! input; `tests/repository.rs` runs all of them on the repository itself.

pub mod codes;
pub mod documentation;
pub mod entries;
pub mod finding;
pub mod graph;
pub mod layering;
pub mod lengths;
pub mod lockfile;
pub mod manifests;
pub mod policy;
pub mod reach;
pub mod repository;
pub mod words;

pub use finding::Finding;
pub use repository::{ReadError, Repository, SourceFile};
