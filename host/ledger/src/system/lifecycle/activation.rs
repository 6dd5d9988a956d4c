//! How a decision takes effect: set for a height, and carried out at the end of the block below it.

use super::indexes;
use super::packages::{self, PackageRecord};
use super::proposals::note;
use super::queue;
use super::records::{
    self, Activation, ChaincodeRecord, MigrationPlan, Pending, Sequence, VersionRecord, VersionStatus, missing,
};
use super::steps::{Action, MigrationReport, Step, put_step};
use crate::refusal::{Refusal, Stop};
use crate::state::ReadError;
use crate::system::SystemCall;
use crate::view::{Overlay, View};
use theriac_types::{Budget, Height, Migration, PackageId, Text};

/// What is to come into force, as far as its data is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    sequence: Sequence,
    package: PackageId,
    state_version: u32,
    not_before: Height,
}

impl Target {
    /// A version.
    pub fn version(version: &VersionRecord) -> Self {
        let VersionRecord { sequence, state_version, ref definition, .. } = *version;
        Self { sequence, package: definition.package, state_version, not_before: definition.not_before }
    }

    /// A package that is no version yet.
    pub fn of(package: &PackageRecord) -> Self {
        let PackageRecord { package, state_version, .. } = *package;
        Self { sequence: 0, package, state_version, not_before: Height(0) }
    }
}

/// How the data would follow if the target came into force after the version that is: by the target's code, or by that
/// of the version in force when it goes back.
///
/// # Errors
/// When that code offers no such migration, or the target declares indexes that would lack entries.
pub(super) fn plan(
    view: &dyn View,
    record: &ChaincodeRecord,
    target: Target,
    rollback: bool,
) -> Result<Option<MigrationPlan>, Stop> {
    let (Some(active), Some(from)) = (record.active, record.state_version) else { return Ok(None) };
    let migration = Migration { from, to: target.state_version };
    if migration.from == migration.to {
        let description = |package| packages::description(view, package);
        indexes::check(&description(&active.package)?, &description(&target.package)?)?;
        return Ok(None);
    }
    let package = if rollback { active.package } else { target.package };
    let offered = packages::description(view, &package)?.migrations;
    if offered.contains(&migration) {
        return Ok(Some(MigrationPlan { migration, package }));
    }
    let (name, Migration { from, to }) = (&record.name, migration);
    let message = if rollback {
        format!(
            "the data of {name} is in form {from}, version {} keeps it in form {to}, and version {}, which is in force, \
             offers no migration back: propose a version that does",
            target.sequence, active.sequence
        )
    } else {
        format!(
            "the data of {name} is in form {from}, package {package} keeps it in form {to} and offers no migration \
             there: give it one, or keep the form"
        )
    };
    Err(Refusal { code: "MIGRATION_MISSING".to_owned(), ..Refusal::precondition(message) }.into())
}

/// Sets an activation for the first height that takes it, in place of one that has not begun. The caller writes the
/// chaincode's record.
pub(super) fn schedule(
    call: &mut SystemCall<'_, '_>,
    record: &mut ChaincodeRecord,
    target: Target,
    rollback: bool,
) -> Result<Activation, Stop> {
    let migration = plan(call.state, record, target, rollback)?;
    call.engine.prepare(target.package, &packages::load_module(call.state, &target.package)?);
    if let Some(replaced) = record.pending.take() {
        queue::remove(call.state, replaced.activation.from, &record.name)?;
        note(call, record, Action::Replaced(replaced.activation), Text::default());
    }
    // Transactions of this block were ordered under the old rules: the new ones hold from the next on.
    let wanted = if rollback { Height(0) } else { target.not_before };
    let from = queue::free_height(call.state, wanted.max(call.height.next()), migration.is_some())?;
    let activation = Activation { sequence: target.sequence, package: target.package, from };
    queue::insert(call.state, from, &record.name, migration.is_some())?;
    let (member, tx_id) = (call.caller.clone(), call.tx_id);
    record.pending = Some(Pending { activation, migration, rollback, member, tx_id });
    note(call, record, Action::Decided(activation), Text::default());
    Ok(activation)
}

/// An activation whose height is the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub record: ChaincodeRecord,
    pub pending: Pending,
}

/// The activations that a block ends with, in the order in which they take place.
pub(crate) fn due(view: &dyn View, next: Height) -> Result<Vec<Due>, ReadError> {
    let names = queue::due(view, next)?.into_iter();
    let due = names.map(|name| {
        let record = records::chaincode(view, &name)?;
        let found = record.and_then(|record| Some(Due { pending: record.pending.clone()?, record }));
        found.ok_or_else(|| missing(format!("the activation of {name}")))
    });
    due.collect()
}

/// What a migration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// Keys that it wrote or removed.
    pub keys: usize,
    /// What it used.
    pub used: Budget,
}

/// Writes down that an activation took place, or why it did not. `migrated` is that of the plan, if it had one.
pub(crate) fn settle(
    state: &mut Overlay<'_>,
    due: Due,
    height: Height,
    time_ms: u64,
    migrated: Option<Result<Migrated, Refusal>>,
) -> Result<(), ReadError> {
    let Due { mut record, pending: Pending { activation, migration, rollback, member, tx_id } } = due;
    let name = record.name.clone();
    queue::remove(state, activation.from, &name)?;
    record.pending = None;
    let mut version = records::known_version(state, &name, activation.sequence)?;
    let action = match migrated {
        Some(Err(Refusal { outcome, code, message })) => {
            if !rollback {
                version.status = VersionStatus::Void;
                records::put_version(state, &name, &version);
            }
            let code = if code.is_empty() { outcome.code() } else { &code };
            Action::Void { activation, code: Text::truncated(code), message: Text::truncated(&message) }
        }
        migrated => {
            record.active = Some(activation);
            record.state_version = Some(version.state_version);
            let report = migration.zip(migrated.and_then(Result::ok)).map(|(plan, migrated)| MigrationReport {
                migration: plan.migration,
                package: plan.package,
                keys: u32::try_from(migrated.keys).expect("keys are counted when they are written"),
                used: migrated.used,
            });
            Action::Activated { activation, migration: report }
        }
    };
    let step = Step { height, time_ms, member, tx_id, action, reason: Text::default() };
    put_step(state, &name, &mut record.last_step, &step);
    records::put_chaincode(state, &record);
    Ok(())
}
