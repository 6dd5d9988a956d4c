//! What holds for every element string: it comes back from each syntax as it went, and no bytes make a reader panic.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use theriac_gs1::{Ai, ElementString, Gtin, Key, LinkOptions, Scan, Sscc, percent_encode, read, read_identifier};

/// A text of set 82.
fn text(max: usize) -> impl Strategy<Value = String> {
    let pattern = format!("[!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z]{{1,{max}}}");
    proptest::string::string_regex(&pattern).unwrap()
}

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|body| Gtin::complete(&body).unwrap().to_string())
}

fn gln() -> impl Strategy<Value = String> {
    "[1-9][0-9]{11}"
        .prop_map(|body| format!("{body}{}", char::from(theriac_gs1::check_digit(body.as_bytes()).unwrap())))
}

fn day() -> impl Strategy<Value = String> {
    (0..100u32, 1..13u32, 0..29u32).prop_map(|(year, month, day)| format!("{year:02}{month:02}{day:02}"))
}

/// An identifier and a good value of it.
fn element() -> impl Strategy<Value = (u16, String)> {
    prop_oneof![
        gtin().prop_map(|gtin| (1, gtin)),
        "[0-9]{17}".prop_map(|body| (0, Sscc::complete(&body).unwrap().to_string())),
        text(20).prop_map(|lot| (10, lot)),
        text(20).prop_map(|serial| (21, serial)),
        text(20).prop_map(|variant| (22, variant)),
        day().prop_map(|day| (17, day)),
        day().prop_map(|day| (11, day)),
        "[0-9]{1,8}".prop_map(|count| (37, count)),
        text(30).prop_map(|number| (240, number)),
        (gln(), text(17)).prop_map(|(gdti, serial)| (253, format!("{gdti}{serial}"))),
        gln().prop_map(|gln| (414, gln)),
        text(20).prop_map(|extension| (254, extension)),
        "[0-9]{6}".prop_map(|weight| (3103, weight)),
        text(20).prop_map(|number| (712, number)),
        (gln(), text(16)).prop_map(|(grai, serial)| (8003, format!("0{grai}{serial}"))),
        "[0-9]{6}[-]?".prop_map(|temperature| (4331, temperature)),
        text(90).prop_map(|own| (91, own)),
    ]
}

fn elements() -> impl Strategy<Value = ElementString> {
    proptest::collection::vec(element(), 1..8).prop_map(|parts| {
        let mut elements = ElementString::new();
        for (number, value) in parts {
            let ai = Ai::from_number(number).unwrap();
            if elements.value(ai).is_none() {
                elements = elements.with(ai, &value).unwrap();
            }
        }
        elements
    })
}

/// Bytes that look like a code for a while.
fn nearly_a_code() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        Just(""),
        Just("]d2"),
        Just("]Q1"),
        Just("]E0"),
        Just("(01)"),
        Just("01"),
        Just("https://id.gs1.org/"),
        Just("https://a/01/09501101530003"),
        Just("urn:epc:id:sgtin:"),
        Just("urn:epc:idpat:itip:"),
        Just("\u{1d}"),
        Just("8110"),
        Just("(8110)"),
        Just("(8007)DE"),
        Just("(8013)"),
        Just("010950110153000310"),
    ];
    let middle = r"[0-9/.()%?=&*A-Za-z\x1d|\\]{0,60}";
    (start, middle, proptest::collection::vec(any::<u8>(), 0..4))
        .prop_map(|(start, middle, end)| [start.as_bytes(), middle.as_bytes(), &end].concat())
}

/// The path of a key of any kind.
fn path() -> impl Strategy<Value = String> {
    let escaped = |max: usize| text(max).prop_map(|text| percent_encode(&text));
    let with = |ai: &'static str| move |(key, finer): (String, String)| format!("{key}/{ai}/{finer}");
    let product = || gtin().prop_map(|gtin| format!("01/{gtin}"));
    let location = || gln().prop_map(|gln| format!("414/{gln}"));
    let piece = || gtin().prop_map(|gtin| format!("8006/{gtin}0102"));
    prop_oneof![
        product(),
        (product(), escaped(20)).prop_map(with("21")),
        (product(), escaped(20)).prop_map(with("10")),
        (product(), escaped(28)).prop_map(with("235")),
        "[0-9]{17}".prop_map(|body| format!("00/{}", Sscc::complete(&body).unwrap())),
        location(),
        (location(), escaped(20)).prop_map(with("254")),
        gln().prop_map(|gln| format!("417/{gln}")),
        (piece(), escaped(20)).prop_map(with("10")),
        (piece(), escaped(20)).prop_map(with("21")),
        (gln(), escaped(16)).prop_map(|(gln, serial)| format!("8003/0{gln}{serial}")),
        (gln(), escaped(17)).prop_map(|(gln, serial)| format!("253/{gln}{serial}")),
        (gln(), "[0-9]{0,12}").prop_map(|(gln, serial)| format!("255/{gln}{serial}")),
        ("[0-9]{4}", escaped(26)).prop_map(|(prefix, rest)| format!("8004/{prefix}{rest}")),
        ("[0-9]{4}", escaped(26)).prop_map(|(prefix, rest)| format!("401/{prefix}{rest}")),
        ("[0-9]{4}[A-Z0-9-]{0,26}", "[1-9][0-9]{0,11}").prop_map(|(cpi, serial)| format!("8010/{cpi}/8011/{serial}")),
        ("[0-9]{17}", 8017..=8018u16).prop_map(|(body, ai)| format!("{ai}/{}", Sscc::complete(&body).unwrap())),
    ]
}

