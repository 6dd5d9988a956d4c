//! Inspection reports on a running network: put with a guard, attached to a lot, given to their readers alone.

use crate::common::{Ran, Scene};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_given_to_those_that_its_record_names() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("report.pdf"), "no particles").unwrap();
    let on = |arguments: &[&str]| -> Ran { scene.run(arguments) };
    let put = on(&["document", "put", &path("report.pdf"), "--guard", "inspection", "--as", "maker/operator"]).json();
    let cid = put[0]["cid"].as_str().unwrap();
    let get = |who: &str| on(&["document", "get", cid, "--out", &path("copy.pdf"), "--force", "--as", who]);
    assert_eq!(get("maker/operator").json()["guard"], "inspection", "whoever anchored it has it");
    assert_eq!(get("pharmacy/operator").error(5)["reason"], "DOCUMENT_READER_REFUSED");

    let birth = ["trace", "do", "commission", "(01)09506000134376(21)A1", "--lot", "L1", "--expiry", "2032-05-31"];
    on(&[&birth[..], &["--as", "maker/operator"]].concat()).json();
    let attach = serde_json::json!({
        "kind": "InspectionReport", "subtype": "release", "cid": cid, "identifier": null,
        "subjects": ["01/09506000134376/10/L1"],
        "access": { "everyone": false, "organisations": ["pharmacy"], "roles": [] },
        "finding": null, "note": null,
    });
    let attached = on(&["tx", "submit", "inspection", "attach", &attach.to_string(), "--as", "maker/operator"]);
    println!("{attached:?}");
    attached.json();
    get("pharmacy/operator").json();
    assert_eq!(fs::read_to_string(path("copy.pdf")).unwrap(), "no particles");
    assert_eq!(get("carrier/operator").error(5)["reason"], "DOCUMENT_READER_REFUSED");
}
