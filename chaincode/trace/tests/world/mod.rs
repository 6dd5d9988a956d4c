//! A ledger in memory with its parties, and documents to play on it.
#![allow(dead_code, clippy::unwrap_used)]

pub mod cast;
mod play;
pub mod say;

use std::path::{Path, PathBuf};
use theriac_chaincode::{Caller, Failure, MockHost};
use theriac_domain::Event;
use theriac_trace::trace::Chaincode;
use theriac_trace::{
    Capture, Captured, CodeQuery, History, LogisticUnitView, OnError, PartyView, RegisterParty, UnitView, VerifyAnswer,
    VerifyQuery,
};

/// 2026-04-01T00:00Z: after everything in the documents.
pub const APRIL_MS: u64 = 1_775_001_600_000;

/// An organisation, its role and its numbers.
pub struct Party {
    pub name: &'static str,
    pub role: &'static str,
    pub gln: &'static str,
    pub prefix: &'static str,
}

pub const MFR: Party = Party { name: "manufacturer", role: "manufacturer", gln: "9501101000001", prefix: "9501101" };
pub const DIS: Party = Party { name: "distributor", role: "distributor", gln: "9501102000000", prefix: "9501102" };
pub const PHA: Party = Party { name: "pharmacy", role: "pharmacy", gln: "9501103000009", prefix: "9501103" };

impl Party {
    pub const fn copied(&self) -> Self {
        Self { name: self.name, role: self.role, gln: self.gln, prefix: self.prefix }
    }

    /// A member of it who signs.
    pub fn caller(&self, member: &str) -> Caller {
        Caller {
            organisation: self.name.to_owned(),
            member: member.to_owned(),
            organisation_roles: vec![self.role.to_owned()],
            member_roles: Vec::new(),
            attributes: Vec::new(),
        }
    }
}

/// The ledger, one block per call.
pub struct World {
    pub host: MockHost,
    pub height: std::cell::Cell<u64>,
    /// The time of the blocks to come.
    pub time_ms: std::cell::Cell<u64>,
}

impl World {
    /// With the three parties registered.
    pub fn new() -> Self {
        Self::with_parties(&[MFR, DIS, PHA])
    }

    pub fn with_parties(parties: &[Party]) -> Self {
        let host = MockHost::of::<Chaincode>();
        host.connect::<theriac_rules::rules::Chaincode>("rules", MockHost::new());
        let world = Self { host, height: std::cell::Cell::new(0), time_ms: std::cell::Cell::new(APRIL_MS) };
        for party in parties {
            world.register(party, &[party.gln], &[party.prefix]).unwrap();
        }
        world
    }

    /// With everybody who plays in the stories.
    pub fn of_stories() -> Self {
        Self::with_parties(&cast::EVERYBODY.map(Party::copied))
    }

    /// The next block, called by the party's clerk.
    pub fn as_party(&self, party: &Party) -> &Self {
        self.next_block(self.time_ms.get());
        self.host.set_caller(party.name, "clerk", &[party.role]);
        self.host.set_member_roles(&[]);
        self
    }

    pub fn next_block(&self, time_ms: u64) {
        self.height.set(self.height.get() + 1);
        self.host.set_block(self.height.get(), time_ms);
    }

    pub fn register(&self, party: &Party, glns: &[&str], prefixes: &[&str]) -> Result<PartyView, Failure> {
        self.as_party(party);
        self.host.set_member_roles(&["administrator"]);
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let registration = RegisterParty { glns: texts(glns), prefixes: texts(prefixes), china_products: Vec::new() };
        self.host.submit::<Chaincode, _, _>("register_party", &registration)
    }

    /// Captures the events in one transaction of a new block.
    pub fn capture(&self, party: &Party, events: &[Event]) -> Result<Captured, Failure> {
        self.as_party(party);
        self.host.submit::<Chaincode, _, _>("capture", &together(events))
    }

    pub fn unit(&self, code: &str) -> Result<UnitView, Failure> {
        self.host.evaluate::<Chaincode, _, _>("unit", &CodeQuery { code: code.to_owned() })
    }

    pub fn logistic_unit(&self, code: &str) -> LogisticUnitView {
        self.host.evaluate::<Chaincode, _, _>("logistic_unit", &CodeQuery { code: code.to_owned() }).unwrap()
    }

    pub fn history(&self, code: &str) -> History {
        self.host.evaluate::<Chaincode, _, _>("history", &CodeQuery { code: code.to_owned() }).unwrap()
    }

    pub fn verify(&self, code: &str, lot: Option<&str>, expiry: Option<&str>) -> VerifyAnswer {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let query = VerifyQuery { code: code.to_owned(), lot: text(lot), expiry: text(expiry) };
        self.host.evaluate::<Chaincode, _, _>("verify", &query).unwrap()
    }

