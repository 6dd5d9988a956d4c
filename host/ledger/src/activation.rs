//! The end of a block: versions whose height is the next one come into force, and their data follows.
//!
//! A migration is a call like any other, on what the block's transactions left, with a budget of its own. It acts for
//! the ledger, not for the member whose vote decided it: it has no roles. What it writes is kept together with the
//! version's coming into force, or not at all.

use crate::call::{Runner, ended};
use crate::chaincode::{Call, CallContext, CallKind, CallResult, Entry, HostError, Signatory};
use crate::host::{ChaincodeHost, Running};
use crate::refusal::{ExecuteError, Refusal};
use crate::system::lifecycle::{self, Migrated, MigrationPlan};
use crate::system::{LIFECYCLE, record};
use crate::view::{BlockView, Overlay, View, Writes};
use theriac_types::limits::MIGRATION_BUDGET;
use theriac_types::{ChaincodeName, MemberId, PackageId, TxId};

impl Runner<'_> {
    /// Carries out what is due. What it writes comes behind the block's transactions, the first at place `index`, each
    /// in the name of the transaction that decided it.
    pub fn activate_due(&self, view: &mut BlockView<'_>, index: u32) -> Result<(), ExecuteError> {
        for (index, due) in (index..).zip(lifecycle::due(view, self.height.next())?) {
            let tx_id = due.pending.tx_id;
            let (migrated, writes) = match due.pending.migration {
                None => (None, None),
                Some(plan) => {
                    let by = (&due.pending.member, tx_id);
                    let (migrated, writes) =
                        self.migrate(view, &due.record.name, plan, due.pending.activation.package, by)?;
                    (Some(migrated), writes)
                }
            };
            let mut overlay = Overlay::new(view, record::namespace(LIFECYCLE));
            lifecycle::settle(&mut overlay, due, self.height, self.time_ms, migrated)?;
            let settled = overlay.writes;
            for writes in writes.into_iter().chain([settled]) {
                view.commit(writes, index, tx_id);
            }
        }
        Ok(())
    }

    /// Runs a migration to the data of a package; writes come back only when it ended well.
    pub fn migrate(
        &self,
        view: &dyn View,
        name: &ChaincodeName,
        plan: MigrationPlan,
        target: PackageId,
        (caller, tx_id): (&MemberId, TxId),
    ) -> Result<(Result<Migrated, Refusal>, Option<Writes>), ExecuteError> {
        let context = CallContext {
            channel: self.channel.clone(),
            tx_id,
            height: self.height,
            time_ms: self.time_ms,
            chaincode: name.clone(),
            callers: Vec::new(),
            caller: Signatory::plain(caller.clone()),
            cosigners: Vec::new(),
        };
        let call = Call {
            kind: CallKind::Migration,
            ordered: self.ordered(),
            entry: Entry::Migrate(plan.migration),
            context: &context,
            limits: MIGRATION_BUDGET,
        };
        let load =
            || lifecycle::load_module(view, &plan.package).map_err(|e| HostError::Unreadable { reason: e.to_string() });
        // Whether this peer has the metering of what runs shows here too.
        self.tables(view, plan.package)?;
        // What it leaves has the form of the version that comes into force.
        let tables = self.tables(view, target)?;
        let overlay = Overlay::new(view, name.clone());
        let running =
            Running { runner: self, kind: CallKind::Migration, tables, signers: None, tx_id, callers: Vec::new() };
        let mut host = ChaincodeHost::new(running, overlay, Vec::new());
        let CallResult { outcome, used } = self.engine.call(plan.package, &load, &call, &mut host);
        Ok(match ended(outcome, host.failure.take())? {
            Ok(_) => {
                let writes = host.overlay.writes;
                (Ok(Migrated { keys: writes.len(), used }), Some(writes))
            }
            Err(refusal) => (Err(refusal), None),
        })
    }
}
