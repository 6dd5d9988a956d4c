//! The chaincode packages of this repository, ready to deploy.

/// The drug lifecycle. Source: `chaincode/trace`. It judges only where [`RULES`] are in force.
pub const TRACE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/trace.wasm"));

/// What regulators change often. Source: `chaincode/rules`.
pub const RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.wasm"));

/// Reports and other documents about medicines. Source: `chaincode/inspection`. It asks [`TRACE`] who is who.
pub const INSPECTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/inspection.wasm"));

/// Every package by the name that it is deployed under, in the order in which they need each other.
pub const PACKAGES: [(&str, &[u8]); 3] = [("rules", RULES), ("trace", TRACE), ("inspection", INSPECTION)];

/// The package of this name.
pub fn package(name: &str) -> Option<&'static [u8]> {
    PACKAGES.into_iter().find(|(known, _)| *known == name).map(|(_, module)| module)
}
