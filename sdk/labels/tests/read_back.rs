//! Every symbol is read back, from its PNG, its SVG and from labels, by a decoder that shares no code with the encoders.
#![allow(clippy::unwrap_used, clippy::panic)]

mod reader;

use proptest::prelude::*;
use reader::Picture;
use reader::svg::{Rectangle, Svg};
use theriac_gs1::{Ai, ElementString, Gtin, LinkOptions, Sscc, all_identifiers};
use theriac_labels::{Label, LinkBase, ModuleWidth, Symbol, Symbology};

const YEAR: u32 = 2026;

/// Pixels per module of the pictures that are read.
const PIXELS: usize = 3;

/// What readers want around a symbol besides its quiet zone: none is held at the very edge of a picture.
const FRAME: usize = 4 * PIXELS;

fn elements(text: &str) -> ElementString {
    ElementString::from_bracketed(text.as_bytes()).unwrap()
}

fn base() -> LinkBase {
    LinkBase::parse("https://id.example.org/packs").unwrap()
}

/// What a scanner has to send.
fn expected(symbol: &Symbol) -> Result<String, String> {
    Ok(format!("{}{}", symbol.symbology().identifier(), symbol.content()))
}

fn check_pictures(symbol: &Symbol) {
    let png = Picture::of_png(&symbol.to_png(PIXELS).unwrap());
    let svg = Svg::parse(&symbol.to_svg(ModuleWidth::PACK)).drawn(PIXELS);
    assert!(png.pixels == svg.pixels, "PNG and SVG show different modules");
    assert_eq!(png.framed(FRAME).scanned(symbol.symbology()), expected(symbol));
}

/// Checks a symbol of elements, and that its scan gives the elements back.
fn check_symbol(symbol: &Symbol, elements: &ElementString) {
    check_pictures(symbol);
    assert_eq!(held(symbol).sorted(), elements.sorted(), "{:?}", symbol.content());
}

/// What a symbol holds. Not read as a scan: a reader asks back when by chance the last value ends like an element.
fn held(symbol: &Symbol) -> ElementString {
    let content = symbol.content().as_bytes();
    let read = match symbol.symbology() {
        Symbology::QrCode => ElementString::from_digital_link(content, LinkOptions::default()),
        Symbology::Gs1DataMatrix | Symbology::Gs1128 => ElementString::from_raw(content),
    };
    read.unwrap()
}

/// Checks that each symbol of a label is read from the label, that the texts are the lines, and that none of them stands
/// in a quiet zone, in another text or outside.
fn check_label(label: &Label) {
    let svg = Svg::parse(&label.to_svg(ModuleWidth::LOGISTIC));
    let picture = svg.drawn(PIXELS);
    let mut at = svg.dark.iter().map(|run| run.y).min().unwrap();
    let mut taken: Vec<Rectangle> = Vec::new();
    for symbol in label.symbols() {
        let zone = symbol.symbology().quiet_zone_modules();
        let left = svg.dark.iter().filter(|run| run.y == at).map(|run| run.x).min().unwrap();
        let (x, width) = (left - zone, symbol.width_modules() + 2 * zone);
        taken.push(Rectangle { x, y: at, width, height: symbol.height_modules() });
        let part = picture.part(x * PIXELS, at * PIXELS, width * PIXELS, symbol.height_modules() * PIXELS);
        assert_eq!(part.framed(FRAME).scanned(symbol.symbology()), expected(symbol));
        let below = at + symbol.height_modules();
        at = svg.dark.iter().map(|run| run.y).filter(|y| *y >= below).min().unwrap_or(below);
    }
    let columns = label.lines().flat_map(|line| [line.title(), line.value()]);
    let bars = label.symbols().iter().filter(|symbol| symbol.symbology() == Symbology::Gs1128);
    let texts: Vec<&str> = columns.chain(bars.map(Symbol::text)).collect();
    let shown: Vec<&str> = svg.texts.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(shown, texts);
    for (text, place) in &svg.texts {
        assert!(place.is_within(svg.width, svg.height), "{text} sticks out: {place:?}");
        assert!(taken.iter().all(|other| !place.overlaps(*other)), "{text} covers something: {place:?} {taken:?}");
        taken.push(*place);
    }
}

