//! For build scripts of crates that carry a package.

use crate::{BuildError, Options, build};
use std::path::{Path, PathBuf};

/// Builds the chaincode crate in `crate_dir`, relative to the calling crate, and leaves the package as
/// `OUT_DIR/<name>.wasm` for `include_bytes!`. Tells cargo which files it depends on.
pub fn embed(crate_dir: impl AsRef<Path>, name: &str) -> Result<(), BuildError> {
    let own_dir = variable("CARGO_MANIFEST_DIR")?;
    let out_dir = variable("OUT_DIR")?;
    let options = Options { crate_dir: own_dir.join(crate_dir), target_dir: target_dir(&out_dir), names: false };
    let artifact = build(&options)?;
    for source in &artifact.sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let path = out_dir.join(name).with_extension("wasm");
    std::fs::write(&path, &artifact.module).map_err(|source| BuildError::File { path, source })
}

fn variable(name: &'static str) -> Result<PathBuf, BuildError> {
    std::env::var_os(name).map(PathBuf::from).ok_or(BuildError::NoBuildScript { variable: name })
}

/// A target folder beside the outer one: all packages of a workspace share their dependencies there, and the inner
/// cargo never waits for the lock that the outer one holds.
fn target_dir(out_dir: &Path) -> PathBuf {
    let profile_dir = out_dir.ancestors().find(|dir| dir.ends_with("build")).and_then(Path::parent);
    profile_dir.and_then(Path::parent).map_or_else(|| out_dir.join("target"), |target| target.join("chaincode"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_beside_the_outer_profiles() {
        let shared = target_dir(Path::new("/t/release/build/artifacts-1f/out"));
        assert_eq!(shared, Path::new("/t/chaincode"));
        assert_eq!(target_dir(Path::new("/elsewhere/out")), Path::new("/elsewhere/out/target"));
    }
}
