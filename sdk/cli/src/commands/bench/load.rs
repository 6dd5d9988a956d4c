//! Transactions made beforehand, and handed in on time.

use crate::failure::Failure;
use crate::session::parse;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use theriac_client::{CommitPath, Contract, Identity, Network, SignedTransaction};
use theriac_trace_client::capture_argument;
use theriac_types::{FunctionName, Height, Outcome};

/// How many events are made from one document.
const DOCUMENT_EVENTS: usize = 500;
/// How long before its due time a task wakes up at the earliest.
const TICK: Duration = Duration::from_millis(1);

/// Signed transactions.
pub struct Load {
    transactions: Vec<SignedTransaction>,
}

/// What became of one transaction.
pub enum Sample {
    /// Executed, proven.
    Committed {
        /// From when it was due to its verified receipt.
        latency: Duration,
        /// How its block was committed.
        path: CommitPath,
        /// Its block.
        height: Height,
        /// Whether it took effect.
        valid: bool,
    },
    /// No outcome; the reason.
    Failed(String),
}

/// What became of all of them.
pub struct Results {
    /// One for each.
    pub samples: Vec<Sample>,
    /// From the first one due to the last outcome.
    pub elapsed: Duration,
}

impl Load {
    /// Makes and signs so many transactions.
    pub async fn prepare(network: &Network, identity: &Identity, count: usize) -> Result<Self, Failure> {
        let contract = network.contract(parse("trace")?);
        let function: FunctionName = parse("capture")?;
        // Ten minutes of full blocks would not reach this; the ledger allows no more.
        let head = network.chain_info().await?.certified_height();
        let valid_until = head.saturating_add(theriac_types::limits::VALIDITY_BLOCKS_MAX);
        let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let mut transactions = Vec::with_capacity(count);
        let mut serials = (0..count).map(|number| format!("B{:X}{number:06}", run % 0x1_0000_0000));
        while transactions.len() < count {
            let chunk: Vec<String> = serials.by_ref().take(DOCUMENT_EVENTS).collect();
            for argument in commissions(&chunk)? {
                transactions.push(sign(&contract, &function, argument, valid_until, identity)?);
            }
        }
        Ok(Self { transactions })
    }

    /// Hands in at a steady rate, whatever becomes of the earlier ones.
    pub async fn open_loop(self, gateways: &[Network], rate: u32) -> Results {
        let (began, mut tasks) = (Instant::now(), tokio::task::JoinSet::new());
        for (number, transaction) in self.transactions.into_iter().enumerate() {
            let due = began + Duration::from_secs_f64(number as f64 / f64::from(rate));
            if let Some(wait) = due.checked_duration_since(Instant::now() + TICK) {
                tokio::time::sleep(wait).await;
            }
            let network = gateways[number % gateways.len()].clone();
            tasks.spawn(async move { hand_in(&network, &transaction, due).await });
        }
        let mut samples = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            samples.push(joined.unwrap_or_else(|error| Sample::Failed(error.to_string())));
        }
        Results { samples, elapsed: began.elapsed() }
    }

    /// Hands in the next one when the last one is done.
    pub async fn one_at_a_time(self, network: &Network, duration: Duration) -> Results {
        let (began, mut samples) = (Instant::now(), Vec::new());
        for transaction in &self.transactions {
            if began.elapsed() >= duration {
                break;
            }
            samples.push(hand_in(network, transaction, Instant::now()).await);
        }
        Results { samples, elapsed: began.elapsed() }
    }
}

impl Results {
    /// Failures by reason.
    pub fn failures(&self) -> BTreeMap<&str, usize> {
        let mut failures = BTreeMap::new();
        for sample in &self.samples {
            if let Sample::Failed(reason) = sample {
                *failures.entry(reason.as_str()).or_default() += 1;
            }
        }
        failures
    }
}

async fn hand_in(network: &Network, transaction: &SignedTransaction, due: Instant) -> Sample {
    match network.submit_and_wait(transaction).await {
        Ok(committed) => Sample::Committed {
            latency: due.elapsed(),
            path: committed.path(),
            height: committed.height(),
            valid: committed.receipt().outcome == Outcome::Valid,
        },
        Err(error) => Sample::Failed(error.reason().to_owned()),
    }
}

fn sign(
    contract: &Contract,
    function: &FunctionName,
    argument: Vec<u8>,
    valid_until: Height,
    identity: &Identity,
) -> Result<SignedTransaction, Failure> {
    Ok(contract.propose_until(function, argument, valid_until)?.sign(&identity.signer())?)
}

/// The argument of `capture` for the birth of each pack.
fn commissions(serials: &[String]) -> Result<Vec<Vec<u8>>, Failure> {
    let event = |serial: &String| {
        json!({
            "type": "ObjectEvent",
            "action": "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
            "eventTime": "2026-03-02T08:00:00.000+00:00",
            "eventTimeZoneOffset": "+00:00",
            "epcList": [format!("https://id.gs1.org/01/09506000134376/21/{serial}")],
            "readPoint": { "id": "https://id.gs1.org/414/9506000100012" },
            "bizLocation": { "id": "https://id.gs1.org/414/9506000100012" },
            "ilmd": { "cbvmda:lotNumber": "BENCH1", "cbvmda:itemExpirationDate": "2032-05-31" },
        })
    };
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T08:00:00.000+00:00",
        "epcisBody": { "eventList": serials.iter().map(event).collect::<Vec<_>>() },
    });
    let events = theriac_epcis::parse(document.to_string().as_bytes())?.events;
    Ok(events.iter().map(|event| capture_argument(std::slice::from_ref(event))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_pack_is_born_by_a_transaction_of_its_own() {
        let arguments = commissions(&["B1".to_owned(), "B2".to_owned()]).unwrap();
        assert_eq!(arguments.len(), 2);
        assert_ne!(arguments[0], arguments[1]);
    }
}
