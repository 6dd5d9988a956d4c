//! Directed scenarios with real processes, disks and networks, under eight concurrent clients whose history must be
//! linearizable: what only these can show. Everything else is the simulator's.
//!
//! `THERIAC_REPETITIONS` repeats where chance decides; `THERIAC_LOSS_SECONDS` and `THERIAC_KEYS` set how long and how
//! large. Their defaults are small: `tests/run` includes these scenarios.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod field;
mod ground;
mod lines;
mod namespaces;
mod stops;
mod switch;
mod wiped;
mod workload;
