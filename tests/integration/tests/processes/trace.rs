//! Medicines traced by command on a network of four peers: a published scenario, the stories of people, a change of
//! the rules while it runs.

use crate::common::{Ran, Scene};
use serde_json::{Value, json};
use std::path::PathBuf;

const UNIT: &str = "(01)09506000134376(21)SN26B00001";
const OTHER: &str = "(01)09506000134376(21)SN26B00002";
const CASE: &str = "(01)19506000134373(21)CS26B001";
const DISTRIBUTOR: &str = "9506010000005";
const PHARMACY: &str = "9506030000009";

pub type Run<'a> = &'a dyn Fn(&[&str]) -> Ran;

/// `theriac trace do …`, as an organisation's operator.
pub fn deed(on: Run<'_>, who: &str, words: &[&str]) -> Ran {
    let signer = format!("{who}/operator");
    on(&[&["trace", "do"], words, &["--as", &signer]].concat())
}

pub fn done(on: Run<'_>, who: &str, words: &[&str]) -> Value {
    deed(on, who, words).json()
}

/// The code and the sentence with which it is refused.
pub fn refused(on: Run<'_>, who: &str, words: &[&str]) -> (String, String) {
    let error = deed(on, who, words).error(3);
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("reason"), text("message"))
}

pub fn state_of(on: Run<'_>, code: &str) -> Value {
    on(&["trace", "unit", code]).json()
}

fn born(on: Run<'_>, codes: &[&str], lot: &str) {
    let words = [&["commission"], codes, &["--lot", lot, "--expiry", "2032-05-31"]].concat();
    done(on, "maker", &words);
}

#[tokio::test]
async fn people_hand_over_open_dispense_and_are_refused_in_words() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    born(on, &[UNIT, OTHER, CASE], "LOT26B");
    done(on, "maker", &["pack", UNIT, OTHER, "--into", CASE]);
    let tree = on(&["trace", "unit", CASE, "--contents"]).json();
    assert_eq!(tree["contents"].as_array().map(Vec::len), Some(2), "{tree}");

    let shipped = done(on, "maker", &["ship", CASE, "--to", PHARMACY]);
    assert_eq!((&shipped["outcome"], &shipped["operation"]), (&json!("VALID"), &json!("ship")));
    let (code, sentence) = refused(on, "distributor", &["receive", CASE]);
    assert_eq!(code, "WRONG_CONSIGNEE");
    assert!(sentence.contains(&format!("addressed to {PHARMACY}, not to {DISTRIBUTOR}")), "{sentence}");
    // One of two packs is scanned: the other is missing until it is found.
    let partial = done(on, "pharmacy", &["receive", UNIT, "--at", PHARMACY]);
    assert_eq!(partial["remarks"], json!(["QTY_SHORT"]), "{partial}");
    assert!(partial["messages"][0].as_str().unwrap().contains("21/SN26B00002"), "{partial}");
    let case = partial["case"].as_str().unwrap();
    assert_eq!(on(&["trace", "case", "show", case]).json()["case"]["state"], "Open");
    let lot = on(&["trace", "lot", "09506000134376", "LOT26B"]).json();
    assert_eq!((&lot["unaccounted"], &lot["balanced"]), (&json!(1), &json!(false)), "{lot}");
    done(on, "pharmacy", &["receive", OTHER]);
    assert_eq!(on(&["trace", "case", "show", case]).json()["case"]["state"], "Settled");
    assert_eq!(on(&["trace", "lot", "09506000134376", "LOT26B"]).json()["balanced"], true);
    assert_eq!(refused(on, "pharmacy", &["receive", OTHER]).0, "DOUBLE_RECEIPT");

    done(on, "pharmacy", &["unpack", UNIT, "--into", CASE]);
    done(on, "pharmacy", &["dispense", UNIT]);
    assert_eq!(state_of(on, UNIT)["state"], "DISPENSED");
    assert_eq!(refused(on, "pharmacy", &["dispense", UNIT]).0, "UNIT_TERMINAL");
    let lot = ["--lot", "09506000134376/LOT26B", "--reason", "glass", "--class", "1", "--as", "maker/operator"];
    on(&[&["trace", "recall", "start", "R-26-1"], &lot[..]].concat()).json();
    let (code, sentence) = refused(on, "pharmacy", &["dispense", OTHER]);
    assert_eq!(code, "UNIT_RECALLED");
    assert!(sentence.contains("recall R-26-1"), "{sentence}");
    let recall = on(&["trace", "recall", "show", "R-26-1"]).json();
    assert_eq!((&recall["total"]["in_stock"], &recall["total"]["dispensed"]), (&json!(1), &json!(1)), "{recall}");
    let answer = on(&["trace", "verify", OTHER]).json();
    assert_eq!((&answer["verified"], &answer["additional_info"]), (&json!(true), &json!("Recalled")));
    what_happened_is_found(on);
}

