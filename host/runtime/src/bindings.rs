//! Generated from the package `theriac:chaincode`, the host's side.

#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "metered",
    imports: { default: trappable },
});
