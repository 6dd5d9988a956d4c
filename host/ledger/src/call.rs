//! One call of one function, system or not, on behalf of a member.

use crate::authorise::Standing;
use crate::chaincode::{CallContext, CallKind, CallOutcome, CallResult, ChaincodeEngine, HostError, Signatory};
use crate::endorsement;
use crate::host::{ChaincodeHost, Running};
use crate::refusal::{ExecuteError, Refusal, Stop};
use crate::system::lifecycle::{self, PackageRecord, Rules};
use crate::system::{self, SystemCall};
use crate::tables::Tables;
use crate::view::{At, Overlay, View, Writes};
use std::sync::Arc;
use theriac_types::limits::{QUERY_BUDGET, RESULT_BYTES_MAX};
use theriac_types::policy::Missing;
use theriac_types::{
    Budget, ChaincodeName, ChannelId, Event, FunctionName, Height, Judge, MemberId, Outcome, PackageId,
    TransactionBody, TxId,
};

/// Who calls, checked.
pub(crate) struct Caller {
    pub member: MemberId,
    pub standing: Standing,
    pub cosigners: Vec<Cosigner>,
}

/// Who signed too, checked.
pub(crate) struct Cosigner {
    pub member: MemberId,
    pub standing: Standing,
}

/// What is called.
pub(crate) struct Target<'a> {
    pub chaincode: &'a ChaincodeName,
    pub function: &'a FunctionName,
    pub args: &'a [u8],
    pub tx_id: TxId,
}

/// How a call ended, as far as a receipt tells.
pub(crate) struct Done {
    pub outcome: Outcome,
    pub code: String,
    pub message: String,
    pub judges: Vec<Judge>,
    pub result: Vec<u8>,
    pub events: Vec<Event>,
    pub used: Budget,
}

impl Done {
    pub fn refused(Refusal { outcome, code, message }: Refusal) -> Self {
        Self { outcome, code, message, judges: Vec::new(), result: Vec::new(), events: Vec::new(), used: Budget::ZERO }
    }
}

/// What all calls of a block, or a query, have in common.
pub(crate) struct Runner<'a> {
    pub engine: &'a dyn ChaincodeEngine,
    /// What queries read history from.
    pub committed: At<'a>,
    pub channel: &'a ChannelId,
    pub kind: CallKind,
    pub height: Height,
    pub time_ms: u64,
}