/// The events of the story, by unit, lot, step and party, page for page, and as a document.
fn what_happened_is_found(on: Run<'_>) {
    let history = on(&["trace", "history", UNIT]).json();
    let steps = history["steps"].as_array().unwrap();
    let operations: Vec<&str> = steps.iter().filter_map(|step| step["operation"].as_str()).collect();
    assert_eq!(operations, ["commission", "pack", "ship", "receive", "unpack", "dispense"]);
    assert!(steps.iter().all(|step| step["rules"] == "1"), "{history}");
    let found = |more: &[&str]| on(&[&["trace", "events"], more].concat()).json().as_array().map_or(0, Vec::len);
    assert_eq!(found(&["--step", "receiving"]), 2);
    assert_eq!(found(&["--party", DISTRIBUTOR]), 0, "what was refused is no event");
    assert_eq!(found(&["--lot", "01/09506000134376/10/LOT26B", "--operation", "dispense"]), 1);
    let document = on(&["trace", "events", "--item", UNIT, "--epcis"]);
    let read = theriac_epcis::parse(document.stdout.as_bytes()).unwrap();
    assert_eq!(read.events.len(), 6, "six events, each once");
    let event = on(&["trace", "event", steps[5]["event"].as_str().unwrap()]).json();
    assert_eq!(event["event"]["bizStep"], "dispensing", "{event}");
}

/// The README's part on medicines, typed as it stands there.
#[tokio::test]
async fn the_readme_on_medicines_does_what_it_says() {
    let scene = Scene::up().await;
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let part = text.split("### Medicines").nth(1).unwrap().split("\n### ").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(crate::common::binary(), folder.path().join("theriac")).unwrap();
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut typed = 0;
    for line in part.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let line = line.replace("/tmp/", &format!("{}/", folder.path().display()));
        let mut bash = std::process::Command::new("bash");
        let output = bash.args(["-c", &line]).env("PATH", &search).env("THERIAC_DIR", scene.dir()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let expected = if line.contains("# DOUBLE_RECEIPT") { 3 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{line}\n{stderr}");
        assert_eq!(stderr.contains("DOUBLE_RECEIPT"), expected == 3, "{line}\n{stderr}");
        typed += 1;
    }
    assert!(typed >= 12, "{typed} commands");
}

#[tokio::test]
async fn a_rule_changes_while_the_network_runs() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    born(on, &[UNIT], "LOT26B");
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("rules.wasm");
    std::fs::write(&package, theriac_test_artifacts::RULES_SECOND).unwrap();
    let package = package.display().to_string();
    assert_eq!(on(&["tx", "evaluate", "rules", "current", "null"]).json()["undo_days"], 10);
    on(&["chaincode", "deploy", "rules", &package, "--label", "2", "--as", "maker/admin"]).json();
    for who in ["distributor/admin", "pharmacy/admin"] {
        on(&["chaincode", "approve", "rules", "--as", who]).json();
    }
    on(&["chaincode", "activate", "rules"]).json();
    assert_eq!(on(&["tx", "evaluate", "rules", "current", "null"]).json()["undo_days"], 7);
    done(on, "maker", &["ship", UNIT, "--to", PHARMACY]);
    let history = on(&["trace", "history", UNIT]).json();
    let judged: Vec<(&str, &str)> = history["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["operation"].as_str().unwrap(), step["rules"].as_str().unwrap()))
        .collect();
    assert_eq!(judged, [("commission", "1"), ("ship", "2")]);
}

#[tokio::test]
async fn the_published_scenario_ends_in_its_states_on_every_peer() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return;
    };
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let file = folder.join("own-scenarios/scenario_A_happy_path.jsonld").display().to_string();
    let captured = on(&["trace", "capture", &file]).json();
    assert!(captured.as_array().unwrap().iter().all(|event| event["outcome"] == "VALID"), "{captured}");
    let again = on(&["trace", "capture", &file]).json();
    assert!(again.as_array().unwrap().iter().all(|event| event["outcome"] == "CAPTURED BEFORE"), "{again}");
    let expected = std::fs::read(folder.join("own-scenarios/scenario_A_expected_states.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for peer in 0..4 {
        let gateway = scene.network.gateway_to(peer, Some("maker/operator")).unwrap();
        let trace = theriac_trace_client::Trace::new(&gateway.network());
        for group in ["units", "cases", "logistic"] {
            for (code, wanted) in expected[group].as_object().unwrap() {
                let unit = trace.unit(code).await.unwrap();
                assert_eq!(Some(unit.state.as_str()), wanted["state"].as_str(), "{code} at peer {peer}");
                assert_eq!(Some(unit.holder.as_str()), wanted["holder"].as_str(), "{code} at peer {peer}");
                if let Some(parent) = wanted.get("parent") {
                    assert_eq!(unit.parent.as_deref(), parent.as_str(), "{code} at peer {peer}");
                }
                if let Some(children) = wanted.get("children") {
                    assert_eq!(Some(u64::from(unit.children)), children.as_u64(), "{code} at peer {peer}");
                }
            }
        }
    }
    let lot = on(&["trace", "lot", "09506000134376", "LOT24A"]).json();
    let wanted = &expected["reconciliation"];
    for name in ["dispensed", "destroyed", "in_stock", "in_transit"] {
        assert_eq!(lot["total"][name], wanted[name], "{name}");
    }
    assert_eq!((&lot["commissioned"], &lot["unaccounted"]), (&wanted["commissioned"], &wanted["unaccounted"]));
}
