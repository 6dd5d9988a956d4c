//! Which organisation has to sign an event.

use crate::{Trace, TraceError};
use std::collections::BTreeMap;
use theriac_client::Network;
use theriac_domain::Event;

/// Finds out which organisation an event happened at.
pub struct Actors {
    trace: Trace,
    known: BTreeMap<String, String>,
    last: Option<String>,
}

impl Actors {
    /// Asks on this network.
    pub fn new(network: &Network) -> Self {
        Self { trace: Trace::new(network), known: BTreeMap::new(), last: None }
    }

    /// The organisation of the party that the event itself names as acting; that of the event before when it names
    /// none. `number` is the event's place in its document, from 1 on, for messages.
    ///
    /// # Errors
    /// When nobody can be found, or the ledger cannot be asked.
    pub async fn organisation(&mut self, number: usize, event: &Event) -> Result<String, TraceError> {
        if let Some(gln) = event.acting_gln() {
            let gln = gln.to_string();
            if !self.known.contains_key(&gln) {
                let organisation = self.trace.party(&gln).await?.organisation;
                self.known.insert(gln.clone(), organisation);
            }
            self.last = self.known.get(&gln).cloned();
        }
        self.last.clone().ok_or(TraceError::NoSigner { number })
    }
}
