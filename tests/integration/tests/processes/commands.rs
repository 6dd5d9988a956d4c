//! The README's commands, from the start of a network to its end.

use crate::common::{self, binary, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Processes whose command line names the folder.
fn processes_of(dir: &Path) -> usize {
    let text = dir.display().to_string();
    let names_it = |entry: &std::fs::DirEntry| {
        std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&text))
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(names_it).count()
}

/// Takes a network down at the end of a test, however that ends.
struct Down<'a>(&'a Path);

impl Drop for Down<'_> {
    fn drop(&mut self) {
        drop(run(self.0, &["network", "down", "--remove"]));
    }
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../network/fixtures").join(name);
    path.canonicalize().unwrap().display().to_string()
}

#[test]
fn a_network_is_used_from_the_command_line_and_leaves_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("net");
    let _down = Down(&dir);
    let on = |arguments: &[&str]| run(&dir, arguments);
    let up = on(&["network", "up", "--wait"]).json();
    assert_eq!(up["peers"].as_array().map(Vec::len), Some(4), "{up}");
    assert_eq!(on(&["network", "up"]).error(4)["reason"], "NETWORK_EXISTS");

    let captured = on(&["trace", "capture", &fixture("life.jsonld")]).json();
    assert!(captured.as_array().unwrap().iter().all(|event| event["outcome"] == "VALID"), "{captured}");
    let code = "(01)09501101530003(21)7KQ2M9XC01";
    assert_eq!(on(&["trace", "unit", code]).json()["state"], "DISPENSED");
    assert!(on(&["trace", "history", code]).json()["steps"].as_array().unwrap().len() >= 11);
    assert_eq!(on(&["trace", "verify", code]).json()["verified"], true);

    let refused = on(&["trace", "capture", &fixture("refused/duplicate-commission.jsonld"), "--as", "maker/operator"]);
    let error = refused.error(3);
    assert_eq!((&error["reason"], &error["retryable"]), (&json!("UNIT_DUPLICATE_COMMISSION"), &json!(false)));
    let id = error["transaction_id"].as_str().unwrap();
    assert_eq!(on(&["tx", "status", id]).json()["outcome"], "CHAINCODE_REJECTED");
    let mistyped = on(&["trace", "capture", &fixture("refused/wrong-check-digit.jsonld")]);
    assert_eq!(mistyped.error(2)["reason"], "ID_CHECK_DIGIT");

    reads_are_proven(&on);
    members_come_and_go(&on);
    assert_eq!(on(&["network", "down", "--remove"]).code, Some(0));
    assert_eq!(processes_of(&dir), 0);
    assert!(!dir.exists());
    assert_eq!(on(&["network", "status"]).error(6)["reason"], "NETWORK_MISSING");
}

