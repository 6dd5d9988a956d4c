//! Chinese codes: alone, and as another code of a unit with a GTIN.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_chaincode::Failure;
use theriac_trace::{AliasOf, PartyView, RegisterParty, SetAliases};
use world::cast::*;
use world::say::{attaches, births, packs_into, receives, refers, sees, ships};
use world::{Party, World, sentence};

const CODE: &str = "cn.nmpa/81012345678901234567";
const OTHER: &str = "cn.nmpa/81012345678901234568";

/// The maker has the product code, and two packs.
fn stage() -> World {
    let world = World::of_stories();
    register(&world, &MFR, &["8101234"]).unwrap();
    world.does(&MFR, births("08:00", &packs(1..=2), LOT, EXPIRY));
    world.does(&MFR, births("08:01", &[PALLET], "", ""));
    world
}

fn register(world: &World, party: &Party, products: &[&str]) -> Result<PartyView, Failure> {
    world.as_party(party);
    world.host.set_member_roles(&["administrator"]);
    let china_products = products.iter().map(|&product| product.to_owned()).collect();
    let wanted = RegisterParty { glns: Vec::new(), prefixes: Vec::new(), china_products };
    world.host.submit::<theriac_trace::trace::Chaincode, _, _>("register_party", &wanted)
}

fn alias(world: &World, party: &Party, code: &str, item: &str) -> Result<u32, Failure> {
    let aliases = vec![AliasOf { code: code.parse().unwrap(), item: item.parse().unwrap() }];
    world.call(party, "set_aliases", &SetAliases { aliases })
}

#[test]
fn product_codes_belong_to_one_party() {
    let world = stage();
    for (products, code) in
        [(["8101234"], "ID_ALREADY_REGISTERED"), (["810123"], "EPCIS_VALIDATION"), (["810123x"], "EPCIS_VALIDATION")]
    {
        assert_eq!(sentence(register(&world, &DIS, &products)).0, code, "{products:?}");
    }
    assert_eq!(register(&world, &MFR, &["8101234"]).unwrap().china_products, ["8101234"], "again is no other");
    assert_eq!(world.refused(&REP, births("08:10", &[CODE], LOT, EXPIRY)), "ID_PREFIX_NOT_LICENSED");
}

#[test]
fn a_unit_answers_to_both_of_its_codes_everywhere() {
    let world = stage();
    assert_eq!(alias(&world, &MFR, CODE, &pack(1)).unwrap(), 1);
    for code in [CODE, "81012345678901234567", "urn:theriac:cn.nmpa:81012345678901234567"] {
        assert_eq!(world.unit(code).unwrap(), world.unit(&pack(1)).unwrap(), "{code}");
    }
    assert!(world.verify(CODE, None, None).verified);
    assert_eq!(world.refused(&MFR, births("08:10", &[CODE], LOT, EXPIRY)), "UNIT_DUPLICATE_COMMISSION");
    world.does(&MFR, refers("08:20", &[CODE]).reference("inv", "urn:inv:1"));
    world.does(&MFR, attaches("08:20", PALLET, CODE));
    world.does(&MFR, packs_into("08:30", PALLET, &[CODE]));
    assert_eq!(world.unit(CODE).unwrap().container, Some(format!("https://id.gs1.org/{PALLET}")));
    world.does(&MFR, packs_into("08:30", PALLET, &[CODE]).wrong());
    assert_eq!(world.unit(&pack(1)).unwrap().container, None, "what was said of the other code is taken back");
    assert_eq!(world.refused(&MFR, ships("09:00", &PH, &[CODE, &pack(1)])), "ALREADY_IN_TRANSIT", "it is one pack");
    world.does(&MFR, ships("09:00", &PH, &[CODE]));
    world.does(&PH, receives("10:00", &[pack(1)]));
    assert_eq!(world.state_of(CODE), "IN_STOCK");
    let operations: Vec<String> = world.history(CODE).steps.into_iter().map(|step| step.operation).collect();
    assert_eq!(operations, ["commission", "refer", "associate", "pack", "undo", "ship", "receive"]);
}

#[test]
fn each_code_stands_for_one_unit_that_exists() {
    let world = stage();
    alias(&world, &MFR, CODE, &pack(1)).unwrap();
    world.does(&MFR, births("08:10", &[OTHER], LOT, EXPIRY));
    for (party, code, item, expected) in [
        (&MFR, CODE, pack(2), "RECORD_STATE"),
        (&MFR, OTHER, pack(2), "RECORD_STATE"),
        (&MFR, "cn.nmpa/81012345678901234569", pack(9), "UNIT_UNKNOWN"),
        (&MFR, "cn.nmpa/81099995678901234569", pack(2), "ID_PREFIX_NOT_LICENSED"),
        (&REP, "cn.nmpa/81012345678901234569", pack(2), "ID_PREFIX_NOT_LICENSED"),
        (&MFR, &pack(2), pack(1), "RECORD_STATE"),
        (&MFR, "cn.nmpa/81012345678901234569", PALLET.to_owned(), "RECORD_STATE"),
    ] {
        assert_eq!(sentence(alias(&world, party, code, &item)).0, expected, "{code} for {item}");
    }
    let too_many = vec![AliasOf { code: CODE.parse().unwrap(), item: pack(1).parse().unwrap() }; 1001];
    let refused: Result<u32, _> = world.call(&MFR, "set_aliases", &SetAliases { aliases: too_many });
    assert_eq!(sentence(refused).0, "CAPTURE_LIMIT");
}

#[test]
fn a_pack_with_a_chinese_code_alone_lives_like_any_other() {
    let world = stage();
    assert_eq!(world.refused(&MFR, births("08:10", &[OTHER], LOT, "")), "EPCIS_VALIDATION", "it too has an expiry");
    world.does(&MFR, births("08:10", &[OTHER], LOT, EXPIRY));
    world.does(&MFR, packs_into("08:20", PALLET, &[OTHER]));
    world.does(&MFR, ships("09:00", &PH, &[PALLET]));
    world.does(&PH, receives("10:00", &[PALLET]));
    world.does(&PH, world::say::unpacks("10:10", PALLET, &[OTHER]));
    world.does(&PH, sees("10:20", "dispensing", &[OTHER]).disposition("dispensed"));
    assert_eq!(world.held(OTHER), (PH.gln.to_owned(), "DISPENSED".to_owned()));
}
