//! Packages that are compiled and linked: in memory the ones in use, in a folder the ones that were.

use crate::artefact;
use crate::bindings::{Metered, MeteredPre};
use crate::imports::Sandboxed;
use crate::sealed::SealedFolder;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use theriac_crypto::{Domain, hash};
use theriac_ledger::{HostError, PackageError};
use theriac_types::{Digest, PackageId};
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

/// Most packages kept in memory, and most bytes of machine code that they may take together. The least recently used
/// goes first; the latest one stays.
const COMPILED_MAX: usize = 32;
const COMPILED_BYTES_MAX: usize = 128 << 20;

/// A package, ready to be instantiated.
pub type Compiled = MeteredPre<Sandboxed>;

/// Why a package cannot be called on this peer.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its bytes cannot be read.
    #[error(transparent)]
    Unreadable(#[from] HostError),
    /// It does not compile. The ledger holds only packages that were checked, so this peer is at fault.
    #[error("a deployed package does not compile here: {0}")]
    Refused(#[from] PackageError),
}

/// Compiles packages and keeps them.
pub struct Compiler {
    engine: Engine,
    linker: Linker<Sandboxed>,
    folder: Option<SealedFolder>,
    kept: Mutex<Kept>,
    /// Something was made, or its making failed.
    made: Condvar,
}

#[derive(Default)]
struct Kept {
    packages: BTreeMap<PackageId, Held>,
    uses: u64,
    /// Being made by some thread.
    making: BTreeSet<PackageId>,
}

/// A package in memory.
struct Held {
    compiled: Compiled,
    /// Of machine code.
    bytes: usize,
    /// The count of uses so far when it was last used.
    last_use: u64,
}

impl Compiler {
    /// Links the imports once, for all packages.
    pub fn new(engine: Engine, folder: Option<SealedFolder>) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        Metered::add_to_linker::<_, HasSelf<_>>(&mut linker, |sandboxed: &mut Sandboxed| sandboxed)?;
        Ok(Self { engine, linker, folder, kept: Mutex::new(Kept::default()), made: Condvar::new() })
    }

    /// A package, made from `load`'s bytes unless it was made before. One thread makes it, others wait for that.
    pub fn get(
        &self,
        package: PackageId,
        load: impl FnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Compiled, Unusable> {
        let mut kept = self.kept();
        while kept.making.contains(&package) {
            kept = self.made.wait(kept).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(compiled) = kept.find(package) {
            return Ok(compiled);
        }
        kept.making.insert(package);
        drop(kept);
        let _making = Making { compiler: self, package };
        let compiled = self.make(package, load)?;
        self.kept().keep(package, compiled.clone());
        Ok(compiled)
    }

    /// Whether a package is ready in memory.
    pub fn holds(&self, package: PackageId) -> bool {
        self.kept().packages.contains_key(&package)
    }

    /// Packages in memory.
    pub fn count(&self) -> usize {
        self.kept().packages.len()
    }

    /// Bytes of machine code in memory.
    pub fn bytes(&self) -> usize {
        self.kept().bytes()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change under the lock is whole in itself, so a panic elsewhere does not spoil it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(
        &self,
        package: PackageId,
        load: impl FnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Compiled, Unusable> {
        let name = self.name(package);
        if let Some(folder) = &self.folder
            && let Some(component) = artefact::load(&self.engine, folder, name)
            && let Ok(compiled) = self.link(&component)
        {
            return Ok(compiled);
        }
        let module = load()?;
        let component = theriac_check::check(&module)
            .map_err(|error| PackageError { code: error.code(), message: error.to_string() })?;
        let does_not_compile = |_| PackageError {
            code: "PACKAGE_COMPILE",
            message: "it keeps the rules but the engine cannot compile it. Make its largest functions smaller"
                .to_owned(),
        };
        let component = Component::from_binary(&self.engine, &component.bytes).map_err(does_not_compile)?;
        let compiled = self.link(&component).map_err(does_not_compile)?;
        if let Some(folder) = &self.folder {
            artefact::store(folder, name, &component);
        }
        Ok(compiled)
    }

    fn link(&self, component: &Component) -> wasmtime::Result<Compiled> {
        MeteredPre::new(self.linker.instantiate_pre(component)?)
    }

    /// The name of a compiled package: another metering, release or setting of the engine is another name.
    fn name(&self, package: PackageId) -> Digest {
        let mut hasher = DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hash(Domain::Compiled, &[&package.0.0, &metering().0, &hasher.finish().to_le_bytes()])
    }
}

/// Names the cost table and algorithm by which calls are metered.
pub fn metering() -> Digest {
    hash(Domain::Metering, &[&theriac_check::cost::profile()])
}

impl Kept {
    fn find(&mut self, package: PackageId) -> Option<Compiled> {
        self.uses += 1;
        let uses = self.uses;
        let held = self.packages.get_mut(&package)?;
        held.last_use = uses;
        Some(held.compiled.clone())
    }

    fn keep(&mut self, package: PackageId, compiled: Compiled) {
        self.uses += 1;
        let code = compiled.instance_pre().component().image_range();
        let bytes = code.end.addr().saturating_sub(code.start.addr());
        self.packages.insert(package, Held { compiled, bytes, last_use: self.uses });
        while self.packages.len() > 1 && (self.packages.len() > COMPILED_MAX || self.bytes() > COMPILED_BYTES_MAX) {
            let oldest = self.packages.iter().min_by_key(|(_, held)| held.last_use).map(|(id, _)| *id);
            oldest.and_then(|id| self.packages.remove(&id));
        }
    }

    fn bytes(&self) -> usize {
        self.packages.values().map(|held| held.bytes).sum()
    }
}

/// Says that a package is no longer being made, however the making ends.
struct Making<'a> {
    compiler: &'a Compiler,
    package: PackageId,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.compiler.kept().making.remove(&self.package);
        self.compiler.made.notify_all();
    }
}
