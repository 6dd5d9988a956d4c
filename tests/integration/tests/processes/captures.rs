//! Long documents that take effect as a whole or not at all, and histories that prove themselves to whoever has the
//! genesis, on a network of four peers.

use crate::common::{Ran, Scene};
use serde_json::{Value, json};
use std::path::Path;

const PACK: &str = "https://id.gs1.org/01/09506000134376/21";
const PHARMACY: &str = "9506030000009";

/// The birth of a pack, so many seconds after eight o'clock.
fn birth(second: usize, serial: &str) -> Value {
    json!({
        "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "disposition": "active",
        "eventTime": format!("2026-03-02T08:{:02}:{:02}Z", second / 60, second % 60), "eventTimeZoneOffset": "+00:00",
        "epcList": [format!("{PACK}/{serial}")],
        "readPoint": { "id": "https://id.gs1.org/414/9506000100012" },
        "bizLocation": { "id": "https://id.gs1.org/414/9506000100012" },
        "ilmd": { "cbvmda:lotNumber": "LOT1", "cbvmda:itemExpirationDate": "2032-05-31" },
    })
}

fn document(folder: &Path, name: &str, events: &[Value]) -> String {
    let path = folder.join(name);
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-02T09:00:00Z",
        "epcisBody": { "eventList": events },
    });
    std::fs::write(&path, document.to_string()).unwrap();
    path.display().to_string()
}

fn outcomes(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect()
}

/// The code with which a command failed, and what it wrote before.
fn refused(ran: &Ran) -> (String, Value) {
    let reason = ran.error(3)["reason"].as_str().unwrap().to_owned();
    (reason, serde_json::from_str(&ran.stdout).unwrap())
}

#[tokio::test]
async fn a_document_of_several_transactions_takes_effect_as_a_whole_or_not_at_all() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    // More events than a transaction takes; the last is the birth of a pack that was born before.
    let mut events: Vec<Value> = (0..230).map(|number| birth(number, &format!("D{number:05}"))).collect();
    let good = document(folder.path(), "good.jsonld", &events);
    events.push(birth(600, "D00007"));
    let bad = document(folder.path(), "bad.jsonld", &events);

    for arguments in [&["trace", "capture", &bad, "--rehearse"][..], &["trace", "capture", &bad, "--together"]] {
        let (reason, rows) = refused(&scene.run(arguments));
        assert_eq!(reason, "UNIT_DUPLICATE_COMMISSION", "{arguments:?}");
        assert_eq!(outcomes(&rows)[230], "UNIT_DUPLICATE_COMMISSION", "{rows}");
        assert_eq!(scene.run(&["trace", "unit", &format!("{PACK}/D00000")]).error(3)["reason"], "UNIT_UNKNOWN");
    }
    let rehearsed = scene.run(&["trace", "capture", &good, "--rehearse"]).json();
    assert_eq!(outcomes(&rehearsed), ["VALID"; 230]);
    assert_eq!(scene.run(&["trace", "unit", &format!("{PACK}/D00000")]).error(3)["reason"], "UNIT_UNKNOWN");
    let captured = scene.run(&["trace", "capture", &good, "--together"]).json();
    assert_eq!(outcomes(&captured), ["VALID"; 230]);
    let lot = scene.run(&["trace", "lot", "09506000134376", "LOT1"]).json();
    assert_eq!((&lot["commissioned"], &lot["balanced"]), (&json!(230), &json!(true)), "{lot}");
    // The same document once more, with one event that is new and good.
    events[230] = birth(600, "D00230");
    let more = document(folder.path(), "more.jsonld", &events);
    let again = scene.run(&["trace", "capture", &more, "--together"]).json();
    assert_eq!(outcomes(&again)[..230], ["CAPTURED BEFORE"; 230]);
    assert_eq!(outcomes(&again)[230], "VALID");
    // What was only kept as it was stated can be judged later, once.
    let stated = document(folder.path(), "stated.jsonld", &[birth(601, "D00231")]);
    assert_eq!(outcomes(&scene.run(&["trace", "capture", &stated, "--as-record"]).json()), ["VALID"]);
    assert_eq!(outcomes(&scene.run(&["trace", "capture", &stated]).json()), ["VALID"]);
    assert_eq!(outcomes(&scene.run(&["trace", "capture", &stated]).json()), ["CAPTURED BEFORE"]);
    assert_eq!(scene.run(&["trace", "unit", &format!("{PACK}/D00231")]).json()["state"], "COMMISSIONED");
}

#[tokio::test]
async fn a_history_proves_itself_without_any_peer() {
    let scene = Scene::up().await;
    let done = |who: &str, words: &[&str]| {
        let signer = format!("{who}/operator");
        scene.run(&[&["trace", "do"], words, &["--as", &signer]].concat()).json()
    };
    let (pack, case) = ("(01)09506000134376(21)SN26C00001", "(01)19506000134373(21)CS26C001");
    done("maker", &["commission", pack, case, "--lot", "LOT26C", "--expiry", "2032-05-31"]);
    done("maker", &["pack", pack, "--into", case]);
    done("maker", &["ship", case, "--to", PHARMACY]);
    done("pharmacy", &["receive", case, "--at", PHARMACY]);
    done("pharmacy", &["unpack", pack, "--into", case]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pack.history").display().to_string();
    let history = scene.run(&["trace", "history", pack, "--proof", "--out", &file]).json();
    let steps = history["steps"].as_array().unwrap();
    let operations: Vec<&str> = steps.iter().map(|step| step["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["commission", "pack", "ship", "receive", "unpack"]);
    assert_eq!((&steps[3]["said_by"], &steps[3]["rules"]), (&json!("pharmacy/operator"), &json!("1")), "{history}");
    assert!(steps[2]["container"].as_str().unwrap().ends_with("/21/CS26C001"), "{history}");

    // Without the network: the file, and the genesis.
    let genesis = folder.path().join("genesis.bin");
    std::fs::copy(scene.dir().join("genesis.bin"), &genesis).unwrap();
    let genesis = genesis.display().to_string();
    let verify = |file: &str| crate::common::run(folder.path(), &["verify", file, "--genesis", &genesis]);
    assert_eq!(verify(&file).json()["steps"], history["steps"]);
    let bytes = std::fs::read(&file).unwrap();
    let altered = folder.path().join("altered.history");
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        std::fs::write(&altered, &wrong).unwrap();
        let error = verify(&altered.display().to_string()).error(8);
        let reason = error["reason"].as_str().unwrap();
        assert!(["DOSSIER_UNKNOWN", "DOSSIER_BROKEN"].contains(&reason), "byte {at}: {error}");
    }
    std::fs::write(&altered, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(verify(&altered.display().to_string()).error(8)["reason"], "DOSSIER_UNKNOWN");
}
