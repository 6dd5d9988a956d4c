//! A past block, executed again transaction by transaction.

use crate::chaincode::ChaincodeEngine;
use crate::execute::{Execution, Judged};
use crate::replay::error::ReplayError;
use crate::replay::past::Past;
use crate::store::BlockStore;
use theriac_crypto::{merkle, names};
use theriac_types::{Receipt, Transaction, TxId};

/// A transaction whose turn it is, on what those before it left.
pub(crate) struct Turn<'t> {
    pub index: u32,
    pub id: TxId,
    pub transaction: &'t Transaction,
}

/// What executing a block again came to.
pub(crate) struct Again {
    pub receipts: Vec<Receipt>,
    /// Whether they together are those that the network committed.
    pub agrees: bool,
}

/// Executes a past block. `judge` decides on each transaction and returns what is to be put in force; it is given the
/// execution, whose state is that before the transaction.
///
/// `go_on` is asked before every transaction.
pub(crate) fn execute_again<'p, S: BlockStore>(
    past: &'p Past<'p, S>,
    store: &S,
    engine: &'p dyn ChaincodeEngine,
    go_on: &mut dyn FnMut() -> bool,
    mut judge: impl FnMut(&mut Execution<'p>, &Turn<'_>) -> Result<Judged, ReplayError>,
) -> Result<Again, ReplayError> {
    let block = &past.block;
    let mut execution = Execution::new(past, engine, &past.below, block.height, block.time_ms);
    for (index, transaction) in (0..).zip(&block.body.transactions) {
        if !go_on() {
            return Err(ReplayError::Stopped);
        }
        let turn = Turn { index, id: names::tx_id(&transaction.body), transaction };
        let judged = judge(&mut execution, &turn)?;
        execution.settle(index, turn.id, judged)?;
    }
    let leaves: Vec<_> = execution.receipts.iter().map(merkle::receipt_leaf).collect();
    let committed = store.commitment(block.height)?;
    let agrees = committed.is_some_and(|committed| committed.receipts_root == merkle::receipts_root(&leaves));
    Ok(Again { receipts: execution.receipts, agrees })
}
