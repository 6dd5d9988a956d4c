//! From a core module to a component under this peer's own copy of the WIT package.

use crate::error::CheckError;
use crate::hints;
use crate::meter::inject;
use crate::names::Names;
use crate::structure::{Structure, inspect};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve, SourceMap, WorldId, WorldItem, WorldKey};

/// The files of the package `theriac:chaincode`.
const WIT: [(&str, &str); 12] = [
    ("types.wit", include_str!("../../../wit/types.wit")),
    ("context.wit", include_str!("../../../wit/context.wit")),
    ("state-read.wit", include_str!("../../../wit/state-read.wit")),
    ("state-write.wit", include_str!("../../../wit/state-write.wit")),
    ("history.wit", include_str!("../../../wit/history.wit")),
    ("events.wit", include_str!("../../../wit/events.wit")),
    ("crypto.wit", include_str!("../../../wit/crypto.wit")),
    ("chaincodes.wit", include_str!("../../../wit/chaincodes.wit")),
    ("documents.wit", include_str!("../../../wit/documents.wit")),
    ("contract.wit", include_str!("../../../wit/contract.wit")),
    ("world.wit", include_str!("../../../wit/world.wit")),
    ("meter.wit", include_str!("../../../wit/meter.wit")),
];
/// What packages are written for.
const WORLD: &str = "chaincode";
/// What they are after metering is injected.
const METERED_WORLD: &str = "metered";

/// A package that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The module with metering.
    pub metered: Vec<u8>,
    /// The metered module as a component, ready to compile.
    pub bytes: Vec<u8>,
    /// The host functions that it really imports, ascending: what it is able to do.
    pub capabilities: Vec<String>,
}

/// Checks a package, meters it and makes it a component.
pub fn check(module: &[u8]) -> Result<Component, CheckError> {
    let Structure { imports, without_claims } = inspect(module)?;
    let resolve = interface();
    let offered = offered(&resolve, world(&resolve, WORLD));
    for (wanted, name) in &imports {
        if !offered.contains(&(wanted.clone(), name.clone())) {
            let callers = Names::of(module).callers_of_import(wanted, name);
            let hint = hints::of_import(wanted, name, callers.first().map(String::as_str));
            return Err(CheckError::UnknownImport { module: shortened(wanted), name: shortened(name), callers, hint });
        }
    }
    let metered = inject(&without_claims)?;
    let mut described = metered.clone();
    embed_component_metadata(&mut described, &resolve, world(&resolve, METERED_WORLD), StringEncoding::UTF8, false)
        .expect("the world of theriac:chaincode encodes: every test of this crate does it");
    let encoded = ComponentEncoder::default().module(&described).and_then(|encoder| encoder.encode());
    let bytes =
        encoded.map_err(|error| CheckError::Interface { reason: shortened(&error.root_cause().to_string()) })?;
    let mut capabilities: Vec<String> = imports.into_iter().map(|(module, name)| format!("{module}#{name}")).collect();
    capabilities.sort();
    capabilities.dedup();
    Ok(Component { metered, bytes, capabilities })
}

fn interface() -> Resolve {
    let mut files = SourceMap::new();
    for (name, text) in WIT {
        files.push_str(name, text);
    }
    let group = files.parse().expect("the WIT files parse: every test of this crate does it");
    let mut resolve = Resolve::new();
    resolve.push_group(group).expect("the WIT files resolve: every test of this crate does it");
    resolve
}

fn world(resolve: &Resolve, name: &str) -> WorldId {
    let packages: Vec<PackageId> = resolve.packages.iter().map(|(id, _)| id).collect();
    resolve.select_world(&packages, Some(name)).expect("wit/ holds both worlds: every test of this crate uses them")
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
