//! A stranger's way from an empty folder to rules in force: the README's commands, and what mistakes are answered with.

use crate::common::{Ran, Scene, binary, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages share what they are made of with those that were built for the tests.
fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// The console lines of the README's section, without their comments.
fn commands() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let (_, section) = text.split_once("### Write your own rules\n").expect("the README has this section");
    let section = section.split("\n### ").next().unwrap();
    section.lines().filter_map(|line| line.strip_prefix("$ ").map(ToOwned::to_owned)).collect()
}

#[tokio::test]
async fn the_readme_leads_from_an_empty_folder_to_rules_in_force() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(binary(), folder.path().join("theriac")).unwrap();
    let commands = commands();
    let until_in_force = commands.iter().position(|command| command.contains("activate")).unwrap() + 1;
    assert!(until_in_force < 10, "under ten commands: {commands:?}");
    // A command that fails ends the script, and is the last one named.
    let script: String =
        commands.iter().map(|command| format!("echo '{}' >&2\n{command}\n", command.replace('\'', ""))).collect();
    let output = Command::new("bash")
        .args(["-e", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap()))
        .env("THERIAC_DIR", scene.dir())
        .env("CARGO_TARGET_DIR", target_dir())
        .env_remove("THERIAC_OUTPUT")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("TOO_WARM"), "the sandbox played the scenario: {stdout}");
    let on = |arguments: &[&str]| scene.run(arguments);
    let status = on(&["chaincode", "status", "custody"]).json();
    assert_eq!(
        (&status["active_sequence"], &status["approvals"]),
        (&json!(1), &json!(["carrier", "maker", "pharmacy"]))
    );
    assert_eq!(on(&["tx", "evaluate", "custody", "held_by", "\"carrier\""]).json(), json!(["P-1"]));
    everything_is_json_by_schema(&on);
    the_edited_rule_judges(&on);
    same_source_same_package(&on, &folder.path().join("custody"));
    wrong_arguments_are_told_where(&on);
}

