//! Story 8: the maker attaches a report to a lot, for the regulator's eyes; the regulator finds it, gets it and checks it; a
//! byte that flips where it is stored is noticed by name, and mended from another peer.

use super::stage::{CAPSULES, EXPIRY, LOT, born, packs};
use crate::common::{Scene, files_below, until};
use crate::trace::Run;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

const NUMBER: &str = "253/9506000100012INSP-2026-7";

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_report_is_attached_found_checked_and_mended() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let report = "%PDF-1.7 assay 99.2 %, no particles\n".repeat(50_000);
    fs::write(path("assay.pdf"), &report).unwrap();
    born(on, &packs(1..=2), LOT, EXPIRY);
    let put = ["document", "put", &path("assay.pdf"), "--guard", "inspection", "--as", "maker/operator"];
    let cid = on(&put).json()[0]["cid"].as_str().unwrap().to_owned();
    attached(on, &cid);

    // The regulator starts from the lot, and needs nobody's word but the ledger's.
    let question = json!({
        "subject": format!("01/{CAPSULES}/10/{LOT}"), "cid": null, "identifier": null, "organisation": null,
        "kind": null, "from_ms": null, "to_ms": null, "valid": true, "after": null, "limit": 10,
    });
    let ask = ["query", "inspection", "records", &question.to_string(), "--as", "regulator/operator"];
    let found = on(&ask).json();
    let record = &found["records"][0]["record"];
    assert_eq!(
        (&record["document"]["cid"], &record["identifier"], &record["finding"]["outcome"]),
        (&json!(cid), &json!(NUMBER), &json!("Released")),
        "{found}"
    );
    let get = |who: &str| on(&["document", "get", &cid, "--out", &path("copy.pdf"), "--force", "--as", who]);
    get("regulator/operator").json();
    assert_eq!(fs::read_to_string(path("copy.pdf")).unwrap(), report);
    let verified = on(&["document", "verify", &path("copy.pdf"), &cid]).json();
    assert_eq!((&verified["by"], &verified["file_name"]), (&json!("maker/operator"), &json!("assay.pdf")));
    assert_eq!(get("carrier/operator").error(5)["reason"], "DOCUMENT_READER_REFUSED");

    let (peer, victim) = longest_block(&scene);
    let mut bytes = fs::read(&victim).unwrap();
    bytes[77] ^= 1;
    fs::write(&victim, bytes).unwrap();
    let journal = scene.network.folder().peer(peer).join("data/documents/journal.jsonl");
    until("the flipped byte is found and mended", || async {
        get("regulator/operator").json();
        let text = fs::read_to_string(&journal).unwrap_or_default();
        text.contains("\"lost\"") && text.contains("\"repaired\"")
    })
    .await;
    assert_eq!(fs::read_to_string(path("copy.pdf")).unwrap(), report, "whoever read it meanwhile got the right bytes");
    let lines: Vec<Value> =
        fs::read_to_string(&journal).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lost = lines.iter().find(|line| line["what"] == "lost").unwrap();
    assert_eq!(lost["documents"], json!([cid]), "{lost}");
    assert!(lost["sentence"].as_str().unwrap().contains(&*victim.file_name().unwrap().to_string_lossy()), "{lost}");
}

fn attached(on: Run<'_>, cid: &str) {
    let attach = json!({
        "kind": "Certificate", "subtype": "release", "cid": cid, "identifier": NUMBER,
        "subjects": [format!("01/{CAPSULES}/10/{LOT}")],
        "access": { "everyone": false, "organisations": [], "roles": ["regulator"] },
        "finding": {
            "outcome": "Released", "conditions": null, "inspector": "Q. Person", "laboratory": null,
            "inspected_ms": 1_767_225_600_000_u64,
            "results": [{
                "name": "Assay", "method": null, "specification": "95.0 to 105.0 %",
                "measured": null, "verdict": "Pass",
            }],
        },
        "note": null,
    });
    on(&["tx", "submit", "inspection", "attach", &attach.to_string(), "--as", "maker/operator"]).json();
}

/// The longest block that any peer keeps, and the peer.
fn longest_block(scene: &Scene) -> (usize, PathBuf) {
    let below = |peer: usize| files_below(&scene.network.folder().peer(peer).join("data/documents/blocks"));
    let blocks = (0..4).flat_map(|peer| below(peer).into_iter().map(move |block| (peer, block)));
    blocks.max_by_key(|(_, block)| fs::metadata(block).map_or(0, |data| data.len())).unwrap()
}