fn reads_are_proven(on: &dyn Fn(&[&str]) -> common::Ran) {
    let value = on(&["state", "get", "_identity", "--key-text", "o/maker", "--proof"]).json();
    assert!(value["proof"].is_string() && value["certificate"].is_string(), "{value}");
    assert_eq!(on(&["state", "get", "trace", "--key-text", "nothing"]).error(6)["reason"], "KEY_UNKNOWN");
    let history = on(&["state", "history", "_lifecycle", "--key-text", "c/trace"]).json();
    assert!(history.as_array().unwrap().iter().all(|version| version["transaction"].is_string()), "{history}");
    let blocks = on(&["block", "list", "--limit", "3"]).json();
    let height = blocks[0]["height"].to_string();
    assert!(!on(&["block", "get", &height]).json()["transactions"].as_array().unwrap().is_empty());
    assert_eq!(on(&["block", "get", "1000000"]).error(6)["reason"], "BLOCK_UNKNOWN");
    let events = on(&["events", "watch", "--from", "1", "--chaincode", "trace", "--count", "1"]);
    assert_eq!(events.code, Some(0), "{events:?}");
    let first: Value = serde_json::from_str(events.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["chaincode"], "trace");
    let status = on(&["chaincode", "status", "trace"]).json();
    assert!(status["functions"].as_array().unwrap().iter().any(|function| function["name"] == "capture"), "{status}");
    let party = on(&["tx", "evaluate", "trace", "party", r#"{"name":"maker"}"#]).json();
    assert_eq!(party["organisation"], "maker");
    let wrong = on(&["tx", "evaluate", "trace", "party", r#"{"nam":"maker"}"#]).error(2);
    assert!(wrong["message"].as_str().unwrap().contains("nam"), "{wrong}");
    assert_eq!(on(&["tx", "submit", "nonsense", "f", "null"]).error(6)["reason"], "UNKNOWN_CHAINCODE");
}

fn members_come_and_go(on: &dyn Fn(&[&str]) -> common::Ran) {
    let new = on(&["identity", "new", "maker/berta"]).json();
    let key = new["public_key"].as_str().unwrap();
    let not_yet = on(&["tx", "evaluate", "trace", "party", r#"{"name":"maker"}"#, "--as", "maker/berta"]);
    assert_eq!(not_yet.error(5)["reason"], "NOT_A_MEMBER");
    assert_eq!(on(&["identity", "register", "maker/berta", "--key", key]).json()["outcome"], "VALID");
    assert_eq!(on(&["identity", "show", "maker/berta"]).json()["status"], "pending");
    assert_eq!(on(&["identity", "approve", "maker/berta"]).json()["outcome"], "VALID");
    let now = on(&["tx", "evaluate", "trace", "party", r#"{"name":"maker"}"#, "--as", "maker/berta"]).json();
    assert_eq!(now["organisation"], "maker");
    let denied = on(&["identity", "approve", "maker/berta", "--as", "maker/berta"]);
    assert_eq!(denied.error(5)["reason"], "POLICY_UNSATISFIED");
    assert_eq!(on(&["identity", "revoke", "maker/berta", "--reason", "left"]).json()["outcome"], "VALID");
    let gone = on(&["tx", "evaluate", "trace", "party", r#"{"name":"maker"}"#, "--as", "maker/berta"]);
    assert_eq!(gone.error(5)["reason"], "NOT_A_MEMBER");
    assert_eq!(on(&["identity", "list", "maker"]).json().as_array().map(Vec::len), Some(3));
}

#[test]
fn mistakes_before_any_network_have_their_codes() {
    let folder = tempfile::tempdir().unwrap();
    let on = |arguments: &[&str]| run(folder.path(), arguments);
    assert_eq!(on(&["netwrok", "up"]).error(2)["reason"], "USAGE");
    assert_eq!(on(&["network", "up", "--peers", "5"]).error(2)["reason"], "NETWORK_SIZE");
    assert_eq!(on(&["explain", "NONSENSE"]).error(6)["reason"], "CODE_UNKNOWN");
    assert_eq!(on(&["explain", "not_holder"]).json()["code"], "NOT_HOLDER");
    assert_eq!(on(&["tx", "status", "00"]).code, Some(2));
    let help = Command::new(binary()).args(["trace", "capture", "--help"]).output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).starts_with("Examples:"), "examples come first");
    for shell in ["bash", "zsh", "fish"] {
        let completions = Command::new(binary()).args(["completions", shell]).output().unwrap();
        assert!(completions.status.success() && !completions.stdout.is_empty());
    }
}

#[test]
fn the_scenario_of_the_field_ends_in_the_expected_states() {
    let Some(data) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        eprintln!("THERIAC_CONFORMANCE_DATA is not set: the scenario is not there to be captured");
        return;
    };
    let scenarios = data.join("own-scenarios");
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("net");
    let _down = Down(&dir);
    let on = |arguments: &[&str]| run(&dir, arguments);
    on(&["network", "up"]).json();
    let document = scenarios.join("scenario_A_happy_path.jsonld").display().to_string();
    let captured = on(&["trace", "capture", &document]).json();
    assert!(captured.as_array().unwrap().iter().all(|event| event["outcome"] == "VALID"), "{captured}");
    let text = std::fs::read_to_string(scenarios.join("scenario_A_expected_states.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    for group in ["units", "cases", "logistic"] {
        for (code, wanted) in expected[group].as_object().unwrap() {
            let found = on(&["trace", "unit", code]).json();
            for field in ["state", "holder", "parent"].iter().filter(|field| wanted.get(**field).is_some()) {
                assert_eq!(found[*field], wanted[*field], "{code} {field}");
            }
            if let Some(children) = wanted["children"].as_u64() {
                assert_eq!(found["children"], json!(children), "{code}");
            }
        }
    }
    assert_eq!(on(&["network", "down", "--remove"]).code, Some(0));
    assert_eq!(processes_of(&dir), 0);
}

/// The README's console lines from the one that starts a network to the one that ends it, continued lines joined.
fn readme_commands() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(path).unwrap().replace("\\\n    ", "");
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ ").map(ToOwned::to_owned));
    let lines: Vec<String> = lines.skip_while(|line| !line.starts_with("theriac network up")).collect();
    let end = lines.iter().position(|line| line.starts_with("theriac network down")).expect("the network is ended");
    lines[..=end].to_vec()
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("net");
    let _down = Down(&dir);
    std::os::unix::fs::symlink(binary(), folder.path().join("theriac")).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let commands = readme_commands();
    assert!(commands.len() >= 10, "{commands:?}");
    let script: String = commands.iter().map(|command| format!("{command}\necho \"exit $?\" >&2\n")).collect();
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("PATH", path)
        .env("THERIAC_DIR", &dir)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let codes: Vec<&str> = stderr.lines().filter_map(|line| line.strip_prefix("exit ")).collect();
    for (command, code) in commands.iter().zip(&codes) {
        assert_eq!(*code, "0", "{command}\n{stderr}");
    }
    assert_eq!(codes.len(), commands.len(), "{stderr}");
    assert_eq!(processes_of(&dir), 0);
}
