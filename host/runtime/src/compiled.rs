//! Packages that are compiled and linked, kept in memory by their ids.

use crate::bindings::{Chaincode, ChaincodePre};
use crate::imports::Sandboxed;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use theriac_ledger::PackageError;
use theriac_types::PackageId;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

/// Most packages kept. The least recently used goes first.
const COMPILED_MAX: usize = 32;

/// A package, ready to be instantiated.
pub type Compiled = ChaincodePre<Sandboxed>;

/// Compiles packages and keeps them.
pub struct Compiler {
    engine: Engine,
    linker: Linker<Sandboxed>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// With the count of uses so far when each was last used.
    packages: BTreeMap<PackageId, (Compiled, u64)>,
    uses: u64,
}

impl Compiler {
    /// Links the imports once, for all packages.
    pub fn new(engine: Engine) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        Chaincode::add_to_linker::<_, HasSelf<_>>(&mut linker, |sandboxed: &mut Sandboxed| sandboxed)?;
        Ok(Self { engine, linker, kept: Mutex::new(Kept::default()) })
    }

    /// A package that was compiled before.
    pub fn find(&self, package: PackageId) -> Option<Compiled> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        let (compiled, last_use) = kept.packages.get_mut(&package)?;
        *last_use = uses;
        Some(compiled.clone())
    }

    /// Checks, compiles and keeps a package. Takes tens of milliseconds, and runs outside the lock: two threads may
    /// compile the same package at once, which wastes time but nothing else.
    pub fn compile(&self, package: PackageId, module: &[u8]) -> Result<Compiled, PackageError> {
        let refused =
            |error: theriac_check::CheckError| PackageError { code: error.code(), message: error.to_string() };
        let component = theriac_check::check(module).map_err(refused)?;
        let compiled = self.link(&component.bytes).map_err(|_| PackageError {
            code: "PACKAGE_COMPILE",
            message: "it keeps the rules but the engine cannot compile it. Make its largest functions smaller"
                .to_owned(),
        })?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        kept.packages.insert(package, (compiled.clone(), uses));
        if kept.packages.len() > COMPILED_MAX {
            let oldest = kept.packages.iter().min_by_key(|(_, (_, last_use))| *last_use).map(|(id, _)| *id);
            oldest.and_then(|id| kept.packages.remove(&id));
        }
        Ok(compiled)
    }

    fn link(&self, component: &[u8]) -> wasmtime::Result<Compiled> {
        let component = Component::from_binary(&self.engine, component)?;
        ChaincodePre::new(self.linker.instantiate_pre(&component)?)
    }
}
