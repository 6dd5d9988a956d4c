//! The one thread that owns the replica: persist, then send.

pub mod file_log;
pub mod frame;
pub mod lock;
pub mod log;
pub mod log_error;
pub mod segment;

pub use file_log::FileLog;
pub use lock::FolderLock;
pub use log::{Log, slot_of};
pub use log_error::LogError;
