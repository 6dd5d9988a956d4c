//! The commands that people type, against networks of real processes.

#![allow(clippy::unwrap_used)]

mod audit;
mod captures;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod crashes;
mod documents;
mod events;
mod evidence;
mod failover;
mod hostile;
mod keeping;
mod lifecycle;
mod membership;
mod offline;
mod own_rules;
mod replication;
mod reports;
#[path = "../../../../sdk/epcis/tests/common/said.rs"]
mod said;
mod sealing;
mod stories;
mod trace;
