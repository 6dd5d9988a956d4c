//! A network of peers on one machine: started, watched, broken, healed and stopped.
//!
//! Everything about a network is in one folder ([`folder`]). [`up`] founds it with throw-away keys for a small cast
//! ([`cast`]), starts one process per peer, and returns once transactions have been committed; [`LocalNetwork`] does the
//! rest. Processes are known by number and start time, so that a number that came back to a stranger is never
//! signalled.

pub mod cast;
mod config_file;
pub mod control;
pub mod demo;
pub mod error;
pub mod folder;
mod keys;
pub mod launch;
mod pem;
mod ports;
pub mod process;
pub mod ready;
pub mod replace;
pub mod replica;

pub use control::{LocalNetwork, PeerProcess};
pub use error::NetworkError;
pub use folder::Folder;
pub use keys::tolerance;
pub use launch::{StartTimes, UpOptions, up};
pub use process::{ProcessState, Usage};
pub use replace::Replaced;
pub use replica::{REPLICA_FILE, ReplicaOptions, init_replica};
