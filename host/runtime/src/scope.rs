//! Lends the host of a call to the functions that the guest imports.
//!
//! The data of a wasmtime store may not borrow, and the ledger's host does. A call runs on one thread from beginning
//! to end, so the host is lent through that thread for as long as the call lasts.

use scoped_tls_hkt::{ReborrowMut, scoped_thread_local};
use theriac_ledger::{CallContext, Host};

/// What the guest's imports may reach.
pub struct Scope<'a> {
    /// The ledger's side of the call.
    pub host: &'a mut (dyn Host + 'a),
    /// Who calls, and where.
    pub context: &'a CallContext,
}

impl<'a, 'b: 'a> ReborrowMut<'a> for Scope<'b> {
    type Result = Scope<'a>;
    fn reborrow_mut(&'a mut self) -> Scope<'a> {
        Scope { host: &mut *self.host, context: self.context }
    }
}

scoped_thread_local!(static mut CURRENT: for<'a> Scope<'a>);

/// Runs `call` with the scope lent to its imports.
pub fn lend<R>(scope: Scope<'_>, call: impl FnOnce() -> R) -> R {
    CURRENT.set(scope, call)
}

/// Uses the scope of the running call; none while a package is only asked to describe itself.
pub fn with<R>(operation: impl FnOnce(Scope<'_>) -> R) -> Option<R> {
    CURRENT.is_set().then(|| CURRENT.with(operation))
}
