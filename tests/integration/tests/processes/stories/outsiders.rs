//! Story 20: outsiders' keys, documents of 50 MB, chaincode that loops for ever, serial numbers that mean harm.
//!
//! Garbage on the ports, lying peers and every other way for chaincode to misbehave are in `hostile.rs`; the same refusals
//! over gRPC, with their codes, in the tests of single peers (`peers/gateway.rs`). A changed database, the alarm after
//! twenty tries, the flood over HTTP and exports to spreadsheets belong to later parts of the product.

use super::stage::{LOT, born, held, level, so};
use crate::common::{Scene, birth};
use crate::trace::{Run, done, refused};
use serde_json::json;
use std::io::Write;
use theriac_proto::gateway::v1::SubmitRequest;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_trace_client::capture;

#[tokio::test(flavor = "multi_thread")]
async fn outsiders_floods_loops_and_hostile_serials_change_nothing() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    let before: Vec<_> = scene.network.processes().iter().map(|peer| peer.pid).collect();
    an_outsiders_key(&scene, on).await;
    a_document_of_50_megabytes(&scene, on).await;
    a_loop_without_end(&scene, on);
    hostile_serials(&scene, on).await;
    // The peers are those of the beginning, at one height with one state, and at work.
    assert_eq!(scene.network.processes().iter().map(|peer| peer.pid).collect::<Vec<_>>(), before);
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let committed = capture(&network, &birth("AFTER")).await.unwrap().valid().unwrap();
    assert!(level(&scene).await >= committed.height());
}

async fn an_outsiders_key(scene: &Scene, on: Run<'_>) {
    let folder = tempfile::tempdir().unwrap();
    let head = level(scene).await;
    // A key that nobody registered, in a member's name and in one of its own.
    for name in ["maker/operator", "maker/stranger", "nobody/operator"] {
        let file = folder.path().join("key.json").display().to_string();
        on(&["identity", "new", name, "--out", &file]).json();
        let call = ["trace", "do", "commission", "(01)09506000134376(21)FAKE1", "--identity", &file];
        for _ in 0..7 {
            let error = on(&call).error(5);
            assert_eq!(error["reason"], "NOT_A_MEMBER", "{error}");
            assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        }
        std::fs::remove_file(file).unwrap();
    }
    assert_eq!(level(scene).await, head, "none of it was ordered");
    assert_eq!(on(&["trace", "unit", "(01)09506000134376(21)FAKE1"]).error(3)["reason"], "UNIT_UNKNOWN");
    // A member whose organisation may not do this is told so by the rules.
    let (code, sentence) = refused(on, "carrier", &["dispense", "(01)09506000134376(21)FAKE1"]);
    assert_eq!(code, "ROLE_DENIED");
    let expected = "This needs the role pharmacy or hospital; carrier/operator has carrier. Ask somebody who has it.";
    assert_eq!(sentence, expected);
}

async fn a_document_of_50_megabytes(scene: &Scene, on: Run<'_>) {
    const BYTES: usize = 50_000_000;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&vec![b' '; BYTES]).unwrap();
    let path = file.path().display().to_string();
    let error = on(&["trace", "capture", &path, "--as", "maker/operator"]).error(2);
    assert_eq!(error["reason"], "CAPTURE_LIMIT", "{error}");
    assert!(error["message"].as_str().unwrap().ends_with("is larger than 16777216 bytes. Split it."), "{error}");
    // Whoever does not use the command is stopped at every peer's door.
    for peer in scene.network.processes() {
        let mut gateway = GatewayClient::connect(format!("http://{}", peer.gateway)).await.unwrap();
        let refused = gateway.submit(SubmitRequest { transaction: vec![0; BYTES].into() }).await.unwrap_err();
        assert_ne!(refused.code(), tonic::Code::Ok, "{refused}");
    }
    level(scene).await;
}

fn a_loop_without_end(scene: &Scene, on: Run<'_>) {
    let package = scene.dir().join("misbehaving.wasm");
    std::fs::write(&package, theriac_test_artifacts::MISBEHAVING).unwrap();
    let path = package.display().to_string();
    on(&["chaincode", "deploy", "misbehaving", &path, "--as", "maker/admin"]).json();
    for who in ["distributor/admin", "pharmacy/admin"] {
        on(&["chaincode", "approve", "misbehaving", "--as", who]).json();
    }
    on(&["chaincode", "activate", "misbehaving"]).json();
    let error = on(&["tx", "submit", "misbehaving", "loops", "null"]).error(3);
    assert_eq!(
        (&error["reason"], &error["details"]["outcome"]),
        (&json!("OUT_OF_GAS"), &json!("OUT_OF_GAS")),
        "{error}"
    );
    assert!(error["message"].as_str().unwrap().contains("misbehaving"), "the contract is named: {error}");
}

/// Every character that GS1 allows in a serial number is only a character, wherever it is shown.
async fn hostile_serials(scene: &Scene, on: Run<'_>) {
    let rows = [
        ("<script>alert</s>", "%3Cscript%3Ealert%3C%2Fs%3E", "&lt;script&gt;alert&lt;/s&gt;"),
        ("../../../etc/passwd", "..%2F..%2F..%2Fetc%2Fpasswd", "../../../etc/passwd"),
        ("%2e%2e%2F%00", "%252e%252e%252F%2500", "%2e%2e%2F%00"),
        ("'OR'1'='1';--", "%27OR%271%27%3D%271%27%3B--", "&#39;OR&#39;1&#39;=&#39;1&#39;;--"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (serial, escaped, drawn) in rows {
        let path = format!("01/09506000134376/21/{escaped}");
        let link = format!("https://id.gs1.org/{path}");
        born(on, std::slice::from_ref(&link), LOT, "2028-05-31");
        let unit = on(&["trace", "unit", &link]).json();
        assert_eq!(unit["id"], link, "{serial}");
        assert_eq!(on(&["trace", "scan", &format!("(01)09506000134376(21){serial}")]).json()["digital_link"], link);
        let file = folder.path().join("label.svg").display().to_string();
        on(&["trace", "label", &link, "--out", &file]).json();
        let label = std::fs::read_to_string(&file).unwrap();
        assert!(label.contains(drawn) && !label.contains("<script"), "{serial}: {label}");
        std::fs::remove_file(file).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no other file was written: {serial}");
        done(on, "maker", &["ship", &link, "--to", super::stage::PHARMACY]);
        done(on, "pharmacy", &["receive", &link]);
        assert_eq!(held(scene, &path).await, so("IN_STOCK", super::stage::PHARMACY), "{serial}");
    }
    // What GS1 does not allow never becomes a serial number.
    for bad in ["A B", "A\u{7}B", "A#B", "é", "123456789012345678901"] {
        let error = on(&["trace", "scan", &format!("(01)09506000134376(21){bad}")]).error(2);
        let code = error["reason"].as_str().unwrap();
        assert!(["ID_CHARSET", "ID_LENGTH"].contains(&code), "{bad:?}: {error}");
    }
}
