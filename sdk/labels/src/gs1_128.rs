//! GS1-128: Code 128 with FNC1 in front and between elements (General Specifications 5.4, ISO/IEC 15417).
//!
//! Code set C takes two digits in one symbol character, code set B one printable character of ASCII; FNC1 is in both.
//! Of all ways to change between them, the shortest is taken.

use crate::limits::{BAR_CODE_CHARS_MAX, BAR_HEIGHT_MODULES};
use crate::modules::Modules;
use barcoders::sym::code128::Code128;

/// What scanners send for an FNC1 that is not the first.
const SEPARATOR: u8 = 0x1d;
/// How the encoder is told of FNC1.
const FNC1: char = '\u{179}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CodeSet {
    B,
    C,
}

/// The bars for an element string, or nothing when it is too long.
pub(crate) fn encode(raw: &str) -> Option<Modules> {
    if raw.len() > BAR_CODE_CHARS_MAX {
        return None;
    }
    let code = Code128::new(spelled(raw)).ok()?;
    Some(Modules::bars(code.encode().into_iter().map(|module| module == 1).collect(), BAR_HEIGHT_MODULES))
}

/// The element string as the encoder takes it: the code set in front, and wherever it changes.
fn spelled(raw: &str) -> String {
    let characters: Vec<u8> = [SEPARATOR].into_iter().chain(raw.bytes()).collect();
    let costs = costs(&characters);
    let mut text = String::new();
    let mut current = None;
    let mut rest = &characters[..];
    while let Some(character) = rest.first() {
        let [b, c] = costs[characters.len() - rest.len()];
        let set = match current {
            Some(CodeSet::B) if b <= c + 1 => CodeSet::B,
            Some(CodeSet::C) if c <= b + 1 => CodeSet::C,
            _ if b <= c => CodeSet::B,
            _ => CodeSet::C,
        };
        if current.replace(set) != Some(set) {
            text.push(set.spelled());
        }
        let taken = if set == CodeSet::C && *character != SEPARATOR { 2 } else { 1 };
        let (now, later) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
        text.extend(now.iter().map(|byte| if *byte == SEPARATOR { FNC1 } else { char::from(*byte) }));
        rest = later;
    }
    text
}

/// How many symbol characters are needed from each place on, when the first one there is of code set B, and of C.
fn costs(characters: &[u8]) -> Vec<[usize; 2]> {
    let mut costs = vec![[0, 0]; characters.len() + 2];
    for (at, character) in characters.iter().enumerate().rev() {
        let [b, c] = costs[at + 1];
        let after_b = 1 + b.min(c + 1);
        let is_pair = character.is_ascii_digit() && characters.get(at + 1).is_some_and(u8::is_ascii_digit);
        let after_c = match (*character == SEPARATOR, is_pair) {
            (true, _) => 1 + c.min(b + 1),
            (false, true) => 1 + costs[at + 2][1].min(costs[at + 2][0] + 1),
            (false, false) => IMPOSSIBLE,
        };
        costs[at] = [after_b, after_c];
    }
    costs
}

/// More symbol characters than any way takes, and few enough to be added up.
const IMPOSSIBLE: usize = 1 << 16;

impl CodeSet {
    /// How the encoder is told of it.
    fn spelled(self) -> char {
        match self {
            Self::B => '\u{181}',
            Self::C => '\u{106}',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start, content and change of code set, check character and stop.
    fn symbol_characters(raw: &str) -> usize {
        let width = encode(raw).map_or(0, |modules| modules.width());
        assert_eq!(width % 11, 2, "the stop character has two modules more");
        width / 11
    }

    #[test]
    fn digits_go_in_pairs() {
        // Start C, FNC1, ten pairs, check character, stop.
        assert_eq!(symbol_characters("00095011010000000018"), 14);
        assert_eq!(encode("00095011010000000018").map(|modules| modules.height()), Some(65));
        assert_eq!(spelled("2011"), "\u{106}\u{179}2011");
        assert_eq!(spelled("10A"), "\u{181}\u{179}10A");
        assert_eq!(spelled("10A1234"), "\u{181}\u{179}10A\u{106}1234");
        assert_eq!(spelled("3712\u{1d}10AB"), "\u{106}\u{179}3712\u{179}10\u{181}AB");
    }

    #[test]
    fn no_way_to_change_code_sets_is_shorter() {
        fn shortest(rest: &[u8], current: CodeSet) -> usize {
            let Some((first, later)) = rest.split_first() else { return 0 };
            let [b, c] = [CodeSet::B, CodeSet::C].map(|set| usize::from(current != set) + 1);
            let in_b = b + shortest(later, CodeSet::B);
            match later.split_first() {
                _ if *first == SEPARATOR => in_b.min(c + shortest(later, CodeSet::C)),
                Some((second, later)) if first.is_ascii_digit() && second.is_ascii_digit() => {
                    in_b.min(c + shortest(later, CodeSet::C))
                }
                _ => in_b,
            }
        }
        for raw in
            ["10A12", "10A123", "10A1234B", "1012345B", "21A1B22C333D4444", "10A\u{1d}37123", "3712345\u{1d}10123A"]
        {
            let characters: Vec<u8> = [SEPARATOR].into_iter().chain(raw.bytes()).collect();
            let best = [CodeSet::B, CodeSet::C].map(|set| shortest(&characters, set)).into_iter().min();
            assert_eq!(Some(symbol_characters(raw) - 3), best, "{raw:?}");
        }
    }

    #[test]
    fn there_is_a_longest() {
        assert_eq!(symbol_characters(&"1".repeat(48)), 28);
        assert_eq!(encode(&"1".repeat(49)), None);
    }
}
