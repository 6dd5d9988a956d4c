//! Files of the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

use std::path::PathBuf;

/// The folder with PDG's schemas and examples; `None`, and a word about it, when the variable is unset.
pub fn folder() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return None;
    };
    Some(folder.join("pdg-dscsa-exceptions"))
}

/// Every published example with its file's name, in the order of names.
pub fn examples() -> Option<Vec<(String, String)>> {
    let folder = folder()?.join("example_generators/examples");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut examples: Vec<(String, String)> = files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap().trim_end().to_owned())
        })
        .collect();
    examples.sort();
    Some(examples)
}

/// A published schema.
pub fn schema(name: &str) -> Option<serde_json::Value> {
    let path = folder()?.join("schemas").join(name);
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}