fn everything_is_json_by_schema(on: &dyn Fn(&[&str]) -> Ran) {
    let pack = json!({ "product": "insulin", "holder": "carrier", "hand_overs": 1 });
    let key = ["--table", "pack", "--key-json", "\"P-1\""];
    let value = on(&[&["state", "get", "custody"][..], &key].concat()).json();
    assert_eq!((&value["table"], &value["entry"], &value["content"]), (&json!("pack"), &json!("P-1"), &pack));
    assert_eq!(value["form"], "json");
    let versions = on(&[&["state", "history", "custody"][..], &key].concat()).json();
    let holders: Vec<_> = versions.as_array().unwrap().iter().map(|version| &version["content"]["holder"]).collect();
    assert_eq!(holders, ["carrier", "maker"]);
    let range = on(&["state", "range", "custody", "--table", "pack"]).json();
    assert_eq!((&range[0]["entry"], &range[0]["content"]), (&json!("P-1"), &pack));
    for (key, told) in [("7", "expected text"), ("P-1", "--key-json is no JSON")] {
        let error = on(&["state", "get", "custody", "--table", "pack", "--key-json", key]).error(2);
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
    }
    let error = on(&["state", "get", "custody", "--table", "packs", "--key-json", "7"]).error(2);
    assert!(error["message"].as_str().unwrap().contains("It has: pack"), "{error}");
    let events = on(&["events", "watch", "--chaincode", "custody", "--from", "1", "--count", "1"]);
    let event: Value = serde_json::from_str(events.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(event["payload"], json!({ "serial": "P-1", "from": "maker", "to": "carrier" }));
    let id = event["transaction"].as_str().unwrap();
    let status = on(&["tx", "status", id]).json();
    assert_eq!((&status["result"], &status["events"][0]["payload"]), (&pack, &event["payload"]));
    let replayed = on(&["tx", "replay", id, "--trace"]).json();
    let write = replayed["writes"].as_array().unwrap().iter().find(|write| write["table"] == "pack").unwrap();
    assert_eq!((&write["key"], &write["after"]), (&json!("P-1"), &pack));
    let rules = on(&["chaincode", "status", "custody"]).json();
    assert_eq!((&rules["tables"][0]["value"], &rules["events"]), (&json!("Pack"), &json!(["pack.handed_over"])));
    let codes = rules["errors"].as_array().unwrap().iter().map(|error| &error["code"]);
    assert!(codes.into_iter().any(|code| code == "TOO_WARM"), "{rules}");
}

fn the_edited_rule_judges(on: &dyn Fn(&[&str]) -> Ran) {
    let hand_over = |celsius: i8| {
        let step = json!({ "serial": "P-1", "to": "pharmacy", "celsius": celsius }).to_string();
        on(&["tx", "submit", "custody", "hand_over", &step, "--as", "carrier/operator"])
    };
    let refused = hand_over(26).error(3);
    assert_eq!(refused["reason"], "TOO_WARM");
    assert!(refused["message"].as_str().unwrap().contains("met 26 degrees, and may meet 25"), "{refused}");
    assert_eq!(refused["details"]["meaning"], "The pack became too warm. Put it into quarantine.");
    assert_eq!(hand_over(25).json()["result"]["holder"], "pharmacy");
}

fn same_source_same_package(on: &dyn Fn(&[&str]) -> Ran, project: &Path) {
    let target_dir = target_dir().join("chaincode").display().to_string();
    let verified =
        on(&["chaincode", "verify-build", &project.display().to_string(), "custody", "--target-dir", &target_dir]);
    assert_eq!(verified.json()["same"], true);
}

fn wrong_arguments_are_told_where(on: &dyn Fn(&[&str]) -> Ran) {
    for (argument, told) in [
        (r#"{"serial": "P-2", "product": 7}"#, "$.product: expected text"),
        (r#"{"serial": "P-2"}"#, "the field \"product\" is missing"),
        (r#"{"serial": "P-2", "product": "insulin", "colour": "red"}"#, "\"colour\" is unknown"),
        ("{serial: P-2}", "the argument is no JSON"),
    ] {
        let error = on(&["tx", "submit", "custody", "register", argument]).error(2);
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
    }
    let unknown = on(&["tx", "submit", "custody", "registre", "{}"]).error(2);
    assert!(unknown["message"].as_str().unwrap().contains("It has: hand_over, held_by, pack, register"), "{unknown}");
}

#[test]
fn a_strangers_mistakes_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let on = |arguments: &[&str]| run(folder.path(), arguments);
    let here = |name: &str| folder.path().join(name).display().to_string();
    assert_eq!(on(&["chaincode", "new", "Custody"]).error(2)["reason"], "NAME_INVALID");
    std::fs::write(folder.path().join("mine"), "text").unwrap();
    let occupied = on(&["chaincode", "new", "custody", "--folder", &here("")]);
    assert_eq!(occupied.error(4)["reason"], "FOLDER_OCCUPIED");
    let lost = on(&["chaincode", "new", "custody", "--folder", &here("new"), "--sdk", &here("")]);
    assert_eq!(lost.error(6)["reason"], "SDK_MISSING");
    assert!(!folder.path().join("new").exists(), "nothing was begun");
    assert_eq!(on(&["chaincode", "build", &here("")]).error(2)["reason"], "PROJECT_MISSING");
    assert_eq!(on(&["chaincode", "test", &here("nowhere")]).error(2)["reason"], "PROJECT_MISSING");
    assert_eq!(on(&["chaincode", "check", &here("mine")]).error(2)["reason"], "PACKAGE_REFUSED");
    std::fs::create_dir_all(folder.path().join("bin/src")).unwrap();
    std::fs::write(folder.path().join("bin/Cargo.toml"), "[package]\nname = \"bin\"\n[workspace]\n").unwrap();
    std::fs::write(folder.path().join("bin/src/lib.rs"), "fn broken( {}\n").unwrap();
    let broken = on(&["chaincode", "build", &here("bin")]);
    assert_eq!(broken.error(2)["reason"], "BUILD_FAILED");
    assert!(broken.stderr.contains("src/lib.rs:1"), "the compiler's own words are shown: {}", broken.stderr);
}
