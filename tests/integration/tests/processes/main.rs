//! The commands that people type, against networks of real processes.

#![allow(clippy::unwrap_used)]

mod audit;
mod captures;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod crashes;
mod events;
mod evidence;
mod failover;
mod hostile;
mod lifecycle;
mod membership;
mod offline;
mod own_rules;
mod trace;
