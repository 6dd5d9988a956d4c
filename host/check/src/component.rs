//! From a core module to a component under this peer's own copy of the WIT package.

use crate::error::CheckError;
use crate::structure::{Structure, inspect};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, WorldId, WorldItem, WorldKey};

/// The files of the package `theriac:chaincode`.
const WIT: [(&str, &str); 8] = [
    ("types.wit", include_str!("../../../wit/types.wit")),
    ("context.wit", include_str!("../../../wit/context.wit")),
    ("state-read.wit", include_str!("../../../wit/state-read.wit")),
    ("state-write.wit", include_str!("../../../wit/state-write.wit")),
    ("history.wit", include_str!("../../../wit/history.wit")),
    ("events.wit", include_str!("../../../wit/events.wit")),
    ("contract.wit", include_str!("../../../wit/contract.wit")),
    ("world.wit", include_str!("../../../wit/world.wit")),
];
const WORLD: &str = "chaincode";

/// A package that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The module as a component, ready to compile.
    pub bytes: Vec<u8>,
    /// The host functions that it really imports, ascending: what it is able to do.
    pub capabilities: Vec<String>,
}

/// Checks a package and makes it a component.
pub fn check(module: &[u8]) -> Result<Component, CheckError> {
    let Structure { imports, mut without_claims } = inspect(module)?;
    let (resolve, world) = interface();
    let offered = offered(&resolve, world);
    for (module, name) in &imports {
        if !offered.contains(&(module.clone(), name.clone())) {
            return Err(CheckError::UnknownImport { module: shortened(module), name: shortened(name) });
        }
    }
    embed_component_metadata(&mut without_claims, &resolve, world, StringEncoding::UTF8, false)
        .expect("the world of theriac:chaincode encodes: every test of this crate does it");
    let encoded = ComponentEncoder::default().module(&without_claims).and_then(|encoder| encoder.encode());
    let bytes =
        encoded.map_err(|error| CheckError::Interface { reason: shortened(&error.root_cause().to_string()) })?;
    let mut capabilities: Vec<String> = imports.into_iter().map(|(module, name)| format!("{module}#{name}")).collect();
    capabilities.sort();
    capabilities.dedup();
    Ok(Component { bytes, capabilities })
}

fn interface() -> (Resolve, WorldId) {
    let mut files = SourceMap::new();
    for (name, text) in WIT {
        files.push_str(name, text);
    }
    let group = files.parse().expect("the WIT files parse: every test of this crate does it");
    let mut resolve = Resolve::new();
    let package = resolve.push_group(group).expect("the WIT files resolve: every test of this crate does it");
    let world = resolve.select_world(&[package], Some(WORLD)).expect("world.wit holds this world");
    (resolve, world)
}

/// Every function that the world imports, as a core module names it.
fn offered(resolve: &Resolve, world: WorldId) -> Vec<(String, String)> {
    let mut offered = Vec::new();
    for (key, item) in &resolve.worlds[world].imports {
        if let (WorldKey::Interface(_), WorldItem::Interface { id, .. }) = (key, item) {
            let module = resolve.name_world_key(key);
            offered.extend(resolve.interfaces[*id].functions.keys().map(|name| (module.clone(), name.clone())));
        }
    }
    offered
}

/// What a package says is shortened before people read it.
fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}
