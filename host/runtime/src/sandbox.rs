//! The ledger's engine for chaincode, over wasmtime.

use crate::ahead::Ahead;
use crate::call::{Diagnosed, Instance};
use crate::compiled::{Compiler, metering};
use crate::description::description;
use crate::scope::{Scope, lend};
use crate::sealed::SealedFolder;
use crate::settings::{ASKING_QUERIES_MAX, Code, QUERIES_MAX, config};
use crate::slots::Slots;
use std::path::PathBuf;
use std::sync::Arc;
use theriac_ledger::{
    Call, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError, PackageError, Tables,
    TablesCache,
};
use theriac_types::{Budget, Digest, PackageId};
use wasmtime::Engine;

/// How a sandbox is set up. None of this changes what any call gives.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder for compiled packages; without one, they are compiled again after every start.
    pub folder: Option<PathBuf>,
    /// How much the compiler tries.
    pub code: Code,
}

/// The engine could not be set up on this machine.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// By the engine's words.
    #[error("the sandbox cannot be set up: {reason}. It needs a 64-bit machine and about 5 GiB of address space")]
    Engine {
        /// The engine's words.
        reason: String,
    },
    /// The folder for compiled packages cannot be used.
    #[error("the folder {path} for compiled packages cannot be used: {source}. Give it to the peer's user")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Runs chaincode, each call in a fresh instance.
pub struct Sandbox {
    engine: Engine,
    compiler: Arc<Compiler>,
    ahead: Ahead,
    queries: Slots,
    /// Of queries that call other chaincode.
    asking: Slots,
    tables: TablesCache,
}

impl Sandbox {
    /// Sets the engine up and reserves its pool.
    ///
    /// # Errors
    /// When this machine cannot.
    pub fn new() -> Result<Self, SandboxError> {
        Self::with(Options::default())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// When this machine cannot.
    pub fn with(options: Options) -> Result<Self, SandboxError> {
        let explain = |error: wasmtime::Error| SandboxError::Engine { reason: error.to_string() };
        let engine = Engine::new(&config(options.code)).map_err(explain)?;
        let open = |path: PathBuf| {
            SealedFolder::open(&path).map_err(|source| SandboxError::Folder { path: path.clone(), source })
        };
        let folder = options.folder.map(open).transpose()?;
        let compiler = Arc::new(Compiler::new(engine.clone(), folder).map_err(explain)?);
        Ok(Self {
            engine,
            compiler,
            ahead: Ahead::default(),
            queries: Slots::new(QUERIES_MAX),
            asking: Slots::new(ASKING_QUERIES_MAX),
            tables: TablesCache::default(),
        })
    }

    /// Packages that are compiled and in memory.
    pub fn compiled(&self) -> usize {
        self.compiler.count()
    }

    /// Bytes of machine code that these take.
    pub fn compiled_bytes(&self) -> usize {
        self.compiler.bytes()
    }

    /// Calls as the ledger does, and says where in the chaincode a call broke off.
    pub fn diagnose(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> Diagnosed {
        let compiled = match self.compiler.get(package, load) {
            Ok(compiled) => compiled,
            Err(unusable) => {
                let outcome = CallOutcome::Unavailable { reason: format!("package {package}: {unusable}") };
                return CallResult { outcome, used: Budget::ZERO }.into();
            }
        };
        // Blocks never wait. A query waits to begin, and once more before it first calls another chaincode: from then on
        // there is room for all that it may call.
        let _slot = match call.context.callers.len() {
            0 if !call.ordered => Some(self.queries.take()),
            1 if !call.ordered => Some(self.asking.take()),
            _ => None,
        };
        let query = call.kind == CallKind::Query;
        let argument = match call.entry {
            Entry::Function { args, .. } => args.len(),
            Entry::Migrate(_) => 0,
        };
        let instance = match Instance::new(&self.engine, &compiled, call.limits, argument) {
            Ok(instance) => instance,
            Err(result) => return result.into(),
        };
        let scope = Scope { host, context: call.context };
        lend(scope, || instance.call(query, call.entry))
    }
}

impl ChaincodeEngine for Sandbox {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        let refused =
            |error: theriac_check::CheckError| PackageError { code: error.code(), message: error.to_string() };
        let package = theriac_check::check(module).map_err(refused)?;
        let told = theriac_check::describe(&package).map_err(refused)?;
        Ok(Checked { description: description(&told)?, metering: metering() })
    }

    fn meters(&self, wanted: &Digest) -> bool {
        *wanted == metering()
    }

    fn tables(
        &self,
        package: PackageId,
        read: &dyn Fn() -> Result<Tables, HostError>,
    ) -> Result<Arc<Tables>, HostError> {
        self.tables.of(package, read)
    }

    fn prepare(&self, package: PackageId, module: &[u8]) {
        self.ahead.prepare(&self.compiler, package, module);
    }

    fn make_ready(&self, package: PackageId, load: &dyn Fn() -> Result<Vec<u8>, HostError>) {
        // What cannot be compiled now says so when it is called.
        let _ = self.compiler.get(package, load);
    }

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        self.diagnose(package, load, call, host).result
    }
}
