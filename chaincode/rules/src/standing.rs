//! The rules themselves: what a new version of this chaincode changes.

use theriac_domain::item::Operation;
use theriac_domain::rules::{Right, Rules};

/// Who makes medicines, or makes other packs of them.
const MAKERS: &[&str] = &["manufacturer", "repackager"];
/// Who may give medicines to patients.
const DISPENSERS: &[&str] = &["pharmacy", "hospital"];
/// Who may own and handle medicines.
const HANDLERS: &[&str] = &["manufacturer", "repackager", "distributor", "pharmacy", "hospital"];
/// Who may handle them, and who watches.
const HANDLERS_AND_REGULATORS: &[&str] =
    &["manufacturer", "repackager", "distributor", "pharmacy", "hospital", "regulator"];
/// Who takes medicines from one to the other.
const MOVERS: &[&str] = &["manufacturer", "repackager", "distributor", "pharmacy", "hospital", "carrier"];
/// Who may stop medicines of their own making, or any.
const STOPPERS: &[&str] = &["manufacturer", "repackager", "regulator"];

/// Who may do what (the matrix of rights). What is not listed, every registered party may do.
const RIGHTS: &[(Operation, &[&str])] = &[
    (Operation::Reserve, MAKERS),
    (Operation::Commission, MAKERS),
    (Operation::Pack, HANDLERS),
    (Operation::Unpack, HANDLERS),
    (Operation::Ship, HANDLERS),
    (Operation::VoidShipping, HANDLERS),
    (Operation::Carry, MOVERS),
    (Operation::Receive, HANDLERS),
    (Operation::Reject, HANDLERS),
    (Operation::Observe, HANDLERS),
    (Operation::Count, HANDLERS),
    (Operation::Sample, STOPPERS),
    (Operation::Hold, HANDLERS_AND_REGULATORS),
    (Operation::Release, HANDLERS_AND_REGULATORS),
    (Operation::Recall, STOPPERS),
    (Operation::CancelRecall, &["regulator"]),
    (Operation::Suspect, HANDLERS_AND_REGULATORS),
    (Operation::Condemn, STOPPERS),
    (Operation::Lock, STOPPERS),
    (Operation::DispensePartly, DISPENSERS),
    (Operation::Dispense, DISPENSERS),
    (Operation::Return, HANDLERS),
    (Operation::CheckReturn, HANDLERS),
    (Operation::Decommission, HANDLERS),
    (Operation::Destroy, HANDLERS),
    (Operation::RepackageFrom, MAKERS),
];

/// The rules in force.
pub fn in_force() -> Rules {
    let right = |&(operation, roles): &(Operation, &[&str])| Right {
        operation,
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
    };
    Rules {
        version: "1".to_owned(),
        rights: RIGHTS.iter().map(right).collect(),
        undo_days: 10,
        licence_needed: false,
        strict_receipts: false,
        release_persons: 2,
        release_needs_report: false,
        destruction_certificate_needed: false,
        clock_skew_seconds: 15 * 60,
        case_hours: 24,
        serials_per_issued: 10_000,
        transit_hours: 14 * 24,
    }
}
