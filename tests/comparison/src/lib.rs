//! The protocol against its rivals, on an emulated wide-area network.
//!
//! Replicas of the real protocol ([`sbft`]) and of PBFT's normal case ([`all_to_all`]) run on the same machines
//! ([`machine`]), links ([`regions`]) and prices of cryptography ([`costs`]), in virtual time ([`world`]).
//! [`experiment`] says what is compared with what; [`table`] and [`plot`] show it. The same seed gives the same figures.
#![allow(missing_debug_implementations)]

pub mod agenda;
pub mod all_to_all;
pub mod costs;
pub mod experiment;
pub mod machine;
pub mod meter;
pub mod plan;
pub mod plot;
pub mod protocol;
pub mod random;
pub mod regions;
pub mod sbft;
pub mod table;
pub mod workload;
pub mod world;
