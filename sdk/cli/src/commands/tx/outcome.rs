//! What came of a transaction, in the words of the version that judged it.

use crate::commands::audit::shown::{Versions, judges};
use crate::failure::Failure;
use serde_json::{Value, json};
use theriac_client::readable::{Reader, plain};
use theriac_client::{Committed, Network};
use theriac_types::{Event, FunctionName, Outcome, Receipt};

/// A transaction's proven outcome, of which nothing is known but the receipt.
pub fn shown(committed: &Committed, result: Value) -> Value {
    told(committed, result, &Versions::default())
}

/// The outcome of a call of a function.
pub async fn of(network: &Network, committed: &Committed, function: &FunctionName) -> Result<Value, Failure> {
    let receipt = committed.receipt();
    let versions = Versions::of(network, &receipt.judges).await?;
    let reader = judge(&versions, receipt);
    let result = if receipt.result.is_empty() { Value::Null } else { reader.result(function, &receipt.result) };
    let mut shown = told(committed, result, &versions);
    if let Some(meaning) = reader.meaning(&receipt.code) {
        shown["meaning"] = json!(meaning);
    }
    Ok(shown)
}

/// The outcome of a transaction that is known by its id alone: which function it called is in its block.
pub async fn described(network: &Network, committed: &Committed) -> Result<Value, Failure> {
    let receipt = committed.receipt();
    if receipt.judges.is_empty() {
        return Ok(shown(committed, if receipt.result.is_empty() { Value::Null } else { plain(&receipt.result) }));
    }
    let block = network.block(receipt.height, false).await?.block;
    let transaction = usize::try_from(receipt.index).ok().and_then(|index| block.body.transactions.get(index));
    let transaction = transaction.ok_or_else(|| Failure::malformed("the block lacks the receipt's transaction"))?;
    of(network, committed, &transaction.body.function).await
}

/// A refused transaction is a failure of the command, which says what the chaincode's code means.
pub async fn accepted(network: &Network, committed: &Committed) -> Result<(), Failure> {
    let receipt = committed.receipt();
    if receipt.outcome == Outcome::Valid {
        return Ok(());
    }
    let failure = Failure::rejected(committed);
    let versions = Versions::of(network, &receipt.judges).await?;
    Err(match judge(&versions, receipt).meaning(&receipt.code) {
        Some(meaning) if *meaning != *receipt.message => failure.with("meaning", meaning),
        _ => failure,
    })
}

/// Reads by the version that was called.
fn judge<'v>(versions: &'v Versions, receipt: &Receipt) -> Reader<'v> {
    receipt.judges.first().map(|judge| versions.reader(&judge.package)).unwrap_or_default()
}

fn told(committed: &Committed, result: Value, versions: &Versions) -> Value {
    let receipt = committed.receipt();
    let event = |event: &Event| {
        let payload = versions.announced(receipt, event);
        json!({ "chaincode": event.chaincode.as_str(), "topic": &*event.topic, "payload": payload })
    };
    json!({
        "id": receipt.tx_id.to_string(),
        "outcome": receipt.outcome.code(),
        "code": &*receipt.code,
        "message": &*receipt.message,
        "height": receipt.height.0,
        "index": receipt.index,
        "path": committed.path().as_str(),
        "latency_ms": committed.latency.as_secs_f64() * 1000.0,
        "gas": receipt.used.gas,
        "host_gas": receipt.used.host_gas,
        "judged_by": judges(&receipt.judges),
        "events": receipt.events.iter().map(event).collect::<Vec<_>>(),
        "result": result,
        "peer": committed.peer,
    })
}
