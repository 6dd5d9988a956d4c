//! One transaction of events, and where the ledger keeps items.

use crate::{TRACE, TraceError};
use theriac_client::{CommitError, Committed, Network, StateKey};
use theriac_domain::{Event, ItemId};
use theriac_trace::{Capture, Captured, CapturedEvent, OnError};
use theriac_types::{ChaincodeName, FunctionName};

/// The argument of `capture` for these events: all of them take effect, or none.
pub fn capture_argument(events: &[Event]) -> Vec<u8> {
    let capture = Capture { events: events.to_vec(), on_error: OnError::Rollback, as_record: false };
    borsh::to_vec(&capture).expect("memory takes bytes, and no list has 2^32 entries")
}

/// Hands events in as one transaction and waits for its outcome, whatever that is.
///
/// # Errors
/// When the outcome is not known.
pub async fn capture(network: &Network, events: &[Event]) -> Result<Committed, CommitError> {
    let function = FunctionName::new("capture").expect("a function's name");
    network.contract(trace()).submit_and_wait(&function, capture_argument(events)).await
}

/// What each event of a valid transaction did.
///
/// # Errors
/// When the result is not one of `capture`.
pub fn captured(committed: &Committed) -> Result<Vec<CapturedEvent>, TraceError> {
    let captured: Result<Captured, _> = borsh::from_slice(&committed.receipt().result);
    Ok(captured.map_err(|_| TraceError::Form { function: "capture" })?.events)
}

/// What an event is about, in a few words: its business step if it has one.
pub fn event_label(event: &Event) -> String {
    event.step.as_ref().map_or_else(|| event.body.as_str().to_owned(), ToString::to_string)
}

/// Where chaincode `trace` keeps an item: its table `unit`, by canonical path. Texts in keys end with `00 01`.
pub fn item_key(item: &ItemId) -> StateKey {
    const END: &[u8] = &[0, 1];
    let key = [b"unit", END, item.path().as_bytes(), END].concat();
    theriac_client::state_key(trace(), key).expect("a canonical path is shorter than a key may be")
}

fn trace() -> ChaincodeName {
    ChaincodeName::new(TRACE).expect("the name follows the ledger's rule")
}