impl Runner<'_> {
    /// Runs a transaction; writes come back only when it ended well.
    pub fn run(
        &self,
        view: &dyn View,
        caller: &Caller,
        body: &TransactionBody,
        tx_id: TxId,
    ) -> Result<(Done, Option<Writes>), ExecuteError> {
        let target = Target { chaincode: &body.chaincode, function: &body.function, args: &body.args, tx_id };
        self.call(view, caller, &target)
    }

    pub fn call(
        &self,
        view: &dyn View,
        caller: &Caller,
        target: &Target<'_>,
    ) -> Result<(Done, Option<Writes>), ExecuteError> {
        let overlay = Overlay::new(view, target.chaincode.clone());
        let called = if target.chaincode.is_system() {
            self.call_system(overlay, caller, target)
        } else {
            self.call_package(view, overlay, caller, target)
        };
        match called {
            Ok((done, writes)) => {
                let writes = (done.outcome == Outcome::Valid).then_some(writes);
                Ok((done, writes))
            }
            Err(Stop::Refused(refusal)) => Ok((Done::refused(refusal), None)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn call_system(
        &self,
        mut overlay: Overlay<'_>,
        caller: &Caller,
        target: &Target<'_>,
    ) -> Result<(Done, Writes), Stop> {
        let mut call = SystemCall {
            kind: self.kind,
            function: target.function,
            args: target.args,
            caller: &caller.member,
            standing: &caller.standing,
            channel: self.channel,
            tx_id: target.tx_id,
            height: self.height,
            time_ms: self.time_ms,
            engine: self.engine,
            state: &mut overlay,
        };
        let result = within_limit(system::call(target.chaincode, &mut call)?)?;
        Ok((valid(result, Vec::new(), Vec::new(), Budget::ZERO), overlay.writes))
    }

    fn call_package(
        &self,
        view: &dyn View,
        overlay: Overlay<'_>,
        caller: &Caller,
        target: &Target<'_>,
    ) -> Result<(Done, Writes), Stop> {
        let transaction = self.kind == CallKind::Transaction;
        let rules = lifecycle::rules(view, target.chaincode, transaction)?;
        let missing = match transaction {
            true => endorsement::missing(view, caller, rules.endorsement.of(target.function))?,
            false => None,
        };
        let called = match missing {
            None => self.enter(self.kind, &rules, overlay, caller, target)?,
            Some(missing) => (unendorsed(&rules, target, &missing), overlay.writes),
        };
        // A transaction may name a query, to have it ordered: it then runs as one, on what the transactions before it
        // left, and any write ends it. What cannot write needs nobody's consent.
        let refused = transaction && matches!(called.0.outcome, Outcome::InvalidArgument | Outcome::PolicyUnsatisfied);
        if refused && lifecycle::is_query(view, &rules.judge.package, target.function)? {
            let overlay = Overlay::new(view, target.chaincode.clone());
            return self.enter(CallKind::Query, &rules, overlay, caller, target);
        }
        Ok(called)
    }

    /// Runs a function of a package.
    fn enter(
        &self,
        kind: CallKind,
        rules: &Rules,
        overlay: Overlay<'_>,
        caller: &Caller,
        target: &Target<'_>,
    ) -> Result<(Done, Writes), Stop> {
        let running = Running {
            runner: self,
            kind,
            tables: self.tables(overlay.below, rules.judge.package).map_err(Stop::Failed)?,
            signers: Some(caller),
            tx_id: target.tx_id,
            callers: Vec::new(),
        };
        let limits = if self.ordered() { rules.budget } else { QUERY_BUDGET };
        let mut host = ChaincodeHost::new(running, overlay, vec![rules.judge.clone()]);
        let CallResult { outcome, used } = host.run(&rules.judge, target, limits);
        let exhausted = outcome == CallOutcome::OutOfGas;
        let ended = ended(outcome, host.failure.take()).map_err(Stop::Failed)?;
        let ended = if exhausted { Err(out_of_gas(target)) } else { ended };
        let done = match ended.and_then(within_limit) {
            Ok(result) => valid(result, host.events, host.judges, used),
            Err(refusal) => Done { judges: host.judges, used, ..Done::refused(refusal) },
        };
        Ok((done, host.overlay.writes))
    }

    /// Whether it executes a block: every peer does the same.
    pub fn ordered(&self) -> bool {
        self.kind == CallKind::Transaction
    }

    /// What a package may touch. Read once for each package, and so it is also where this peer finds out whether it has
    /// the metering under which the package was uploaded.
    pub fn tables(&self, view: &dyn View, package: PackageId) -> Result<Arc<Tables>, ExecuteError> {
        let unreadable = |error: &dyn std::fmt::Display| HostError::Unreadable { reason: error.to_string() };
        let read = || {
            // A package that is only tried, by a dry run, has no record: this engine has just checked it.
            let record = lifecycle::package_record(view, &package).map_err(|error| unreadable(&error))?;
            if let Some(record) = record.filter(|record| !self.engine.meters(&record.metering)) {
                return Err(HostError::Unreadable { reason: unmetered(&record) });
            }
            let description = lifecycle::description(view, &package).map_err(|error| unreadable(&error))?;
            Tables::of(&description).map_err(|error| unreadable(&error))
        };
        self.engine.tables(package, &read).map_err(|error| ExecuteError::Unavailable { reason: error.to_string() })
    }

    /// Who calls a function, and where. `callers` wait for it.
    pub fn context(&self, caller: &Caller, target: &Target<'_>, callers: Vec<ChaincodeName>) -> CallContext {
        CallContext {
            channel: self.channel.clone(),
            tx_id: target.tx_id,
            height: self.height,
            time_ms: self.time_ms,
            chaincode: target.chaincode.clone(),
            callers,
            caller: signatory(&caller.member, &caller.standing),
            cosigners: caller.cosigners.iter().map(|other| signatory(&other.member, &other.standing)).collect(),
        }
    }
}

fn unmetered(PackageRecord { package, metering, .. }: &PackageRecord) -> String {
    format!(
        "package {package} was uploaded under the metering {metering}, which this release of the peer does not have: \
         run one that has it"
    )
}

fn signatory(member: &MemberId, standing: &Standing) -> Signatory {
    let Standing { organisation, member: record } = standing;
    Signatory {
        member: member.clone(),
        organisation_roles: organisation.roles.to_vec(),
        member_roles: record.roles.to_vec(),
        attributes: record.attributes.to_vec(),
    }
}

/// The end of a call that its signers may not make.
fn unendorsed(rules: &Rules, target: &Target<'_>, missing: &Missing) -> Done {
    let Target { chaincode, function, .. } = target;
    let message = format!("{chaincode} {function} {missing}: have them sign this transaction too");
    Done { judges: vec![rules.judge.clone()], ..Done::refused(Refusal::policy(message)) }
}

/// The end of a call that used up its budget, itself or in what it called.
fn out_of_gas(target: &Target<'_>) -> Refusal {
    let Target { chaincode, function, .. } = target;
    let message = format!("{chaincode} {function} used more gas than it may: ask for less at once, or have it mended");
    Refusal::new(Outcome::OutOfGas, message)
}

fn valid(result: Vec<u8>, events: Vec<Event>, judges: Vec<Judge>, used: Budget) -> Done {
    Done { outcome: Outcome::Valid, code: String::new(), message: String::new(), judges, result, events, used }
}

fn within_limit(result: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if result.len() <= RESULT_BYTES_MAX {
        return Ok(result);
    }
    let message = format!("the result of {} bytes exceeds the limit of {RESULT_BYTES_MAX}: ask for less", result.len());
    Err(Refusal::new(Outcome::LimitExceeded, message))
}

/// What a call's end means. A host call's failure stands whatever the engine made of it.
pub(crate) fn ended(
    outcome: CallOutcome,
    failure: Option<HostError>,
) -> Result<Result<Vec<u8>, Refusal>, ExecuteError> {
    let refusal = match (failure, outcome) {
        (Some(HostError::Unreadable { reason }), _) | (_, CallOutcome::Unavailable { reason }) => {
            return Err(ExecuteError::Unavailable { reason });
        }
        // Gas can run out within a host call, before or after its own check: what the engine saw decides.
        (_, CallOutcome::OutOfGas) => Refusal::new(Outcome::OutOfGas, "it used more gas than it may"),
        (Some(error @ HostError::Callee { outcome, .. }), _) => Refusal::new(outcome, error.to_string()),
        (Some(error @ HostError::Limit { .. }), _) => Refusal::new(Outcome::LimitExceeded, error.to_string()),
        (Some(error @ HostError::Unendorsed { .. }), _) => Refusal::policy(error.to_string()),
        (Some(error @ (HostError::NotAllowed { .. } | HostError::Undeclared { .. })), _) => {
            Refusal::new(Outcome::Trapped, error.to_string())
        }
        (None, CallOutcome::Returned(result)) => return Ok(Ok(result)),
        (None, CallOutcome::Refused { code, message }) => {
            Refusal { outcome: Outcome::ChaincodeRejected, code, message }
        }
        (None, CallOutcome::InvalidArgument { message }) => Refusal::argument(message),
        (None, CallOutcome::Trapped { message }) => Refusal::new(Outcome::Trapped, message),
        (None, CallOutcome::LimitExceeded { message }) => Refusal::new(Outcome::LimitExceeded, message),
    };
    Ok(Err(refusal))
}
