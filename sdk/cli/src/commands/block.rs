//! `theriac block`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::Subcommand;
use serde_json::{Value, json};
use theriac_client::CertifiedBlock;
use theriac_types::Height;

/// What to do with blocks.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows one block with its transactions and their outcomes, all proven.
    #[command(before_help = "Examples:\n  theriac block get 12 -o json")]
    Get {
        /// Its height.
        height: u64,
    },
    /// Lists the newest blocks, newest first.
    #[command(before_help = "Examples:\n  theriac block list --limit 20")]
    List {
        /// How many.
        #[arg(long, default_value_t = 10)]
        limit: u64,
        /// Below this height.
        #[arg(long, value_name = "HEIGHT")]
        below: Option<u64>,
    },
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    let network = session::network(global)?;
    match verb {
        Verb::Get { height } => {
            let block = network.block(Height(height), true).await?;
            let transactions = transactions(&block);
            if global.output == Format::Table {
                output::record(Format::Table, &shown(&block))?;
                let columns = ["index", "outcome", "creator", "chaincode", "function", "gas", "id"];
                return output::rows(Format::Table, &columns, &transactions);
            }
            let mut shown = shown(&block);
            shown["transactions"] = json!(transactions);
            output::record(global.output, &shown)
        }
        Verb::List { limit, below } => {
            let head = network.chain_info().await?.certified_height().0;
            let end = below.map_or(head + 1, |below| below.min(head + 1)).max(1);
            let mut rows = Vec::new();
            for height in (1..end).rev().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
                rows.push(shown(&network.block(Height(height), false).await?));
            }
            output::rows(global.output, &["height", "time_ms", "size", "path", "signers", "hash"], &rows)
        }
    }
}

fn shown(block: &CertifiedBlock) -> Value {
    let commitment = &block.certified.commitment;
    json!({
        "height": block.block.height.0,
        "time_ms": block.block.time_ms,
        "size": block.block.body.transactions.len(),
        "path": block.path.as_str(),
        "hash": commitment.block_hash.to_string(),
        "previous": block.block.previous.to_string(),
        "state_root": commitment.state_root.to_string(),
        "receipts_root": commitment.receipts_root.to_string(),
        "signers": block.certified.certificate.signers.iter().map(|signer| signer.0).collect::<Vec<_>>(),
    })
}

fn transactions(block: &CertifiedBlock) -> Vec<Value> {
    let both = block.block.body.transactions.iter().zip(&block.receipts);
    both.map(|(transaction, receipt)| {
        let body = &transaction.body;
        json!({
            "index": receipt.index,
            "id": receipt.tx_id.to_string(),
            "creator": body.creator.member.to_string(),
            "chaincode": body.chaincode.as_str(),
            "function": body.function.as_str(),
            "outcome": receipt.outcome.code(),
            "code": &*receipt.code,
            "message": &*receipt.message,
            "gas": receipt.used.gas,
            "host_gas": receipt.used.host_gas,
            "events": receipt.events.iter().map(|event| event.topic.to_string()).collect::<Vec<_>>(),
        })
    })
    .collect()
}
