//! Four peers in one process, over real sockets, disks and TLS: what a test must hold a link, a key or a stopped peer in
//! its own hands for.

#![allow(missing_docs, clippy::unwrap_used)]

mod cluster;
mod collectors;
mod deployment;
mod epochs;
mod gateway;
mod hostile_modules;
mod lifecycle;
mod links;
mod ports;
mod restart;
mod start;
mod transfer;
