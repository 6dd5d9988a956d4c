//! Commands about the past: what rules made of it, and what other rules would have.

pub mod diff;
pub mod dry_run;
pub mod replay;
mod shown;
pub mod verify_build;
