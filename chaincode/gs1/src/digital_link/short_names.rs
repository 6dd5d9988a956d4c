//! The names that identifiers had in the path of a Digital Link in the standard's first versions.

const NAMES: &[(&str, &str)] = &[
    ("sscc", "00"),
    ("gtin", "01"),
    ("lot", "10"),
    ("ser", "21"),
    ("cpv", "22"),
    ("tpx", "235"),
    ("gdti", "253"),
    ("glnx", "254"),
    ("gcn", "255"),
    ("ginc", "401"),
    ("gsin", "402"),
    ("gln", "414"),
    ("payTo", "415"),
    ("party", "417"),
    ("grai", "8003"),
    ("giai", "8004"),
    ("itip", "8006"),
    ("cpid", "8010"),
    ("cpsn", "8011"),
    ("gmn", "8013"),
    ("gsrnp", "8017"),
    ("gsrn", "8018"),
    ("srin", "8019"),
    ("refno", "8020"),
];

/// The digits that a name stood for.
pub(super) fn digits(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, digits)| *digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ai;

    #[test]
    fn every_name_stands_for_an_identifier() {
        for (name, digits) in NAMES {
            assert!(digits.parse::<Ai>().is_ok(), "{name}");
        }
        assert_eq!(digits("ser"), Some("21"));
        assert_eq!(digits("zzz"), None);
    }
}
