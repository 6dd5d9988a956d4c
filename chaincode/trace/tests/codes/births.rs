//! Codes about births, documents and times.

use crate::*;

pub const CASES: &[Case] = &[
    (
        "UNIT_DUPLICATE_COMMISSION",
        |w| w.refuses(&MFR, births("09:00", &[pack(1)], "LOT24B", EXPIRY)),
        "01/09506000134376/21/SN26A00001: serial already commissioned 2026-04-01 by 9506000100005 in block 10. Never use a serial twice; take a new one.",
    ),
    (
        "SERIAL_RULE",
        |w| {
            serials(w, 12).unwrap();
            w.refuses(&MFR, births("09:00", &[pack(9)], LOT, EXPIRY))
        },
        "01/09506000134376/21/SN26A00009: the serial number is not of the kind that was set for this product: 12 characters of 0123456789. Draw a new one.",
    ),
    (
        "SERIAL_GUESSABLE",
        |w| {
            serials(w, 4).unwrap();
            let unit = |serial| format!("01/{CAPSULES}/21/{serial}");
            w.does(&MFR, births("09:00", &[unit("0001")], LOT, EXPIRY));
            w.refuses(&MFR, births("09:00", &[unit("0002")], LOT, EXPIRY))
        },
        "GTIN 09506000134376: 1 of 10000 serial numbers are given out; one more could be guessed too easily. Set longer serial numbers.",
    ),
    (
        "EXPIRY_MISMATCH",
        |w| w.refuses(&MFR, births("09:00", &[pack(9)], LOT, "2029-05-31")),
        "01/09506000134376/10/LOT24A: expiry 2029-05-31 is stated, the ledger says 2028-05-31. Treat as suspect, or correct the event.",
    ),
    (
        "LOT_MISMATCH",
        |w| sentence(w.unit("(01)09506000134376(21)SN26A00001(10)LOT24B")),
        "01/09506000134376/21/SN26A00001: the code says lot LOT24B, the ledger says LOT24A. Treat as suspect.",
    ),
    (
        "LOT_UNKNOWN",
        |w| {
            let lot = lot_of(CAPSULES, "NONE");
            w.refuses(&MFR, sees("09:00", "holding", NOTHING).disposition("recalled").goods(&lot, "", ""))
        },
        "01/09506000134376/10/NONE: no such lot on this ledger. Check the lot number.",
    ),
    (
        "EPCIS_VALIDATION",
        |w| w.refuses(&MFR, births("09:00", &[pack(9)], "", EXPIRY)),
        "The event lacks a lot (ilmd cbvmda:lotNumber).",
    ),
    (
        "EVENT_UNSUPPORTED",
        |w| w.refuses(&MFR, sees("09:00", "encoding", &[pack(1)])),
        "ObjectEvent with OBSERVE and encoding: this ledger does not take such events.",
    ),
    (
        "CAPTURE_LIMIT",
        |w| {
            let event = sees("09:00", "storing", &[pack(1)]).0;
            sentence(w.capture(&MFR, &vec![event; 101]))
        },
        "101 events of one transaction at once, at most 100 are allowed. Split it.",
    ),
    (
        "EVENT_DUPLICATE",
        |w| {
            w.does(&MFR, sees("09:00", "storing", &[pack(1)]));
            let (code, said) = w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]));
            let (start, rest) = said.split_at("This event was captured in block 12 as ".len());
            (code, format!("{start}…{}", &rest[64..]))
        },
        "This event was captured in block 12 as …. Send it once; or let two events differ.",
    ),
    (
        "TIME_IN_FUTURE",
        |w| {
            w.time_ms.set(APRIL_MS - 40 * 24 * 3_600_000);
            w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]))
        },
        "The event's time 2026-03-01T09:00:00.000+00:00 lies ahead of the ledger's by more than 900 seconds. Correct the clock.",
    ),
    (
        "TIME_BEFORE_PREVIOUS",
        |w| w.refuses(&MFR, sees("07:59", "storing", &[pack(1)])),
        "01/09506000134376/21/SN26A00001: the event's time 2026-03-01T07:59:00.000+00:00 lies before that of the previous event, 2026-03-01T08:00:00.000+00:00. Capture in order.",
    ),
];
