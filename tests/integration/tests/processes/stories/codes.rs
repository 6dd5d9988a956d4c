//! Stories 11 to 13 and 15: typed and scanned codes that cannot be, births that cannot be, and goods that are not one's
//! own.
//!
//! The code that a camera reads, and the hints beside the field of a form, belong to the web page.

use super::stage::{
    DISTRIBUTOR, HOSPITAL, LOT, MAKER, PALLET, WAREHOUSE, broken_bulk, case, does, held, joins, pack, so,
};
use crate::common::{Ran, Scene};
use crate::trace::{Run, done, refused};
use serde_json::Value;

const DISTRIBUTORS_PALLET: &str = "00/195060100000000019";

#[tokio::test]
async fn codes_births_and_goods_that_are_refused_in_words() {
    let scene = Scene::up().await;
    let on: Run<'_> = &|arguments: &[&str]| scene.run(arguments);
    broken_bulk(on);
    joins(on, "hospital", "hospital", HOSPITAL);
    story_11_typos(on);
    story_12_mangled_scans(on);
    story_13_duplicate_births(&scene, on).await;
    story_15_not_yours(&scene, on).await;
}

fn said(ran: &Ran, exit: i32) -> (String, String) {
    let error: Value = ran.error(exit);
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("reason"), text("message"))
}

/// Read here and at the peer, a wrong digit is told by the same sentence, which names the right one.
fn story_11_typos(on: Run<'_>) {
    let gtin = "GTIN 09506000134375: check digit is 5, should be 6. Re-scan or re-type.";
    let sscc = "SSCC 095060000000000016: check digit is 6, should be 5. Re-scan or re-type.";
    let gln = "9506010000004: check digit is 4, should be 5. Re-scan or re-type.";
    let unit = "(01)09506000134375(21)SN26A00001";
    let rows: [(&[&str], i32, &str); 8] = [
        (&["trace", "scan", unit], 2, gtin),
        (&["trace", "unit", unit], 3, gtin),
        (&["trace", "do", "dispense", unit, "--as", "pharmacy/operator"], 2, gtin),
        (&["trace", "scan", "(00)095060000000000016"], 2, sscc),
        (&["trace", "unit", "(00)095060000000000016", "--contents"], 3, sscc),
        (&["trace", "do", "ship", PALLET, "--to", "9506010000004", "--as", "maker/operator"], 2, gln),
        (&["trace", "do", "receive", PALLET, "--at", "9506010000004", "--as", "distributor/operator"], 2, gln),
        (&["trace", "stock", "--holder", "9506010000004"], 3, gln),
    ];
    for (typed, exit, sentence) in rows {
        let (code, message) = said(&on(typed), exit);
        assert_eq!(code, "ID_CHECK_DIGIT", "{typed:?}: {message}");
        assert!(message.contains(sentence), "{typed:?}: {message}");
    }
}

fn story_12_mangled_scans(on: Run<'_>) {
    let stripped = "010950600013437610LOT24A21SN26A0000117280531";
    let rows = [
        (stripped, "AMBIGUOUS_NO_GS", "no separator after it", "Correct the scanner or type the fields"),
        ("]d1010950600013437621SN26A00001", "SCAN_NOT_GS1", "is no GS1 code", "Scan the DataMatrix of the pack"),
    ];
    for (scanned, expected, what, next) in rows {
        for (typed, exit) in [("scan", 2), ("unit", 3)] {
            let (code, message) = said(&on(&["trace", typed, scanned]), exit);
            assert_eq!(code, expected, "{typed}: {message}");
            assert!(message.contains(what) && message.contains(next), "{typed}: {message}");
        }
    }
}

async fn story_13_duplicate_births(scene: &Scene, on: Run<'_>) {
    for lot in [LOT, "LOT24B"] {
        let birth = ["commission", &pack(1), "--lot", lot, "--expiry", "2028-05-31"];
        let (code, sentence) = refused(on, "maker", &birth);
        assert_eq!(code, "UNIT_DUPLICATE_COMMISSION", "{lot}");
        assert!(sentence.contains("serial already commissioned 20"), "{sentence}");
        assert!(sentence.contains(&format!("by {MAKER} in block ")), "{sentence}");
    }
    let foreign = ["commission", &pack(9), "--lot", LOT, "--expiry", "2028-05-31"];
    let (code, sentence) = refused(on, "distributor", &foreign);
    assert_eq!(code, "ID_PREFIX_NOT_LICENSED");
    assert!(
        sentence.starts_with("Prefix 9506000 of GTIN 09506000134376 is licensed to maker, not to you"),
        "{sentence}"
    );
    assert_eq!(on(&["trace", "unit", &pack(9)]).error(3)["reason"], "UNIT_UNKNOWN");
    assert_eq!(held(scene, &pack(1)).await, so("IN_STOCK", super::stage::PHARMACY), "as it was");
}

async fn story_15_not_yours(scene: &Scene, on: Run<'_>) {
    let seventh = pack(7);
    let (code, sentence) = refused(on, "pharmacy", &["ship", &seventh, "--to", HOSPITAL]);
    assert_eq!(code, "NOT_HOLDER");
    assert!(sentence.contains(&format!("{seventh}: held by {DISTRIBUTOR} since block ")), "{sentence}");
    let (code, sentence) = refused(on, "distributor", &["ship", &seventh, "--to", HOSPITAL]);
    assert_eq!(code, "AGG_CHILD_DIRECT_MOVE");
    assert_eq!(sentence, format!("{seventh}: packed in {}. Move that, or unpack it first.", case(2)));
    done(on, "distributor", &["commission", DISTRIBUTORS_PALLET, "--at", WAREHOUSE]);
    let (code, sentence) = refused(on, "distributor", &["pack", &seventh, "--into", DISTRIBUTORS_PALLET]);
    assert_eq!(code, "AGG_CHILD_ALREADY_PACKED");
    assert_eq!(sentence, format!("{seventh}: already packed in {}. Unpack it there first.", case(2)));
    does(on, "distributor", "pack", &[case(2)], &["--into", DISTRIBUTORS_PALLET]);
    let (code, sentence) = refused(on, "distributor", &["pack", DISTRIBUTORS_PALLET, "--into", &case(2)]);
    assert_eq!(code, "AGG_CYCLE");
    assert_eq!(sentence, format!("{DISTRIBUTORS_PALLET}: contains {}, so it cannot be packed into it.", case(2)));
    // While it is packed its state is that of the outermost container, which is new.
    assert_eq!(held(scene, &seventh).await, so("COMMISSIONED", DISTRIBUTOR));
    assert_eq!(on(&["trace", "unit", &seventh]).json()["container"], super::say::link(DISTRIBUTORS_PALLET));
}