fn set_82() -> impl Strategy<Value = String> {
    "[!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z]{1,20}"
}

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|body| Gtin::complete(&body).unwrap().to_string())
}

/// GTIN, and any of serial number, expiry date and lot, in any order.
fn pack() -> impl Strategy<Value = ElementString> {
    let day = (0..100u32, 1..13u32, 0..29u32).prop_map(|(year, month, day)| format!("{year:02}{month:02}{day:02}"));
    let optional = (
        proptest::option::of(set_82().prop_map(|serial| ("21", serial))),
        proptest::option::of(day.prop_map(|day| ("17", day))),
        proptest::option::of(set_82().prop_map(|lot| ("10", lot))),
    );
    (gtin().prop_map(|gtin| ("01", gtin)), optional)
        .prop_map(|(gtin, (serial, expiry, lot))| [Some(gtin), serial, expiry, lot].into_iter().flatten().collect())
        .prop_flat_map(|pairs: Vec<(&'static str, String)>| Just(pairs).prop_shuffle())
        .prop_map(|pairs| {
            let add = |elements: ElementString, (ai, value): (&str, String)| {
                elements.with(ai.parse().unwrap(), &value).unwrap()
            };
            pairs.into_iter().fold(ElementString::new(), add)
        })
}

proptest! {
    #[test]
    fn packs_are_read_back(pack in pack()) {
        check_symbol(&Symbol::data_matrix(&pack).unwrap(), &pack);
        check_symbol(&Symbol::qr_code(&pack, &base()).unwrap(), &pack);
        check_label(&Label::data_matrix(&pack, YEAR).unwrap());
        check_label(&Label::qr_code(&pack, &base(), YEAR).unwrap());
        let label = Label::gs1_128(&pack, YEAR).unwrap();
        check_label(&label);
        let held = label.symbols().iter().map(held);
        let all = held.fold(ElementString::new(), |all, part| all.merged(&part).unwrap());
        prop_assert_eq!(all.sorted(), pack.sorted());
    }

    #[test]
    fn logistic_units_are_read_back(body in "[0-9]{17}", content in proptest::option::of((gtin(), 1..99_999_999u32, set_82()))) {
        let sscc = elements(&format!("(00){}", Sscc::complete(&body).unwrap()));
        check_symbol(&Symbol::gs1_128(&sscc).unwrap(), &sscc);
        check_symbol(&Symbol::data_matrix(&sscc).unwrap(), &sscc);
        let unit = content.into_iter().fold(sscc, |unit, (gtin, count, lot)| {
            let unit = unit.with("02".parse().unwrap(), &gtin).unwrap();
            unit.with("37".parse().unwrap(), &count.to_string()).unwrap().with("10".parse().unwrap(), &lot).unwrap()
        });
        check_label(&Label::gs1_128(&unit, YEAR).unwrap());
    }

    #[test]
    fn bar_codes_of_any_text_are_read_back(first in set_82(), second in set_82(), digits in "[0-9]{1,20}") {
        for (serial, lot) in [(&first, &second), (&first, &digits), (&digits, &second)] {
            let both = ElementString::new().with("21".parse().unwrap(), serial).unwrap();
            let both = both.with("10".parse().unwrap(), lot).unwrap();
            check_symbol(&Symbol::gs1_128(&both).unwrap(), &both);
        }
    }

    #[test]
    fn nothing_makes_a_label_panic(
        pairs in proptest::collection::vec((proptest::sample::select(identifiers()), value()), 0..12),
        address in "(https?://)?\\PC{0,40}",
        year: u32,
        width in 0..20_000u32,
        pixels in prop_oneof![0..100usize, any::<usize>()],
    ) {
        let elements = pairs.into_iter().fold(ElementString::new(), |elements, (ai, value)| {
            elements.clone().with(ai, &value).unwrap_or(elements)
        });
        let base = LinkBase::parse(&address).unwrap_or_else(|_| base());
        let module = ModuleWidth::from_micrometres(width).unwrap_or(ModuleWidth::PACK);
        let symbols = [Symbol::data_matrix(&elements), Symbol::gs1_128(&elements), Symbol::qr_code(&elements, &base)];
        for symbol in symbols.into_iter().flatten() {
            check_pictures(&symbol);
            prop_assert!(symbol.to_svg(module).ends_with("</svg>\n"));
            prop_assert!(symbol.to_png(pixels).map_or_else(|e| e.code() == "LABEL_IMAGE_SIZE", |_| pixels > 0));
        }
        let labels = [
            Label::data_matrix(&elements, year),
            Label::gs1_128(&elements, year),
            Label::qr_code(&elements, &base, year),
        ];
        for label in labels.into_iter().flatten() {
            check_label(&label);
        }
    }
}

fn identifiers() -> Vec<Ai> {
    all_identifiers().collect()
}

/// A value that some identifier may have.
fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{1,20}", set_82(), "[!-~]{1,90}", gtin()]
}

#[test]
fn hostile_serials_are_read_back() {
    for serial in ["</text><script>", "<!--", "]]>", "&lt;&amp;", "\"'><svg", "%3C%00", "a/b?c=d", "(01)", "\\"] {
        let Ok(pack) = ElementString::new()
            .with("01".parse().unwrap(), "09501101530003")
            .unwrap()
            .with("21".parse().unwrap(), serial)
        else {
            assert!(serial.contains([']', '\\']), "{serial} is of set 82");
            continue;
        };
        check_symbol(&Symbol::data_matrix(&pack).unwrap(), &pack);
        check_symbol(&Symbol::qr_code(&pack, &base()).unwrap(), &pack);
        check_symbol(&Symbol::gs1_128(&pack).unwrap(), &pack);
        check_label(&Label::data_matrix(&pack, YEAR).unwrap());
    }
}

/// Packs of which each has one element more than the one before, all as long as they may be.
fn growing(with: &str) -> Vec<ElementString> {
    let mut packs = vec![elements("(01)09501101530003")];
    for ai in (91..100).chain(240..9_000).filter_map(Ai::from_number) {
        let longest = with.repeat(ai.rules().length().1);
        let longer = packs.last().and_then(|pack| pack.clone().with(ai, &longest).ok());
        packs.extend(longer.filter(|longer| longer.to_digital_link("https://id.example.org").is_ok()));
    }
    packs
}

#[test]
fn the_largest_are_read_back() {
    for with in ["7", "A", "a", "%"] {
        let packs = growing(with);
        for encode in [Symbol::data_matrix, |pack: &ElementString| Symbol::qr_code(pack, &base())] {
            let symbols: Vec<(Symbol, &ElementString)> =
                packs.iter().map_while(|pack| Some((encode(pack).ok()?, pack))).collect();
            let refused = packs.get(symbols.len()).map(|pack| encode(pack).map_err(|error| error.code()));
            assert!(matches!(refused, None | Some(Err("LABEL_TOO_LONG"))), "{refused:?}");
            for (symbol, pack) in symbols.iter().rev().step_by(7) {
                check_symbol(symbol, pack);
            }
        }
    }
    let digits = elements("(01)09501101530003(10)1234567890123(21)12345678901234");
    assert_eq!(Symbol::gs1_128(&digits).unwrap().content().len(), 48);
    check_symbol(&Symbol::gs1_128(&digits).unwrap(), &digits);
    let longer = digits.with("20".parse().unwrap(), "11").unwrap();
    assert_eq!(Symbol::gs1_128(&longer).map_err(|error| error.code()), Err("LABEL_TOO_LONG"));
}

#[test]
fn the_smallest_are_read_back() {
    let smallest = elements("(20)11");
    for symbol in [Symbol::data_matrix(&smallest), Symbol::gs1_128(&smallest)] {
        check_symbol(&symbol.unwrap(), &smallest);
    }
    let key = elements("(01)09501101530003");
    check_symbol(&Symbol::qr_code(&key, &LinkBase::parse("http://a").unwrap()).unwrap(), &key);
}
