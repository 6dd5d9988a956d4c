//! Codes about hand-overs, quantities and what is taken back.

use crate::*;

pub const CASES: &[Case] = &[
    (
        "NOT_HOLDER",
        |w| w.refuses(&DIS, ships("09:00", &PH, &[pack(1)])),
        "01/09506000134376/21/SN26A00001: held by 9506000100005 since block 10, not by you.",
    ),
    (
        "NOT_OWNER",
        |w| {
            w.does(&MFR, sees("09:00", "shipping", &[pack(1)]).lent_to(&DIS).to(&HO));
            w.does(&DIS, receives("10:00", &[pack(1)]));
            w.refuses(&DIS, ships("11:00", &PH, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: owned by 9506040000006, not by you.",
    ),
    (
        "SHIP_NOT_OPEN",
        |w| w.refuses(&DIS, receives("09:00", &[pack(1)])),
        "01/09506000134376/21/SN26A00001: no shipment to you is open. Ask the shipper for the shipping event.",
    ),
    (
        "ALREADY_IN_TRANSIT",
        |w| {
            w.does(&MFR, ships("09:00", &DIS, &[pack(1)]));
            w.refuses(&MFR, ships("09:10", &PH, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: in transit to 9506010000005 since block 12. It is received there, or its shipping is voided, first.",
    ),
    (
        "WRONG_CONSIGNEE",
        |w| {
            w.does(&MFR, ships("09:00", &DIS, &[pack(1)]));
            w.refuses(&DI2, receives("09:10", &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: addressed to 9506010000005, not to 9506060000000. Do not accept it; tell the shipper.",
    ),
    (
        "RETURN_TO_STRANGER",
        |w| w.refuses(&MFR, ships("09:00", &DIS, &[pack(1)]).back()),
        "01/09506000134376/21/SN26A00001: 9506010000005 never held it. What goes back goes to somebody who did.",
    ),
    (
        "DOUBLE_RECEIPT",
        |w| {
            at_pharmacy(w);
            w.refuses(&PH, receives("10:10", &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: already received by 9506030000009 in block 13; your receipt was refused. Check for a second pack of this code.",
    ),
    (
        "QTY_SHORT",
        |w| {
            w.does(&MFR, ships("09:00", &PH, &[pack(1), pack(2)]).reference("desadv", "urn:da:1"));
            remark(w.does(&PH, receives("10:00", &[pack(1)]).reference("desadv", "urn:da:1")))
        },
        "urn:da:1: 1 of 2 did not arrive: 01/09506000134376/21/SN26A00002. Ask the shipper, or receive what there is without strict receipts.",
    ),
    (
        "QTY_OVER",
        |w| {
            w.does(&MFR, ships("09:00", &PH, &[pack(1)]));
            remark(w.does(&PH, receives("10:00", &[pack(1), pack(2)])))
        },
        "01/09506000134376/21/SN26A00002: not in the shipment of 1 items. Put it aside, and ask the shipper.",
    ),
    (
        "QTY_BALANCE",
        |w| {
            let lot = lot_of(TABLETS, "T");
            w.refuses(&MFR, ships("09:00", &DIS, NOTHING).goods(&lot, "1.5", "KGM"))
        },
        "01/09506000134352/10/T#KGM held by 9506000100005, in stock: 0 KGM are there, 1.5 KGM are needed. Count again.",
    ),
    (
        "UNDO_WINDOW_EXPIRED",
        |w| {
            at_pharmacy(w);
            w.does(&PH, dispenses("11:00", &[pack(1)]));
            w.wait_hours(10 * 24 + 1);
            w.refuses(&PH, dispenses("11:00", &[pack(1)]).wrong())
        },
        "01/09506000134376/21/SN26A00001: dispensing lies longer back than 10 days. Open a case instead.",
    ),
    (
        "UNDO_OTHER_LOCATION",
        |w| w.refuses(&DIS, births("08:01", &[PALLET], "", "").at(MFR_SITE).wrong()),
        "00/095060000000000015: done at 414/9506000100012, so it can only be taken back there.",
    ),
    (
        "UNDO_NOT_REVERSIBLE",
        |w| {
            w.does(&MFR, ends("09:00", "decommissioning", &[pack(1)]).disposition("stolen"));
            w.refuses(&MFR, ends("09:00", "decommissioning", &[pack(1)]).disposition("stolen").wrong())
        },
        "01/09506000134376/21/SN26A00001: Decommissioning as stolen cannot be taken back. Open a case instead.",
    ),
    (
        "ERRDECL_INVALID",
        |w| w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]).wrong()),
        "The error declaration: it repeats no event of this ledger. Repeat the wrong event word for word, its eventID included.",
    ),
];
