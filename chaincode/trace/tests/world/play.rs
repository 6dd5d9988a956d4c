//! What the parties do on the ledger, and what they ask it.

use super::say::Say;
use super::{Party, World, cast, sentence};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_chaincode::Failure;
use theriac_trace::trace::Chaincode;
use theriac_trace::{
    Captured, CasePage, CaseView, LotQuery, LotView, NumberQuery, OpenCaseQuery, StockQuery, StockView,
};

impl World {
    /// Moves the clock of the ledger.
    pub fn wait_hours(&self, hours: u64) {
        self.time_ms.set(self.time_ms.get() + hours * 60 * 60 * 1000);
    }

    /// Captures one event, which is taken.
    pub fn does(&self, party: &Party, event: Say) -> Captured {
        let shown = format!("{event:?}");
        self.capture(party, &[event.0]).unwrap_or_else(|failure| unreachable!("{}: {failure:?}: {shown}", party.name))
    }

    /// Captures one event that others sign too.
    pub fn does_with(&self, party: &Party, others: &[&Party], event: Say) -> Result<Captured, Failure> {
        self.host.set_cosigners(others.iter().map(|other| other.caller("quality")).collect());
        let result = self.capture(party, &[event.0]);
        self.host.set_cosigners(Vec::new());
        result
    }

    /// Captures one event, which is refused and leaves every byte as it was; gives code and sentence.
    pub fn refuses(&self, party: &Party, event: Say) -> (String, String) {
        let before = self.host.state();
        let shown = format!("{event:?}");
        let Err(failure) = self.capture(party, &[event.0]) else { unreachable!("{} was allowed: {shown}", party.name) };
        assert_eq!(self.host.state(), before, "a refused event changes nothing: {shown}");
        sentence::<()>(Err(failure))
    }

    /// The same, only the code.
    pub fn refused(&self, party: &Party, event: Say) -> String {
        self.refuses(party, event).0
    }

    /// Calls another function than `capture`, for a party.
    pub fn call<A: BorshSerialize, R: BorshDeserialize>(
        &self,
        party: &Party,
        name: &str,
        argument: &A,
    ) -> Result<R, Failure> {
        self.as_party(party);
        let before = self.host.state();
        let result = self.host.submit::<Chaincode, _, _>(name, argument);
        assert!(result.is_ok() || self.host.state() == before, "a refused call changes nothing");
        result
    }

    /// Asks a query that has an answer.
    pub fn ask<A: BorshSerialize, R: BorshDeserialize>(&self, name: &str, argument: &A) -> R {
        self.host
            .evaluate::<Chaincode, _, _>(name, argument)
            .unwrap_or_else(|failure| unreachable!("{name}: {failure:?}"))
    }

    pub fn lot(&self, gtin: &str, lot: &str) -> LotView {
        self.ask("lot", &LotQuery { gtin: gtin.to_owned(), lot: lot.to_owned() })
    }

    pub fn stock_of(&self, party: &Party) -> Vec<StockView> {
        let query = StockQuery { holder: Some(party.gln.to_owned()), site: None, after: None };
        self.ask::<_, theriac_trace::StockPage>("stock", &query).rows
    }

    pub fn case(&self, number: &str) -> CaseView {
        self.ask("case", &NumberQuery { number: number.to_owned() })
    }

    /// All cases that nobody has settled, page by page.
    pub fn open_cases(&self) -> Vec<CaseView> {
        let (mut cases, mut query) = (Vec::new(), OpenCaseQuery::default());
        loop {
            let page: CasePage = self.ask("open_cases", &query);
            cases.extend(page.cases);
            query.after = page.next;
            if query.after.is_none() {
                return cases;
            }
        }
    }

    pub fn state_of(&self, item: &str) -> String {
        self.unit(item).unwrap().state
    }

    /// Who has an item, in which state.
    pub fn held(&self, item: &str) -> (String, String) {
        let view = self.unit(item).unwrap();
        (view.holder, view.state)
    }

    /// The topics of what the last transaction announced.
    pub fn topics(&self) -> Vec<String> {
        self.host.events().into_iter().map(|(topic, _)| topic).collect()
    }

    /// Sets what a product bears.
    pub fn bears(&self, gtin: &str, limits: theriac_domain::cold_chain::Limits) {
        let rules = self.host.connected("rules").unwrap();
        rules.set_caller(cast::REG.name, "clerk", &[cast::REG.role]);
        let wanted = theriac_rules::SetLimits { gtin: gtin.to_owned(), limits };
        let _: theriac_domain::rules::ProductLimits =
            rules.submit::<theriac_rules::rules::Chaincode, _, _>("set_product_limits", &wanted).unwrap();
        self.host.connect::<theriac_rules::rules::Chaincode>("rules", rules);
    }

    /// Sets how many hours goods may be on their way between two parties.
    pub fn lane(&self, from: &Party, to: &Party, hours: u32) {
        let rules = self.host.connected("rules").unwrap();
        rules.set_caller(cast::REG.name, "clerk", &[cast::REG.role]);
        let wanted = theriac_rules::Lane { from: from.gln.to_owned(), to: to.gln.to_owned(), hours };
        let _: theriac_rules::LaneEntry =
            rules.submit::<theriac_rules::rules::Chaincode, _, _>("set_lane", &wanted).unwrap();
        self.host.connect::<theriac_rules::rules::Chaincode>("rules", rules);
    }
}
