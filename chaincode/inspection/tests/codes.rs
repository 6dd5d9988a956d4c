//! Every code that the chaincode refuses with, reached by a real call, with its whole sentence.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::cast::*;
use office::world::{APRIL_MS, code, sentence};
use office::{LAB, LAB_2, Office, finds, finds_at, lot, report, result};
use std::collections::BTreeSet;
use theriac_chaincode::Contract;
use theriac_inspection::inspection::Chaincode;
use theriac_inspection::{
    Access, Kind, Outcome, RecordQuery, RecordView, RecordsQuery, Supersede, Verdict, Withdraw, WithdrawalReason,
    default_policy,
};

type Said = (String, String);
/// A code, how it is reached, and the sentence.
type Case = (&'static str, fn(&Office) -> Said, &'static str);

fn unread(office: &Office, number: u64) -> Said {
    sentence(office.ask::<_, RecordView>(&DIS, "record", &RecordQuery { number }))
}

const CASES: &[Case] = &[
    (
        "DOCUMENT_UNKNOWN",
        |office| sentence(office.call::<_, RecordView>(&MFR, "attach", &report("bafy-nowhere", &[&lot()]))),
        "No document \"bafy-nowhere\" is anchored. Check its CID, or anchor it.",
    ),
    (
        "DOCUMENT_NOT_SHARED",
        |office| {
            office.anchor(&DIS, "d");
            sentence(office.call::<_, RecordView>(&MFR, "attach", &report("d", &[&lot()])))
        },
        "dis anchored d, and no record shares it with mfr. Ask dis to attach or to share it.",
    ),
    (
        "NOT_CONCERNED",
        |office| office.refuses(&DIS, &report("d", &[&pack(1)])),
        "dis may not attach such a record to 01/09506000134376/21/SN26A00001: this needs to be a regulator, or a laboratory \
         with a licence, or the maker of the product, or who owns, has, sent or receives it. Leave it out, or ask somebody \
         who is.",
    ),
    (
        "DECISION_DENIED",
        |office| {
            let way = office::world::say::ships("09:00", &DIS, &[pack(1)]);
            office.world.does(&MFR, way);
            office.refuses(&DIS, &finds("d", &[&pack(1)], Outcome::Released))
        },
        "dis may not decide about 01/09506000134376/21/SN26A00001: this needs to be a regulator, or a laboratory with a \
         licence, or the maker of the product. Attach it for information, or ask somebody who is.",
    ),
    (
        "LICENCE_INACTIVE",
        |office| office.refuses(&LAB_2, &report("d", &[&lot()])),
        "Laboratory lab2 has no licence in force (it was never given, or withdrawn). A regulator calls license_party of \
         trace.",
    ),
    (
        "ROLE_DENIED",
        |office| sentence(office.call::<_, ()>(&MFR, "set_policy", &default_policy())),
        "This needs the role regulator; mfr/clerk has not got it. Ask somebody who has it.",
    ),
    ("RECORD_UNKNOWN", |office| unread(office, 7), "Record 7 is not on this ledger. Check the number."),
    (
        "NOT_OWNER",
        |office| {
            office.attaches(&MFR, &report("d", &[&lot()]));
            sentence(office.withdraws(&LAB, 1))
        },
        "Record 1 was attached by mfr. Ask them, or a regulator.",
    ),
    (
        "RECORD_CLOSED",
        |office| {
            office.attaches(&MFR, &report("d", &[&lot()]));
            let height = office.world.height.get() + 1;
            office.withdraws(&MFR, 1).unwrap();
            let (code, sentence) = sentence(office.withdraws(&MFR, 1));
            (code, sentence.replace(&format!("block {height}"), "block H"))
        },
        "Record 1 was withdrawn in block H. Look at its history; act on the record that holds.",
    ),
    (
        "READ_DENIED",
        |office| {
            office.attaches(&MFR, &report("d", &[&lot()]));
            unread(office, 1)
        },
        "Record 1 is not for dis to read. Ask mfr, who attached it.",
    ),
    ("RECORD_INVALID", |office| office.refuses(&MFR, &report("d", &[])), "The record is about nothing. Correct it."),
    (
        "RECORD_LIMIT",
        |office| office.refuses(&MFR, &report("d", &vec![lot().as_str(); 33])),
        "Subjects of the record: 33, and at most 32 are taken. Shorten it, or make two of it.",
    ),
    (
        "OUTCOME_CONTRADICTED",
        |office| {
            let mut wanted = finds("d", &[&lot()], Outcome::Released);
            wanted.finding.as_mut().unwrap().results.push(result("Impurities", Verdict::Fail));
            office.refuses(&LAB, &wanted)
        },
        "The outcome is RELEASED, and test \"Impurities\" has failed. Correct one of them.",
    ),
    (
        "TIME_IN_FUTURE",
        |office| office.refuses(&LAB, &finds_at("d", &[&lot()], Outcome::Released, APRIL_MS + 901_000)),
        "The inspection's time lies ahead of the ledger's by 901 seconds. Correct it.",
    ),
    (
        "ID_PREFIX_NOT_LICENSED",
        |office| {
            let identifier = Some("(253)9506010000005R7".to_owned());
            office.refuses(&MFR, &theriac_inspection::Attach { identifier, ..report("d", &[&lot()]) })
        },
        "253/9506010000005R7 is of no company prefix that mfr registered. Use your own numbers, or leave it out.",
    ),
    (
        "IDENTIFIER_TAKEN",
        |office| {
            let identifier = Some("(253)9506000100005R7".to_owned());
            let mut wanted = theriac_inspection::Attach { identifier, ..report("d", &[&lot()]) };
            office.attaches(&MFR, &wanted);
            wanted.cid = "e".to_owned();
            office.refuses(&MFR, &wanted)
        },
        "253/9506000100005R7 names document d already. Take another one, or supersede the record that has it.",
    ),
    (
        "RULE_INVALID",
        |office| {
            let mut policy = default_policy();
            policy.rights.swap(0, 1);
            sentence(office.call::<_, ()>(&REG, "set_policy", &policy))
        },
        "The kinds of documents stand in another order than they are declared in, or twice. Correct it.",
    ),
    (
        "REPORT_MISSING",
        |office| office.released(&[&[&pack(1), &lot()]]).unwrap_err(),
        "01/09506000134376/21/SN26A00001: no valid report says that it may be released. Have one attached to it, its lot or \
         its container.",
    ),
    (
        "REPORT_REJECTS",
        |office| {
            office.attaches(&LAB, &finds("d", &[&lot()], Outcome::Rejected));
            office.released(&[&[&pack(1), &lot()]]).unwrap_err()
        },
        "01/09506000134376/21/SN26A00001: record 1 about 01/09506000134376/10/LOT24A says REJECTED. Look at it; have it \
         superseded when the reason is gone.",
    ),
    (
        "UNIT_UNKNOWN",
        |office| office.refuses(&DIS, &report("d", &[&pack(9)])),
        "01/09506000134376/21/SN26A00009: not commissioned on this ledger. Treat as suspect.",
    ),
    (
        "PARTY_UNKNOWN",
        |office| {
            let stranger = office::world::Party { name: "strange", role: "laboratory", ..LAB };
            office.refuses_unregistered(&stranger, &report("d", &[&lot()]))
        },
        "strange is registered to no party on this ledger. Its administrator calls register_party first.",
    ),
];

