//! Calls from chaincode to chaincode, within one transaction or query.
//!
//! The callee runs by its own definition: its package, its endorsement policies with the same signers, its budget, its
//! namespace. What it writes is in force with the transaction, unless it refuses: then nothing of it is, and the caller
//! is told. Any other bad end of a callee ends the whole transaction. A chaincode that still runs cannot be entered
//! again.

use crate::call::{Target, ended};
use crate::chaincode::{Answered, Call, CallKind, CallResult, Entry, HostError, Rejection, Subcall};
use crate::endorsement;
use crate::host::{ChaincodeHost, Running, unreadable, within};
use crate::refusal::{Refusal, Stop};
use crate::system::lifecycle::{self, Rules};
use crate::view::Overlay;
use theriac_types::limits::{ARGS_BYTES_MAX, CALL_DEPTH_MAX, JUDGES_MAX};
use theriac_types::{Budget, ChaincodeName, FunctionName, Judge, Outcome};

impl ChaincodeHost<'_> {
    /// Runs a function of the version that judges.
    pub fn run(&mut self, judge: &Judge, target: &Target<'_>, limits: Budget) -> CallResult {
        let Running { runner, kind, signers, ref callers, .. } = self.running;
        let signers = signers.expect("functions are called on behalf of a member");
        let context = runner.context(signers, target, callers.clone());
        let entry = Entry::Function { name: target.function, args: target.args };
        let call = Call { kind, ordered: runner.ordered(), entry, context: &context, limits };
        let below = self.overlay.below;
        let load = || lifecycle::load_module(below, &judge.package).map_err(|error| failed(&error));
        runner.engine.call(judge.package, &load, &call, self)
    }

    /// Calls another chaincode.
    pub fn call_other(&mut self, call: &Subcall<'_>) -> Result<Answered, HostError> {
        let allowed: &[CallKind] = match call.kind {
            CallKind::Query => &[CallKind::Transaction, CallKind::Query],
            CallKind::Transaction | CallKind::Migration => &[CallKind::Transaction],
        };
        self.only_in(allowed, "calling another chaincode's functions of this kind")?;
        let (chaincode, function) = self.callee(call)?;
        within("bytes of an argument", call.args.len(), ARGS_BYTES_MAX)?;
        let rules = self.rules_of(call.kind, &chaincode, &function)?;
        self.note_judge(&rules.judge)?;
        let Running { runner, signers, tx_id, ref callers, .. } = self.running;
        let mut callers = callers.clone();
        callers.push(self.overlay.namespace.clone());
        let tables = runner.tables(&self.overlay, rules.judge.package).map_err(|error| failed(&error))?;
        let running = Running { runner, kind: call.kind, tables, signers, tx_id, callers };
        let overlay = Overlay::new(&self.overlay, chaincode.clone());
        let mut host = ChaincodeHost::new(running, overlay, self.judges.clone());
        host.spent = self.spent.with_keys(self.spent.keys() + self.overlay.writes.len());
        let target = Target { chaincode: &chaincode, function: &function, args: call.args, tx_id };
        let CallResult { outcome, used } = host.run(&rules.judge, &target, least(call.limits, rules.budget));
        let ended = ended(outcome, host.failure.take()).map_err(|error| failed(&error))?;
        let ChaincodeHost { overlay: Overlay { writes, .. }, events, judges, spent, .. } = host;
        self.judges = judges;
        match ended {
            Ok(result) => {
                self.spent = spent.with_keys(self.spent.keys());
                self.events.extend(events);
                self.overlay.absorb(writes).map_err(unreadable)?;
                Ok(Answered { outcome: Ok(result), used })
            }
            Err(Refusal { outcome: Outcome::ChaincodeRejected, code, message }) => {
                Ok(Answered { outcome: Err(Rejection { code, message }), used })
            }
            Err(refusal) => Err(ends(&chaincode, &function, refusal)),
        }
    }

    /// What is called, if it may be called from here.
    fn callee(&self, call: &Subcall<'_>) -> Result<(ChaincodeName, FunctionName), HostError> {
        let Subcall { chaincode, function, .. } = call;
        let undeclared = |reason: String| HostError::Undeclared { reason };
        let name = ChaincodeName::new(*chaincode)
            .map_err(|error| undeclared(format!("it calls {chaincode:?}, which is no name of a chaincode: {error}")))?;
        let function = FunctionName::new(*function)
            .map_err(|error| undeclared(format!("it calls {function:?}, which is no name of a function: {error}")))?;
        if name.is_system() {
            return Err(undeclared(format!("it calls {name}: only members call the ledger's own chaincode")));
        }
        let callers = &self.running.callers;
        if name == self.overlay.namespace || callers.contains(&name) {
            return Err(undeclared(format!("it calls {name}, which still runs: what runs cannot be entered again")));
        }
        // This call, those that wait for it, and the new one.
        within("chaincodes that call one another", callers.len() + 2, usize::from(CALL_DEPTH_MAX))?;
        Ok((name, function))
    }

    /// The rules that a callee runs by, once its signers satisfy them.
    fn rules_of(&self, kind: CallKind, chaincode: &ChaincodeName, function: &FunctionName) -> Result<Rules, HostError> {
        let writes = kind == CallKind::Transaction;
        let rules = match lifecycle::rules(&self.overlay, chaincode, writes) {
            Ok(rules) => rules,
            Err(Stop::Refused(refusal)) => return Err(ends(chaincode, function, refusal)),
            Err(Stop::Failed(error)) => return Err(failed(&error)),
        };
        if let Some(signers) = self.running.signers.filter(|_| writes)
            && let Some(missing) =
                endorsement::missing(&self.overlay, signers, rules.endorsement.of(function)).map_err(unreadable)?
        {
            let (what, missing) = (format!("{chaincode} {function}"), missing.to_string());
            return Err(HostError::Unendorsed { what, missing });
        }
        Ok(rules)
    }

    /// Every version that takes part is named in the receipt, once.
    fn note_judge(&mut self, judge: &Judge) -> Result<(), HostError> {
        if !self.judges.contains(judge) {
            within("chaincodes that judge one transaction", self.judges.len() + 1, JUDGES_MAX)?;
            self.judges.push(judge.clone());
        }
        Ok(())
    }
}

/// The smaller of two allowances.
fn least(one: Budget, other: Budget) -> Budget {
    Budget { gas: one.gas.min(other.gas), host_gas: one.host_gas.min(other.host_gas) }
}

/// The end of a callee that ends its caller too.
fn ends(chaincode: &ChaincodeName, function: &FunctionName, refusal: Refusal) -> HostError {
    let Refusal { outcome, message, .. } = refusal;
    HostError::Callee { chaincode: chaincode.clone(), function: function.clone(), outcome, message }
}

fn failed(error: &dyn std::fmt::Display) -> HostError {
    HostError::Unreadable { reason: error.to_string() }
}
