//! One transaction, executed again with everything it asked and wrote in sight.

use crate::chaincode::ChaincodeEngine;
use crate::replay::block::execute_again;
use crate::replay::error::ReplayError;
use crate::replay::limits::WRITES_BYTES_MAX;
use crate::replay::past::Past;
use crate::replay::recorder::{PastEngine, Recorder};
use crate::replay::trace::{Room, Trace};
use crate::replay::writes::WriteSet;
use crate::state::TransactionPlace;
use crate::store::BlockStore;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::{Judge, Receipt, TxId};

/// What executing a transaction again came to.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Replayed {
    /// What came of it this time.
    pub receipt: Receipt,
    /// What is stored. The same, unless this peer or its software is not what it was.
    pub stored: Receipt,
    /// Whether all transactions of the block together came out as the network committed them.
    pub block_agrees: bool,
    /// What it wrote.
    pub writes: WriteSet,
    /// What it did.
    pub trace: Trace,
}

impl Replayed {
    /// Where this time differs from what is stored, one sentence each.
    pub fn differences(&self) -> Vec<String> {
        let (again, stored) = (&self.receipt, &self.stored);
        let mut found = Vec::new();
        let mut compare = |what: &str, again: String, stored: String| {
            if again != stored {
                found.push(format!("{what}: {again} this time, {stored} is stored"));
            }
        };
        let sizes = |receipt: &Receipt| format!("{} bytes", receipt.result.len());
        compare("outcome", again.outcome.to_string(), stored.outcome.to_string());
        compare("code", again.code.to_string(), stored.code.to_string());
        compare("message", again.message.to_string(), stored.message.to_string());
        compare("judged by", judges(again), judges(stored));
        compare("gas", again.used.gas.to_string(), stored.used.gas.to_string());
        compare("host gas", again.used.host_gas.to_string(), stored.used.host_gas.to_string());
        compare("size of the result", sizes(again), sizes(stored));
        compare("number of events", again.events.len().to_string(), stored.events.len().to_string());
        if found.is_empty() && again != stored {
            found.push("result or events: other bytes than those stored".to_owned());
        }
        if !self.block_agrees {
            found.push("the block: its receipts together are not those that the network committed".to_owned());
        }
        found
    }
}

/// Executes a transaction's block on the state below it and traces the one transaction.
///
/// `go_on` is asked before every transaction of the block.
///
/// # Errors
/// When the transaction is not here, when the peer's history begins above it, when told to stop, or when this peer
/// fails.
pub fn replay_transaction<S: BlockStore>(
    store: &S,
    engine: &dyn ChaincodeEngine,
    id: TxId,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Replayed, ReplayError> {
    let unknown = || ReplayError::UnknownTransaction { id };
    let TransactionPlace { height, index: wanted } = store.place(id)?.ok_or_else(unknown)?;
    let past = Past::new(store, height)?;
    let stored = past.receipts.get(wanted as usize).ok_or_else(unknown)?.clone();
    let recorder = Recorder::new();
    let (silent, tracing) = (PastEngine { engine, recorder: None }, PastEngine { engine, recorder: Some(&recorder) });
    let mut writes = WriteSet::default();
    let again = execute_again(&past, store, &silent, go_on, |execution, turn| {
        if turn.index != wanted {
            return Ok(execution.judge(turn.index, turn.transaction, turn.id)?);
        }
        execution.runner.engine = &tracing;
        let judged = execution.judge(turn.index, turn.transaction, turn.id)?;
        execution.runner.engine = &silent;
        let mut room = Room::new(WRITES_BYTES_MAX);
        writes = WriteSet::new(&execution.view, judged.writes.as_ref(), &mut room)?;
        Ok(judged)
    })?;
    let receipt = again.receipts.into_iter().nth(wanted as usize).ok_or_else(unknown)?;
    let trace = recorder.into_trace();
    Ok(Replayed { receipt, stored, block_agrees: again.agrees, writes, trace })
}

fn judges(receipt: &Receipt) -> String {
    let one = |judge: &Judge| format!("{} version {} ({})", judge.chaincode, judge.sequence, judge.package);
    receipt.judges.iter().map(one).collect::<Vec<_>>().join(", ")
}
