//! The engine that audits run chaincode on. It is not the one that blocks use: what an audit compiles, keeps or
//! exhausts is nothing to them. And it remembers where in a chaincode a call broke off, which no receipt may say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use theriac_ledger::{Call, CallResult, ChaincodeEngine, Checked, Host, HostError, PackageError, Tables};
use theriac_runtime::{Sandbox, SandboxError};
use theriac_types::{Digest, PackageId, TxId};

/// Most breaks of one transaction that are remembered.
const BACKTRACES_MAX: usize = 16;

/// A sandbox of its own, without a folder.
pub struct AuditEngine {
    sandbox: Sandbox,
    watched: Mutex<Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    transaction: Option<TxId>,
    backtraces: Vec<String>,
}

impl AuditEngine {
    /// Sets it up.
    ///
    /// # Errors
    /// When the machine has no room for a second sandbox.
    pub fn new() -> Result<Self, SandboxError> {
        Ok(Self { sandbox: Sandbox::new()?, watched: Mutex::default() })
    }

    /// Remembers from now on where calls of this transaction break off.
    pub fn watch(&self, transaction: TxId) {
        *self.watched() = Watched { transaction: Some(transaction), backtraces: Vec::new() };
    }

    /// Where they broke off, functions of the chaincode one to a line, the innermost first.
    pub fn backtraces(&self) -> Vec<String> {
        std::mem::take(&mut *self.watched()).backtraces
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // Every change is whole in itself.
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChaincodeEngine for AuditEngine {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        self.sandbox.check(module)
    }

    fn meters(&self, metering: &Digest) -> bool {
        self.sandbox.meters(metering)
    }

    fn prepare(&self, _package: PackageId, _module: &[u8]) {}

    fn tables(
        &self,
        package: PackageId,
        read: &dyn Fn() -> Result<Tables, HostError>,
    ) -> Result<Arc<Tables>, HostError> {
        self.sandbox.tables(package, read)
    }

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let diagnosed = self.sandbox.diagnose(package, load, call, host);
        let mut watched = self.watched();
        if watched.transaction == Some(call.context.tx_id) && watched.backtraces.len() < BACKTRACES_MAX {
            watched.backtraces.extend(diagnosed.backtrace);
        }
        diagnosed.result
    }
}
