//! The events of `network/fixtures`: the life itself, and what is refused in between.

use super::{say, unexpected};
use crate::cast::{OPERATOR, PLAYERS};
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use std::collections::BTreeMap;
use theriac_client::{CommitPath, Committed, Network};
use theriac_domain::event::Body;
use theriac_domain::{Event, ItemId};
use theriac_trace_client::{capture, event_label};
use theriac_types::Outcome;

const LIFE: &[u8] = include_bytes!("../../fixtures/life.jsonld");

/// An event that must be refused.
struct Refused {
    /// After this event of the life.
    after: usize,
    by: &'static str,
    code: &'static str,
    what: &'static str,
    document: &'static [u8],
}

macro_rules! refused {
    ($($after:literal, $by:literal, $code:literal, $file:literal, $what:literal;)+) => {
        &[$(Refused {
            after: $after,
            by: $by,
            code: $code,
            what: $what,
            document: include_bytes!(concat!("../../fixtures/refused/", $file, ".jsonld")),
        }),+]
    };
}

const REFUSED: &[Refused] = refused! {
    6, "distributor", "ID_PREFIX_NOT_LICENSED", "foreign-prefix", "A distributor gives birth to a maker's product.";
    7, "pharmacy", "WRONG_CONSIGNEE", "wrong-consignee", "Somebody else receives the pallet.";
    9, "distributor", "DOUBLE_RECEIPT", "double-receipt", "The pallet is received a second time.";
    14, "pharmacy", "NOT_HOLDER", "not-holder", "A pharmacy ships a pack that lies at the distributor's.";
    14, "distributor", "AGG_CHILD_ALREADY_PACKED", "child-already-packed", "A packed pack is packed once more.";
    14, "maker", "UNIT_DUPLICATE_COMMISSION", "duplicate-commission", "A serial number is given a second time.";
    14, "pharmacy", "UNIT_UNKNOWN", "unknown-unit", "A pack nobody commissioned is dispensed.";
    14, "pharmacy", "ID_CHECK_DIGIT", "wrong-check-digit", "A mistyped number; refused before it is sent.";
};

/// The life as far as it has come.
pub(super) struct Life {
    events: Vec<Event>,
    done: usize,
    networks: BTreeMap<&'static str, Network>,
    paths: Vec<CommitPath>,
    actor: &'static str,
}

impl Life {
    pub(super) fn new(network: &LocalNetwork) -> Result<Self, NetworkError> {
        let mut networks = BTreeMap::new();
        for player in PLAYERS {
            let gateway = network.gateway(&format!("{}/{OPERATOR}", player.organisation))?;
            networks.insert(player.organisation, gateway.network());
        }
        let events = theriac_epcis::parse(LIFE)?.events;
        Ok(Self { events, done: 0, networks, paths: Vec::new(), actor: "maker" })
    }

    /// Captures events up to this one, with the refusals that belong between them.
    pub(super) async fn up_to(&mut self, network: &LocalNetwork, last: usize) -> Result<(), NetworkError> {
        let began = self.paths.len();
        while self.done < last {
            let event = self.events.get(self.done).cloned();
            let event = event.ok_or_else(|| unexpected("the life", format!("{last} events"), "fewer"))?;
            self.actor = actor(&event).unwrap_or(self.actor);
            let committed = capture(self.network(self.actor)?, std::slice::from_ref(&event)).await?.valid()?;
            say::transaction(&event_label(&event), self.actor, &committed);
            self.paths.push(committed.path());
            self.done += 1;
            for refused in REFUSED.iter().filter(|refused| refused.after == self.done) {
                self.expect_refusal(refused).await?;
            }
        }
        if network.processes().iter().all(|peer| peer.pid.is_some()) && !self.paths[began..].contains(&CommitPath::Fast)
        {
            return Err(unexpected("commit path with all peers up", "fast at least once", "never fast"));
        }
        Ok(())
    }

    /// The slow path carried the last steps.
    pub(super) fn expect_slow_path(&self) -> Result<(), NetworkError> {
        match self.paths.last() {
            Some(CommitPath::Slow) => Ok(()),
            other => Err(unexpected("commit path without a backup", "slow", format!("{other:?}"))),
        }
    }

    /// The pack that is dispensed at the end.
    pub(super) fn unit(&self) -> Result<&ItemId, NetworkError> {
        let unit = self.events.last().and_then(|event| match &event.body {
            Body::Object(body) => body.epcs.first().and_then(|epc| epc.item()),
            _ => None,
        });
        unit.ok_or_else(|| unexpected("the last event", "a pack", "none"))
    }

    /// How a player reaches the network.
    pub(super) fn network(&self, organisation: &str) -> Result<&Network, NetworkError> {
        self.networks.get(organisation).ok_or_else(|| unexpected("the cast", organisation, "nobody of this name"))
    }

    async fn expect_refusal(&self, refused: &Refused) -> Result<(), NetworkError> {
        say::say!("  {}", refused.what);
        let events = match theriac_epcis::parse(refused.document) {
            Ok(document) => document.events,
            Err(problems) => {
                let first = problems.as_slice().first();
                let first = first.ok_or_else(|| unexpected("a refused document", "a problem", "none"))?;
                say::sentence(first.code, &first.message);
                return expect_code(refused, first.code);
            }
        };
        let committed = capture(self.network(refused.by)?, &events).await?;
        say::refusal("", refused.by, &committed);
        self.expect_unchanged(&committed)?;
        expect_code(refused, committed.reason())
    }

    fn expect_unchanged(&self, committed: &Committed) -> Result<(), NetworkError> {
        match committed.receipt().outcome {
            Outcome::ChaincodeRejected => Ok(()),
            other => Err(unexpected("a refused event", Outcome::ChaincodeRejected.code(), other.code())),
        }
    }
}

fn expect_code(refused: &Refused, found: &str) -> Result<(), NetworkError> {
    if found == refused.code { Ok(()) } else { Err(unexpected(refused.what, refused.code, found)) }
}

/// Whose number acts in the event.
fn actor(event: &Event) -> Option<&'static str> {
    let gln = event.acting_gln()?;
    let owns = |prefix: &&str| gln.as_str().starts_with(*prefix);
    PLAYERS.iter().find(|player| player.prefixes.iter().any(&owns)).map(|player| player.organisation)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_event_of_the_life_has_an_actor_of_the_cast() {
        let events = theriac_epcis::parse(LIFE).unwrap().events;
        assert_eq!(events.len(), 14);
        let actors: Vec<_> = events.iter().map(|event| actor(event).unwrap_or("?")).collect();
        assert_eq!(actors[..7], ["maker"; 7]);
        assert_eq!(actors[8..11], ["distributor"; 3]);
        assert_eq!(actors[11..], ["pharmacy"; 3]);
    }
}
