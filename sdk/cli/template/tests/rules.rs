//! The rules one by one, in milliseconds: natively, on a peer in memory.

use custody::{CELSIUS_MAX, HandOver, HandedOver, Pack, Registration, rules::Chaincode};
use theriac_chaincode::{Failure, MockHost};

fn register(host: &MockHost, serial: &str) -> Result<Pack, Failure> {
    let new = Registration { serial: serial.into(), product: "insulin".into() };
    host.submit::<Chaincode, _, Pack>("register", &new)
}

fn hand_over(host: &MockHost, serial: &str, to: &str, celsius: i8) -> Result<Pack, Failure> {
    let step = HandOver { serial: serial.into(), to: to.into(), celsius };
    host.submit::<Chaincode, _, Pack>("hand_over", &step)
}

fn held_by(host: &MockHost, organisation: &str) -> Vec<String> {
    host.evaluate::<Chaincode, _, _>("held_by", organisation).unwrap()
}

/// A peer that the manufacturer talks to.
fn peer() -> MockHost {
    let host = MockHost::of::<Chaincode>();
    host.set_caller("maker", "anna", &["manufacturer"]);
    host
}

#[test]
fn a_pack_goes_from_hand_to_hand() {
    let host = peer();
    assert_eq!(register(&host, "P-1").unwrap().holder, "maker");
    assert_eq!(hand_over(&host, "P-1", "carrier", CELSIUS_MAX).unwrap().hand_overs, 1);
    let announced = HandedOver { serial: "P-1".into(), from: "maker".into(), to: "carrier".into() };
    let announced = borsh::to_vec(&announced).unwrap();
    assert_eq!(host.events(), [("pack.handed_over".into(), announced)]);
    assert_eq!(held_by(&host, "carrier"), ["P-1"]);
    assert!(held_by(&host, "maker").is_empty());
}

#[test]
fn every_refusal_has_its_code() {
    let host = peer();
    assert_eq!(hand_over(&host, "P-1", "carrier", 5).unwrap_err().code(), "PACK_UNKNOWN");
    register(&host, "P-1").unwrap();
    assert_eq!(register(&host, "P-1").unwrap_err().code(), "PACK_KNOWN");
    let warm = hand_over(&host, "P-1", "carrier", CELSIUS_MAX + 1);
    assert_eq!(warm.unwrap_err().code(), "TOO_WARM");
    host.set_caller("pharmacy", "paul", &["pharmacy"]);
    assert_eq!(register(&host, "P-2").unwrap_err().code(), "NOT_MANUFACTURER");
    assert_eq!(hand_over(&host, "P-1", "pharmacy", 5).unwrap_err().code(), "NOT_HOLDER");
    assert_eq!(held_by(&host, "maker"), ["P-1"], "nothing of this changed anything");
}
