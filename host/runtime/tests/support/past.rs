//! Blocks that were executed once, to be executed again by whatever sandbox there is.

use borsh::{BorshDeserialize, BorshSerialize};
use theriac_ledger::{
    BlockOutcome, BlockStore, ChaincodeEngine, Decided, MemoryState, StateReader, execute_block, genesis_outcome,
};
use theriac_types::{BlockBody, Genesis, StateCommitment};

/// A ledger's blocks with what each came to.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Past {
    pub genesis: Genesis,
    /// A commitment covers the block's receipts, with the gas of each, and the state behind it.
    pub blocks: Vec<(BlockBody, StateCommitment)>,
}

/// The ledger before its first block.
pub fn beginning(genesis: &Genesis) -> MemoryState {
    MemoryState::new(genesis.clone(), &genesis_outcome(genesis).unwrap())
}

/// Executes the next block and keeps what it comes to.
pub fn next(state: &mut MemoryState, engine: &dyn ChaincodeEngine, body: &BlockBody) -> BlockOutcome {
    let height = state.head().unwrap().height.next();
    let outcome = execute_block(state, engine, &Decided::new(height, body)).unwrap();
    state.apply(&outcome, b"decided").unwrap();
    outcome
}

/// Executes all of it again, from genesis on, and holds each block against what it came to.
pub fn again(past: &Past, engine: &dyn ChaincodeEngine, how: &str) {
    let mut state = beginning(&past.genesis);
    for (body, expected) in &past.blocks {
        let outcome = next(&mut state, engine, body);
        assert_eq!(&outcome.commitment, expected, "{how}: block {} comes to something else", expected.height);
    }
}
