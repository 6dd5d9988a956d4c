//! The folder of published documents that `THERIAC_CONFORMANCE_DATA` names.
#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_methods)]

pub mod events;
pub mod said;

use std::path::{Path, PathBuf};

/// The folder; prints that a test is skipped when there is none.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
    }
    folder
}

/// The JSON and XML files below a folder, ascending.
pub fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| unreachable!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| ["json", "jsonld", "xml"].iter().any(|known| ending == *known))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path's last part.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
