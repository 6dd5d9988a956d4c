//! The one thread that owns the replica: persist, then send.
//!
//! [`Ordering`] drives a replica in turns and obeys its effects; [`FileLog`] is the write-ahead log it keeps in
//! production. Generic over log, transport and executor, so that the simulator runs the very same code.

pub mod file_log;
pub mod frame;
pub mod lock;
pub mod log;
pub mod log_error;
pub mod ordering;
pub mod segment;
pub mod sinks;
pub mod timers;

pub use file_log::FileLog;
pub use lock::FolderLock;
pub use log::Log;
pub use log_error::LogError;
pub use ordering::{Ordering, OrderingError, Turn};
pub use sinks::{Executor, Transport};
