//! One call of one compiled package: instance, gas, end.

use crate::bindings::Chaincode;
use crate::compiled::Compiled;
use crate::gas::{BYTE, CALL, Exhausted};
use crate::imports::Sandboxed;
use crate::outcome::{of_break, of_return};
use theriac_ledger::{CallOutcome, CallResult};
use theriac_types::Budget;
use theriac_types::limits::RESULT_BYTES_MAX;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap};

/// Fuel while an instance is made. Making one is not charged: what it costs depends on how the engine does it.
const INSTANTIATION_FUEL: u64 = u64::MAX / 2;

/// An instance that serves one call.
pub struct Instance {
    store: Store<Sandboxed>,
    exports: Chaincode,
    limits: Budget,
}

impl Instance {
    /// Makes an instance and gives it gas for a call with an argument of this length.
    pub fn new(engine: &Engine, compiled: &Compiled, limits: Budget, argument: usize) -> Result<Self, CallResult> {
        let mut sandboxed = Sandboxed::new(limits.host_gas);
        let out_of_gas = CallResult { outcome: CallOutcome::OutOfGas, used: limits };
        if let Err(Exhausted) = sandboxed.gas.charge(CALL, argument, BYTE) {
            return Err(out_of_gas);
        }
        let mut store = Store::new(engine, sandboxed);
        store.limiter(|sandboxed| sandboxed);
        let made = store.set_fuel(INSTANTIATION_FUEL).and_then(|()| compiled.instantiate(&mut store));
        match made.and_then(|exports| store.set_fuel(limits.gas).map(|()| exports)) {
            Ok(exports) => Ok(Self { store, exports, limits }),
            Err(error) => {
                let outcome = if error.is::<Trap>() && !error.is::<PoolConcurrencyLimitError>() {
                    of_break(&error, store.data_mut())
                } else {
                    CallOutcome::Unavailable { reason: format!("no sandbox could be made: {error}") }
                };
                Err(CallResult { outcome, used: limits })
            }
        }
    }

    /// Uses the instance up: calls, and gives what came of it with the gas it used.
    pub fn run<T>(
        mut self,
        call: impl FnOnce(&Chaincode, &mut Store<Sandboxed>) -> wasmtime::Result<T>,
        of_value: impl FnOnce(T) -> CallOutcome,
    ) -> CallResult {
        let limits = self.limits;
        let value = match call(&self.exports, &mut self.store) {
            Ok(value) => value,
            Err(error) => {
                return CallResult { outcome: of_break(&error, self.store.data_mut()), used: limits };
            }
        };
        let outcome = within_limits(of_value(value));
        let result_bytes = match &outcome {
            CallOutcome::Returned(result) => result.len(),
            _ => 0,
        };
        let charged = self.store.data_mut().gas.charge(0, result_bytes, BYTE);
        if charged.is_err() {
            return CallResult { outcome: CallOutcome::OutOfGas, used: limits };
        }
        // Fuel is on, so asking for it does not fail; if it did, the call would count as having used it all.
        let gas = limits.gas.saturating_sub(self.store.get_fuel().unwrap_or(0));
        CallResult { outcome, used: Budget { gas, host_gas: self.store.data().gas.used() } }
    }

    /// Calls a function of the contract.
    pub fn call(self, query: bool, function: &str, argument: &[u8]) -> CallResult {
        self.run(
            |exports, store| {
                let contract = exports.theriac_chaincode_contract();
                let argument = argument.to_vec();
                if query {
                    contract.call_query(store, function, &argument)
                } else {
                    contract.call_invoke(store, function, &argument)
                }
            },
            of_return,
        )
    }
}

fn within_limits(outcome: CallOutcome) -> CallOutcome {
    match outcome {
        CallOutcome::Returned(result) if result.len() > RESULT_BYTES_MAX => CallOutcome::LimitExceeded {
            message: format!(
                "its result of {} bytes exceeds the limit of {RESULT_BYTES_MAX}: ask for less",
                result.len()
            ),
        },
        other => other,
    }
}
