//! A network in memory for the tests of this crate. Each test binary uses its part of it.
#![allow(dead_code, reason = "every test binary compiles this and uses another part")]

pub mod durable;
pub mod network;
pub mod values;
pub mod views;
