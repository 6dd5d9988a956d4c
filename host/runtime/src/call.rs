//! One call of one compiled package: instance, gas, end.

use crate::backtrace::backtrace;
use crate::bindings::Metered;
use crate::compiled::Compiled;
use crate::gas::{BYTE, CALL, Exhausted};
use crate::imports::Sandboxed;
use crate::outcome::{of_break, of_return};
use theriac_ledger::{CallOutcome, CallResult, Entry};
use theriac_types::limits::RESULT_BYTES_MAX;
use theriac_types::{Budget, Migration};
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap};

/// A call's end, and for people, where in the chaincode it broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosed {
    /// What every peer agrees on.
    pub result: CallResult,
    /// Functions of the chaincode, the innermost first, when it broke off. Differs between engines: never part of a
    /// receipt.
    pub backtrace: Option<String>,
}

impl From<CallResult> for Diagnosed {
    fn from(result: CallResult) -> Self {
        Self { result, backtrace: None }
    }
}

/// An instance that serves one call.
pub struct Instance {
    store: Store<Sandboxed>,
    exports: Metered,
    limits: Budget,
}

impl Instance {
    /// Makes an instance and gives it gas for a call with an argument of this length.
    pub fn new(engine: &Engine, compiled: &Compiled, limits: Budget, argument: usize) -> Result<Self, CallResult> {
        let mut sandboxed = Sandboxed::new(limits.host_gas);
        if let Err(Exhausted) = sandboxed.gas.charge(CALL, argument, BYTE) {
            return Err(CallResult { outcome: CallOutcome::OutOfGas, used: limits });
        }
        let mut store = Store::new(engine, sandboxed);
        store.limiter(|sandboxed| sandboxed);
        let made = compiled.instantiate(&mut store).and_then(|exports| {
            exports.theriac_chaincode_meter().call_refill(&mut store, i64::try_from(limits.gas).unwrap_or(i64::MAX))?;
            Ok(exports)
        });
        match made {
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

    /// Uses the instance up: calls, and gives what came of it with what it used.
    pub fn run<T>(
        mut self,
        call: impl FnOnce(&Metered, &mut Store<Sandboxed>) -> wasmtime::Result<T>,
        of_value: impl FnOnce(T) -> CallOutcome,
    ) -> Diagnosed {
        let limits = self.limits;
        let called = call(&self.exports, &mut self.store);
        // Asked before anything is concluded: a call whose gas cannot be told broke off like one that trapped.
        let asked = called.and_then(|value| {
            let remaining = self.exports.theriac_chaincode_meter().call_remaining(&mut self.store)?;
            Ok((value, remaining))
        });
        let (value, remaining) = match asked {
            Ok(answers) => answers,
            Err(error) => {
                let backtrace = backtrace(&error);
                let outcome = of_break(&error, self.store.data_mut());
                return Diagnosed { result: CallResult { outcome, used: limits }, backtrace };
            }
        };
        let outcome = within_limits(of_value(value));
        let result_bytes = match &outcome {
            CallOutcome::Returned(result) => result.len(),
            _ => 0,
        };
        let charged = self.store.data_mut().gas.charge(0, result_bytes, BYTE);
        match u64::try_from(remaining) {
            Ok(remaining) if charged.is_ok() => {
                let used = Budget { gas: limits.gas.saturating_sub(remaining), host_gas: self.store.data().gas.used() };
                CallResult { outcome, used }.into()
            }
            // The last steps took more than there was.
            _ => CallResult { outcome: CallOutcome::OutOfGas, used: limits }.into(),
        }
    }

    /// Calls what an entry names.
    pub fn call(self, query: bool, entry: Entry<'_>) -> Diagnosed {
        self.run(
            |exports, store| {
                let contract = exports.theriac_chaincode_contract();
                match entry {
                    Entry::Function { name, args } if query => {
                        contract.call_query(store, name.as_str(), &args.to_vec())
                    }
                    Entry::Function { name, args } => contract.call_invoke(store, name.as_str(), &args.to_vec()),
                    Entry::Migrate(Migration { from, to }) => {
                        Ok(contract.call_migrate(store, from, to)?.map(|()| Vec::new()))
                    }
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
