//! A code of GS1 that one reader accepts comes back from every syntax that can say it.

use crate::pace::timed;
use theriac_gs1::{
    Ai, ChinaCode, Code, ElementString, Gs1Error, INPUT_BYTES_MAX, Key, LinkOptions, Scan, read, read_identifier,
};

/// Reads bytes in every way there is, and checks what comes out.
pub fn check_code(bytes: &[u8]) {
    for options in [LinkOptions::default(), LinkOptions::LENIENT] {
        match judged(bytes, timed(bytes, |bytes| read(bytes, options))) {
            Some(Code::Elements(elements) | Code::Identifier(elements)) => check_elements(&elements),
            Some(Code::China(code)) => check_china(&code),
            None => {}
        }
        check_read(bytes, Scan::parse(bytes, options).and_then(Scan::into_elements));
        check_read(bytes, ElementString::from_digital_link(bytes, options));
    }
    check_read(bytes, ElementString::from_raw(bytes));
    check_read(bytes, ElementString::from_bracketed(bytes));
    check_read(bytes, ElementString::from_urn(bytes));
    check_read(bytes, ElementString::from_link_path(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(Some(elements)) = judged(bytes, read_identifier(text)) {
        check_elements(&elements);
    }
    if let Some(key) = Key::from_path(text) {
        assert_eq!(key.path(), text);
        check_elements(&key.elements());
    }
}

fn check_read(bytes: &[u8], read: Result<ElementString, Gs1Error>) {
    if let Some(elements) = judged(bytes, read) {
        check_elements(&elements);
    }
}

/// What was read; a refusal has a code, a sentence, and a place in the input.
fn judged<T>(bytes: &[u8], read: Result<T, Gs1Error>) -> Option<T> {
    let error = match read {
        Ok(read) => return Some(read),
        Err(error) => error,
    };
    assert!(!error.code().is_empty());
    assert!(error.to_string().ends_with('.'), "{error}");
    assert!(error.position.is_none_or(|at| (1..=bytes.len() + 1).contains(&at)), "{error:?}");
    None
}

fn check_china(code: &ChinaCode) {
    let again = |text: String| read(text.as_bytes(), LinkOptions::default());
    assert_eq!(again(format!("]C0{code}")), Ok(Code::China(code.clone())));
    assert_eq!(code.as_str().parse().as_ref(), Ok(code));
}

fn check_elements(elements: &ElementString) {
    let bracketed = elements.to_bracketed();
    assert_eq!(ElementString::from_bracketed(bracketed.as_bytes()).as_ref(), Ok(elements));
    assert_eq!(read(bracketed.as_bytes(), LinkOptions::default()), Ok(Code::Elements(elements.clone())));
    check_raw(elements);
    check_links(elements);
    for prefix_digits in 5..=13 {
        check_urn(elements, prefix_digits);
    }
    if let Ok(key) = elements.key() {
        assert_eq!(Key::from_path(&key.path()).as_ref(), Some(&key));
        assert_eq!(key.elements().key().as_ref(), Ok(&key));
        assert!(key.elements().iter().all(|element| elements.value(element.ai()) == Some(element.value())));
    }
    let _ = judged(&[], elements.check_associations());
    assert_eq!(elements.clone().merged(elements).as_ref(), Ok(elements));
    for date in elements.expiry().into_iter().chain(elements.production_date()) {
        let _ = (date.resolved(0), date.resolved(2026), date.resolved(u32::MAX));
    }
}

fn check_raw(elements: &ElementString) {
    let raw = elements.to_raw();
    let back = ElementString::from_raw(raw.as_bytes()).unwrap_or_else(|error| panic!("{raw:?}: {error}"));
    assert_eq!(back.sorted(), elements.sorted());
    assert_eq!(back.to_raw(), raw);
    // A scanner that lost its separators would have sent the same: then the code is doubted, never read otherwise.
    match Scan::parse(format!("]d2{raw}").as_bytes(), LinkOptions::default()).and_then(Scan::into_elements) {
        Ok(scanned) => assert_eq!(scanned, back),
        Err(error) => assert!(error.fault.is_some(), "{raw:?}: {error}"),
    }
}

fn check_links(elements: &ElementString) {
    let canonical = elements.to_canonical_link();
    for link in [&canonical, &elements.to_digital_link("https://example.org/some/stem")].into_iter().flatten() {
        if link.len() > INPUT_BYTES_MAX {
            continue;
        }
        let back = ElementString::from_digital_link(link.as_bytes(), LinkOptions::default());
        let back = back.unwrap_or_else(|error| panic!("{link}: {error}"));
        assert_eq!(back.sorted(), elements.sorted(), "{link}");
        assert_eq!(back.to_canonical_link(), canonical);
        assert_eq!(read_identifier(link), Ok(Some(back)));
    }
    if let Ok(path) = elements.constrained_path() {
        let back = ElementString::from_link_path(path.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(back.constrained_path().as_ref(), Ok(&path));
        assert_eq!(read(path.as_bytes(), LinkOptions::default()), Ok(Code::Identifier(back)));
    }
}

fn check_urn(elements: &ElementString, prefix_digits: usize) {
    let Ok(urn) = elements.to_urn(prefix_digits) else { return };
    let back = ElementString::from_urn(urn.as_bytes()).unwrap_or_else(|error| panic!("{urn}: {error}"));
    assert_eq!(back.to_urn(prefix_digits).as_ref(), Ok(&urn));
    assert_eq!(read(urn.as_bytes(), LinkOptions::default()), Ok(Code::Identifier(back.clone())));
    // The extension 0 of a place is no extension, in a URN.
    let named = elements.iter().filter(|element| element.ai() != Ai::EXTENSION || element.value() != "0");
    let named = named.fold(ElementString::new(), |some, element| {
        some.with(element.ai(), element.value()).expect("the elements were together before")
    });
    assert_eq!(back.key(), named.key(), "{urn}");
}
