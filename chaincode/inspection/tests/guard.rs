//! Goods leave quarantine on a report, where the rules say so; where they do not, nobody asks for one.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::cast::*;
use office::world::say::{NOTHING, Say, births, packs_into, receives, sees, ships};
use office::world::{Party, World, code, sentence};
use office::{LAB, Office, finds, lot};
use theriac_chaincode::MockHost;
use theriac_inspection::Outcome::{Conditional, Rejected, Released};
use theriac_inspection::{Outcome, RecordView, Withdraw, WithdrawalReason};

/// The rules as they would be deployed to ask for reports.
mod strict {
    use theriac_chaincode::chaincode;
    use theriac_domain::rules::Rules;

    #[chaincode(name = "rules", state_version = 1)]
    pub mod rules {
        use super::*;
        use theriac_chaincode::{QueryContext, Refusal};

        /// The rules in force.
        #[query]
        fn current(_ctx: &QueryContext) -> Result<Rules, Refusal> {
            Ok(Rules { release_needs_report: true, ..theriac_rules::in_force() })
        }
    }
}

/// Goods of the maker's without serial numbers.
const LOOSE: &str = "T-77";

fn loose() -> String {
    lot_of(TABLETS, LOOSE)
}

fn held(items: &[&str]) -> Say {
    sees("09:00", "inspecting", items).disposition("damaged").at(MFR_SITE)
}

fn freed(items: &[&str]) -> Say {
    sees("10:00", "inspecting", items).disposition("available").at(MFR_SITE)
}

fn some_freed() -> Say {
    sees("10:00", "inspecting", NOTHING).disposition("available").goods(&loose(), "4", "").at(MFR_SITE)
}

/// Packs 1 and 2, packs 3 and 4 on a pallet, and ten loose pieces of another lot are in the maker's quarantine.
fn quarantine() -> Office {
    let office = Office::new();
    let does = |event| drop(office.world.does(&MFR, event));
    does(births("08:02", NOTHING, "", EXPIRY).goods(&loose(), "10", "").at(MFR_SITE));
    does(packs_into("08:10", PALLET, &packs(3..=4)));
    does(held(&[&pack(1), &pack(2), PALLET]));
    does(held(&[]).goods(&loose(), "10", ""));
    office
}

/// The ledger as it is now under rules that ask for reports. What happens on it is forgotten.
fn strictly(office: &Office) -> World {
    let host = office.world.host.clone();
    host.connect::<strict::rules::Chaincode>("rules", MockHost::new());
    host.connect::<theriac_inspection::inspection::Chaincode>("inspection", office.host.clone());
    World { host, height: office.world.height.clone(), time_ms: office.world.time_ms.clone() }
}

fn frees(office: &Office, event: Say) -> Result<(), (String, String)> {
    let world = strictly(office);
    let before = world.host.state();
    let result = world.does_with(&MFR, &[&MFR], event).map(drop);
    if result.is_ok() {
        return Ok(());
    }
    assert!(world.host.state() == before, "a refused event changes nothing");
    Err(sentence(result))
}

fn refused(office: &Office, event: Say) -> String {
    frees(office, event).unwrap_err().0
}

#[test]
fn without_the_rule_nobody_asks_for_reports() {
    let office = quarantine();
    office.world.does_with(&MFR, &[&MFR], freed(&[&pack(1), PALLET])).unwrap();
    assert_eq!(office.world.state_of(&pack(1)), "IN_STOCK");
    let office = quarantine();
    office.world.does_with(&MFR, &[&MFR], held(&[&pack(1), &pack(2), PALLET]).wrong()).unwrap();
    assert_eq!(office.world.state_of(&pack(2)), "COMMISSIONED");
}

