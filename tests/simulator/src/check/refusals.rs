//! S9: a transaction that fails changes nothing but its receipt.
//!
//! A model of the key-value chaincode is applied to the transactions that ended `VALID`, and to no others; after every
//! block every replica's world state must be the model's.

use crate::kv::{Arguments, VALUE_MAX};
use std::collections::BTreeMap;
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Block, Height, Outcome, Receipt, Transaction};

/// Keys and values.
pub type Values = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the world state should be after every height.
#[derive(Debug)]
pub struct Refusals {
    states: Vec<Values>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { states: vec![Values::new()] }
    }
}

impl Refusals {
    /// A replica executed a block and now holds these values.
    pub fn on_block(&mut self, block: &Block, receipts: &[Receipt], found: &Values) -> Result<(), String> {
        let height = usize::try_from(block.height.0).unwrap_or(usize::MAX);
        if height == self.states.len() {
            let mut state = self.states[height - 1].clone();
            for (transaction, receipt) in block.body.transactions.iter().zip(receipts) {
                apply(&mut state, transaction, receipt)?;
            }
            self.states.push(state);
        }
        let Some(expected) = self.states.get(height) else {
            return Err(format!("height {height} was executed before height {}", self.states.len()));
        };
        match expected == found {
            true => Ok(()),
            false => Err(difference(block.height, expected, found)),
        }
    }
}

fn apply(state: &mut Values, transaction: &Transaction, receipt: &Receipt) -> Result<(), String> {
    let body = &transaction.body;
    if body.chaincode.as_str() != "kv" || !matches!(receipt.outcome, Outcome::Valid | Outcome::ChaincodeRejected) {
        return Ok(());
    }
    let arguments = theriac_types::decode::<Arguments>(&body.args, ARGS_BYTES_MAX);
    let after = arguments.ok().and_then(|arguments| outcome(state, body.function.as_str(), &arguments));
    match (after, receipt.outcome) {
        (Some(after), Outcome::Valid) => *state = after,
        (None, Outcome::ChaincodeRejected) => {}
        (_, outcome) => return Err(format!("{}: {outcome} is not what the chaincode's rules say", receipt.tx_id)),
    }
    Ok(())
}

/// The state after a call; none when the rules refuse it.
fn outcome(state: &Values, function: &str, arguments: &Arguments) -> Option<Values> {
    let mut after = state.clone();
    let Arguments { key, other, amount } = arguments;
    match function {
        "put" | "announce" => set(&mut after, key, *amount),
        "add" => {
            let sum = value(state, key) + amount;
            if sum > VALUE_MAX {
                return None;
            }
            set(&mut after, key, sum);
        }
        "move" => {
            set(&mut after, other, value(state, other) + amount);
            let left = value(&after, key).checked_sub(*amount)?;
            set(&mut after, key, left);
        }
        "remove" => {
            after.remove(key.as_bytes());
        }
        _ => return None,
    }
    Some(after)
}

fn value(state: &Values, key: &str) -> u64 {
    let bytes = state.get(key.as_bytes()).and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok());
    bytes.map_or(0, u64::from_le_bytes)
}

fn set(state: &mut Values, key: &str, value: u64) {
    state.insert(key.as_bytes().to_vec(), value.to_le_bytes().to_vec());
}

fn difference(height: Height, expected: &Values, found: &Values) -> String {
    let keys = expected.keys().chain(found.keys());
    let wrong = keys.filter(|key| expected.get(*key) != found.get(*key)).map(|key| String::from_utf8_lossy(key));
    format!("height {height}: the state differs from what valid transactions wrote, at {:?}", wrong.collect::<Vec<_>>())
}
