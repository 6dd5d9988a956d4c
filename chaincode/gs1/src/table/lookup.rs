//! The shape of a row, and finding the row of an identifier.

use super::rows;
use crate::Ai;
use crate::linter::Linter;
use crate::text::CharacterSet;

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// Its characters.
    pub set: CharacterSet,
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// Whether the value may end before it.
    pub optional: bool,
    /// What its content has to keep besides.
    pub linters: &'static [Linter],
}

/// What the table says about one or several identifiers.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The identifiers, as spans: `10 3100-3105`.
    pub identifiers: &'static str,
    /// The parts of a value, one after the other.
    pub components: &'static [Component],
    /// Whether scanners know the length of values, so that none needs a separator after it.
    pub predefined: bool,
    /// Whether it may be an attribute in the query of a Digital Link.
    pub attribute: bool,
    /// For a primary key, the orders of its qualifiers, `|` between alternatives.
    pub key: Option<&'static str>,
    /// Alternatives of what must stand beside it, `+` between what is needed together, `n` for any digit.
    pub needs: &'static str,
    /// What must not stand beside it.
    pub excludes: &'static str,
    /// Whether it excludes the others that share its first three digits.
    pub alone_in_family: bool,
}

impl Rules {
    /// Fewest and most characters of a value.
    pub fn length(&self) -> (usize, usize) {
        let needed = self.components.iter().filter(|part| !part.optional);
        (needed.map(|part| part.min).sum(), self.components.iter().map(|part| part.max).sum())
    }

    /// The orders of qualifiers after this primary key.
    pub fn qualifier_orders(&self) -> impl Iterator<Item = Vec<Ai>> {
        let orders = self.key.into_iter().flat_map(|key| key.split('|'));
        orders.map(|order| order.split_whitespace().filter_map(Ai::from_digits).collect())
    }
}

/// Consecutive identifiers and their row.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: u16,
    last: u16,
    row: usize,
}

/// The spans of all rows in the order of their numbers, put together by the compiler.
const INDEX: [Span; span_count()] = index();

const fn span_count() -> usize {
    let mut count = 0;
    let mut row = 0;
    while row < rows::ROWS.len() {
        let text = rows::ROWS[row].identifiers.as_bytes();
        let mut at = 0;
        count += 1;
        while at < text.len() {
            count += (text[at] == b' ') as usize;
            at += 1;
        }
        row += 1;
    }
    count
}

const fn index() -> [Span; span_count()] {
    let mut spans = [Span { first: 0, last: 0, row: 0 }; span_count()];
    let mut filled = 0;
    let mut row = 0;
    while row < rows::ROWS.len() {
        let text = rows::ROWS[row].identifiers.as_bytes();
        let mut at = 0;
        while at < text.len() {
            let (first, end) = number(text, at);
            let (last, end) = if end < text.len() && text[end] == b'-' { number(text, end + 1) } else { (first, end) };
            let mut place = filled;
            while place > 0 && spans[place - 1].first > first {
                spans[place] = spans[place - 1];
                place -= 1;
            }
            spans[place] = Span { first, last, row };
            filled += 1;
            at = end + 1;
        }
        row += 1;
    }
    spans
}

/// The number at a place of a text, and where it ends.
const fn number(text: &[u8], mut at: usize) -> (u16, usize) {
    let mut number = 0;
    while at < text.len() && text[at].is_ascii_digit() {
        number = number * 10 + (text[at] - b'0') as u16;
        at += 1;
    }
    (number, at)
}

/// The row of the identifier with this number.
pub(crate) fn row(number: u16) -> Option<&'static Rules> {
    let before = INDEX.partition_point(|span| span.first <= number);
    let span = INDEX.get(before.checked_sub(1)?).filter(|span| number <= span.last)?;
    rows::ROWS.get(span.row)
}

/// Every identifier in the table, in the order of their numbers.
pub fn all() -> impl Iterator<Item = Ai> {
    INDEX.iter().flat_map(|span| span.first..=span.last).filter_map(Ai::from_number)
}

