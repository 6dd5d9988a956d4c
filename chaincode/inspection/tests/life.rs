//! What becomes of a record: attached, superseded, withdrawn, and never overwritten.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::cast::*;
use office::world::{APRIL_MS, code};
use office::{LAB, Office, finds, lot, report, result, shared_with};
use theriac_inspection::{
    Attach, DocumentName, Kind, Measured, Outcome, Record, RecordQuery, RecordState, RecordStep, RecordView,
    RecordsQuery, Supersede, TestResult, Verdict, WithdrawalReason,
};

#[test]
fn a_record_holds_what_was_said_and_what_the_ledger_knows() {
    let office = Office::new();
    let mut wanted = finds("d", &["(21)SN26A00001(01)09506000134376", &lot(), &lot(), PALLET], Outcome::Released);
    wanted.subtype = Some("Certificate of analysis".to_owned());
    wanted.note = Some("Second sample.\nKept cool.".to_owned());
    wanted.identifier = Some("(253)9506090000001R7".to_owned());
    let assay = TestResult {
        method: Some("Ph. Eur. 2.2.29".to_owned()),
        specification: Some("95.0 to 105.0 %".to_owned()),
        measured: Some(Measured { value: "99.75".parse().unwrap(), unit: "%".to_owned() }),
        ..result("Assay", Verdict::Pass)
    };
    let finding = wanted.finding.as_mut().unwrap();
    finding.laboratory = Some(LAB.gln.parse().unwrap());
    finding.results = vec![assay, result("Odour", Verdict::Inconclusive)];
    let view = office.attaches(&LAB, &wanted);
    let expected = Record {
        kind: Kind::InspectionReport,
        subtype: wanted.subtype,
        document: DocumentName {
            cid: "d".to_owned(),
            sha2_256: office.host.query_context().sha2_256(b"d"),
            size: 1,
            media_type: "application/pdf".to_owned(),
            file_name: "d".to_owned(),
        },
        identifier: Some("253/9506090000001R7".to_owned()),
        subjects: [PALLET.to_owned(), lot(), pack(1)].map(|path| path.parse().unwrap()).to_vec(),
        finding: wanted.finding,
        note: wanted.note,
        access: shared_with(&[], &[]),
        organisation: "lab".to_owned(),
        member: "clerk".to_owned(),
        transaction: view.record.transaction,
        height: office.world.height.get(),
        attached_ms: APRIL_MS,
        policy: 0,
        supersedes: None,
        state: RecordState::Valid,
        changed_by: "lab/clerk".to_owned(),
    };
    let mut found = view.record.clone();
    found.subjects.sort_by_key(ToString::to_string);
    assert_eq!(found, expected);
    assert_ne!(view.record.transaction, [0; 32]);
    assert_eq!(office.ask::<_, RecordView>(&LAB, "record", &RecordQuery { number: 1 }).unwrap(), view);
}

#[test]
fn both_records_stay_and_tell_of_each_other() {
    let office = Office::new();
    office.attaches(&MFR, &report("d", &[&lot()]));
    let first = office.world.height.get();
    office.anchor(&MFR, "e");
    let with = report("e", &[&lot(), &pack(1)]);
    let view: RecordView = office.call(&MFR, "supersede", &Supersede { number: 1, with }).unwrap();
    let second = office.world.height.get();
    assert_eq!(office.host.events().iter().map(|event| event.0.as_str()).collect::<Vec<_>>(), ["inspection.attach"]);
    assert_eq!((view.number, view.record.supersedes), (2, Some(1)));
    office.withdraws(&REG, 2).unwrap();
    let third = office.world.height.get();
    assert_eq!(office.host.events()[0].0, "inspection.withdraw");
    let steps = |number| -> Vec<(u64, RecordState, String)> {
        let steps: Vec<RecordStep> = office.ask(&MFR, "history", &RecordQuery { number }).unwrap();
        steps.into_iter().map(|step| (step.height, step.state, step.changed_by)).collect()
    };
    let by = |party: &str| format!("{party}/clerk");
    let superseded = RecordState::Superseded { by: 2, height: second };
    assert_eq!(steps(1), [(second, superseded, by("mfr")), (first, RecordState::Valid, by("mfr"))]);
    let text = "Samples were mixed up.".to_owned();
    let withdrawn = RecordState::Withdrawn { reason: WithdrawalReason::Mistaken, text, height: third };
    assert_eq!(steps(2), [(third, withdrawn, by("reg")), (second, RecordState::Valid, by("mfr"))]);
    let about = RecordsQuery { subject: Some(lot()), limit: 10, ..RecordsQuery::default() };
    assert_eq!(office.finds(&MFR, &about), [1, 2]);
    assert_eq!(office.finds(&MFR, &RecordsQuery { valid: true, ..about }), [] as [u64; 0]);
}

#[test]
fn a_refused_successor_leaves_the_record_as_it_was() {
    let office = Office::new();
    office.attaches(&LAB, &finds("d", &[&lot()], Outcome::Released));
    let supersede = |party, with| office.call::<_, RecordView>(party, "supersede", &Supersede { number: 1, with });
    assert_eq!(code(supersede(&LAB, report("nowhere", &[&lot()]))), "DOCUMENT_UNKNOWN");
    assert_eq!(code(supersede(&MFR, report("d", &[&lot()]))), "NOT_OWNER");
    let view: RecordView = office.ask(&LAB, "record", &RecordQuery { number: 1 }).unwrap();
    assert_eq!(view.record.state, RecordState::Valid);
    assert_eq!(office.released(&[&[&lot()]]), Ok(()));
}

#[test]
fn an_identifier_names_one_document_among_the_records_that_hold() {
    let office = Office::new();
    let numbered = |cid: &str| {
        let identifier = Some(format!("(253){}R7", MFR.gln));
        Attach { identifier, ..report(cid, &[&lot()]) }
    };
    office.attaches(&MFR, &numbered("d"));
    office.attaches(&MFR, &numbered("d"));
    assert_eq!(office.refuses(&MFR, &numbered("e")).0, "IDENTIFIER_TAKEN");
    let supersede = |number, with| office.call::<_, RecordView>(&MFR, "supersede", &Supersede { number, with });
    assert_eq!(code(supersede(1, numbered("e"))), "IDENTIFIER_TAKEN", "record 2 still says that it is d");
    office.withdraws(&MFR, 2).unwrap();
    assert_eq!(supersede(1, numbered("e")).unwrap().number, 3);
    assert_eq!(office.refuses(&MFR, &numbered("d")).0, "IDENTIFIER_TAKEN");
    office.withdraws(&MFR, 3).unwrap();
    office.attaches(&MFR, &numbered("d"));
    let by = RecordsQuery { identifier: Some(format!("253/{}R7", MFR.gln)), limit: 2, ..RecordsQuery::default() };
    assert_eq!(office.finds(&MFR, &by), [1, 2, 3, 4]);
}
