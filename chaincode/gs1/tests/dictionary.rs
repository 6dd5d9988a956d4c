//! The table of application identifiers beside GS1's own syntax dictionary, identifier for identifier, read from the
//! folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use theriac_gs1::{Ai, CharacterSet, Component, all_identifiers};

/// What the dictionary, or the table, says about one identifier.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    predefined: bool,
    attribute: bool,
    components: Vec<Part>,
    key: Option<BTreeSet<String>>,
    needs: BTreeSet<String>,
    excludes: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Part {
    set: char,
    min: usize,
    max: usize,
    optional: bool,
    linters: Vec<String>,
}

fn dictionary() -> Option<BTreeMap<String, Entry>> {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return None;
    };
    let text = std::fs::read_to_string(folder.join("gs1-syntax-dictionary/gs1-syntax-dictionary.txt")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    Some(lines.flat_map(entries).collect())
}

fn entries(line: &str) -> Vec<(String, Entry)> {
    let mut words = line.split(" # ").next().unwrap().split_whitespace().peekable();
    let identifiers = words.next().unwrap();
    let flags = words.next_if(|word| word.chars().all(|c| "*?".contains(c))).unwrap_or_default();
    let (attributes, components): (Vec<&str>, Vec<&str>) =
        words.partition(|word| ["req=", "ex=", "dlpkey"].iter().any(|start| word.starts_with(start)));
    let list = |name: &str, sign: char| -> BTreeSet<String> {
        let values = attributes.iter().filter_map(|attribute| attribute.strip_prefix(name)?.strip_prefix('='));
        values.flat_map(|value| value.split(sign)).map(str::to_owned).collect()
    };
    let (first, last) = identifiers.split_once('-').unwrap_or((identifiers, identifiers));
    let numbers = first.parse::<u16>().unwrap()..=last.parse().unwrap();
    numbers
        .map(|number| {
            let entry = Entry {
                predefined: flags.contains('*'),
                attribute: flags.contains('?'),
                components: components.iter().map(|component| part(component)).collect(),
                key: attributes.iter().any(|a| a.starts_with("dlpkey")).then(|| list("dlpkey", '|')),
                needs: list("req", ','),
                excludes: list("ex", ','),
            };
            (format!("{number:0>width$}", width = first.len()), entry)
        })
        .collect()
}

fn part(word: &str) -> Part {
    let optional = word.starts_with('[');
    let word = word.replace(['[', ']'], "");
    let mut names = word.split(',');
    let shape = names.next().unwrap();
    let length = shape[1..].trim_start_matches("..").parse().unwrap();
    let min = if shape.contains("..") { 1 } else { length };
    let linters = names.map(str::to_owned).collect();
    Part { set: shape.chars().next().unwrap(), min, max: length, optional, linters }
}

fn ours(ai: Ai) -> Entry {
    let rules = ai.rules();
    let part = |component: &Component| Part {
        set: match component.set {
            CharacterSet::Digits => 'N',
            CharacterSet::Set82 => 'X',
            CharacterSet::Set39 => 'Y',
            CharacterSet::Set64 => 'Z',
        },
        min: component.min,
        max: component.max,
        optional: component.optional,
        linters: component.linters.iter().map(|linter| linter_name(&format!("{linter:?}")).to_owned()).collect(),
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let mut excludes = words(rules.excludes);
    if rules.alone_in_family {
        excludes.insert(format!("{}n", ai.number() / 10));
    }
    let orders = |key: &str| -> BTreeSet<String> {
        let orders = key.split('|').map(|order| order.split_whitespace().collect::<Vec<_>>().join(","));
        orders.filter(|order| !order.is_empty()).collect()
    };
    Entry {
        predefined: rules.predefined,
        attribute: rules.attribute,
        components: rules.components.iter().map(part).collect(),
        key: rules.key.map(orders),
        needs: words(rules.needs),
        excludes,
    }
}

/// What the dictionary calls our linters.
fn linter_name(ours: &str) -> &str {
    let names = [
        ("CheckDigit", "csum"),
        ("CheckPair", "csumalpha"),
        ("Prefix", "gcppos1"),
        ("PrefixSecond", "gcppos2"),
        ("Date", "yymmdd"),
        ("DateDayOptional", "yymmd0"),
        ("LongDate", "yyyymmdd"),
        ("HourMinute", "hhmi"),
        ("Hour", "hh"),
        ("Minute", "mi"),
        ("Second", "ss"),
        ("Country", "iso3166"),
        ("CountryOrAny", "iso3166999"),
        ("CountryLetters", "iso3166alpha2"),
        ("Currency", "iso4217"),
        ("PackageType", "packagetype"),
        ("Sex", "iso5218"),
        ("MediaType", "mediatype"),
        ("Winding", "winding"),
        ("YesNo", "yesno"),
        ("Iban", "iban"),
        ("PercentEncoding", "pcenc"),
        ("NonZero", "nonzero"),
        ("Zero", "zero"),
        ("NoLeadingZero", "nozeroprefix"),
        ("Latitude", "latitude"),
        ("Longitude", "longitude"),
        ("PieceOfTotal", "pieceoftotal"),
        ("PositionInSequence", "posinseqslash"),
        ("ImporterIndex", "importeridx"),
        ("Hyphen", "hyphen"),
        ("NonDigit", "hasnondigit"),
        ("Coupon", "couponcode"),
        ("CouponOffer", "couponposoffer"),
    ];
    names.iter().find(|(known, _)| *known == ours).unwrap().1
}

#[test]
fn the_table_says_what_the_dictionary_says() {
    let Some(dictionary) = dictionary() else { return };
    for (digits, entry) in &dictionary {
        assert_eq!(digits.parse::<Ai>().map(ours).as_ref(), Ok(entry), "({digits})");
    }
    let known: Vec<String> = all_identifiers().map(|ai| ai.to_string()).collect();
    assert_eq!(known.iter().collect::<BTreeSet<_>>(), dictionary.keys().collect());
    assert!(known.len() > 500, "{}", known.len());
}

#[test]
fn the_reader_of_the_dictionary_understands_its_lines() {
    let found = entries("9901-9902 *? N13,csum,zero [X..17] req=01+21,02 ex=37 dlpkey=22,10|235 # MADE UP");
    let (digits, entry) = &found[1];
    assert_eq!((found.len(), digits.as_str(), entry.predefined, entry.attribute), (2, "9902", true, true));
    let part = &entry.components[0];
    assert_eq!((part.set, part.min, part.max, part.linters.len()), ('N', 13, 13, 2));
    assert_eq!(entry.components[1], Part { set: 'X', min: 1, max: 17, optional: true, linters: Vec::new() });
    assert_eq!(entry.key.as_ref().map(BTreeSet::len), Some(2));
    assert!(entry.needs.contains("01+21") && entry.excludes.contains("37"));
}
