//! What a scanner does wrong when a good code arrives broken. Most alarms come from here, not from crime.

use std::fmt;

/// A fault of a scanner or of the keyboard that it imitates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerFault {
    /// It drops the group separators (ASCII 29) that end values of varying length.
    NoSeparator,
    /// It sends other characters instead of the group separators.
    OtherSeparator,
    /// Caps Lock was on: capitals and small letters have changed places.
    CapsLock,
    /// It imitates a keyboard of another country: Z and Y, or digits and signs, have changed places.
    KeyboardLayout,
    /// The symbol was printed, or is read, without the mark that makes it a GS1 symbol.
    NotGs1Symbol,
}

impl fmt::Display for ScannerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSeparator => "The scanner seems to drop group separators: let it send ASCII 29 for FNC1",
            Self::OtherSeparator => "The scanner seems to replace group separators: let it send ASCII 29 for FNC1",
            Self::CapsLock => "Caps Lock seems to be on: scan again with Caps Lock off",
            Self::KeyboardLayout => "The scanner seems to imitate another keyboard: set it to this one's layout",
            Self::NotGs1Symbol => "The symbol is not marked as GS1: scan the pack's other symbol, or report the print",
        })
    }
}

impl ScannerFault {
    /// What an unreadable input looks like.
    pub(crate) fn of_input(text: &str) -> Option<Self> {
        let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        if begins(CAPS_LOCK) {
            Some(Self::CapsLock)
        } else if begins(OTHER_LAYOUT) {
            Some(Self::KeyboardLayout)
        } else if begins(NOT_GS1) {
            Some(Self::NotGs1Symbol)
        } else {
            None
        }
    }

    /// What a value would have been without the fault: for asking the ledger whether it knows that one.
    pub fn undone(self, value: &str) -> Option<String> {
        let exchange: fn(char) -> char = match self {
            Self::CapsLock => |c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() },
            Self::KeyboardLayout => |c| match c {
                'y' => 'z',
                'z' => 'y',
                'Y' => 'Z',
                'Z' => 'Y',
                other => other,
            },
            Self::NoSeparator | Self::OtherSeparator | Self::NotGs1Symbol => return None,
        };
        let undone: String = value.chars().map(exchange).collect();
        (undone != value).then_some(undone)
    }
}

/// Symbology identifiers and schemes with their cases exchanged.
const CAPS_LOCK: &[&str] = &["]D2", "]D1", "]c1", "]q3", "]q1", "]j1", "hTTP", "URN:EPC:"];
/// What `]`, `(01)`, `01` and `https://` become on German and French keyboards.
const OTHER_LAYOUT: &[&str] = &[
    "+d2",
    "+C1",
    "+Q3",
    "+e0",
    "¨d2",
    "$d2",
    ")01=",
    ")00=",
    "à&",
    "àà",
    "httpsÖ--",
    "httpÖ--",
    "httpsÑ--",
    "httpsM!!",
    "9à&0",
];
/// Symbology identifiers of the same symbols without FNC1 in the first place.
const NOT_GS1: &[&str] = &["]d0", "]d1", "]Q0", "]Q1", "]C0", "]J0"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_by_how_the_input_begins() {
        for (text, fault) in [
            ("]D2010950", Some(ScannerFault::CapsLock)),
            ("hTTPS://ID.GS1.ORG", Some(ScannerFault::CapsLock)),
            ("+d20109501", Some(ScannerFault::KeyboardLayout)),
            ("à&à)('", Some(ScannerFault::KeyboardLayout)),
            ("]d1ABC", Some(ScannerFault::NotGs1Symbol)),
            ("]d2", None),
            ("", None),
        ] {
            assert_eq!(ScannerFault::of_input(text), fault, "{text}");
        }
    }

    #[test]
    fn a_serial_is_shown_as_it_would_have_been() {
        assert_eq!(ScannerFault::CapsLock.undone("ab1Z").as_deref(), Some("AB1z"));
        assert_eq!(ScannerFault::KeyboardLayout.undone("XYZxyz").as_deref(), Some("XZYxzy"));
        assert_eq!(ScannerFault::KeyboardLayout.undone("ABC"), None);
        assert_eq!(ScannerFault::NoSeparator.undone("ABC"), None);
    }
}
