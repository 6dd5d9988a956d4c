//! The past of a running network: executed again, judged by other rules, and told to whoever asks.

use crate::common::{Ran, Scene};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../network/fixtures").join(name);
    path.canonicalize().unwrap().display().to_string()
}

/// The trace chaincode with one rule that refuses under another code.
fn changed_rule(folder: &Path) -> PathBuf {
    let (old, new) = (b"UNIT_DUPLICATE_COMMISSION", b"UNIT_COMMISSIONED_ALREADY");
    let mut module = theriac_artifacts::TRACE.to_vec();
    let places: Vec<usize> = (0..module.len() - old.len()).filter(|at| module[*at..].starts_with(old)).collect();
    assert!(!places.is_empty());
    for at in places {
        module[at..at + old.len()].copy_from_slice(new);
    }
    let path = folder.join("changed.wasm");
    std::fs::write(&path, module).unwrap();
    path
}

#[tokio::test]
async fn the_past_is_replayed_and_a_changed_rule_is_found_before_it_rules() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let on = |arguments: &[&str]| scene.run(arguments);
    on(&["trace", "capture", &fixture("life.jsonld")]).json();
    let duplicate = fixture("refused/duplicate-commission.jsonld");
    let refused = on(&["trace", "capture", &duplicate, "--as", "maker/operator"]).error(3);
    let id = refused["transaction_id"].as_str().unwrap();
    replays_agree(&on, id);
    rules_are_compared(&on, id, &changed_rule(folder.path()));
    rules_are_proven(&on, id, folder.path());
}

/// The answer to "which rules judged this, and who approved them?", and the file that proves it.
fn rules_are_proven(on: &dyn Fn(&[&str]) -> Ran, id: &str, folder: &Path) {
    let file = folder.join("case.dossier");
    let path = file.display().to_string();
    let rules = on(&["tx", "rules", id, "--out", &path]).json();
    assert_eq!((&rules["transaction"], &rules["outcome"]), (&json!(id), &json!("CHAINCODE_REJECTED")));
    // The chaincode that was called, and the one that it asked.
    let versions = rules["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2, "{rules}");
    for (name, version) in ["trace", "rules"].iter().zip(versions) {
        assert_eq!((&version["chaincode"], &version["sequence"]), (&json!(name), &json!(1)));
        let approved = version["approved_by"].as_array().unwrap();
        assert!(approved.len() >= 2 && approved.contains(&version["proposed_by"]), "a majority did: {version}");
        let steps = version["steps"].as_array().unwrap();
        assert!(steps[0]["what"].as_str().unwrap().starts_with("uploaded package"), "{version}");
        assert_eq!(steps[0]["by"], version["uploaded_by"]);
        let history = on(&["chaincode", "history", name]).json();
        let told = |rows: &[Value]| rows.iter().map(|row| row["what"].clone()).collect::<Vec<_>>();
        assert_eq!(told(history.as_array().unwrap()), told(steps), "one version, one history");
    }
    let verified = on(&["verify", &path]).json();
    assert_eq!(verified, rules);
    let good = std::fs::read(&file).unwrap();
    for position in (0..good.len()).step_by(good.len() / 40) {
        let mut changed = good.clone();
        changed[position] ^= 1;
        std::fs::write(&file, changed).unwrap();
        let refused = on(&["verify", &path]).error(8);
        let broken = ["DOSSIER_BROKEN", "DOSSIER_UNKNOWN"].contains(&refused["reason"].as_str().unwrap());
        assert!(broken, "byte {position}: {refused}");
    }
}

fn replays_agree(on: &dyn Fn(&[&str]) -> Ran, refused: &str) {
    let replayed = on(&["tx", "replay", refused, "--trace"]).json();
    assert_eq!((&replayed["same"], &replayed["outcome"]), (&json!(true), &json!("CHAINCODE_REJECTED")), "{replayed}");
    assert_eq!(replayed["code"], "UNIT_DUPLICATE_COMMISSION");
    assert_eq!(replayed["writes"], json!([]), "it was refused");
    let steps = replayed["trace"].as_array().unwrap();
    assert_eq!((&steps[0]["operation"], &steps[0]["depth"]), (&json!("run"), &json!(0)));
    assert!(steps.iter().any(|step| step["depth"] == 1), "it read before it refused: {steps:?}");
    // Every peer says the same of a transaction that took effect, whatever the state is now.
    let events = on(&["events", "watch", "--from", "1", "--chaincode", "trace", "--count", "1"]);
    let first: Value = serde_json::from_str(events.stdout.lines().next().unwrap()).unwrap();
    let id = first["transaction"].as_str().unwrap();
    let told: Vec<Value> = (0..4)
        .map(|peer| {
            let mut told = on(&["tx", "replay", id, "--trace", "--peer", &peer.to_string()]).json();
            assert_eq!(told["same"], true, "{told}");
            assert!(!told["writes"].as_array().unwrap().is_empty());
            told.as_object_mut().unwrap().remove("peer");
            told
        })
        .collect();
    assert!(told.iter().all(|one| *one == told[0]));
    let nothing = "00".repeat(32);
    assert_eq!(on(&["tx", "replay", &nothing]).error(6)["reason"], "TRANSACTION_UNKNOWN");
}

fn rules_are_compared(on: &dyn Fn(&[&str]) -> Ran, refused: &str, changed: &Path) {
    let path = changed.display().to_string();
    let same = on(&["chaincode", "dry-run", "trace", "--sequence", "1", "--blocks", "100"]).json();
    assert_eq!((&same["changed"], &same["cheaper"], &same["dearer"]), (&json!([]), &json!(0), &json!(0)), "{same}");
    assert!(same["transactions"].as_u64().unwrap() > 1);
    let run = on(&["chaincode", "dry-run", "trace", &path, "--blocks", "100"]).json();
    assert_eq!(run["transactions"], same["transactions"]);
    let [one] = &run["changed"].as_array().unwrap()[..] else { unreachable!("one transaction: {run}") };
    assert_eq!(one["id"], refused);
    assert_eq!(one["differs_in"][0], "code");
    let codes = (&one["old"]["code"], &one["new"]["code"]);
    assert_eq!(codes, (&json!("UNIT_DUPLICATE_COMMISSION"), &json!("UNIT_COMMISSIONED_ALREADY")));
    let diff = on(&["chaincode", "diff", "trace", "--from", "1", "--to", "1"]).json();
    assert_eq!((&diff["changes"], &diff["breaking"]), (&json!([]), &json!(false)));
    let diff = on(&["chaincode", "diff", "trace", &path]).json();
    assert_eq!(diff["breaking"], false, "{diff}");
    assert_ne!(diff["from"]["package"], diff["to"]["package"]);
    let other = changed.with_extension("txt");
    std::fs::write(&other, b"no package").unwrap();
    let none = on(&["chaincode", "dry-run", "trace", &other.display().to_string()]);
    assert_eq!(none.error(2)["reason"], "PACKAGE_REFUSED");
}