    /// Plays the first `count` events of the life of eight units.
    pub fn with_life(count: usize) -> Self {
        let world = Self::new();
        for (index, event) in read(&fixture("life.jsonld")).iter().enumerate().take(count) {
            let party = party_of(event);
            world
                .capture(party, std::slice::from_ref(event))
                .unwrap_or_else(|e| unreachable!("event {}: {e:?}", index + 1));
        }
        world
    }
}

/// A capture of which all events take effect or none.
pub fn together(events: &[Event]) -> Capture {
    Capture { events: events.to_vec(), on_error: OnError::Rollback, as_record: false }
}

/// The party on whose behalf an event of our own documents speaks.
pub fn party_of(event: &Event) -> &'static Party {
    let gln = event.acting_gln().unwrap().as_str();
    [&MFR, &DIS, &PHA].into_iter().find(|party| gln.starts_with(party.prefix)).unwrap()
}

pub fn party_named(name: &str) -> &'static Party {
    [&MFR, &DIS, &PHA].into_iter().find(|party| party.name == name).unwrap()
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../network/fixtures").join(name)
}

pub fn read(path: &Path) -> Vec<Event> {
    theriac_epcis::parse(&std::fs::read(path).unwrap())
        .unwrap_or_else(|e| unreachable!("{}: {e}", path.display()))
        .events
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    result.unwrap_err().code().to_owned()
}

/// The code and the sentence of a refusal.
pub fn sentence<T: std::fmt::Debug>(result: Result<T, Failure>) -> (String, String) {
    match result.unwrap_err() {
        Failure::Refused(refusal) => (refusal.code, refusal.message),
        other => unreachable!("{other:?}"),
    }
}

/// One event from its fields in JSON; the time of day is given as `hh:mm`.
pub fn event(kind: &str, time: &str, fields: &str) -> Event {
    let text = format!(
        r#"{{"@context":"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld","type":"{kind}",
        "eventTime":"2026-03-01T{time}:00Z","eventTimeZoneOffset":"+00:00",{fields}}}"#
    );
    theriac_epcis::parse(text.as_bytes()).unwrap_or_else(|e| unreachable!("{text}: {e}")).events.remove(0)
}

fn list(items: &[&str]) -> String {
    items.iter().map(|item| format!("\"https://id.gs1.org/{item}\"")).collect::<Vec<_>>().join(",")
}

/// An object event without further fields.
pub fn seen(time: &str, step: &str, disposition: &str, items: &[&str]) -> Event {
    let fields =
        format!(r#""action":"OBSERVE","bizStep":"{step}","disposition":"{disposition}","epcList":[{}]"#, list(items));
    event("ObjectEvent", time, &fields)
}

/// Birth, with lot and expiry.
pub fn born(time: &str, items: &[&str], expiry: &str) -> Event {
    born_in(time, items, "L1", expiry)
}

/// Birth in a lot.
pub fn born_in(time: &str, items: &[&str], lot: &str, expiry: &str) -> Event {
    let fields = format!(
        r#""action":"ADD","bizStep":"commissioning","epcList":[{}],
        "ilmd":{{"cbvmda:lotNumber":"{lot}","cbvmda:itemExpirationDate":"{expiry}"}}"#,
        list(items)
    );
    event("ObjectEvent", time, &fields)
}

/// The end of a life.
pub fn ended(time: &str, step: &str, disposition: &str, items: &[&str]) -> Event {
    let fields =
        format!(r#""action":"DELETE","bizStep":"{step}","disposition":"{disposition}","epcList":[{}]"#, list(items));
    event("ObjectEvent", time, &fields)
}

pub fn packed(time: &str, parent: &str, children: &[&str]) -> Event {
    let fields = format!(
        r#""action":"ADD","bizStep":"packing","parentID":"https://id.gs1.org/{parent}","childEPCs":[{}]"#,
        list(children)
    );
    event("AggregationEvent", time, &fields)
}

/// Unpacks the children, or everything when none is named.
pub fn unpacked(time: &str, parent: &str, children: &[&str]) -> Event {
    let children = if children.is_empty() { String::new() } else { format!(r#","childEPCs":[{}]"#, list(children)) };
    let fields =
        format!(r#""action":"DELETE","bizStep":"unpacking","parentID":"https://id.gs1.org/{parent}"{children}"#);
    event("AggregationEvent", time, &fields)
}

/// Shipped to a party, which becomes the owner.
pub fn shipped(time: &str, to: &Party, items: &[&str]) -> Event {
    let fields = format!(
        r#""action":"OBSERVE","bizStep":"shipping","disposition":"in_transit","epcList":[{}],
        "destinationList":[{{"type":"owning_party","destination":"https://id.gs1.org/417/{}"}}]"#,
        list(items),
        to.gln
    );
    event("ObjectEvent", time, &fields)
}
