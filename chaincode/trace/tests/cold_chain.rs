//! Temperatures: what flags goods, what only warns, and how a flag comes off.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_domain::cold_chain::Limits;
use theriac_trace::{Captured, Device, RegisterDevice};
use world::cast::*;
use world::say::{NOTHING, Say, births, packs_into, receives, sees, ships, unpacks};
use world::{Party, World, sentence};

const LIMITS: Limits = Limits { coldest: 200, warmest: 800, excursion_seconds: 1800, mean: None, gap_seconds: 3600 };
const LOGGER: &str = "https://id.gs1.org/8004/95060201";

fn dose() -> String {
    format!("01/{VACCINE}/21/V1")
}

/// A dose on a pallet, on its way to the pharmacy with the carrier.
fn stage() -> World {
    let world = World::of_stories();
    world.bears(VACCINE, LIMITS);
    world.does(&MFR, births("06:00", &[dose()], "V-0042", EXPIRY));
    world.does(&MFR, births("06:01", &[PALLET], "", ""));
    world.does(&MFR, packs_into("06:10", PALLET, &[dose()]));
    world.does(&MFR, ships("07:00", &PH, &[PALLET]).carried_by(&CAR));
    world
}

fn register(
    world: &World,
    party: &Party,
    device: &str,
    interval_seconds: u32,
) -> Result<Device, theriac_chaincode::Failure> {
    let wanted = RegisterDevice { device: device.parse().unwrap(), interval_seconds, calibrated_until: None };
    world.call(party, "register_device", &wanted)
}

fn report(time: &str, value: &str) -> Say {
    sees(time, "sensor_reporting", &[PALLET]).reads(time, LOGGER, value, "CEL")
}

fn codes(captured: &Captured) -> Vec<&str> {
    captured.events[0].remarks.iter().map(|remark| remark.code.as_str()).collect()
}

#[test]
fn sensors_are_registered_and_belong_to_somebody() {
    let world = stage();
    assert_eq!(world.refused(&CAR, report("08:00", "5")), "DEVICE_UNKNOWN");
    assert_eq!(sentence(register(&world, &CAR, LOGGER, 0)).0, "RECORD_STATE");
    register(&world, &CAR, LOGGER, 900).unwrap();
    assert_eq!(sentence(register(&world, &DIS, LOGGER, 60)).0, "NOT_OWNER");
    assert_eq!(register(&world, &CAR, LOGGER, 600).unwrap().interval_seconds, 600);
    assert_eq!(world.refused(&DIS, report("08:00", "5")), "NOT_HOLDER", "it has nothing to do with the goods");
    assert!(codes(&world.does(&CAR, report("08:00", "5"))).is_empty());
    assert_eq!(
        world.refused(&CAR, report("08:00", "6").reads("07:59", LOGGER, "5", "CEL")),
        "SENSOR_TIME",
        "taken already"
    );
    assert_eq!(world.refused(&CAR, report("08:10", "-300")), "SENSOR_READING");
    let long = format!("urn:device:{}", "x".repeat(400));
    register(&world, &CAR, &long, 60).unwrap();
    world.does(&CAR, sees("08:20", "sensor_reporting", &[PALLET]).reads("08:20", &long, "5", "CEL"));
}

#[test]
fn a_short_excursion_is_borne_and_a_long_one_flags_the_pallet_and_all_in_it() {
    let world = stage();
    register(&world, &CAR, LOGGER, 900).unwrap();
    for (time, value, expected) in [
        ("08:00", "8.0", &[][..]),
        ("08:15", "8.01", &[]),
        ("08:30", "8.5", &[]),
        ("08:45", "7.9", &[]),
        ("09:00", "1.9", &[]),
        ("09:15", "1.5", &[]),
        ("09:30", "1.5", &["COLD_EXCURSION"]),
        ("09:45", "1.5", &[]),
    ] {
        assert_eq!(codes(&world.does(&CAR, report(time, value))), expected, "{time} {value}");
    }
    assert_eq!(world.open_cases().len(), 1, "one case for one excursion");
    world.does(&PH, receives("10:00", &[PALLET]));
    world.does(&PH, unpacks("10:10", PALLET, &[dose()]));
    let stops = world.unit(&dose()).unwrap().stops;
    let expected =
        "it was too warm or too cold on its way. Keep it until your quality assurance and its maker release it.";
    assert_eq!(stops, [format!("{}: {expected}", dose())]);
}

#[test]
fn what_was_released_is_watched_anew() {
    let world = stage();
    let warm = |time: &str| sees(time, "storing", &[PALLET]).reads(time, "", "20", "CEL");
    world.does(&PH, receives("08:00", &[PALLET]));
    assert_eq!(codes(&world.does(&PH, warm("08:30"))), ["COLD_EXCURSION"]);
    let release = |time: &str| sees(time, "inspecting", &[PALLET]).disposition("conformant");
    assert_eq!(world.refused(&PH, release("09:00")), "SECOND_PERSON_NEEDED");
    assert_eq!(world.does_with(&PH, &[&DIS], release("09:00")).unwrap_err().code(), "SECOND_PERSON_NEEDED");
    world.does_with(&PH, &[&MFR], release("09:00")).unwrap();
    assert!(world.unit(PALLET).unwrap().saleable);
    assert_eq!(codes(&world.does(&PH, warm("10:00"))), ["COLD_EXCURSION"], "the next time counts again");
    assert!(!world.unit(PALLET).unwrap().saleable);
}

#[test]
fn limits_hold_for_whatever_is_inside() {
    let world = World::of_stories();
    world.bears(VACCINE, LIMITS);
    world.bears(TABLETS, Limits { warmest: 600, ..LIMITS });
    let lot = lot_of(TABLETS, "T");
    world.does(&MFR, births("06:00", NOTHING, "", EXPIRY).goods(&lot, "5", "KGM").at(MFR_SITE));
    world.does(&MFR, births("06:00", &[dose()], "V-0042", EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[PALLET, PALLET_2], "", "").at(MFR_SITE));
    world.does(&MFR, packs_into("06:10", PALLET, &[dose()]).goods(&lot, "1", "KGM"));
    let seen = |time: &str, pallet: &str| {
        let stored = sees(time, "storing", &[pallet]).reads("07:00", "", "7", "CEL").reads("07:30", "", "7", "CEL");
        stored.reads("07:59", "", "7", "CEL")
    };
    assert!(codes(&world.does(&MFR, seen("08:00", PALLET_2))).is_empty(), "an empty pallet bears everything");
    assert_eq!(codes(&world.does(&MFR, seen("08:00", PALLET))), ["COLD_EXCURSION"], "the strictest limit counts");
    world.does(&MFR, unpacks("08:30", PALLET, &[dose()]));
    assert_eq!(world.refused(&MFR, ships("09:00", &PH, &[dose()])), "COLD_EXCURSION");
}
