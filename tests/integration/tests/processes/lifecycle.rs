//! Organisations decide about chaincode by command: policies, approvals, co-signed transactions, the way back.

use crate::common::{Ran, Scene};
use serde_json::{Value, json};

#[tokio::test]
async fn organisations_decide_what_runs_and_sign_together() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let package = file("entries.wasm", theriac_test_artifacts::KEY_VALUE);
    let second = file("second.wasm", theriac_test_artifacts::KEY_VALUE_SECOND);
    let on = |arguments: &[&str]| scene.run(arguments);
    a_definition_is_proposed_and_approved(&on, &package);
    a_transaction_goes_from_signer_to_signer(&on, &folder.path().join("set.json").display().to_string());
    it_is_frozen_and_thawed(&on);
    the_data_follows_there_and_back(&on, &second);
    the_policy_changes(&on);
}

fn a_definition_is_proposed_and_approved(on: &dyn Fn(&[&str]) -> Ran, package: &str) {
    let wrong = on(&["chaincode", "deploy", "entries", package, "--policy", "maker and and carrier"]).error(2);
    assert_eq!(wrong["reason"], "POLICY_SYNTAX");
    let policy = "set=maker and 1 of (carrier, role:regulator)";
    let deploy = ["chaincode", "deploy", "entries", package, "--function", policy, "--as", "maker/admin"];
    let proposed = on(&deploy).json();
    assert_eq!((&proposed["decided"], &proposed["approved"]), (&json!(false), &json!(["maker"])));
    assert!(proposed["missing"].as_str().unwrap().starts_with("needs 2 more of"), "{proposed}");
    let next = proposed["next"][0].as_str().unwrap();
    assert_eq!(next, "theriac chaincode approve entries --sequence 1 --as carrier/admin");
    assert_eq!(on(&["chaincode", "activate", "entries", "--seconds", "1"]).error(4)["reason"], "APPROVALS_MISSING");
    for line in [next, proposed["next"][1].as_str().unwrap()] {
        let typed: Vec<&str> = line.split(' ').skip(1).collect();
        on(&typed).json();
    }
    let active = on(&["chaincode", "activate", "entries"]).json();
    assert_eq!(active["active_sequence"], 1);
    let status = on(&["chaincode", "status", "entries"]).json();
    assert_eq!(status["rules"]["functions"]["set"], "maker and 1 of (carrier, role:regulator)", "{status}");
}

fn a_transaction_goes_from_signer_to_signer(on: &dyn Fn(&[&str]) -> Ran, file: &str) {
    let call = ["entries", "set", r#"{"key":"a","value":"1"}"#];
    let submit = |more: &[&str]| on(&[&["tx", "submit"], &call[..], more].concat());
    let alone = submit(&["--as", "maker/operator"]).error(5);
    assert_eq!(alone["reason"], "POLICY_UNSATISFIED");
    let sentence = alone["message"].as_str().unwrap();
    assert!(sentence.contains("needs carrier or an organisation with role regulator"), "{sentence}");
    let together = submit(&["--as", "maker/operator", "--cosign", "regulator/admin"]).json();
    assert_eq!((&together["outcome"], &together["result"]), (&json!("VALID"), &Value::Null));
    let prepared = on(&[&["tx", "prepare"], &call[..], &["--as", "maker/operator"]].concat());
    assert_eq!(prepared.code, Some(0), "{prepared:?}");
    std::fs::write(file, &prepared.stdout).unwrap();
    assert_eq!(on(&["tx", "send", file]).error(2)["reason"], "INVALID_REQUEST");
    let first = on(&["tx", "sign", file, "--as", "carrier/operator"]).json();
    assert_eq!((&first["missing"], &first["argument"]["value"]), (&json!("needs maker"), &json!("1")), "{first}");
    let second = on(&["tx", "sign", file, "--as", "maker/operator"]).json();
    assert_eq!(second["missing"], Value::Null, "{second}");
    assert_eq!(on(&["tx", "send", file]).json()["outcome"], "VALID");
    assert_eq!(on(&["tx", "evaluate", "entries", "read", r#""a""#]).json(), "1");
}

fn it_is_frozen_and_thawed(on: &dyn Fn(&[&str]) -> Ran) {
    on(&["chaincode", "freeze", "entries", "--reason", "look at it", "--as", "regulator/admin"]).json();
    let call = ["tx", "submit", "entries", "set", r#"{"key":"a","value":"2"}"#, "--as", "maker/operator"];
    assert_eq!(on(&call).error(4)["reason"], "FROZEN");
    for organisation in ["maker", "carrier", "pharmacy"] {
        let administrator = format!("{organisation}/admin");
        on(&["chaincode", "unfreeze", "entries", "--reason", "it is well", "--as", &administrator]).json();
    }
    assert_eq!(on(&call).error(5)["reason"], "POLICY_UNSATISFIED", "it judges again");
    let back = on(&["chaincode", "rollback", "entries", "--to", "1", "--reason", "r", "--as", "maker/admin"]);
    assert_eq!(back.error(4)["reason"], "PRECONDITION_FAILED", "version 1 is in force");
    let steps = on(&["chaincode", "history", "entries"]).json();
    let actions: Vec<&str> = steps.as_array().unwrap().iter().filter_map(|step| step["what"].as_str()).collect();
    assert!(actions.iter().any(|action| action.starts_with("version 1 in force from height")), "{actions:?}");
    assert_eq!(actions.last(), Some(&"decided: thawing it"));
}

fn the_data_follows_there_and_back(on: &dyn Fn(&[&str]) -> Ran, package: &str) {
    let read = ["tx", "evaluate", "entries", "read", r#""a""#];
    assert_eq!(on(&read).json(), "1");
    let proposed = on(&["chaincode", "deploy", "entries", package, "--as", "maker/admin"]).json();
    assert_eq!(proposed["decided"], json!(false), "{proposed}");
    assert_eq!(on(&read).json(), "1", "one approval of three is none");
    for line in [proposed["next"][0].as_str().unwrap(), proposed["next"][1].as_str().unwrap()] {
        let typed: Vec<&str> = line.split(' ').skip(1).collect();
        on(&typed).json();
    }
    let active = on(&["chaincode", "activate", "entries"]).json();
    assert_eq!((&active["active_sequence"], &active["state_version"]), (&json!(2), &json!(2)));
    assert_eq!(on(&read).json(), json!({ "value": "1", "times": 0 }));
    for organisation in ["maker", "carrier", "pharmacy"] {
        let administrator = format!("{organisation}/admin");
        on(&["chaincode", "rollback", "entries", "--to", "1", "--reason", "r", "--as", &administrator]).json();
    }
    let active = on(&["chaincode", "activate", "entries"]).json();
    assert_eq!((&active["active_sequence"], &active["state_version"]), (&json!(1), &json!(1)));
    assert_eq!(on(&read).json(), "1");
    let forward = on(&["chaincode", "rollback", "entries", "--to", "2", "--reason", "r", "--as", "maker/admin"]);
    assert_eq!(forward.error(4)["reason"], "MIGRATION_MISSING");
}

fn the_policy_changes(on: &dyn Fn(&[&str]) -> Ran) {
    assert_eq!(on(&["chaincode", "policy"]).json()["policy"], "majority");
    for organisation in ["maker", "carrier", "pharmacy"] {
        let administrator = format!("{organisation}/admin");
        on(&["chaincode", "policy", "role:regulator and 3 of any", "--as", &administrator]).json();
    }
    assert_eq!(on(&["chaincode", "policy"]).json()["policy"], "role:regulator and 3 of any");
}
