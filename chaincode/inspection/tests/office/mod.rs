//! Where documents are attached: the ledger of trace's tests with its parties and goods, a laboratory, and this chaincode.
#![allow(dead_code, clippy::unwrap_used)]

#[path = "../../../trace/tests/world/mod.rs"]
pub mod world;

use borsh::{BorshDeserialize, BorshSerialize};
use theriac_chaincode::{Failure, MockHost};
use theriac_inspection::inspection::Chaincode;
use theriac_inspection::{
    Access, Attach, Finding, Kind, Outcome, RecordPage, RecordView, RecordsQuery, Release, ReleaseQuery, TestResult,
    Verdict, Withdraw, WithdrawalReason,
};
use theriac_trace::{LicenseParty, PartyView};
use world::cast::*;
use world::say::births;
use world::{APRIL_MS, Party, World};

pub const LAB: Party = Party { name: "lab", role: "laboratory", gln: "9506090000001", prefix: "9506090" };
/// Nobody gave it a licence.
pub const LAB_2: Party = Party { name: "lab2", role: "laboratory", gln: "9506100000007", prefix: "9506100" };

/// The lot of the packs.
pub fn lot() -> String {
    lot_of(CAPSULES, LOT)
}

pub struct Office {
    pub world: World,
    pub host: MockHost,
}

impl Office {
    /// Packs 1 to 4 of a lot and a pallet are the maker's; the laboratory has a licence until the end of 2026.
    pub fn new() -> Self {
        let mut parties: Vec<Party> = EVERYBODY.map(Party::copied).into();
        parties.extend([LAB, LAB_2]);
        let world = World::with_parties(&parties);
        let wanted = LicenseParty { party: LAB.gln.to_owned(), until: Some("2026-12-31".to_owned()) };
        let _: PartyView = world.call(&REG, "license_party", &wanted).unwrap();
        world.does(&MFR, births("08:00", &packs(1..=4), LOT, EXPIRY).at(MFR_SITE));
        world.does(&MFR, births("08:01", &[PALLET], "", "").at(MFR_SITE));
        let host = MockHost::of::<Chaincode>();
        host.connect::<theriac_rules::rules::Chaincode>("rules", MockHost::new());
        Self { world, host }
    }

    /// The next block, called by the party's clerk, on trace as it is now.
    pub fn enter(&self, party: &Party) {
        self.world.as_party(party);
        self.host.set_block(self.world.height.get(), self.world.time_ms.get());
        self.host.set_caller(party.name, "clerk", &[party.role]);
        self.host.connect::<theriac_trace::trace::Chaincode>("trace", self.world.host.clone());
    }

    /// Lets the ledger name a document.
    pub fn anchor(&self, party: &Party, cid: &str) {
        self.enter(party);
        self.host.set_document(cid, "application/pdf", cid.as_bytes(), &[]);
    }

    pub fn call<A: BorshSerialize, R: BorshDeserialize>(
        &self,
        party: &Party,
        function: &str,
        argument: &A,
    ) -> Result<R, Failure> {
        self.enter(party);
        let before = self.host.state();
        let result = self.host.submit::<Chaincode, _, _>(function, argument);
        assert!(result.is_ok() || self.host.state() == before, "a refused call changes nothing");
        result
    }

    pub fn ask<A: BorshSerialize, R: BorshDeserialize>(
        &self,
        party: &Party,
        function: &str,
        argument: &A,
    ) -> Result<R, Failure> {
        self.enter(party);
        self.host.evaluate::<Chaincode, _, _>(function, argument)
    }

    /// Anchors the document and attaches it.
    pub fn attaches(&self, party: &Party, wanted: &Attach) -> RecordView {
        self.anchor(party, &wanted.cid);
        self.call(party, "attach", wanted).unwrap()
    }

    /// The same, which is refused; gives code and sentence.
    pub fn refuses(&self, party: &Party, wanted: &Attach) -> (String, String) {
        self.anchor(party, &wanted.cid);
        world::sentence(self.call::<_, RecordView>(party, "attach", wanted))
    }

    /// Takes a record back.
    pub fn withdraws(&self, party: &Party, number: u64) -> Result<RecordView, Failure> {
        let text = "Samples were mixed up.".to_owned();
        self.call(party, "withdraw", &Withdraw { number, reason: WithdrawalReason::Mistaken, text })
    }

    /// The numbers of all records that the party finds, page by page.
    pub fn finds(&self, party: &Party, query: &RecordsQuery) -> Vec<u64> {
        let (mut found, mut query) = (Vec::new(), query.clone());
        loop {
            let page: RecordPage = self.ask(party, "records", &query).unwrap();
            assert!(page.records.len() <= query.limit.max(1) as usize, "{} records", page.records.len());
            found.extend(page.records.iter().map(|view| view.number));
            query.after = page.next;
            if page.next.is_none() {
                return found;
            }
        }
    }

    /// What decides about goods.
    pub fn release(&self, subjects: &[&str]) -> Option<Release> {
        let subjects = subjects.iter().map(|&subject| subject.to_owned()).collect();
        self.ask(&NOBODY, "release_for", &ReleaseQuery { subjects }).unwrap()
    }

    /// What happens when goods are to be released: nothing, or code and sentence.
    pub fn released(&self, goods: &[&[&str]]) -> Result<(), (String, String)> {
        let texts = |subjects: &&[&str]| subjects.iter().map(|&subject| subject.to_owned()).collect::<Vec<_>>();
        let goods: Vec<_> = goods.iter().map(texts).collect();
        let answer = self.ask::<_, ()>(&NOBODY, "expect_released", &goods);
        if answer.is_ok() { Ok(()) } else { Err(world::sentence(answer)) }
    }
}

/// A report on these, for nobody else to read, without a finding.
pub fn report(cid: &str, subjects: &[&str]) -> Attach {
    Attach {
        kind: Kind::InspectionReport,
        subtype: None,
        cid: cid.to_owned(),
        identifier: None,
        subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
        finding: None,
        note: None,
        access: Access::default(),
    }
}

/// The same with an outcome of yesterday.
pub fn finds(cid: &str, subjects: &[&str], outcome: Outcome) -> Attach {
    finds_at(cid, subjects, outcome, APRIL_MS - 86_400_000)
}

pub fn finds_at(cid: &str, subjects: &[&str], outcome: Outcome, inspected_ms: u64) -> Attach {
    let conditions = (outcome == Outcome::Conditional).then(|| "Keep below 25 °C.".to_owned());
    let results = vec![result("Assay", Verdict::Pass)];
    let inspector = "Dr. A. Weber".to_owned();
    let finding = Finding { outcome, conditions, inspector, laboratory: None, inspected_ms, results };
    Attach { finding: Some(finding), ..report(cid, subjects) }
}

pub fn result(name: &str, verdict: Verdict) -> TestResult {
    TestResult { name: name.to_owned(), method: None, specification: None, measured: None, verdict }
}

/// Readers by organisation.
pub fn shared_with(organisations: &[&str], roles: &[&str]) -> Access {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Access { everyone: false, organisations: owned(organisations), roles: owned(roles) }
}
