//! Random lives of records, played on the chaincode and on a simple model of its rules at once: after every call both
//! agree on what was refused, on what decides about goods, and on who finds and reads what.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::cast::*;
use office::world::{APRIL_MS, Party};
use office::{LAB, Office, finds_at, lot, report, shared_with};
use std::collections::{BTreeMap, BTreeSet};
use theriac_inspection::{
    Attach, MayRead, Outcome, Permission, RecordView, RecordsQuery, SetAccess, Supersede, Withdraw, WithdrawalReason,
};

const WORLDS: u64 = 24;
const CALLS_PER_WORLD: usize = 60;
const PARTIES: [&Party; 5] = [&REG, &LAB, &MFR, &DIS, &PH];
const DOCUMENTS: [&str; 4] = ["d0", "d1", "d2", "d3"];
const OUTCOMES: [Option<Outcome>; 5] =
    [None, Some(Outcome::Information), Some(Outcome::Released), Some(Outcome::Conditional), Some(Outcome::Rejected)];

/// Numbers that look like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// A lot and two packs of the maker; the distributor has the second.
fn goods() -> [String; 3] {
    [lot(), pack(1), pack(2)]
}

/// What is to be attached, in indexes of the lists above.
#[derive(Debug, Clone)]
struct Wish {
    document: usize,
    goods: BTreeSet<usize>,
    outcome: usize,
    inspected_ms: u64,
    /// Numbers 0 to 1 of the attacher's own.
    identifier: Option<usize>,
    shared_with: BTreeSet<usize>,
}

#[derive(Debug, Clone)]
enum Call {
    Attach(Wish),
    Supersede(u64, Wish),
    Withdraw(u64),
    Share(u64, BTreeSet<usize>),
}

#[derive(Debug, Clone)]
struct Known {
    by: usize,
    wish: Wish,
    holds: bool,
}

/// Records by number less 1, and who anchored each document.
#[derive(Debug, Clone, Default)]
struct Model {
    records: Vec<Known>,
    anchored: BTreeMap<usize, usize>,
}

const REGULATOR: usize = 0;
const MAKER: usize = 2;
const DISTRIBUTOR: usize = 3;

impl Model {
    fn concerned(who: usize, thing: usize) -> bool {
        who <= MAKER || who == DISTRIBUTOR && thing == 2
    }

    fn holding(&self) -> impl Iterator<Item = (u64, &Known)> {
        (1..).zip(&self.records).filter(|(_, record)| record.holds)
    }

    fn may_read_document(&self, who: usize, document: usize) -> bool {
        let mut records = self.records.iter().filter(|record| record.wish.document == document);
        self.anchored.get(&document) == Some(&who) || records.any(|record| Self::reads(who, record))
    }

    fn reads(who: usize, record: &Known) -> bool {
        who == REGULATOR || record.by == who || record.wish.shared_with.contains(&who)
    }

    fn attach(&mut self, who: usize, wish: Wish) -> Result<(), &'static str> {
        if !self.anchored.contains_key(&wish.document) {
            return Err("DOCUMENT_UNKNOWN");
        }
        if !self.may_read_document(who, wish.document) {
            return Err("DOCUMENT_NOT_SHARED");
        }
        if !wish.goods.iter().all(|&thing| Self::concerned(who, thing)) {
            return Err("NOT_CONCERNED");
        }
        if wish.outcome >= 2 && who > MAKER {
            return Err("DECISION_DENIED");
        }
        let named = |record: &Known| record.by == who && record.wish.identifier == wish.identifier;
        let taken =
            |record: &Known| wish.identifier.is_some() && named(record) && record.wish.document != wish.document;
        if self.holding().any(|(_, record)| taken(record)) {
            return Err("IDENTIFIER_TAKEN");
        }
        self.records.push(Known { by: who, wish, holds: true });
        Ok(())
    }

    fn end(&mut self, who: usize, number: u64) -> Result<(), &'static str> {
        let record = self.own(number)?;
        if record.by != who && who != REGULATOR {
            return Err("NOT_OWNER");
        }
        if !std::mem::take(&mut record.holds) { Err("RECORD_CLOSED") } else { Ok(()) }
    }

    fn own(&mut self, number: u64) -> Result<&mut Known, &'static str> {
        let at = usize::try_from(number).unwrap().wrapping_sub(1);
        self.records.get_mut(at).ok_or("RECORD_UNKNOWN")
    }

    fn perform(&mut self, who: usize, call: &Call) -> Result<(), &'static str> {
        match call.clone() {
            Call::Attach(wish) => self.attach(who, wish),
            Call::Supersede(number, wish) => {
                self.end(who, number)?;
                self.attach(who, wish)
            }
            Call::Withdraw(number) => self.end(who, number),
            Call::Share(number, readers) => {
                let record = self.own(number)?;
                if record.by != who {
                    return Err("NOT_OWNER");
                }
                record.wish.shared_with = readers;
                Ok(())
            }
        }
    }

    fn decides(&self, things: &[usize]) -> Option<u64> {
        let about = |(_, record): &(u64, &Known)| {
            record.wish.outcome >= 2 && things.iter().any(|thing| record.wish.goods.contains(thing))
        };
        let rank = |(number, record): &(u64, &Known)| (record.wish.outcome, record.wish.inspected_ms, *number);
        self.holding().filter(about).max_by_key(rank).map(|(number, _)| number)
    }
}