#[test]
fn a_pack_is_freed_by_what_is_said_of_it_or_of_its_lot() {
    for about in [pack(1), lot()] {
        let office = quarantine();
        let (code, said) = frees(&office, freed(&[&pack(1)])).unwrap_err();
        assert_eq!(code, "REPORT_MISSING");
        assert!(said.contains(&pack(1)), "{said}");
        for outcome in [Outcome::Information, Conditional] {
            office.attaches(&LAB, &finds("a", &[&about], outcome));
            assert!(frees(&office, freed(&[&pack(1)])).is_err(), "{outcome:?}");
        }
        let withdraw = |number| {
            let (reason, text) = (WithdrawalReason::Other, "The conditions are met.".to_owned());
            office.call::<_, RecordView>(&LAB, "withdraw", &Withdraw { number, reason, text }).unwrap()
        };
        withdraw(2);
        office.attaches(&LAB, &finds("b", &[&about], Released));
        assert_eq!(frees(&office, freed(&[&pack(1)])), Ok(()), "{about}");
        let expected = if about == lot() { Ok(()) } else { Err("REPORT_MISSING".to_owned()) };
        assert_eq!(frees(&office, freed(&[&pack(1), &pack(2)])).map_err(|(code, _)| code), expected);
        office.attaches(&REG, &finds("c", &[&pack(1)], Rejected));
        assert_eq!(refused(&office, freed(&[&pack(1)])), "REPORT_REJECTS");
        office.withdraws(&REG, 4).unwrap();
        withdraw(3);
        assert_eq!(refused(&office, freed(&[&pack(1)])), "REPORT_MISSING", "what was withdrawn says nothing");
    }
}

#[test]
fn a_container_is_freed_with_every_lot_in_it() {
    for about in [PALLET.to_owned(), lot()] {
        let office = quarantine();
        assert_eq!(refused(&office, freed(&[PALLET])), "REPORT_MISSING");
        office.attaches(&LAB, &finds("a", &[&about], Released));
        assert_eq!(frees(&office, freed(&[PALLET])), Ok(()), "{about}");
        office.attaches(&REG, &finds("b", &[&lot()], Rejected));
        assert_eq!(refused(&office, freed(&[PALLET])), "REPORT_REJECTS", "a lot in it is rejected");
    }
}

#[test]
fn goods_without_serial_numbers_are_freed_by_their_lot() {
    let office = quarantine();
    let (code, said) = frees(&office, some_freed()).unwrap_err();
    assert_eq!(code, "REPORT_MISSING");
    assert!(said.contains(&loose()), "{said}");
    office.attaches(&LAB, &finds("a", &[&loose()], Released));
    assert_eq!(frees(&office, some_freed()), Ok(()));
    assert_eq!(
        refused(&office, freed(&[&pack(1)]).goods(&loose(), "4", "")),
        "REPORT_MISSING",
        "the pack is of another lot"
    );
}

#[test]
fn there_is_no_way_round() {
    let office = quarantine();
    let good = sees("10:00", "inspecting", &[pack(1)]).disposition("sellable_not_accessible").at(MFR_SITE);
    assert_eq!(refused(&office, good.clone()), "REPORT_MISSING");
    let (code, said) = frees(&office, held(&[&pack(1), &pack(2), PALLET]).wrong()).unwrap_err();
    assert_eq!(code, "UNDO_NOT_REVERSIBLE");
    assert!(said.contains("A quarantine that only reports end"), "{said}");
    office.attaches(&LAB, &finds("a", &[&lot()], Released));
    assert_eq!(frees(&office, good), Ok(()));
}

#[test]
fn what_came_back_is_sold_again_on_a_report() {
    let office = Office::new();
    let way = |party: &Party, event| drop(office.world.does(party, event));
    way(&MFR, ships("09:00", &DIS, &[pack(1)]));
    way(&DIS, receives("10:00", &[pack(1)]));
    way(&DIS, ships("11:00", &MFR, &[pack(1)]).back());
    way(&MFR, receives("12:00", &[pack(1)]));
    let good = || sees("13:00", "inspecting", &[pack(1)]).disposition("sellable_not_accessible");
    assert_eq!(refused(&office, good()), "REPORT_MISSING");
    office.attaches(&LAB, &finds("a", &[&pack(1)], Released));
    assert_eq!(frees(&office, good()), Ok(()));
    assert_eq!(code(office.world.does_with(&DIS, &[], good())), "NOT_HOLDER");
}
