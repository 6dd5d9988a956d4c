//! Commands about the past: what rules made of it, and what other rules would have.

pub mod diff;
pub mod dry_run;
pub mod history;
pub mod replay;
pub mod rules;
pub mod shown;
pub mod steps;
pub mod verify_build;
