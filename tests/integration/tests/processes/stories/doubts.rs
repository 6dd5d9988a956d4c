//! Stories 17 to 19: a delivery that is short, a truck that is warm, a code that is there twice.
//!
//! That people are told, in which order and how often, belongs to the alarms: here is what the ledger announces to them.
//! The map, the time line and the report button of the cloned code belong to the web page.

use super::say::{HOUR_MS, captured, link, measuring, now_ms, object, read, referring, shipping};
use super::stage::{
    CAPSULES, DISTRIBUTOR, EXPIRY, HOSPITAL, LOT, PHARMACY, born, case, does, everywhere, held, joins, pack, packs, so,
};
use crate::common::Scene;
use crate::trace::{Run, deed, done, refused};
use serde_json::{Value, json};
use theriac_trace_client::capture_argument;

const VACCINE: &str = "09506000134406";

#[tokio::test]
async fn short_deliveries_warm_trucks_and_cloned_codes_are_found_and_settled() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    story_17_a_short_delivery(&scene, on).await;
    story_18_a_warm_truck(&scene, on).await;
    joins(on, "hospital", "hospital", HOSPITAL);
    story_19_a_cloned_code(&scene, on).await;
}

/// What the chaincode announced from a height on in so many transactions, as it is given to whoever follows.
fn announced(on: Run<'_>, from: u64, count: &str) -> Vec<Value> {
    let from = from.to_string();
    let watched = on(&["events", "watch", "--chaincode", "trace", "--from", &from, "--count", count]);
    assert_eq!(watched.code, Some(0), "{watched:?}");
    watched.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn story_17_a_short_delivery(scene: &Scene, on: Run<'_>) {
    born(on, &packs(1..=4), LOT, EXPIRY);
    born(on, &[case(1)], LOT, EXPIRY);
    does(on, "maker", "pack", &packs(1..=4), &["--into", &case(1)]);
    done(on, "maker", &["ship", &case(1), "--to", DISTRIBUTOR]);
    done(on, "distributor", &["receive", &case(1)]);
    done(on, "distributor", &["ship", &case(1), "--to", PHARMACY]);
    let partial = does(on, "pharmacy", "receive", &packs(1..=3), &[]);
    assert_eq!(partial["remarks"], json!(["QTY_SHORT"]), "{partial}");
    let message = partial["messages"][0].as_str().unwrap();
    assert!(message.contains(&format!("did not arrive: {}. Ask the shipper", pack(4))), "{message}");
    let number = partial["case"].as_str().unwrap();
    let opened = everywhere(scene, "case", json!({ "number": number })).await;
    let opened = &opened["case"];
    assert_eq!((&opened["kind"], &opened["state"]), (&json!("Underage"), &json!("Open")), "{opened}");
    assert_eq!((&opened["opened_by"], &opened["against"]), (&json!(PHARMACY), &json!(DISTRIBUTOR)), "{opened}");
    assert_eq!(opened["items"], json!([pack(4)]));
    // Both parties are named in what is announced, together with the receipt.
    let told = announced(on, partial["height"].as_u64().unwrap(), "1");
    let topics: Vec<&str> = told.iter().map(|event| event["topic"].as_str().unwrap()).collect();
    assert_eq!(topics, ["trace.receive", "trace.case", "trace.broken_chain"]);
    for notice in &told[1..] {
        let payload = &notice["payload"];
        assert_eq!((&payload["opened_by"], &payload["against"]), (&json!(PHARMACY), &json!(DISTRIBUTOR)), "{notice}");
    }
    let lot = everywhere(scene, "lot", json!({ "gtin": CAPSULES, "lot": LOT })).await;
    assert_eq!((&lot["unaccounted"], &lot["balanced"]), (&json!(1), &json!(false)), "{lot}");
    assert_eq!(held(scene, &pack(1)).await, so("IN_STOCK", PHARMACY));
    assert_eq!(held(scene, &pack(4)).await, so("IN_TRANSIT", DISTRIBUTOR));
    // It is found, and with that the case is closed.
    done(on, "pharmacy", &["receive", &pack(4)]);
    let settled = everywhere(scene, "case", json!({ "number": number })).await;
    let (state, outcome) = (&settled["case"]["state"], &settled["case"]["outcome"]);
    assert_eq!((state, outcome), (&json!("Settled"), &json!("everything arrived")), "{settled}");
    let lot = everywhere(scene, "lot", json!({ "gtin": CAPSULES, "lot": LOT })).await;
    assert_eq!((&lot["unaccounted"], &lot["balanced"]), (&json!(0), &json!(true)), "{lot}");
    assert_eq!(lot["total"]["in_stock"], 4);
    // It was found by itself: the case that was opened holds the others alone.
    does(on, "pharmacy", "unpack", &packs(1..=3), &["--into", &case(1)]);
    assert_eq!(on(&["trace", "unit", &case(1)]).json()["children"], 0);
}

async fn story_18_a_warm_truck(scene: &Scene, on: Run<'_>) {
    let limits = ["limits", VACCINE, "--from", "2", "--to", "8", "--mean", "8", "--gap", "240"];
    on(&[&["trace", "set"], &limits[..], &["--as", "maker/operator"]].concat()).json();
    let rows: [(&str, &str, [f64; 8]); 3] = [
        ("V1", "CEL", [4.9, 5.2, 6.1, 7.9, 9.4, 13.2, 8.8, 6.0]),
        ("V2", "KEL", [278.05, 278.35, 279.25, 281.05, 282.55, 286.35, 281.95, 279.15]),
        ("V3", "FAH", [40.82, 41.36, 42.98, 46.22, 48.92, 55.76, 47.84, 42.8]),
    ];
    let doses = rows.map(|(serial, ..)| format!("01/{VACCINE}/21/{serial}"));
    born(on, &doses, "V-0042", EXPIRY);
    let items = doses.each_ref().map(String::as_str);
    let shipped = referring(shipping(&items, PHARMACY), "bol", "9506020000002:BOL-18");
    captured(on, "maker", &shipped);
    for (dose, (_, unit, values)) in items.iter().zip(rows) {
        warm_on_its_way(on, dose, unit, &values);
    }
    does(on, "pharmacy", "receive", &doses, &[]);
    for dose in items {
        let (code, sentence) = refused(on, "pharmacy", &["dispense", dose]);
        assert_eq!(code, "COLD_EXCURSION");
        assert!(sentence.contains("until your quality assurance and its maker release it"), "{sentence}");
        let (code, sentence) = refused(on, "pharmacy", &["release", dose]);
        assert_eq!(code, "SECOND_PERSON_NEEDED");
        assert!(sentence.contains("the maker, 9506000100005, or a regulator"), "{sentence}");
    }
    // Quality assurance signs, and the maker beside it.
    let released = read(&object("OBSERVE", "inspecting", "conformant", &items));
    let argument = hex::encode(capture_argument(&[released]));
    let together = ["--as", "pharmacy/operator", "--cosign", "maker/operator"];
    on(&[&["tx", "submit", "trace", "capture", "--args-hex", &argument], &together[..]].concat()).json();
    for dose in items {
        done(on, "pharmacy", &["dispense", dose]);
        assert_eq!(held(scene, dose).await, so("DISPENSED", PHARMACY));
    }
}

/// Eight readings of which three are too high, and then none for five hours.
fn warm_on_its_way(on: Run<'_>, dose: &str, unit: &str, values: &[f64]) {
    let began_ms = now_ms();
    let carried = |values: &[f64], last_ms| {
        let seen = object("OBSERVE", "transporting", "in_transit", &[dose]);
        captured(on, "carrier", &measuring(seen, values, unit, last_ms))
    };
    let warm = carried(values, began_ms - 5 * HOUR_MS);
    assert_eq!(warm["remarks"], json!(["COLD_EXCURSION"]), "{unit}: {warm}");
    let excursion = on(&["trace", "case", "show", warm["case"].as_str().unwrap()]).json();
    let allowed = ["allowed 2.00 °C to 8.00 °C", "measured 4.90 °C to 13.20 °C"];
    let outside = ["3 readings above, 0 below, 180 minutes outside", "mean kinetic temperature 8.12 °C"];
    assert_eq!(excursion["case"]["findings"], json!([allowed, outside].concat()), "{unit}");
    let late = carried(&values[1..2], began_ms);
    assert_eq!(late["remarks"], json!(["COLD_GAP"]), "{unit}: {late}");
    let message = late["messages"][0].as_str().unwrap();
    assert!(message.contains("nobody measured its temperature for 300 minutes, 240 are allowed"), "{message}");
}

async fn story_19_a_cloned_code(scene: &Scene, on: Run<'_>) {
    let (fourth, before) = (pack(4), everywhere(scene, "unit", json!({ "code": link(&pack(4)) })).await);
    assert_eq!(before["state"], "IN_STOCK");
    done(on, "pharmacy", &["dispense", &fourth]);
    // Far away a consumer looks the same code up: registered, and used already.
    let seen = on(&["trace", "verify", &fourth]).json();
    assert_eq!((&seen["verified"], &seen["saleable"]), (&json!(true), &json!(false)), "{seen}");
    let (code, sentence) = refused(on, "hospital", &["dispense", &fourth]);
    assert_eq!(code, "NOT_HOLDER");
    assert!(sentence.contains(&format!("held by {PHARMACY} since block ")), "{sentence}");
    let (code, sentence) = refused(on, "pharmacy", &["dispense", &fourth]);
    assert_eq!(code, "UNIT_TERMINAL");
    assert!(sentence.contains("Treat another such pack as suspect"), "{sentence}");

    // From now on it is a suspect, dispensed or not, and a clock of 24 hours runs.
    let doubted = done(on, "regulator", &["suspect", &fourth]);
    assert_eq!(doubted["operation"], "suspect");
    assert_eq!(held(scene, &fourth).await, so("DISPENSED", PHARMACY));
    let unit = on(&["trace", "unit", &fourth]).json();
    assert!(unit["stops"][0].as_str().unwrap().contains(": SUSPECT. Put it into quarantine"), "{unit}");
    let answer = on(&["trace", "verify", &fourth]).json();
    assert_eq!((&answer["verified"], &answer["additional_info"]), (&json!(true), &json!("Suspect")), "{answer}");
    let number = doubted["case"].as_str().unwrap();
    let opened = everywhere(scene, "case", json!({ "number": number })).await;
    let time = |name: &str| opened["case"][name].as_u64().unwrap();
    assert_eq!((&opened["case"]["kind"], time("due_ms") - time("opened_ms")), (&json!("Suspect"), 24 * 3_600_000));
    assert_eq!(opened["overdue"], false);
    let listed = on(&["trace", "case", "list"]).json().to_string();
    assert!(listed.contains(number), "{listed}");
    let told = announced(on, doubted["height"].as_u64().unwrap(), "1");
    assert_eq!(
        told.iter().map(|event| event["topic"].as_str().unwrap()).collect::<Vec<_>>(),
        ["trace.suspect", "trace.case"]
    );
    // Nobody settles it alone but the one who raised it.
    let closing = ["trace", "case", "close", number, "cleared", "the code was copied from a photograph"];
    assert_eq!(on(&[&closing[..], &["--as", "hospital/operator"]].concat()).error(3)["reason"], "NOT_OWNER");
    on(&[&closing[..], &["--as", "regulator/operator"]].concat()).json();
    assert_eq!(on(&["trace", "case", "show", number]).json()["case"]["state"], "Cleared");
    assert_eq!(
        deed(on, "hospital", &["dispense", &fourth]).error(3)["reason"],
        "NOT_HOLDER",
        "it is used all the same"
    );
}
