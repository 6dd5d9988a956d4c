//! Codes about what became of an item, and about sensors.

use crate::*;

pub const CASES: &[Case] = &[
    (
        "UNIT_UNKNOWN",
        |w| w.refuses(&MFR, sees("09:00", "storing", &[pack(9)])),
        "01/09506000134376/21/SN26A00009: not commissioned on this ledger. Treat as suspect.",
    ),
    (
        "UNIT_EXPIRED",
        |w| {
            at_pharmacy(w);
            w.time_ms.set(APRIL_MS + 1000 * 24 * 3_600_000);
            w.refuses(&PH, dispenses("11:00", &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: expired 2028-05-31. Put it into quarantine and have it destroyed.",
    ),
    (
        "UNIT_RECALLED",
        |w| {
            w.does(
                &MFR,
                sees("09:00", "holding", &[pack(1)])
                    .disposition("recalled")
                    .reference("urn:theriac:btt:recall", "urn:r:R-7"),
            );
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: recalled in block 12, recall R-7. Put it into quarantine and send it back.",
    ),
    (
        "UNIT_SUSPECT",
        |w| {
            w.does(&REG, sees("09:00", "holding", &[pack(1)]).disposition("no_pedigree_match"));
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: SUSPECT. Put it into quarantine and follow its case.",
    ),
    (
        "UNIT_LOCKED",
        |w| {
            w.does(&REG, sees("09:00", "holding", &[pack(1)]).disposition("unknown").sets("urn:theriac:disp:locked"));
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: stopped by its maker or a regulator. Keep it; ask them.",
    ),
    (
        "UNIT_QUARANTINED",
        |w| {
            w.does(&MFR, sees("09:00", "inspecting", &[pack(1)]).disposition("damaged"));
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: in quarantine (damaged) since block 12. Release it first, or have it destroyed.",
    ),
    (
        "UNIT_TERMINAL",
        |w| {
            w.does(&MFR, ends("09:00", "decommissioning", &[pack(1)]).disposition("stolen"));
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: decommissioned since block 12; nothing can follow. Treat another such pack as suspect.",
    ),
    (
        "UNIT_STATE",
        |w| w.refuses(&MFR, ends("09:00", "destroying", &[pack(1)]).disposition("destroyed")),
        "01/09506000134376/21/SN26A00001: COMMISSIONED, so it cannot be destroyed. Inspect it as damaged, hold it, or decommission it first.",
    ),
    (
        "COLD_EXCURSION",
        |w| {
            w.bears(CAPSULES, WARM);
            remark(w.does(&MFR, sees("09:00", "storing", &[pack(1)]).reads("08:30", "", "9.1", "CEL")))
        },
        "01/09506000134376/21/SN26A00001: it was too warm or too cold on its way. Keep it until your quality assurance and its maker release it.",
    ),
    (
        "COLD_GAP",
        |w| {
            w.bears(CAPSULES, WARM);
            remark(w.does(
                &MFR,
                sees("11:00", "storing", &[pack(1)]).reads("08:30", "", "5", "CEL").reads("10:00", "", "5", "CEL"),
            ))
        },
        "01/09506000134376/21/SN26A00001: nobody measured its temperature for 90 minutes, 60 are allowed. Look for the missing readings.",
    ),
    (
        "SENSOR_READING",
        |w| w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]).reads("08:30", "", "9.1", "")),
        "A sensor's report: the temperature 9.1 has no unit: give uom CEL, KEL or FAH. Correct it.",
    ),
    (
        "SENSOR_TIME",
        |w| w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]).reads("09:01", "", "5", "CEL")),
        "The sensor's time 2026-03-01T09:01:00.000+00:00 lies after its event's. Correct the clock of the sensor.",
    ),
    (
        "DEVICE_UNKNOWN",
        |w| w.refuses(&MFR, sees("09:00", "sensor_reporting", &[pack(1)]).reads("09:00", "urn:dev:1", "5", "CEL")),
        "urn:dev:1 is registered to nobody. Its owner calls register_device.",
    ),
];
