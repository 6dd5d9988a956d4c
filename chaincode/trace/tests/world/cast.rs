//! Who plays in the stories, with which goods.

use super::Party;

pub const MFR: Party = Party { name: "mfr", role: "manufacturer", gln: "9506000100005", prefix: "9506000" };
pub const DIS: Party = Party { name: "dis", role: "distributor", gln: "9506010000005", prefix: "9506010" };
pub const CAR: Party = Party { name: "car", role: "carrier", gln: "9506020000002", prefix: "9506020" };
pub const PH: Party = Party { name: "ph", role: "pharmacy", gln: "9506030000009", prefix: "9506030" };
pub const HO: Party = Party { name: "ho", role: "hospital", gln: "9506040000006", prefix: "9506040" };
pub const REG: Party = Party { name: "reg", role: "regulator", gln: "9506050000003", prefix: "9506050" };
pub const DI2: Party = Party { name: "di2", role: "distributor", gln: "9506060000000", prefix: "9506060" };
pub const REP: Party = Party { name: "rep", role: "repackager", gln: "9506070000007", prefix: "9506070" };
/// Registered, with no role at all.
pub const NOBODY: Party = Party { name: "nobody", role: "bystander", gln: "9506080000004", prefix: "9506080" };

pub const EVERYBODY: [&Party; 9] = [&MFR, &DIS, &CAR, &PH, &HO, &REG, &DI2, &REP, &NOBODY];

/// Sites.
pub const MFR_SITE: &str = "9506000100012";
pub const DIS_SITE: &str = "9506010000012";

/// Logistic units: two of the maker's, two of the distributor's, one of the pharmacy's.
pub const PALLET: &str = "00/095060000000000015";
pub const PALLET_2: &str = "00/095060000000000022";
pub const DIS_PALLET: &str = "00/195060100000000019";
pub const DIS_PALLET_2: &str = "00/195060100000000026";
pub const PH_BOX: &str = "00/095060300000000016";

/// Lots.
pub const LOT: &str = "LOT24A";
pub const EXPIRY: &str = "2028-05-31";
pub const CAPSULES: &str = "09506000134376";
pub const VACCINE: &str = "09506000134406";
pub const TABLETS: &str = "09506000134352";

/// A capsule pack, `SN26A00001` for 1.
pub fn pack(number: u32) -> String {
    format!("01/{CAPSULES}/21/SN26A{number:05}")
}

/// Several of them.
pub fn packs(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(pack).collect()
}

/// A case, `CS26A001` for 1.
pub fn case(number: u32) -> String {
    format!("01/19506000134373/21/CS26A{number:03}")
}

/// The lot as a class of goods.
pub fn lot_of(gtin: &str, lot: &str) -> String {
    format!("01/{gtin}/10/{lot}")
}