fn imagine(chance: &mut Chance, records: usize) -> Call {
    let wish = |chance: &mut Chance| Wish {
        document: chance.below(DOCUMENTS.len()),
        goods: (0..=chance.below(2)).map(|_| chance.below(3)).collect(),
        outcome: chance.below(OUTCOMES.len()),
        inspected_ms: APRIL_MS - chance.below(3) as u64 * 86_400_000,
        identifier: (chance.below(3) == 0).then(|| chance.below(2)),
        shared_with: readers(chance),
    };
    let number = |chance: &mut Chance| 1 + chance.below(records + 1) as u64;
    match chance.below(8) {
        0..4 => Call::Attach(wish(chance)),
        4 | 5 => Call::Supersede(number(chance), wish(chance)),
        6 => Call::Withdraw(number(chance)),
        _ => Call::Share(number(chance), readers(chance)),
    }
}

fn readers(chance: &mut Chance) -> BTreeSet<usize> {
    (0..chance.below(3)).map(|_| 1 + chance.below(PARTIES.len() - 1)).collect()
}

fn attach(who: usize, wish: &Wish) -> Attach {
    let goods = goods();
    let subjects: Vec<&str> = wish.goods.iter().map(|&thing| goods[thing].as_str()).collect();
    let cid = DOCUMENTS[wish.document];
    let base = match OUTCOMES[wish.outcome] {
        Some(outcome) => finds_at(cid, &subjects, outcome, wish.inspected_ms),
        None => report(cid, &subjects),
    };
    let names: Vec<&str> = wish.shared_with.iter().map(|&reader| PARTIES[reader].name).collect();
    let identifier = wish.identifier.map(|number| format!("253/{}R{number}", PARTIES[who].gln));
    Attach { identifier, access: shared_with(&names, &[]), ..base }
}

fn perform(office: &Office, who: usize, call: &Call) -> Result<(), String> {
    let party = PARTIES[who];
    let done = |result: Result<RecordView, theriac_chaincode::Failure>| {
        result.map(drop).map_err(|failure| failure.code().to_owned())
    };
    done(match call {
        Call::Attach(wish) => office.call(party, "attach", &attach(who, wish)),
        Call::Supersede(number, wish) => {
            office.call(party, "supersede", &Supersede { number: *number, with: attach(who, wish) })
        }
        Call::Withdraw(number) => {
            let (reason, text) = (WithdrawalReason::Other, "Chance.".to_owned());
            office.call(party, "withdraw", &Withdraw { number: *number, reason, text })
        }
        Call::Share(number, readers) => {
            let names: Vec<&str> = readers.iter().map(|&reader| PARTIES[reader].name).collect();
            office.call(party, "set_access", &SetAccess { number: *number, access: shared_with(&names, &[]) })
        }
    })
}

fn expect_alike(office: &Office, model: &Model) {
    let goods = goods();
    for things in [&[0][..], &[1], &[2], &[1, 0], &[2, 0], &[0, 1, 2]] {
        let subjects: Vec<&str> = things.iter().map(|&thing| goods[thing].as_str()).collect();
        let found = office.release(&subjects).map(|release| release.number);
        assert_eq!(found, model.decides(things), "{subjects:?}");
    }
    for (who, party) in PARTIES.into_iter().enumerate() {
        for (document, cid) in DOCUMENTS.into_iter().enumerate() {
            let query = MayRead { cid: cid.to_owned(), reader: None };
            let found: Permission = office.ask(party, "may_read", &query).unwrap();
            assert_eq!(found.allowed, model.may_read_document(who, document), "{} {cid}", party.name);
        }
        let numbers = |keep: &dyn Fn(&Known) -> bool| -> Vec<u64> {
            let all = (1..).zip(&model.records);
            all.filter(|(_, record)| Model::reads(who, record) && keep(record)).map(|(number, _)| number).collect()
        };
        let all = RecordsQuery { limit: 5, ..RecordsQuery::default() };
        assert_eq!(office.finds(party, &all), numbers(&|_| true), "{}", party.name);
        let query = RecordsQuery { valid: true, subject: Some(goods[0].clone()), ..all };
        let expected = numbers(&|record| record.holds && record.wish.goods.contains(&0));
        assert_eq!(office.finds(party, &query), expected, "{}", party.name);
    }
}

#[test]
fn random_lives_of_records_go_as_the_simple_model_says() {
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=WORLDS {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let office = Office::new();
        office.world.does(&MFR, office::world::say::ships("09:00", &DIS, &[pack(2)]));
        let mut model = Model::default();
        for (document, cid) in DOCUMENTS.into_iter().enumerate().skip(1) {
            let who = chance.below(PARTIES.len());
            office.anchor(PARTIES[who], cid);
            model.anchored.insert(document, who);
        }
        for number in 0..CALLS_PER_WORLD {
            let call = imagine(&mut chance, model.records.len());
            let who = chance.below(PARTIES.len());
            let before = model.clone();
            let expected = model.perform(who, &call);
            if expected.is_err() {
                model = before;
            }
            let found = perform(&office, who, &call);
            let told = format!("seed {seed}, call {number}: {} {call:?}", PARTIES[who].name);
            assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|code| *code), "{told}");
            if number % 6 == 5 {
                expect_alike(&office, &model);
            }
            *outcomes.entry(found.err().unwrap_or_else(|| "done".to_owned())).or_default() += 1;
        }
    }
    println!("{outcomes:?}");
    let reached: BTreeSet<&str> = outcomes.keys().map(String::as_str).collect();
    for code in [
        "done",
        "DOCUMENT_UNKNOWN",
        "DOCUMENT_NOT_SHARED",
        "NOT_CONCERNED",
        "DECISION_DENIED",
        "IDENTIFIER_TAKEN",
        "RECORD_UNKNOWN",
        "RECORD_CLOSED",
        "NOT_OWNER",
    ] {
        assert!(reached.contains(code), "{code} was never reached: {outcomes:?}");
    }
}
