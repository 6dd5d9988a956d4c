//! EPCIS documents as transactions of the trace chaincode, each event signed by the organisation it happened at.

use crate::error::NetworkError;
use crate::ready::TRACE;
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use theriac_client::{Committed, Gateway, Network, StateKey};
use theriac_domain::{Event, ItemId};
use theriac_types::FunctionName;

/// The same shape as the argument of the chaincode's function `capture`.
#[derive(BorshSerialize)]
struct Capture<'a> {
    events: &'a [Event],
}

/// The argument of `capture` for these events.
pub fn capture_argument(events: &[Event]) -> Vec<u8> {
    theriac_types::encode(&Capture { events })
}

/// Hands events in as one transaction and waits for its outcome, whatever that is.
pub async fn capture(network: &Network, events: &[Event]) -> Result<Committed, NetworkError> {
    let chaincode = TRACE.parse().map_err(NetworkError::keys)?;
    let function = FunctionName::new("capture").map_err(NetworkError::keys)?;
    Ok(network.contract(chaincode).submit_and_wait(&function, capture_argument(events)).await?)
}

/// What an event is about, in a few words: its business step if it has one.
pub fn event_label(event: &Event) -> String {
    let common = event.common();
    common.step.as_ref().map_or_else(|| "event".to_owned(), ToString::to_string)
}

/// Finds out which organisation an event happened at.
pub struct Actors<'a> {
    gateway: &'a Gateway,
    known: BTreeMap<String, String>,
    last: Option<String>,
}

impl<'a> Actors<'a> {
    /// Asks through this gateway.
    pub fn new(gateway: &'a Gateway) -> Self {
        Self { gateway, known: BTreeMap::new(), last: None }
    }

    /// The organisation of the party that the event itself names as acting; that of the event before when it names
    /// none.
    pub async fn organisation(&mut self, number: usize, event: &Event) -> Result<String, NetworkError> {
        let Some(gln) = event.acting_gln() else {
            return self.last.clone().ok_or_else(|| NetworkError::NoSigner {
                number,
                reason: "it names no party and no place by GLN. Name the signer.".to_owned(),
            });
        };
        let gln = gln.to_string();
        if !self.known.contains_key(&gln) {
            let organisation = self.ask(number, &gln).await?;
            self.known.insert(gln.clone(), organisation);
        }
        self.last = self.known.get(&gln).cloned();
        self.last.clone().ok_or_else(|| NetworkError::NoSigner { number, reason: format!("GLN {gln} is unknown") })
    }

    async fn ask(&self, number: usize, gln: &str) -> Result<String, NetworkError> {
        let contract = self.gateway.network().contract(TRACE.parse().map_err(NetworkError::keys)?);
        let function = FunctionName::new("party").map_err(NetworkError::keys)?;
        let party = contract.evaluate_json(&function, &serde_json::json!({ "name": gln })).await?;
        let organisation = party["organisation"].as_str().map(ToOwned::to_owned);
        organisation.ok_or_else(|| NetworkError::NoSigner { number, reason: format!("GLN {gln} has no organisation") })
    }
}

/// Where the trace chaincode keeps an item: its table `unit`, by canonical path. Texts in keys end with `00 01`.
pub fn item_key(item: &ItemId) -> Result<StateKey, NetworkError> {
    const END: &[u8] = &[0, 1];
    let key = [b"unit", END, item.path().as_bytes(), END].concat();
    Ok(theriac_client::state_key(TRACE.parse().map_err(NetworkError::keys)?, key)?)
}