/// Whether the identifier fits a pattern such as `01` or `31nn`.
pub(crate) fn fits(ai: Ai, pattern: &str) -> bool {
    let mut number = ai.number();
    let digit_fits = |sign: u8| {
        let digit = number % 10;
        number /= 10;
        sign == b'n' || u16::from(sign) == u16::from(b'0') + digit
    };
    ai.digits() == pattern.len() && pattern.bytes().rev().all(digit_fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_has_two_rows() {
        assert!(INDEX.windows(2).all(|pair| pair[0].last < pair[1].first));
        assert!(INDEX.iter().all(|span| span.first <= span.last));
        assert!(all().count() > 500);
        assert!(row(4).is_none() && row(3106).is_none() && row(9999).is_none());
    }

    /// What is on a pack of medicine, and what has changed least since there are identifiers.
    #[test]
    fn the_identifiers_of_medicines_are_what_they_are() {
        let count = |holds: fn(&Rules) -> bool| all().filter(|ai| holds(ai.rules())).count();
        assert_eq!(all().count(), 541);
        assert_eq!(count(|rules| rules.predefined), 337);
        assert_eq!(count(|rules| rules.attribute), 525);
        assert_eq!(count(|rules| rules.key.is_some()), 16);
        for (number, length, predefined, attribute, needs) in [
            (0, (18, 18), true, true, ""),
            (1, (14, 14), true, true, ""),
            (10, (1, 20), false, true, "01 02 03 8006 8026"),
            (17, (6, 6), true, true, "01 02 03 255 8006 8026"),
            (21, (1, 20), false, false, "01 03 8006"),
            (37, (1, 8), false, true, "00+02 00+8026"),
            (253, (13, 30), false, true, ""),
            (414, (13, 13), true, true, ""),
            (710, (1, 20), false, true, "01"),
            (8003, (14, 30), false, true, ""),
            (8018, (18, 18), false, true, ""),
        ] {
            let found = row(number).expect("in the table");
            assert_eq!(
                (found.length(), found.predefined, found.attribute),
                (length, predefined, attribute),
                "{number}"
            );
            assert_eq!(found.needs, needs, "{number}");
        }
        let orders: Vec<_> = Ai::GTIN.rules().qualifier_orders().collect();
        assert_eq!(orders, [vec![Ai::VARIANT, Ai::LOT, Ai::SERIAL], vec![Ai::THIRD_PARTY]]);
    }

    #[test]
    fn every_pattern_fits_something() {
        for row in rows::ROWS {
            let orders = row.key.unwrap_or_default().split(['|', ' ']);
            let named = row.needs.split([' ', '+']).chain(row.excludes.split(' ')).chain(orders);
            for pattern in named.filter(|pattern| !pattern.is_empty()) {
                assert!(all().any(|ai| fits(ai, pattern)), "{pattern} of {}", row.identifiers);
            }
        }
    }

    #[test]
    fn predefined_lengths_follow_the_first_two_digits() {
        // General Specifications 7.8.5: only these beginnings let a scanner know where a value ends.
        for ai in all().filter(|ai| ai.is_predefined_length()) {
            let beginning = &ai.to_string()[..2];
            assert!(
                ["00", "01", "02", "03", "11", "12", "13", "15", "16", "17", "20"].contains(&beginning)
                    || beginning.starts_with("31")
                    || ["32", "33", "34", "35", "36", "41"].contains(&beginning),
                "{ai}"
            );
            let (min, max) = ai.rules().length();
            assert_eq!(min, max, "{ai}");
        }
    }

    #[test]
    fn a_value_never_exceeds_the_limit_and_optional_parts_come_last() {
        for row in rows::ROWS {
            assert!(row.length().1 <= crate::limits::VALUE_CHARS_MAX, "{}", row.identifiers);
            assert!(row.components.is_sorted_by_key(|part| part.optional), "{}", row.identifiers);
            let (_, before) = row.components.split_last().expect("a value has a part");
            assert!(before.iter().all(|part| part.min == part.max), "only the last part varies: {}", row.identifiers);
        }
    }
}
