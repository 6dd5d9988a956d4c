//! Stories 1 to 4, 6 and 10: from a pack's birth to its patient, back from the counter, and what an auditor finds of it
//! all, offline too.
//!
//! Later parts of the product: what a phone shows, the consumer's page, and the exports for auditors. What they will show
//! is asked here by command.

use super::say::{LOGGER, captured, link, measuring, not_captured, now_ms, object, referring, shipping};
use super::stage::{
    CAPSULES, DISTRIBUTOR, EXPIRY, HOSPITAL, LOT, MAKER, PALLET, PHARMACY, SITE, WAREHOUSE, born, case, does,
    everywhere, held, joins, level, operations, pack, packs, peer, so,
};
use crate::common::{Scene, run};
use crate::trace::{Run, done, refused};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use theriac_types::Height;

const PRINTED: &str = "(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A";

#[tokio::test]
async fn from_birth_to_the_patient_back_from_the_counter_and_before_an_auditor() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    story_1_a_birth(on);
    story_2_packed_to_a_pallet(&scene, on).await;
    story_3_shipped_and_received(&scene, on).await;
    story_4_bulk_is_broken(&scene, on).await;
    joins(on, "hospital", "hospital", HOSPITAL);
    story_6_a_saleable_return(&scene, on).await;
    story_10_an_auditors_hour(&scene, on).await;
}

fn story_1_a_birth(on: Run<'_>) {
    born(on, &packs(1..=8), LOT, EXPIRY);
    let folder = tempfile::tempdir().unwrap();
    let label = |code: &str, more: &[&str]| {
        let file = folder.path().join("pack.svg");
        let told = on(&[&["trace", "label", code, "--out", &file.display().to_string()], more].concat()).json();
        let drawing = std::fs::read_to_string(file).unwrap();
        assert!(drawing.contains("<svg") && drawing.contains("SN26A00001"), "{drawing}");
        (told["symbol"].as_str().unwrap().to_owned(), told["text"].as_str().unwrap().to_owned())
    };
    assert_eq!(label(PRINTED, &[]), ("GS1 DataMatrix".to_owned(), PRINTED.to_owned()));
    let (symbol, qr) =
        label("(01)09506000134376(21)SN26A00001", &["--symbol", "qr", "--link", "https://pack.example.org"]);
    assert_eq!((symbol.as_str(), qr.as_str()), ("QR code", "https://pack.example.org/01/09506000134376/21/SN26A00001"));
    // What a scanner sends of either symbol, and the same elements in another order, are one unit.
    let unit = on(&["trace", "unit", PRINTED]).json();
    assert_eq!((&unit["state"], &unit["commissioned_by"]), (&json!("COMMISSIONED"), &json!(MAKER)), "{unit}");
    assert_eq!((&unit["lot"], &unit["expiry"]), (&json!(LOT), &json!(EXPIRY)), "{unit}");
    let scanned = "]d2010950600013437621SN26A00001\u{1d}1728053110LOT24A";
    let other_order = "(17)280531(10)LOT24A(01)09506000134376(21)SN26A00001";
    for code in [scanned, other_order, &format!("]Q1{qr}"), &qr] {
        assert_eq!(on(&["trace", "unit", code]).json(), unit, "{code:?}");
    }
}

async fn story_2_packed_to_a_pallet(scene: &Scene, on: Run<'_>) {
    born(on, &[case(1), case(2)], LOT, EXPIRY);
    done(on, "maker", &["commission", PALLET, "--at", SITE]);
    does(on, "maker", "pack", &packs(1..=4), &["--into", &case(1)]);
    does(on, "maker", "pack", &packs(5..=8), &["--into", &case(2)]);
    does(on, "maker", "pack", &[case(1), case(2)], &["--into", PALLET]);
    let tree = everywhere(scene, "logistic_unit", json!({ "code": link(PALLET) })).await;
    let row = |content: &Value| (content["level"].as_u64().unwrap(), content["id"].as_str().unwrap().to_owned());
    let found: Vec<_> = tree["contents"].as_array().unwrap().iter().map(row).collect();
    let in_case = |number: u32, inside: Vec<String>| {
        let inside = inside.into_iter().map(|item| (2, link(&item)));
        std::iter::once((1, link(&case(number)))).chain(inside).collect::<Vec<_>>()
    };
    assert_eq!(found, [in_case(1, packs(1..=4)), in_case(2, packs(5..=8))].concat(), "1 pallet, 2 cases, 8 packs");
    let unit = on(&["trace", "unit", &pack(6)]).json();
    assert_eq!((&unit["parent"], &unit["container"]), (&json!(link(&case(2))), &json!(link(PALLET))), "{unit}");
}