/// A path in which a few characters were changed, added or left out.
fn nearly_a_path() -> impl Strategy<Value = String> {
    let slip = (any::<proptest::sample::Index>(), "[0-9A-Fa-f/%?=&+.~#]{0,2}", 0..2usize);
    (path(), proptest::collection::vec(slip, 1..3)).prop_map(|(path, slips)| {
        slips.into_iter().fold(path, |path, (place, put, left_out)| {
            let at = place.index(path.len());
            format!("{}{put}{}", &path[..at], path.get(at + left_out..).unwrap_or_default())
        })
    })
}

fn read_in_every_way(bytes: &[u8]) {
    for options in [LinkOptions::default(), LinkOptions::LENIENT] {
        let found = read(bytes, options).map(|_| ()).map_err(|e| (e.code(), e.to_string()));
        if let Err((code, sentence)) = found {
            assert!(!code.is_empty() && sentence.ends_with('.'));
        }
        let _ = Scan::parse(bytes, options).and_then(Scan::into_elements);
        let _ = ElementString::from_digital_link(bytes, options);
        let _ = std::str::from_utf8(bytes).map(|text| (read_identifier(text), Key::from_path(text)));
    }
    let ways = [
        ElementString::from_raw,
        ElementString::from_bracketed,
        ElementString::from_urn,
        ElementString::from_link_path,
    ];
    for elements in ways.iter().filter_map(|way| way(bytes).ok()) {
        let _ = (elements.check_associations(), elements.key().map(|key| key.path()), elements.to_canonical_link());
        let _ = elements.expiry().map(|date| (date.resolved(0), date.resolved(u32::MAX)));
        for digits in 0..14 {
            let _ = elements.to_urn(digits);
        }
    }
}

proptest! {
    #[test]
    fn bracketed_elements_come_back(elements in elements()) {
        let written = elements.to_bracketed();
        prop_assert_eq!(ElementString::from_bracketed(written.as_bytes()), Ok(elements));
    }

    #[test]
    fn raw_elements_come_back(elements in elements()) {
        let written = elements.to_raw();
        let back = ElementString::from_raw(written.as_bytes());
        prop_assert_eq!(back.as_ref().map(ElementString::sorted), Ok(elements.sorted()));
        prop_assert_eq!(back.map(|back| back.to_raw()), Ok(written));
    }

    #[test]
    fn links_come_back(elements in elements()) {
        for link in [elements.to_canonical_link(), elements.to_digital_link("https://example.org/stem")] {
            let Ok(link) = link else { continue };
            let back = ElementString::from_digital_link(link.as_bytes(), LinkOptions::default());
            prop_assert_eq!(back.as_ref().map(ElementString::sorted), Ok(elements.sorted()), "{}", link);
            prop_assert_eq!(back.and_then(|back| back.to_canonical_link()), elements.to_canonical_link());
        }
    }

    #[test]
    fn urns_come_back(gtin in gtin(), serial in text(20), digits in 6..=12usize) {
        for (kind, ai) in [("sgtin", Ai::SERIAL), ("lgtin", Ai::LOT), ("upui", Ai::THIRD_PARTY)] {
            let elements = ElementString::new().with(Ai::GTIN, &gtin).unwrap().with(ai, &serial).unwrap();
            let urn = elements.to_urn(digits).unwrap();
            prop_assert!(urn.contains(kind), "{}", urn);
            prop_assert_eq!(ElementString::from_urn(urn.as_bytes()), Ok(elements));
        }
    }

    #[test]
    fn a_key_comes_back_from_its_path(gtin in gtin(), serial in text(20)) {
        let path = format!("01/{gtin}/21/{}", percent_encode(&serial));
        let key = ElementString::from_link_path(path.as_bytes()).and_then(|elements| elements.key()).unwrap();
        prop_assert_eq!(key.path(), path);
        let elements = key.elements();
        prop_assert_eq!(elements.value(Ai::SERIAL), Some(serial.as_str()));
    }

    #[test]
    fn a_path_is_read_as_all_links_are(path in path()) {
        let elements = ElementString::from_link_path(path.as_bytes()).unwrap();
        let key = elements.key().unwrap();
        prop_assert_eq!(Key::from_path(&path), Some(key.clone()));
        prop_assert_eq!(Ok(key.path()), elements.constrained_path());
        prop_assert_eq!(key.elements().key(), Ok(key));
    }

    #[test]
    fn nothing_is_read_as_a_path_that_is_none(path in nearly_a_path()) {
        let key = ElementString::from_link_path(path.as_bytes()).and_then(|elements| elements.key());
        let canonical = key.ok().filter(|key| key.path() == path);
        prop_assert_eq!(Key::from_path(&path), canonical);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_in_every_way(&bytes);
    }

    #[test]
    fn nothing_that_looks_like_a_code_makes_a_reader_panic(bytes in nearly_a_code()) {
        read_in_every_way(&bytes);
    }

    #[test]
    fn a_position_lies_within_the_input(bytes in nearly_a_code()) {
        if let Err(error) = read(&bytes, LinkOptions::LENIENT) {
            prop_assert!(error.position.is_none_or(|at| (1..=bytes.len() + 1).contains(&at)), "{:?}", error);
        }
    }
}

#[test]
fn the_largest_inputs_are_read_or_refused_in_time() {
    for unit in ["10", "17", "21\u{1d}", "99A\u{1d}", "(10)A", "/01", "%41", "1", "A"] {
        for start in ["", "01095011015300032", "(10)", "https://id.gs1.org/", "urn:epc:id:giai:9501101."] {
            let mut text = start.to_owned();
            while text.len() + unit.len() <= theriac_gs1::INPUT_BYTES_MAX {
                text.push_str(unit);
            }
            read_in_every_way(text.as_bytes());
            read_in_every_way(format!("{text}{text}").as_bytes());
        }
    }
}
