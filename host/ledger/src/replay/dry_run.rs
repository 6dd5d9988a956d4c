//! Past transactions judged by a package that is not in force, beside the one that was.

use crate::chaincode::ChaincodeEngine;
use crate::execute::{Execution, Judged};
use crate::refusal::Refusal;
use crate::replay::block::{Turn, execute_again};
use crate::replay::candidate::{Candidate, InForce};
use crate::replay::compare::{Compared, Judgement, aspects};
use crate::replay::error::ReplayError;
use crate::replay::limits::{COMPARED_BYTES_MAX, DRY_RUN_BLOCKS_MAX, DRY_RUN_HEIGHTS_MAX};
use crate::replay::past::Past;
use crate::replay::recorder::PastEngine;
use crate::replay::trace::Room;
use crate::replay::writes::WriteSet;
use crate::store::BlockStore;
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::{Block, ChaincodeName, Height, Migration, Receipt};

/// One block's transactions to a chaincode, judged twice.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockCompared {
    /// The block.
    pub height: Height,
    /// Whether executing it again came out as the network committed it; when not, this peer is not what it was, and
    /// nothing of the comparison is to be relied on.
    pub agrees: bool,
    /// The migration that had to bring the data into the candidate's form before it could judge.
    pub migration: Option<Migration>,
    /// In order.
    pub transactions: Vec<Compared>,
}

/// What a dry run met at a height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// Transactions to the chaincode.
    Block(Box<BlockCompared>),
    /// None.
    Nothing,
    /// Its end.
    Done,
}

/// The blocks of a dry run, newest first.
#[derive(Debug, Clone)]
pub struct DryRun {
    candidate: Candidate,
    /// The next height to look at; 0 for none.
    next: Height,
    heights_left: u64,
    blocks_left: u32,
}

impl DryRun {
    /// A dry run over the newest blocks up to a height that hold transactions to the candidate's chaincode.
    pub fn new(candidate: Candidate, newest: Height, blocks: u32) -> Self {
        let blocks_left = blocks.min(DRY_RUN_BLOCKS_MAX);
        Self { candidate, next: newest, heights_left: DRY_RUN_HEIGHTS_MAX, blocks_left }
    }

    /// The height that is looked at next.
    pub fn next_height(&self) -> Height {
        self.next
    }

    /// Looks at the next height.
    ///
    /// `go_on` is asked before every transaction.
    ///
    /// # Errors
    /// When the peer's history ends, when told to stop, or when this peer fails.
    pub fn advance<S: BlockStore>(
        &mut self,
        store: &S,
        engine: &dyn ChaincodeEngine,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Advance, ReplayError> {
        if self.blocks_left == 0 || self.heights_left == 0 || self.next == Height(0) {
            return Ok(Advance::Done);
        }
        if !go_on() {
            return Err(ReplayError::Stopped);
        }
        let height = self.next;
        let unknown = || ReplayError::UnknownBlock { height };
        let block = store.block(height)?.ok_or_else(unknown)?;
        let receipts = store.receipts(height)?.ok_or_else(unknown)?;
        (self.next, self.heights_left) = (Height(height.0 - 1), self.heights_left - 1);
        if !concerned(&self.candidate.chaincode, &block, &receipts).any(|concerned| concerned) {
            return Ok(Advance::Nothing);
        }
        let compared = self.compare(store, engine, height, go_on)?;
        self.blocks_left -= 1;
        Ok(Advance::Block(Box::new(compared)))
    }

    fn compare<S: BlockStore>(
        &self,
        store: &S,
        engine: &dyn ChaincodeEngine,
        height: Height,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<BlockCompared, ReplayError> {
        let past = Past::new(store, height)?;
        let wanted: Vec<bool> = concerned(&self.candidate.chaincode, &past.block, &past.receipts).collect();
        let (mut transactions, mut migration, mut room) = (Vec::new(), None, Room::new(COMPARED_BYTES_MAX));
        let again = execute_again(&past, store, &PastEngine { engine, recorder: None }, go_on, |execution, turn| {
            let judged = execution.judge(turn.index, turn.transaction, turn.id)?;
            if wanted.get(turn.index as usize).is_some_and(|wanted| *wanted)
                && let Some((compared, migrated)) = self.judge_anew(execution, turn, &judged, &mut room)?
            {
                transactions.push(compared);
                migration = migrated;
            }
            Ok(judged)
        })?;
        Ok(BlockCompared { height, agrees: again.agrees, migration, transactions })
    }

    /// What the candidate makes of a transaction on what those before it left; none when it never got to a chaincode.
    fn judge_anew(
        &self,
        execution: &Execution<'_>,
        turn: &Turn<'_>,
        old: &Judged,
        room: &mut Room,
    ) -> Result<Option<(Compared, Option<Migration>)>, ReplayError> {
        let Some(caller) = &old.caller else { return Ok(None) };
        let in_force = self.candidate.in_force(&execution.view, execution.runner.height)?;
        let view = self.migrated(execution, &in_force, turn)?;
        let (done, writes) = execution.runner.run(&view, caller, &turn.transaction.body, turn.id)?;
        let differs_in = aspects(&old.done, &done, old.writes == writes);
        let body = &turn.transaction.body;
        let mut compared = Compared {
            id: turn.id,
            index: turn.index,
            creator: body.creator.member.clone(),
            function: body.function.clone(),
            differs_in,
            used: old.done.used,
            candidate_used: done.used,
            judgements: None,
        };
        if compared.changed() {
            let mut judgement = |done, before: &dyn View, writes: &Option<_>| -> Result<Judgement, ReplayError> {
                let writes = WriteSet::new(before, writes.as_ref(), room)?;
                Ok(Judgement::new(done, writes, room))
            };
            let before = judgement(&old.done, &execution.view, &old.writes)?;
            compared.judgements = Some((before, judgement(&done, &view, &writes)?));
        }
        Ok(Some((compared, in_force.migration.map(|plan| plan.migration))))
    }

    /// The state that the candidate would judge on: that which is there, in the form that it keeps its data in.
    fn migrated<'v>(
        &self,
        execution: &Execution<'_>,
        in_force: &'v InForce<'v>,
        turn: &Turn<'_>,
    ) -> Result<Overlay<'v>, ReplayError> {
        let name = &self.candidate.chaincode;
        let Some(plan) = in_force.migration else { return Ok(Overlay::new(in_force, name.clone())) };
        let by = (&turn.transaction.body.creator.member, turn.id);
        let (ended, writes) = execution.runner.migrate(in_force, name, plan, self.candidate.package, by)?;
        if let Err(Refusal { outcome, code, message }) = ended {
            let (height, Migration { from, to }) = (execution.runner.height, plan.migration);
            let code = if code.is_empty() { outcome.code().to_owned() } else { code };
            return Err(ReplayError::MigrationFailed { height, from, to, code, message });
        }
        let mut view = Overlay::new(in_force, name.clone());
        view.writes = writes.unwrap_or(view.writes);
        Ok(view)
    }
}

/// Which transactions of a block a chaincode judged, or was to judge.
fn concerned<'b>(
    chaincode: &'b ChaincodeName,
    block: &'b Block,
    receipts: &'b [Receipt],
) -> impl Iterator<Item = bool> + 'b {
    let judged = block.body.transactions.iter().zip(receipts);
    judged.map(move |(transaction, receipt)| {
        let called = transaction.body.chaincode == *chaincode && receipt.outcome.is_admitted();
        called || receipt.judges.iter().any(|judge| judge.chaincode == *chaincode)
    })
}
