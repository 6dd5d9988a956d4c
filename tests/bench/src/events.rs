//! What the events of a pallet cost: gas, and time in a block of their own, without its writing.

use crate::chain::{ADMINISTRATOR as MAKER, Chain, event, key};
use crate::quartile_us;
use serde_json::{Value, json};
use theriac_ledger::system::identity::{ApproveOrganisation, RegisterOrganisation};
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{List, Role};

pub const PHARMACY: &str = "pharmacy/admin";
const ROUNDS: usize = 24;
/// Cases of a pallet, and packs of a case.
const TEN: usize = 10;
/// About as many as one transaction can give birth to.
const MANY: usize = 500;
const PALLET: &str = "https://id.gs1.org/00/095060000000000015";

pub fn print() {
    let mut chain = Chain::start();
    admit_pharmacy(&mut chain);
    let (made, sold) = (site("9506000100012"), site("9506030000016"));
    let mut play = |what: &str, member: &str, fields: Value| measure(&mut chain, what, member, fields);

    play("commissioning a pack", MAKER, born(&packs("ONE", 1), &made));
    play("commissioning 10 packs", MAKER, born(&packs("TEN", TEN), &made));
    play("commissioning 100 packs", MAKER, born(&packs("HUNDRED", TEN * TEN), &made));
    play("commissioning 500 packs", MAKER, born(&packs("MANY", MANY), &made));
    let cases: Vec<String> = (0..TEN).map(case).collect();
    play("commissioning 10 cases", MAKER, born(&cases, &made));
    play("commissioning a pallet", MAKER, born(&[PALLET.to_owned()], &made));
    for (number, case) in cases.iter().enumerate() {
        let packs = packs(&format!("C{number}"), TEN);
        play("commissioning 10 packs more", MAKER, born(&packs, &made));
        play("packing 10 packs into a case", MAKER, packed("ADD", case, &packs, &made));
    }
    play("packing 10 cases onto a pallet", MAKER, packed("ADD", PALLET, &cases, &made));
    play("shipping the pallet of 100 packs", MAKER, moved("shipping", "in_transit", &made));
    play("receiving it", PHARMACY, moved("receiving", "in_progress", &sold));
    play("unpacking the pallet", PHARMACY, packed("DELETE", PALLET, &cases, &sold));
    play("unpacking a case", PHARMACY, packed("DELETE", &cases[0], &packs("C0", TEN), &sold));
    play("dispensing a pack", PHARMACY, dispensed(&packs("C0", 1), &sold));
}

/// Judges the event often and writes it once.
fn measure(chain: &mut Chain, what: &str, member: &str, fields: Value) {
    let transaction = chain.capture(member, event(fields));
    let time = quartile_us(ROUNDS, |_| drop(chain.execute(vec![transaction.clone()])));
    let outcome = chain.execute(vec![transaction]);
    chain.apply(&outcome);
    let used = outcome.receipts[0].used;
    let of_budget = (used.gas * 100 / TRANSACTION_BUDGET.gas).max(used.host_gas * 100 / TRANSACTION_BUDGET.host_gas);
    println!(
        "{what:<34} {:>11} gas {:>11} host gas {of_budget:>3} % of the budget {time:>10.1} us",
        used.gas, used.host_gas
    );
}

pub fn admit_pharmacy(chain: &mut Chain) {
    let id = || "pharmacy".parse().unwrap();
    let register = RegisterOrganisation {
        id: id(),
        roles: List::new(vec![Role::Pharmacy]).unwrap(),
        administrator: "admin".parse().unwrap(),
        key: key(PHARMACY).public_key(),
    };
    let register = chain.transaction("_identity", "register_organisation", &register);
    let approve = chain.transaction("_identity", "approve_organisation", &ApproveOrganisation { id: id() });
    chain.commit(vec![register, approve]);
    chain.register_party(PHARMACY, "9506030000009", "9506030");
}

pub fn packs(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("https://id.gs1.org/01/09506000134376/21/{name}{number:04}")).collect()
}

pub fn case(number: usize) -> String {
    format!("https://id.gs1.org/01/19506000134373/21/CASE{number:04}")
}

pub fn site(gln: &str) -> Value {
    json!({ "id": format!("https://id.gs1.org/414/{gln}") })
}

pub fn born(items: &[String], site: &Value) -> Value {
    let master_data = json!({ "cbvmda:lotNumber": "BENCH1", "cbvmda:itemExpirationDate": "2032-05-31" });
    let mut event = json!({
        "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "disposition": "active",
        "epcList": items, "readPoint": site, "bizLocation": site,
    });
    if items[0] != PALLET {
        event["ilmd"] = master_data;
    }
    event
}

pub fn packed(action: &str, parent: &str, children: &[String], site: &Value) -> Value {
    let step = if action == "ADD" { "packing" } else { "unpacking" };
    json!({
        "type": "AggregationEvent", "action": action, "bizStep": step, "disposition": "in_progress",
        "parentID": parent, "childEPCs": children, "readPoint": site, "bizLocation": site,
    })
}

/// The pallet leaves the maker, or arrives at the pharmacy.
pub fn moved(step: &str, disposition: &str, site: &Value) -> Value {
    json!({
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "disposition": disposition,
        "epcList": [PALLET], "readPoint": site,
        "bizTransactionList": [{ "type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:9506000100005:DA-1" }],
        "sourceList": [{ "type": "owning_party", "source": "https://id.gs1.org/417/9506000100005" }],
        "destinationList": [{ "type": "owning_party", "destination": "https://id.gs1.org/417/9506030000009" }],
    })
}

pub fn dispensed(items: &[String], site: &Value) -> Value {
    json!({
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "dispensing", "disposition": "dispensed",
        "epcList": items, "readPoint": site, "bizLocation": site,
    })
}
