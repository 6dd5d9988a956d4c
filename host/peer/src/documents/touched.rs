//! What a block does to the files that peers keep.

use std::collections::BTreeSet;
use theriac_ledger::system::DOCUMENTS;
use theriac_ledger::system::documents::{Anchor, Share};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Block, Outcome, Receipt, decode};

/// What a block does to files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Files that it names.
    pub named: BTreeSet<String>,
    /// Whether lists of readers come to an end with it.
    pub outdates_lists: bool,
    /// Whether an organisation says how many copies it wants.
    pub asks_for_copies: bool,
}

impl Touched {
    /// Whether the block has nothing to do with files.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What a block does to files.
pub fn touched_by(block: &Block, receipts: &[Receipt]) -> Touched {
    let mut touched = Touched::default();
    for (transaction, receipt) in block.body.transactions.iter().zip(receipts) {
        let body = &transaction.body;
        if body.chaincode.as_str() != DOCUMENTS || receipt.outcome != Outcome::Valid {
            continue;
        }
        match body.function.as_str() {
            "anchor" => {
                if let Ok(anchor) = decode::<Anchor>(&body.args, ARGS_BYTES_MAX) {
                    touched.named.extend(anchor.contents().iter().map(|content| content.cid.to_string()));
                }
            }
            "share" => {
                if let Ok(share) = decode::<Share>(&body.args, ARGS_BYTES_MAX) {
                    touched.named.insert(share.list.cid.to_string());
                }
                touched.outdates_lists = true;
            }
            "erase" => touched.outdates_lists = true,
            "keep" => touched.asks_for_copies = true,
            _ => {}
        }
    }
    touched
}
