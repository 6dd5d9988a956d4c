//! A small chaincode in native code, for the simulator: keys and values, and every way to fail.
//!
//! Every function that fails writes first, so that a write that survives its refusal is noticed.

use crate::setting::Mutant;
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::{Mutex, PoisonError};
use theriac_crypto::{Domain, hash, hash_value};
use theriac_ledger::{Call, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError, PackageError};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Budget, ChaincodeName, Description, Digest, FunctionName, PackageId};

/// Most that `add` lets a value become.
pub const VALUE_MAX: u64 = 100;

/// The argument of every function.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Arguments {
    /// The key.
    pub key: String,
    /// A second key, for `move`.
    pub other: String,
    /// How much.
    pub amount: u64,
}

/// Runs the chaincode for one replica and notes all that went into every call.
#[derive(Debug)]
pub struct KvEngine {
    calls: Mutex<Vec<Digest>>,
    mutant: Option<Mutant>,
}

impl KvEngine {
    /// An engine; with a mutant, the one that behaves differently.
    pub fn new(mutant: Option<Mutant>) -> Self {
        Self { calls: Mutex::new(Vec::new()), mutant }
    }

    /// Digests of the calls since the last time this was asked.
    pub fn take_calls(&self) -> Vec<Digest> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn run(&self, function: &FunctionName, args: &[u8], host: &mut Witness<'_>) -> Result<CallOutcome, HostError> {
        let Ok(Arguments { key, other, amount }) = theriac_types::decode(args, ARGS_BYTES_MAX) else {
            return Ok(CallOutcome::InvalidArgument { message: "the argument does not decode".to_owned() });
        };
        let amount = if self.mutant == Some(Mutant::ChaincodeDiffers) { amount + 1 } else { amount };
        match function.as_str() {
            "put" => host.set(&key, amount)?,
            "add" => {
                let sum = host.value(&key)?.saturating_add(amount);
                host.set(&key, sum)?;
                if sum > VALUE_MAX {
                    return Ok(refused("TOO_MUCH"));
                }
            }
            "move" => {
                let there = host.value(&other)?.saturating_add(amount);
                host.set(&other, there)?;
                let Some(here) = host.value(&key)?.checked_sub(amount) else {
                    return Ok(refused("NOT_ENOUGH"));
                };
                host.set(&key, here)?;
            }
            "remove" => host.0.delete(key.as_bytes())?,
            "announce" => {
                host.0.emit("announced", key.as_bytes())?;
                host.set(&key, amount)?;
            }
            "trap" => {
                host.set(&key, amount)?;
                return Ok(CallOutcome::Trapped { message: "trapped on purpose".to_owned() });
            }
            "burn" => {
                host.set(&key, amount)?;
                return Ok(CallOutcome::OutOfGas);
            }
            function => {
                let message = format!("there is no function {function}");
                return Ok(CallOutcome::InvalidArgument { message });
            }
        }
        Ok(CallOutcome::Returned(theriac_types::encode(&amount)))
    }
}

fn refused(code: &str) -> CallOutcome {
    CallOutcome::Refused { code: code.to_owned(), message: "refused by the rules".to_owned() }
}

impl ChaincodeEngine for KvEngine {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        if module.is_empty() {
            return Err(PackageError { code: "EMPTY", message: "the module is empty".to_owned() });
        }
        Ok(Checked {
            description: Description::untyped(ChaincodeName::new("kv").expect("a name")),
            metering: Digest::ZERO,
        })
    }

    fn prepare(&self, _: PackageId, _: &[u8]) {}

    fn call(
        &self,
        package: PackageId,
        _: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let context = call.context;
        let time_ms = context.time_ms + u64::from(self.mutant == Some(Mutant::ClockSeen));
        let caller = (&context.channel, context.tx_id, context.height, time_ms, &context.caller.member);
        let cosigners: Vec<_> = context.cosigners.iter().map(|cosigner| &cosigner.member).collect();
        let roles = (&context.caller.organisation_roles, &context.caller.member_roles, cosigners);
        let Entry::Function { name, args } = call.entry else {
            let message = "it offers no migration".to_owned();
            return CallResult { outcome: CallOutcome::InvalidArgument { message }, used: Budget::ZERO };
        };
        let input = (package, name, args, caller, roles, call.limits);
        let mut witness = Witness(host, hash_value(Domain::Trace, &input));
        let outcome = match self.run(name, args, &mut witness) {
            Ok(outcome) => outcome,
            Err(HostError::Unreadable { reason }) => CallOutcome::Unavailable { reason },
            Err(HostError::Limit { .. }) => CallOutcome::LimitExceeded { message: "too large".to_owned() },
            Err(_) => CallOutcome::Trapped { message: "not allowed".to_owned() },
        };
        let seen = witness.1;
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        CallResult { outcome, used: Budget { gas: args.len() as u64, host_gas: 0 } }
    }
}

/// Passes host calls on and folds every answer into a digest.
struct Witness<'a>(&'a mut dyn Host, Digest);

impl Witness<'_> {
    fn value(&mut self, key: &str) -> Result<u64, HostError> {
        let found = self.0.get(key.as_bytes())?;
        self.1 = hash(Domain::Trace, &[&self.1.0, &theriac_types::encode(&found)]);
        Ok(found.and_then(|bytes| bytes.try_into().ok().map(u64::from_le_bytes)).unwrap_or(0))
    }

    fn set(&mut self, key: &str, value: u64) -> Result<(), HostError> {
        self.0.put(key.as_bytes(), &value.to_le_bytes())
    }
}
