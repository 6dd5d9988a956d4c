//! Story 16, the expired pack, and a change of the undo window while the network runs: what is judged by the ledger's
//! time, on peers that are eight days ahead of the workstation.
//!
//! The peers' time of day is their programs' input (`src/peer_at_another_time.rs`); everything else is as it is in use.

use super::say::{DAY_MS, captured, day, link, not_captured, now_ms, object, undone};
use super::stage::{PHARMACY, born, does, everywhere, held, pack, packs, peer, so};
use crate::common::{Scene, birth};
use crate::trace::{Run, deed, done};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_trace_client::capture;

const TABLETS: &str = "01/09506000134352/21/T1";
/// Longer than the new window, shorter than the old one.
const DAYS: i64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_changes_at_its_height_and_what_was_judged_before_stays_judged() {
    let scene = Scene::up_with(PathBuf::from(env!("CARGO_BIN_EXE_theriac-peer-at-another-time"))).await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let expiry = day(3);
    born(on, &packs(1..=3), "LOT-R", "2032-05-31");
    born(on, &[TABLETS.to_owned()], "LT", &expiry);
    let all = [&packs(1..=3)[..], &[TABLETS.to_owned()]].concat();
    does(on, "maker", "ship", &all, &["--to", PHARMACY]);
    does(on, "pharmacy", "receive", &all, &[]);
    let [first, second] = [1, 2].map(|number| object("OBSERVE", "dispensing", "dispensed", &[&pack(number)]));
    for event in [&first, &second] {
        captured(on, "pharmacy", event);
    }
    days_pass(&scene, DAYS).await;
    story_16_expired_at_the_counter(on, &expiry);
    the_undo_window_changes(&scene, on, &first, &second).await;
}

/// All peers' clocks go forward at once, while they run; the next block says so.
async fn days_pass(scene: &Scene, days: i64) {
    let folder = scene.dir().parent().unwrap();
    let fresh = folder.join("ahead-ms.new");
    std::fs::write(&fresh, (days * DAY_MS).to_string()).unwrap();
    std::fs::rename(fresh, folder.join("ahead-ms")).unwrap();
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let committed = capture(&network, &birth("LATER")).await.unwrap().valid().unwrap();
    let time_ms = committed.certified.certified.commitment.time_ms;
    assert!(
        time_ms >= u64::try_from(now_ms() + days * DAY_MS - DAY_MS / 24).unwrap(),
        "the ledger's time is {time_ms}"
    );
}

/// The workstation's clock is eight days behind, and says that the pack is still good.
fn story_16_expired_at_the_counter(on: Run<'_>, expiry: &str) {
    let error = deed(on, "pharmacy", &["dispense", TABLETS]).error(3);
    assert_eq!(error["reason"], "UNIT_EXPIRED");
    let sentence = format!("{TABLETS}: expired {expiry}. Put it into quarantine and have it destroyed.");
    assert_eq!(error["message"], sentence);
    let unit = on(&["trace", "unit", TABLETS]).json();
    assert_eq!((&unit["state"], &unit["expired"]), (&json!("IN_STOCK"), &json!(true)), "{unit}");
    let answer = on(&["trace", "verify", TABLETS]).json();
    assert_eq!((&answer["verified"], &answer["additional_info"]), (&json!(true), &json!("Expired")), "{answer}");
}

async fn the_undo_window_changes(scene: &Scene, on: Run<'_>, first: &Value, second: &Value) {
    let from = proposed_and_approved(scene, on).await;
    // Everybody has agreed, and the old rules judge up to their last height.
    let undo = captured(on, "pharmacy", &undone(first.clone()));
    assert_eq!(undo["operation"], "undo");
    assert!(undo["height"].as_u64().unwrap() < from, "{undo} before {from}");
    assert_eq!(held(scene, &pack(1)).await, so("IN_STOCK", PHARMACY));
    come_to(scene, from).await;
    let status = on(&["chaincode", "activate", "rules"]).json();
    assert_eq!((&status["active_sequence"], &status["active_since"]), (&json!(2), &json!(from)), "{status}");
    for index in 0..4 {
        let function = "current".parse().unwrap();
        let rules = peer(scene, index).contract("rules".parse().unwrap());
        let rules = rules.evaluate_json(&function, &Value::Null).await.unwrap();
        assert_eq!((&rules["version"], &rules["undo_days"]), (&json!("2"), &json!(7)), "peer {index}");
    }
    // The same deed of the same age is judged by the new rules.
    let refused = not_captured(on, "pharmacy", &undone(second.clone()));
    assert_eq!(refused["reason"], "UNDO_WINDOW_EXPIRED", "{refused}");
    let sentence = format!("{}: dispensing lies longer back than 7 days. Open a case instead.", pack(2));
    assert_eq!(refused["message"], sentence);
    assert!(refused["details"]["height"].as_u64().unwrap() >= from, "{refused}");
    assert_eq!(held(scene, &pack(2)).await, so("DISPENSED", PHARMACY));
    let third = object("OBSERVE", "dispensing", "dispensed", &[&pack(3)]);
    captured(on, "pharmacy", &third);
    captured(on, "pharmacy", &undone(third));
    which_rules_judged(scene, on, &undo, &refused).await;
}