async fn story_3_shipped_and_received(scene: &Scene, on: Run<'_>) {
    let began = Instant::now();
    let shipped = shipping(&[PALLET], DISTRIBUTOR);
    let shipped = referring(shipped, "po", "9506010000005:PO-1001");
    let shipped = captured(on, "maker", &referring(shipped, "bol", "9506020000002:BOL-1"));
    // On its way the carrier hands in what its logger has measured.
    on(&["trace", "set", "device", LOGGER, "--every", "60", "--as", "carrier/operator"]).json();
    let measured_ms = now_ms();
    let seen = object("OBSERVE", "transporting", "in_transit", &[PALLET]);
    let seen = measuring(seen, &[19.5, 20.25, 21.0, 22.5, 21.75], "CEL", measured_ms);
    assert_eq!(captured(on, "carrier", &seen)["operation"], "carry");
    let mut received = object("OBSERVE", "receiving", "in_progress", &[PALLET]);
    received["persistentDisposition"] = json!({ "set": ["completeness_inferred"] });
    received["bizLocation"] = json!({ "id": link(&format!("414/{WAREHOUSE}")) });
    let received = captured(on, "distributor", &received);
    assert_eq!(received["items"], 1, "one scan for all eight: {received}");
    for number in 1..=8 {
        let unit = everywhere(scene, "unit", json!({ "code": link(&pack(number)) })).await;
        assert_eq!((&unit["state"], &unit["holder"]), (&json!("IN_STOCK"), &json!(DISTRIBUTOR)), "{unit}");
        assert_eq!((&unit["owner"], &unit["place"]), (&json!(DISTRIBUTOR), &json!(link(&format!("414/{WAREHOUSE}")))));
    }
    let pallet = everywhere(scene, "unit", json!({ "code": link(PALLET) })).await;
    assert_eq!(pallet["marks"], json!(["completeness_inferred"]), "{pallet}");
    // Every peer has the blocks of both halves under the same hash.
    for height in [&shipped["height"], &received["height"]] {
        let height = Height(height.as_u64().unwrap());
        let mut hashes = Vec::new();
        for index in 0..4 {
            let block = peer(scene, index).block(height, false).await.unwrap();
            hashes.push(block.certified.commitment.block_hash);
        }
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "block {height}: {hashes:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(60), "from shipping to all peers: {:?}", began.elapsed());
    let order = ["trace", "events", "--document", "urn:epcglobal:cbv:bt:9506010000005:PO-1001"];
    assert_eq!(on(&order).json()[0]["operation"], "ship");
}

async fn story_4_bulk_is_broken(scene: &Scene, on: Run<'_>) {
    does(on, "distributor", "unpack", &[case(1), case(2)], &["--into", PALLET]);
    done(on, "distributor", &["ship", &case(1), "--to", PHARMACY]);
    done(on, "pharmacy", &["receive", &case(1)]);
    does(on, "pharmacy", "unpack", &packs(1..=4), &["--into", &case(1)]);
    done(on, "pharmacy", &["dispense", &pack(1)]);
    assert_eq!(held(scene, &pack(1)).await, so("DISPENSED", PHARMACY));
    assert_eq!(held(scene, &pack(2)).await, so("IN_STOCK", PHARMACY));
    assert_eq!(held(scene, &pack(5)).await, so("IN_STOCK", DISTRIBUTOR));
    assert_eq!(on(&["trace", "unit", PALLET]).json()["children"], 0);
    let lot = everywhere(scene, "lot", json!({ "gtin": CAPSULES, "lot": LOT })).await;
    let total = &lot["total"];
    assert_eq!((&lot["commissioned"], &total["in_stock"], &total["dispensed"]), (&json!(8), &json!(7), &json!(1)));
    assert_eq!((&lot["balanced"], &lot["unaccounted"]), (&json!(true), &json!(0)), "{lot}");
    // What the consumer's page will say: registered, and used already.
    let answer = on(&["trace", "verify", PRINTED]).json();
    assert_eq!((&answer["verified"], &answer["saleable"]), (&json!(true), &json!(false)), "{answer}");
}

async fn story_6_a_saleable_return(scene: &Scene, on: Run<'_>) {
    let returned = referring(shipping(&[&pack(3)], DISTRIBUTOR), "rma", "9506010000005:RMA-1");
    assert_eq!(captured(on, "pharmacy", &returned)["operation"], "return");
    done(on, "distributor", &["receive", &pack(3), "--at", WAREHOUSE]);
    assert_eq!(held(scene, &pack(3)).await, so("QUARANTINED", DISTRIBUTOR));
    let (code, sentence) = refused(on, "distributor", &["ship", &pack(3), "--to", HOSPITAL]);
    assert_eq!(code, "UNIT_QUARANTINED");
    assert!(sentence.contains("in quarantine (returned)"), "{sentence}");
    done(on, "distributor", &["check-return", &pack(3)]);
    assert_eq!(held(scene, &pack(3)).await, so("IN_STOCK", DISTRIBUTOR));
    done(on, "distributor", &["ship", &pack(3), "--to", HOSPITAL]);
    done(on, "hospital", &["receive", &pack(3)]);
    assert_eq!(held(scene, &pack(3)).await, so("IN_STOCK", HOSPITAL));
    let before = ["commission", "pack", "pack", "ship", "carry", "receive", "unpack", "ship", "receive", "unpack"];
    let trail = [&before[..], &["return", "receive", "check_return", "ship", "receive"]].concat();
    assert_eq!(operations(on, &pack(3), "regulator/operator"), trail);
}

async fn story_10_an_auditors_hour(scene: &Scene, on: Run<'_>) {
    let damaged = object("OBSERVE", "inspecting", "damaged", &[&pack(2)]);
    captured(on, "pharmacy", &damaged);
    assert_eq!(held(scene, &pack(2)).await, so("QUARANTINED", PHARMACY));
    let destroyed = object("DELETE", "destroying", "destroyed", &[&pack(2)]);
    let destroyed = referring(destroyed, "cert", "9506030000009:DESTRUCTION-7");
    // Whoever only reads can do nothing else.
    let denied = not_captured(on, "regulator", &destroyed);
    assert_eq!(denied["reason"], "ROLE_DENIED", "{denied}");
    assert!(denied["message"].as_str().unwrap().contains("regulator/operator has regulator"), "{denied}");
    captured(on, "pharmacy", &destroyed);

    let reader = ["--as", "regulator/operator"];
    let found = on(&[&["trace", "events", "--item", &pack(2)], &reader[..]].concat()).json();
    let found = found.as_array().unwrap();
    let done: Vec<&str> = found.iter().map(|event| event["operation"].as_str().unwrap()).collect();
    let way = ["commission", "pack", "pack", "ship", "carry", "receive", "unpack", "ship", "receive", "unpack"];
    assert_eq!(done.iter().filter(|operation| way.contains(operation)).count(), way.len(), "{done:?}");
    let last = found.last().unwrap();
    assert_eq!((&last["operation"], &last["party"]), (&json!("destroy"), &json!(PHARMACY)), "{last}");
    assert_eq!(last["said_by"], "pharmacy/operator");
    let certificate = "urn:epcglobal:cbv:bt:9506030000009:DESTRUCTION-7";
    assert_eq!(last["event"]["bizTransactionList"][0]["bizTransaction"], certificate, "{last}");
    let by_certificate = on(&[&["trace", "events", "--document", certificate], &reader[..]].concat()).json();
    assert_eq!(by_certificate, json!([last]), "the certificate leads to the event, and to no other");

    let proven = on(&[&["trace", "history", &pack(2), "--proof"], &reader[..]].concat()).json();
    let steps = proven["steps"].as_array().unwrap();
    assert!(steps.len() >= way.len() && proven["proven_at"].is_u64(), "{proven}");
    assert_eq!(steps.last().unwrap()["transaction"], last["transaction"], "the newest last");
    an_event_is_proven_offline(scene, on, last["transaction"].as_str().unwrap()).await;
}

/// The proof of the transaction is believed for its own sake: with the genesis in hand, and no peer to be asked.
async fn an_event_is_proven_offline(scene: &Scene, on: Run<'_>, transaction: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (proof, genesis) = (folder.path().join("event.dossier"), folder.path().join("genesis.bin"));
    let path = proof.display().to_string();
    let told = on(&["tx", "rules", transaction, "--out", &path, "--as", "regulator/operator"]).json();
    std::fs::copy(scene.dir().join("genesis.bin"), &genesis).unwrap();
    level(scene).await;
    for index in 0..4 {
        scene.network.kill(index).await.unwrap();
    }
    assert_eq!(on(&["tx", "status", transaction]).error(7)["reason"], "PEER_UNREACHABLE");
    let offline = || run(folder.path(), &["verify", &path, "--genesis", &genesis.display().to_string()]);
    let verified = offline().json();
    assert_eq!(verified, told);
    assert_eq!((&verified["transaction"], &verified["outcome"]), (&json!(transaction), &json!("VALID")));
    assert_eq!((&verified["function"], &verified["by"]), (&json!("capture"), &json!("pharmacy/operator")));
    let mut changed = std::fs::read(&proof).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&proof, changed).unwrap();
    let reason = offline().error(8)["reason"].as_str().unwrap().to_owned();
    assert!(["DOSSIER_BROKEN", "DOSSIER_UNKNOWN"].contains(&reason.as_str()), "{reason}");
}
