//! Stories 5, 7 and 16: verification as trading partners do it, a recalled lot, and what a pharmacy is told about a
//! recalled pack. The expired one is in `later.rs`, where time passes.
//!
//! One grouped notice for each holder belongs to the alarms; what it will be made of, the recall's rows, is asked here.

use super::say::{captured, referring, shipping};
use super::stage::{
    CAPSULES, DISTRIBUTOR, LOT, MAKER, PHARMACY, SECOND_DISTRIBUTOR, broken_bulk, case, everywhere, held, joins, level,
    pack, so,
};
use crate::common::Scene;
use crate::trace::{Run, deed, done};
use serde_json::{Value, json};

#[tokio::test]
async fn a_lot_is_verified_recalled_and_goes_nowhere_but_back() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    broken_bulk(on);
    joins(on, "wholesaler", "distributor", SECOND_DISTRIBUTOR);
    story_5_verification(on);
    let since = story_7_a_recall(&scene, on).await;
    story_16_recalled_at_the_counter(&scene, on, since).await;
}

/// Asked by a distributor who never had the pack.
fn verified(on: Run<'_>, lot: &str, expiry: &str) -> Value {
    let printed = ["--lot", lot, "--expiry", expiry, "--as", "wholesaler/operator"];
    on(&[&["trace", "verify", &pack(5)], &printed[..]].concat()).json()
}

fn story_5_verification(on: Run<'_>) {
    let good = verified(on, LOT, "280531");
    assert_eq!((&good["verified"], &good["saleable"]), (&json!(true), &json!(true)), "{good}");
    assert!(good["verification_failure_reason"].is_null() && good["additional_info"].is_null(), "{good}");
    for (lot, expiry, reason) in [
        ("LOT24B", "280531", "No_match_GTIN_Serial_Lot"),
        (LOT, "280630", "No_match_GTIN_Serial_Expiry"),
        ("LOT24B", "280630", "No_match_GTIN_Serial_Lot_Expiry"),
    ] {
        let other = verified(on, lot, expiry);
        assert_eq!((&other["verified"], &other["verification_failure_reason"]), (&json!(false), &json!(reason)));
        assert_eq!(other["saleable"], false, "{other}");
    }
    let unknown = on(&["trace", "verify", &pack(99), "--as", "wholesaler/operator"]).json();
    assert_eq!(unknown["verification_failure_reason"], "No_match_GTIN_Serial", "{unknown}");
    // Whoever asks learns nothing of who has it.
    let fields: Vec<&String> = good.as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), 5, "{fields:?}");
    assert!(!good.to_string().contains(DISTRIBUTOR), "{good}");
}

/// Gives the block of the recall.
async fn story_7_a_recall(scene: &Scene, on: Run<'_>) -> u64 {
    let lot = format!("{CAPSULES}/{LOT}");
    let start = ["start", "R-7", "--lot", &lot, "--reason", "glass in capsules", "--class", "1"];
    let recalled = on(&[&["trace", "recall"], &start[..], &["--as", "maker/operator"]].concat()).json();
    let since = recalled["height"].as_u64().unwrap();
    // From the next block on nothing of it is shipped or dispensed, packed or not.
    let attempts: [(&str, &[&str]); 3] = [
        ("distributor", &["ship", &case(2), "--to", SECOND_DISTRIBUTOR]),
        ("pharmacy", &["ship", &pack(3), "--to", DISTRIBUTOR]),
        ("pharmacy", &["dispense", &pack(2)]),
    ];
    for (who, words) in attempts {
        let error = deed(on, who, words).error(3);
        assert_eq!(error["reason"], "UNIT_RECALLED", "{words:?}: {error}");
        assert!(error["details"]["height"].as_u64().unwrap() > since, "{error}");
        assert!(error["message"].as_str().unwrap().contains(&format!("recalled in block {since}, recall R-7")));
    }
    // What goes back to where it came from may go.
    let back = referring(shipping(&[&pack(4)], DISTRIBUTOR), "rma", "9506010000005:RMA-7");
    captured(on, "pharmacy", &back);
    assert_eq!(held(scene, &pack(4)).await, so("IN_TRANSIT", PHARMACY));
    done(on, "distributor", &["receive", &pack(4)]);
    assert_eq!(held(scene, &pack(4)).await, so("QUARANTINED", DISTRIBUTOR));

    level(scene).await;
    let shown = on(&["trace", "recall", "show", "R-7", "--as", "regulator/operator"]).json();
    assert_eq!(everywhere(scene, "recall", json!({ "number": "R-7" })).await, shown);
    let recall = &shown["recall"];
    assert_eq!((&recall["by"], &recall["since"], &recall["class"]), (&json!(MAKER), &json!(since), &json!(1)));
    assert_eq!(recall["reason"], "glass in capsules");
    // By holder and state: four packs in the distributor's case, one sent back to it, three at the pharmacy.
    let mut by_holder: Vec<(String, u64, u64)> = Vec::new();
    for row in shown["stock"].as_array().unwrap() {
        let (holder, amounts) = (row["holder"].as_str().unwrap(), &row["amounts"]);
        let amount = |name: &str| amounts[name].as_u64().unwrap();
        match by_holder.iter_mut().find(|known| known.0 == holder) {
            Some(known) => (known.1, known.2) = (known.1 + amount("in_stock"), known.2 + amount("quarantined")),
            None => by_holder.push((holder.to_owned(), amount("in_stock"), amount("quarantined"))),
        }
    }
    by_holder.sort();
    assert_eq!(by_holder, [(DISTRIBUTOR.to_owned(), 4, 1), (PHARMACY.to_owned(), 3, 0)], "{shown}");
    // The identity is what it was; it may not be sold.
    let answer = verified(on, LOT, "280531");
    assert_eq!((&answer["verified"], &answer["additional_info"]), (&json!(true), &json!("Recalled")), "{answer}");
    assert_eq!(answer["saleable"], false, "{answer}");
    since
}

async fn story_16_recalled_at_the_counter(scene: &Scene, on: Run<'_>, since: u64) {
    let error = deed(on, "pharmacy", &["dispense", &pack(1)]).error(3);
    assert_eq!(error["reason"], "UNIT_RECALLED");
    let sentence =
        format!("{}: recalled in block {since}, recall R-7. Put it into quarantine and send it back.", pack(1));
    assert_eq!(error["message"], sentence, "the recall's number, and what to do");
    done(on, "pharmacy", &["hold", &pack(1)]);
    assert_eq!(held(scene, &pack(1)).await, so("QUARANTINED", PHARMACY));
}