/// The new rules are agreed on, for a height that is not there yet.
async fn proposed_and_approved(scene: &Scene, on: Run<'_>) -> u64 {
    const BLOCKS: u64 = 20;
    let package = scene.dir().join("rules.wasm");
    std::fs::write(&package, theriac_test_artifacts::RULES_SECOND).unwrap();
    let from = peer(scene, 0).chain_info().await.unwrap().certified_height().0 + BLOCKS;
    let (path, height) = (package.display().to_string(), from.to_string());
    let proposal = ["--label", "2", "--from", &height, "--reason", "seven days", "--as", "maker/admin"];
    on(&[&["chaincode", "deploy", "rules", &path], &proposal[..]].concat()).json();
    on(&["chaincode", "approve", "rules", "--as", "distributor/admin"]).json();
    let decided = on(&["chaincode", "approve", "rules", "--as", "pharmacy/admin"]).json();
    assert_eq!((&decided["decided"], &decided["in_force_from"]), (&json!(true), &json!(from)), "{decided}");
    let current = on(&["tx", "evaluate", "rules", "current", "null"]).json();
    assert_eq!((&current["version"], &current["undo_days"]), (&json!("1"), &json!(10)), "not yet: {current}");
    from
}

/// Life goes on until the ledger has come to a height.
async fn come_to(scene: &Scene, height: u64) {
    let network = scene.network.gateway("maker/operator").unwrap().network();
    for number in 0.. {
        let committed = capture(&network, &birth(&format!("ON{number}"))).await.unwrap().valid().unwrap();
        if committed.height().0 >= height {
            return;
        }
    }
}

/// The history of each pack, and the proof of each transaction, name the version of the rules.
async fn which_rules_judged(scene: &Scene, on: Run<'_>, undo: &Value, refused: &Value) {
    let before = [("commission", "1"), ("ship", "1"), ("receive", "1")];
    let rows: [(u32, &[(&str, &str)]); 3] =
        [(1, &[("dispense", "1"), ("undo", "1")]), (2, &[("dispense", "1")]), (3, &[("dispense", "2"), ("undo", "2")])];
    for (number, since) in rows {
        let history = everywhere(scene, "history", json!({ "code": link(&pack(number)) })).await;
        let text = |step: &Value, name: &str| step[name].as_str().unwrap_or_default().to_owned();
        let steps = history["steps"].as_array().unwrap();
        let judged: Vec<_> = steps.iter().map(|step| (text(step, "operation"), text(step, "rules"))).collect();
        let expected = [&before[..], since].concat();
        let expected: Vec<_> = expected.into_iter().map(|(deed, rules)| (deed.to_owned(), rules.to_owned())).collect();
        assert_eq!(judged, expected, "pack {number}");
    }
    for (transaction, sequence, label) in [(&undo["transaction"], 1, None), (&refused["transaction_id"], 2, Some("2"))]
    {
        let judges = on(&["tx", "rules", transaction.as_str().unwrap()]).json();
        let rules = judges["versions"].as_array().unwrap().iter().find(|version| version["chaincode"] == "rules");
        let rules = rules.unwrap();
        assert_eq!(rules["sequence"], sequence, "{judges}");
        assert!(label.is_none_or(|label| rules["label"] == label), "{rules}");
    }
    let lots = on(&["trace", "lot", "09506000134376", "LOT-R"]).json();
    assert_eq!((&lots["total"]["in_stock"], &lots["total"]["dispensed"]), (&json!(2), &json!(1)), "{lots}");
    done(on, "pharmacy", &["dispense", &pack(1)]);
}
