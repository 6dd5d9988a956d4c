//! Codes about packing.

use crate::*;

pub const CASES: &[Case] = &[
    (
        "AGG_CHILD_ALREADY_PACKED",
        |w| {
            w.does(&MFR, packs_into("09:00", &case(1), &[pack(1)]));
            w.refuses(&MFR, packs_into("09:10", PALLET, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: already packed in 01/19506000134373/21/CS26A001. Unpack it there first.",
    ),
    (
        "AGG_CHILD_NOT_IN_PARENT",
        |w| w.refuses(&MFR, unpacks("09:00", PALLET, &[pack(1)])),
        "01/09506000134376/21/SN26A00001: not in 00/095060000000000015. Count the contents and compare.",
    ),
    (
        "AGG_CYCLE",
        |w| w.refuses(&MFR, packs_into("09:00", PALLET, &[PALLET])),
        "00/095060000000000015: contains 00/095060000000000015, so it cannot be packed into it.",
    ),
    (
        "AGG_PARENT_UNKNOWN",
        |w| w.refuses(&MFR, packs_into("09:00", PALLET_2, &[pack(1)])),
        "00/095060000000000022: this container was never commissioned. Commission it first.",
    ),
    (
        "AGG_CHILD_DIRECT_MOVE",
        |w| {
            w.does(&MFR, packs_into("09:00", PALLET, &[pack(1)]));
            w.refuses(&MFR, ships("09:10", &DIS, &[pack(1)]))
        },
        "01/09506000134376/21/SN26A00001: packed in 00/095060000000000015. Move that, or unpack it first.",
    ),
    (
        "AGG_NOT_EMPTY",
        |w| {
            w.does(&MFR, packs_into("09:00", PALLET, &[pack(1)]));
            w.refuses(&MFR, ends("09:10", "decommissioning", &[PALLET]).disposition("damaged"))
        },
        "00/095060000000000015: still contains 1 items. Unpack them first.",
    ),
    (
        "AGG_TOO_DEEP",
        |w| {
            let nests: Vec<String> = (10..19).map(case).collect();
            w.does(&MFR, births("09:00", &nests, LOT, EXPIRY));
            nests[..8].windows(2).for_each(|pair| drop(w.does(&MFR, packs_into("09:10", &pair[0], &pair[1..]))));
            w.refuses(&MFR, packs_into("09:20", &nests[7], &nests[8..]))
        },
        "01/19506000134373/21/CS26A010: packing would nest more than 8 levels deep. Unpack a level.",
    ),
];
