//! The chaincode packages of this repository, ready to deploy.

/// The drug lifecycle. Source: `chaincode/trace`.
pub const TRACE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/trace.wasm"));
