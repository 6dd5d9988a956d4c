//! A product's number with a serial number: one pack, one bundle, one case.

use super::{Gtin, Serial};
use crate::text::Encoded;
use std::fmt;

/// One unit of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sgtin {
    /// The product.
    pub gtin: Gtin,
    /// Which one of it.
    pub serial: Serial,
}

impl Sgtin {
    /// Its constrained path, by which it is stored: `01/GTIN/21/SERIAL`.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

/// As it is stored: its path.
impl fmt::Display for Sgtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "01/{}/21/{}", self.gtin, Encoded::canonical(self.serial.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_serials_are_escaped_in_the_path() {
        let gtin = "09501101530003".parse().expect("its check digit is right");
        for (serial, path) in [("../../x", "..%2F..%2Fx"), ("<script>", "%3Cscript%3E"), ("a%b", "a%25b")] {
            let unit = Sgtin { gtin, serial: serial.parse().expect("allowed characters") };
            assert_eq!(unit.path(), format!("01/09501101530003/21/{path}"));
        }
    }
}