impl Office {
    /// As `refuses`, for an organisation that trace does not know.
    fn refuses_unregistered(&self, party: &office::world::Party, wanted: &theriac_inspection::Attach) -> Said {
        self.refuses(party, wanted)
    }
}

#[test]
fn every_code_is_reached_and_says_what_to_do() {
    let mut reached = BTreeSet::new();
    for (code, play, expected) in CASES {
        let (said, sentence) = play(&Office::new());
        assert_eq!((said.as_str(), sentence.as_str()), (*code, *expected));
        reached.insert((*code).to_owned());
    }
    let identifiers: BTreeSet<_> = theriac_domain::IdentifierError::CODES.iter().map(|(code, _)| *code).collect();
    let declared: BTreeSet<String> = Chaincode::describe().errors.into_iter().map(|error| error.code).collect();
    let own: BTreeSet<_> = declared.into_iter().filter(|code| !identifiers.contains(code.as_str())).collect();
    assert_eq!(reached, own, "a code that no case reaches is no code of this chaincode");
}

/// Sentences that share a code with another one.
#[test]
fn what_is_out_of_its_form_is_named() {
    let office = Office::new();
    let base = || finds("d", &[&lot()], Outcome::Information);
    let with = |change: fn(&mut theriac_inspection::Attach)| {
        let mut wanted = base();
        change(&mut wanted);
        wanted
    };
    let long = |count: usize| "é".repeat(count);
    for (wanted, said) in [
        (with(|w| w.subtype = Some(" ".to_owned())), "The subtype says nothing. Correct it."),
        (with(|w| w.note = Some("a\u{7}".to_owned())), "The note holds control characters. Correct it."),
        (with(|w| w.finding.as_mut().unwrap().inspector.clear()), "The inspector says nothing. Correct it."),
        (
            with(|w| w.finding.as_mut().unwrap().outcome = Outcome::Conditional),
            "The conditional outcome lacks its conditions. Correct it.",
        ),
        (
            with(|w| w.finding.as_mut().unwrap().conditions = Some("Keep dry.".to_owned())),
            "The conditions stand beside an outcome that is not conditional. Correct it.",
        ),
        (
            with(|w| w.finding.as_mut().unwrap().results[0].name = String::new()),
            "The name of a test says nothing. Correct it.",
        ),
        (
            with(|w| w.access.organisations.push("a b".to_owned())),
            "A reader is no name of at most 64 visible characters of ASCII. Correct it.",
        ),
    ] {
        assert_eq!(office.refuses(&LAB, &wanted), ("RECORD_INVALID".to_owned(), said.to_owned()));
    }
    for (wanted, what) in [
        (theriac_inspection::Attach { subtype: Some(long(61)), ..base() }, "The subtype: 122"),
        (theriac_inspection::Attach { note: Some(long(1001)), ..base() }, "The note: 2002"),
        (
            theriac_inspection::Attach {
                access: Access { roles: vec!["r".to_owned(); 65], ..Access::default() },
                ..base()
            },
            "Roles that may read: 65",
        ),
        (
            with(|w| w.finding.as_mut().unwrap().results = vec![result("Assay", Verdict::Pass); 101]),
            "Test results: 101",
        ),
        (
            with(|w| {
                let mut test = result("Assay", Verdict::Pass);
                test.specification = Some("x".repeat(2_000));
                w.finding.as_mut().unwrap().results = vec![test; 40];
            }),
            "Bytes of the record: 8",
        ),
    ] {
        let (code, said) = office.refuses(&LAB, &wanted);
        assert_eq!(code, "RECORD_LIMIT");
        assert!(said.starts_with(what), "{said}");
    }
    let too_many = vec![lot(); 4_001];
    assert_eq!(code(office.ask::<_, ()>(&MFR, "expect_released", &vec![too_many])), "RECORD_LIMIT");
}

