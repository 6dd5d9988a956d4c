//! Chaincode on the cluster's ledger, by the calls that bring it there.

use crate::cluster::{Cluster, member, signed};
use borsh::BorshSerialize;
use theriac_crypto::names::package_id;
use theriac_ledger::system::lifecycle::{Activation, Propose, Tally, Upload};
use theriac_proto::gateway::v1::EvaluateRequest;
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{Bytes, Definition, Endorsement, Height, Outcome, Receipt, Text, Transaction, decode, encode};

const VALID_UNTIL: u64 = 3000;

/// What tells a transaction from others like it, and until when it is valid.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    pub nonce: u64,
    pub valid_until: u64,
}

/// For chains of a length that is known.
impl From<u64> for Turn {
    fn from(nonce: u64) -> Self {
        Self { nonce, valid_until: VALID_UNTIL }
    }
}

/// A signed call of `_lifecycle`.
pub fn lifecycle<A: BorshSerialize>(turn: impl Into<Turn>, function: &str, argument: &A) -> Transaction {
    let Turn { nonce, valid_until } = turn.into();
    signed(&member(), "_lifecycle", function, encode(argument), nonce, valid_until)
}

pub fn upload(turn: impl Into<Turn>, module: &[u8]) -> Transaction {
    lifecycle(turn, "upload", &Upload { module: Bytes::new(module).unwrap() })
}

/// The definition that a package is proposed with.
pub fn proposal(name: &str, module: &[u8], not_before: Height) -> Propose {
    let definition = Definition {
        label: Text::default(),
        package: package_id(module),
        endorsement: Endorsement::anyone(),
        budget: TRANSACTION_BUDGET,
        not_before,
        source: None,
        notes: Text::new("it is time").unwrap(),
    };
    Propose { name: name.parse().unwrap(), definition }
}

pub fn propose(turn: impl Into<Turn>, name: &str, module: &[u8], not_before: Height) -> Transaction {
    lifecycle(turn, "propose", &proposal(name, module, not_before))
}

/// What was decided; one organisation is its own majority.
pub fn activation(receipt: &Receipt) -> Activation {
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    decode::<Tally>(&receipt.result, 4096).unwrap().activation.unwrap()
}

/// Asks a query function of one peer.
pub async fn evaluate<A: BorshSerialize>(
    cluster: &Cluster,
    index: u16,
    nonce: u64,
    chaincode: &str,
    function: &str,
    argument: &A,
) -> Vec<u8> {
    let query = encode(&signed(&member(), chaincode, function, encode(argument), nonce, 0)).into();
    let request = EvaluateRequest { query, height: None };
    cluster.gateway(index).await.evaluate(request).await.unwrap().into_inner().result.to_vec()
}
