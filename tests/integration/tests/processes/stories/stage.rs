//! What several stories begin with: goods on their way, further organisations, and what every peer says.

use super::say::link;
use crate::common::{Scene, until};
use crate::trace::{Run, done};
use serde_json::{Value, json};
use theriac_client::Network;
use theriac_types::{FunctionName, Height};

pub const MAKER: &str = "9506000100005";
pub const DISTRIBUTOR: &str = "9506010000005";
pub const PHARMACY: &str = "9506030000009";
pub const HOSPITAL: &str = "9506040000006";
pub const SECOND_DISTRIBUTOR: &str = "9506060000000";
/// The maker's site, and the distributor's warehouse.
pub const SITE: &str = "9506000100012";
pub const WAREHOUSE: &str = "9506010000012";

pub const CAPSULES: &str = "09506000134376";
pub const LOT: &str = "LOT24A";
pub const EXPIRY: &str = "2028-05-31";
pub const PALLET: &str = "00/095060000000000015";

/// A pack of capsules, `SN26A00001` for 1.
pub fn pack(number: u32) -> String {
    format!("01/{CAPSULES}/21/SN26A{number:05}")
}

/// A case of them, `CS26A001` for 1.
pub fn case(number: u32) -> String {
    format!("01/19506000134373/21/CS26A{number:03}")
}

/// Does something to several items, as an organisation's operator.
pub fn does(on: Run<'_>, who: &str, deed: &str, items: &[String], more: &[&str]) -> Value {
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    done(on, who, &[&[deed], &items[..], more].concat())
}

pub fn packs(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(pack).collect()
}

/// The maker's birth of some items of a lot, at its site.
pub fn born(on: Run<'_>, items: &[String], lot: &str, expiry: &str) {
    does(on, "maker", "commission", items, &["--lot", lot, "--expiry", expiry, "--at", SITE]);
}

/// Eight packs in two cases on a pallet, at the maker's.
pub fn palletised(on: Run<'_>) {
    born(on, &packs(1..=8), LOT, EXPIRY);
    born(on, &[case(1), case(2)], LOT, EXPIRY);
    done(on, "maker", &["commission", PALLET, "--at", SITE]);
    does(on, "maker", "pack", &packs(1..=4), &["--into", &case(1)]);
    does(on, "maker", "pack", &packs(5..=8), &["--into", &case(2)]);
    does(on, "maker", "pack", &[case(1), case(2)], &["--into", PALLET]);
}

/// The same, received by the distributor, who sends the first case to the pharmacy, where it is opened.
pub fn broken_bulk(on: Run<'_>) {
    palletised(on);
    done(on, "maker", &["ship", PALLET, "--to", DISTRIBUTOR]);
    done(on, "distributor", &["receive", PALLET, "--at", WAREHOUSE]);
    does(on, "distributor", "unpack", &[case(1), case(2)], &["--into", PALLET]);
    done(on, "distributor", &["ship", &case(1), "--to", PHARMACY]);
    done(on, "pharmacy", &["receive", &case(1)]);
    does(on, "pharmacy", "unpack", &packs(1..=4), &["--into", &case(1)]);
}

/// A key for a new member, registered and approved by the first administrator of its organisation.
pub fn hires(on: Run<'_>, organisation: &str, member: &str) {
    let (member, administrator) = (format!("{organisation}/{member}"), format!("{organisation}/admin"));
    let new = on(&["identity", "new", &member]).json();
    let key = new["public_key"].as_str().unwrap();
    on(&["identity", "register", &member, "--key", key, "--as", &administrator]).json();
    on(&["identity", "approve", &member, "--as", &administrator]).json();
    assert_eq!(on(&["identity", "show", &member]).json()["status"], "active");
}

/// An organisation comes to a network that runs: the maker registers it, the distributor approves it, and its own
/// administrator does the rest.
pub fn joins(on: Run<'_>, organisation: &str, role: &str, gln: &str) {
    let new = on(&["identity", "new", &format!("{organisation}/admin")]).json();
    let key = new["public_key"].as_str().unwrap();
    on(&["identity", "register", organisation, "--role", role, "--key", key, "--as", "maker/admin"]).json();
    on(&["identity", "approve", organisation, "--as", "distributor/admin"]).json();
    hires(on, organisation, "operator");
    let numbers = json!({ "glns": [gln], "prefixes": [&gln[..7]], "china_products": [] }).to_string();
    let administrator = format!("{organisation}/admin");
    on(&["tx", "submit", "trace", "register_party", &numbers, "--as", &administrator]).json();
    assert_eq!(on(&["trace", "party", gln]).json()["organisation"], organisation);
}

/// One peer alone, asked by the maker's operator.
pub fn peer(scene: &Scene, index: u16) -> Network {
    scene.network.gateway_to(index, Some("maker/operator")).unwrap().network()
}

/// Waits until every peer has what any of them has now; then all of them have the same block under the same hash, and
/// the same state after it.
pub async fn level(scene: &Scene) -> Height {
    let mut head = Height(0);
    for index in 0..4 {
        head = head.max(peer(scene, index).chain_info().await.unwrap().certified_height());
    }
    let mut blocks = Vec::new();
    for index in 0..4 {
        let peer = peer(scene, index);
        let reached = || async { peer.chain_info().await.is_ok_and(|info| info.certified_height() >= head) };
        until("a peer is level", reached).await;
        blocks.push(peer.block(head, false).await.unwrap().certified.commitment);
    }
    assert!(blocks.windows(2).all(|pair| pair[0] == pair[1]), "{blocks:?}");
    head
}

/// The answer to a question, which every peer answers alike.
pub async fn everywhere(scene: &Scene, function: &str, question: Value) -> Value {
    level(scene).await;
    let function: FunctionName = function.parse().unwrap();
    let mut told = Vec::new();
    for index in 0..4 {
        let contract = peer(scene, index).contract("trace".parse().unwrap());
        told.push(contract.evaluate_json(&function, &question).await.unwrap());
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    told.remove(0)
}

/// State and holder of an item at every peer.
pub async fn held(scene: &Scene, item: &str) -> (String, String) {
    let unit = everywhere(scene, "unit", json!({ "code": link(item) })).await;
    let text = |name: &str| unit[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("holder"))
}

/// As [`held`] tells it.
pub fn so(state: &str, holder: &str) -> (String, String) {
    (state.to_owned(), holder.to_owned())
}

/// The operations in an item's history, as one member reads it.
pub fn operations(on: Run<'_>, item: &str, reader: &str) -> Vec<String> {
    let history = on(&["trace", "history", &link(item), "--as", reader]).json();
    let steps = history["steps"].as_array().unwrap();
    steps.iter().map(|step| step["operation"].as_str().unwrap().to_owned()).collect()
}
