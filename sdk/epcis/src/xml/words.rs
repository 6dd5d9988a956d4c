//! CBV's words as XML spells them.

/// A word of an EPCIS vocabulary: `urn:epcglobal:cbv:bizstep:shipping` becomes `shipping`, others stay.
pub(super) fn cbv<'a>(text: &'a str, vocabulary: &str) -> &'a str {
    let name = text.strip_prefix("urn:epcglobal:cbv:").and_then(|rest| rest.strip_prefix(vocabulary));
    name.and_then(|name| name.strip_prefix(':')).unwrap_or(text)
}

/// A word of the GS1 web vocabulary: `https://gs1.org/voc/Temperature` becomes `gs1:Temperature`, others stay.
pub(super) fn gs1(text: &str) -> String {
    match text.strip_prefix("https://gs1.org/voc/") {
        Some(name) => format!("gs1:{name}"),
        None => text.to_owned(),
    }
}
