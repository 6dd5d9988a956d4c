//! The one place where machine code comes from outside this process.

#![allow(unsafe_code)]

use crate::sealed::SealedFolder;
use theriac_types::Digest;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Loads what [`store`] wrote under the same name; none when there is nothing that can be trusted and used.
pub fn load(engine: &Engine, folder: &SealedFolder, name: Digest) -> Option<Component> {
    let compiled = folder.read(name)?;
    // SAFETY: The bytes must be what this release of wasmtime made. The folder gives nothing but what this peer wrote
    // with its own key, the name covers the release and its settings, and wasmtime compares these again.
    unsafe { Component::deserialize(engine, compiled) }.ok()
}

/// Keeps a component for later. A folder that cannot be written costs time at the next start and nothing else.
pub fn store(folder: &SealedFolder, name: Digest, component: &Component) {
    if let Ok(compiled) = component.serialize() {
        let _ = folder.write(name, &compiled);
    }
}