#[test]
fn what_is_no_identifier_is_refused_in_its_own_words() {
    let office = Office::new();
    for (subject, expected) in
        [("(01)09506000134376", "ID_KIND"), ("lot 7", "SCAN_NOT_GS1"), ("(00)095060000000000016", "ID_CHECK_DIGIT")]
    {
        assert_eq!(office.refuses(&MFR, &report("d", &[subject])).0, expected);
        let query = RecordsQuery { subject: Some(subject.to_owned()), ..RecordsQuery::default() };
        assert_eq!(code(office.ask::<_, theriac_inspection::RecordPage>(&MFR, "records", &query)), expected);
        assert_eq!(office.released(&[&[subject]]).unwrap_err().0, expected);
    }
}

#[test]
fn only_records_that_hold_and_are_of_one_kind_are_superseded() {
    let office = Office::new();
    office.attaches(&MFR, &report("d", &[&lot()]));
    office.anchor(&MFR, "e");
    let certificate = theriac_inspection::Attach { kind: Kind::Certificate, ..report("e", &[&lot()]) };
    let supersede = |number, with| office.call::<_, RecordView>(&MFR, "supersede", &Supersede { number, with });
    let (code, said) = sentence(supersede(1, certificate));
    let problem = "The record is of another kind than the one whose place it takes. Correct it.";
    assert_eq!((code.as_str(), said.as_str()), ("RECORD_INVALID", problem));
    assert_eq!(office::world::code(supersede(9, report("e", &[&lot()]))), "RECORD_UNKNOWN");
    let view = supersede(1, report("e", &[&lot()])).unwrap();
    assert_eq!((view.number, view.record.supersedes), (2, Some(1)));
    let (code, said) = sentence(supersede(1, report("e", &[&lot()])));
    assert_eq!(code, "RECORD_CLOSED");
    assert!(said.starts_with("Record 1 was superseded by 2 in block "), "{said}");
    let silent = Withdraw { number: 2, reason: WithdrawalReason::Other, text: String::new() };
    let (_, said) = sentence(office.call::<_, RecordView>(&MFR, "withdraw", &silent));
    assert_eq!(said, "The reason says nothing. Correct it.");
}
