//! The ledger's engine for chaincode, over wasmtime.

use crate::call::Instance;
use crate::compiled::{Compiled, Compiler};
use crate::description::{description, refused};
use crate::scope::{Scope, lend};
use crate::settings::{CALLS_MAX, config};
use crate::slots::Slots;
use theriac_crypto::names::package_id;
use theriac_ledger::{
    Call, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError, PackageError,
};
use theriac_types::limits::CALL_DEPTH_MAX;
use theriac_types::{Budget, Digest, PackageId};
use wasmtime::Engine;

/// Calls that are kept free for transactions: those of a block and those of an audit, each with all that it may call.
const TRANSACTIONS_RESERVED: u32 = 2 * CALL_DEPTH_MAX as u32;
/// What a package may use to describe itself.
const DESCRIBE: Budget = Budget { gas: 50_000_000, host_gas: 50_000_000 };

/// The engine could not be set up on this machine.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox cannot be set up: {reason}. It needs a 64-bit machine and about 3 GiB of address space")]
pub struct SandboxError {
    /// The engine's words.
    reason: String,
}

/// Runs chaincode, each call in a fresh instance.
pub struct Sandbox {
    engine: Engine,
    compiler: Compiler,
    queries: Slots,
}

impl Sandbox {
    /// Sets the engine up and reserves its pool.
    pub fn new() -> Result<Self, SandboxError> {
        let explain = |error: wasmtime::Error| SandboxError { reason: error.to_string() };
        let engine = Engine::new(&config()).map_err(explain)?;
        let compiler = Compiler::new(engine.clone()).map_err(explain)?;
        Ok(Self { engine, compiler, queries: Slots::new(CALLS_MAX - TRANSACTIONS_RESERVED) })
    }

    fn compiled(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
    ) -> Result<Compiled, CallOutcome> {
        if let Some(compiled) = self.compiler.find(package) {
            return Ok(compiled);
        }
        let module = load().map_err(|error| CallOutcome::Unavailable { reason: error.to_string() })?;
        // The ledger holds only packages that were checked: if this one does not compile now, this peer is at fault.
        self.compiler.compile(package, &module).map_err(|error| CallOutcome::Unavailable {
            reason: format!("package {package} was deployed but does not compile here: {error}"),
        })
    }
}

impl ChaincodeEngine for Sandbox {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        let compiled = self.compiler.compile(package_id(module), module)?;
        let mut told = None;
        let asked = Instance::new(&self.engine, &compiled, DESCRIBE, 0).map(|instance| {
            instance.run(
                |exports, store| exports.theriac_chaincode_contract().call_describe(store),
                |description| {
                    told = Some(description);
                    CallOutcome::Returned(Vec::new())
                },
            )
        });
        let CallResult { outcome, .. } = asked.unwrap_or_else(|result| result);
        match (outcome, told) {
            (CallOutcome::Returned(_), Some(told)) => {
                Ok(Checked { description: description(told)?, metering: Digest::ZERO })
            }
            (CallOutcome::Trapped { message } | CallOutcome::LimitExceeded { message }, _) => Err(refused(message)),
            (CallOutcome::Unavailable { reason }, _) => Err(refused(reason)),
            _ => Err(refused("it takes too long")),
        }
    }

    /// Packages are compiled when they are checked.
    fn prepare(&self, _package: PackageId, _module: &[u8]) {}

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let compiled = match self.compiled(package, load) {
            Ok(compiled) => compiled,
            Err(outcome) => return CallResult { outcome, used: Budget::ZERO },
        };
        let Entry::Function { name, args } = call.entry else {
            let message = "it offers no migration".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        };
        let query = call.kind == CallKind::Query;
        let _slot = query.then(|| self.queries.take());
        let instance = match Instance::new(&self.engine, &compiled, call.limits, args.len()) {
            Ok(instance) => instance,
            Err(result) => return result,
        };
        let scope = Scope { host, context: call.context };
        lend(scope, || instance.call(query, name.as_str(), args))
    }
}
