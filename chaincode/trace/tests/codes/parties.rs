//! Codes about parties, licences, rights and records.

use crate::*;

pub const CASES: &[Case] = &[
    (
        "ID_PREFIX_NOT_LICENSED",
        |w| w.refuses(&DIS, births("09:00", &[pack(9)], LOT, EXPIRY)),
        "Prefix 9506000 of GTIN 09506000134376 is licensed to mfr, not to you. Use your own numbers, or register your prefix.",
    ),
    (
        "ID_ALREADY_REGISTERED",
        |w| sentence(w.register(&DI2, &[MFR.gln], &[])),
        "GLN 9506000100005 is already registered to mfr. Ask its administrator, or check the number.",
    ),
    (
        "PARTY_UNKNOWN",
        |w| {
            let stranger = world::Party { name: "new", role: "pharmacy", gln: "9506090000001", prefix: "9506090" };
            w.refuses(&stranger, dispenses("09:00", &[pack(1)]))
        },
        "Organisation new is registered to no party on this ledger. Its administrator calls register_party first.",
    ),
    (
        "LICENCE_INACTIVE",
        |w| {
            license(w, Some("2026-03-31")).unwrap();
            w.refuses(&MFR, sees("09:00", "storing", &[pack(1)]))
        },
        "Organisation mfr has no licence in force (it ended 2026-03-31). A regulator calls license_party.",
    ),
    (
        "ROLE_DENIED",
        |w| w.refuses(&CAR, ships("09:00", &DIS, &[pack(1)])),
        "This needs the role manufacturer or repackager or distributor or pharmacy or hospital; car/clerk has carrier. Ask somebody who has it.",
    ),
    (
        "SECOND_PERSON_NEEDED",
        |w| {
            w.does(&MFR, sees("09:00", "inspecting", &[pack(1)]).disposition("damaged"));
            w.refuses(&MFR, sees("09:10", "inspecting", &[pack(1)]).disposition("available"))
        },
        "A release from quarantine needs a second signature: 1 more. Ask them to sign the transaction too.",
    ),
    ("RECORD_STATE", |w| sentence(license(w, None)), "Party 9506000100005: It has no licence that could be withdrawn."),
    (
        "RECORD_UNKNOWN",
        |w| {
            let wanted = CloseCase { case: "C-1".to_owned(), state: CaseState::Settled, outcome: "so".to_owned() };
            sentence(w.call::<_, theriac_trace::CaseView>(&MFR, "close_case", &wanted))
        },
        "Case C-1 is not on this ledger. Check the number.",
    ),
    (
        "DOCUMENT_INCOMPLETE",
        |w| {
            let document = theriac_epcis::Document::capture(Vec::new(), world::say::moment("09:00"));
            sentence(w.call::<_, theriac_trace::Kept>(&MFR, "keep_document", &document.envelope(&[[171; 32]])))
        },
        "Event 1 of the document, abababababababababababababababababababababababababababababababab, is not on this ledger. Capture it; then hand it in again.",
    ),
];
