//! EPC URNs beside the vectors of OpenEPCIS's translator, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
//!
//! A conversion passes when ours gives elements that the expected text names too. Where the translator looks the
//! length of a company prefix up in its list, the expected URN tells it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{Tally, published, text, vectors};
use theriac_gs1::{ElementString, Gs1Error, LinkOptions};

const FILE: &str = "openepcis-translator/vectors.json";

fn read(text: &str) -> Result<ElementString, Gs1Error> {
    if text.starts_with("urn:") {
        ElementString::from_urn(text.as_bytes())
    } else {
        ElementString::from_digital_link(text.as_bytes(), LinkOptions::default())
    }
}

#[test]
fn urns_and_links_are_converted() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new("conversions", CONVERSIONS);
    for vector in vectors(&file, "/vectors/conversions") {
        let (from, expected) = (text(vector, "in"), text(vector, "expect"));
        let elements = read(from);
        if text(vector, "op").ends_with("uri_to_urn") {
            let prefix = || expected.split([':', '.']).nth(4).map_or(0, str::len);
            let digits = vector["gcp_length"].as_u64().map_or_else(prefix, |digits| usize::try_from(digits).unwrap());
            let urn = elements.and_then(|elements| elements.to_urn(digits));
            tally.count(from, urn.as_deref() == Ok(expected), &urn);
        } else {
            let link = elements.and_then(|elements| elements.to_canonical_link());
            let same = read(expected).and_then(|elements| elements.to_canonical_link());
            tally.count(from, link.is_ok() && link == same, &(link, same));
        }
    }
    tally.finish(146);
}

#[test]
fn wrong_identifiers_are_refused() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new("validations", VALIDATIONS);
    for vector in vectors(&file, "/vectors/validations") {
        let (from, ok) = (text(vector, "in"), vector["ok"].as_bool().unwrap());
        let mut found = read(from).map(|_| String::new());
        // A length of the prefix says that the link is to become a URN.
        if let Some(digits) = vector["gcp_length"].as_u64()
            && !from.starts_with("urn:")
        {
            found = read(from).and_then(|elements| elements.to_urn(usize::try_from(digits).unwrap()));
        }
        let from = &vector["gcp_length"].as_u64().map_or(from.to_owned(), |digits| format!("{from} {digits}"));
        tally.count(from, found.is_ok() == ok, &found);
    }
    tally.finish(372);
}

const CHECK_DIGIT: &str =
    "its check digit is wrong, at which the translator's checks of syntax do not look; here a wrong one is never taken";
const UNESCAPED: &str =
    "a sign that has to be a percent escape stands bare: it is no URI, or one with other parts than the vector means";
const PIECES: &str = "it is a piece with a higher number than there are pieces";
const TOO_LONG: &str = "a GIAI has at most 30 characters, and this one has 31";
const LETTERS: &str = "the company prefix that the vector asks for, 123457-57578, has a sign in it that is no digit";
const FRAGMENT: &str =
    "what follows # is a fragment and no part of the link; what precedes it is a good key of a component";

const CONVERSIONS: &[(&str, &str)] = &[
    ("urn:epc:idpat:cpi:858588503943.4/38.*", UNESCAPED),
    ("https://id.gs1.org/8010/4748374/23748#94//8011/94304", UNESCAPED),
    ("https://id.gs1.org/8010/30056867890#1294-5A/8011/4893", FRAGMENT),
    ("https://id.gs1.org/8010/123457-57578", LETTERS),
    (r#"urn:epc:id:giai:839495849585.0!"/%_"#, UNESCAPED),
    (r#"https://id.gs1.org/8004/3575958495850!"/%_"#, UNESCAPED),
    ("https://id.gs1.org/8004/7324878;><=?", UNESCAPED),
    ("https://id.gs1.org/8004/42512183.SENSOR.TR-07-AVE-583:1", TOO_LONG),
    (r#"urn:epc:id:ginc:48493047.38473!"%/%&'()*+,-.:="#, UNESCAPED),
    (r#"urn:epc:id:ginc:48493047.38473!""%/%&'()*+,-.:="#, UNESCAPED),
    (r#"urn:epc:id:grai:123456789012..!"%&'()*+,-."#, UNESCAPED),
    ("https://id.gs1.org/8003/043847837483703:;<>=?AZ_az", UNESCAPED),
    (r#"https://id.gs1.org/8003/01234567890128!"%&'()*+,-."#, UNESCAPED),
    ("https://id.gs1.org/8017/123456789012345678", CHECK_DIGIT),
    ("https://google.com/8017/123456789012345678", CHECK_DIGIT),
    ("https://google.com/8017/645933932413121231", CHECK_DIGIT),
    ("https://google.com/8017/667602231213121237", CHECK_DIGIT),
    (r#"urn:epc:id:itip:467348.6589384.38.44.!"%&'()*+,-./1:;<=>="#, UNESCAPED),
    ("urn:epc:idpat:itip:493494.3399430.40.39.*", PIECES),
    (r#"https://id.gs1.org/8006/646734858938493844/21/!"%&'()*+,-./1:;<=>="#, UNESCAPED),
    ("https://id.gs1.org/8006/495892314098876544", CHECK_DIGIT),
    ("https://id.gs1.org/8006/843948393494893434", CHECK_DIGIT),
    ("urn:epc:class:lgtin:4384738478.734.8484892%", UNESCAPED),
    (r#"urn:epc:class:lgtin:2345678901.123.!"%&'()*+,-./19:;<=>"#, UNESCAPED),
    ("https://id.gs1.org/01/59046477538590/10/2z32746", CHECK_DIGIT),
    ("https://samsung.com/de/01/12345678901234/10/9999", CHECK_DIGIT),
    ("https://id.gs1.org/01/12475775757579/10/488484", CHECK_DIGIT),
    ("https://id.gs1.org/01/49367283728732/10//8484892%", UNESCAPED),
    (r#"https://id.gs1.org/01/12345678901231/10/!"%&'()*+,-./19:;<=>"#, UNESCAPED),
    (r#"urn:epc:id:sgln:437473647364.."%&'()*+,-./19:;<=>?"#, UNESCAPED),
    ("urn:epc:id:sgtin:234567.1890123./19:;<=>?AZ_az", UNESCAPED),
    ("urn:epc:id:upui:787587.5483743.19:;<=>?AZ_az", UNESCAPED),
    (r#"https://id.gs1.org/01/78574584574857/235/!"%&'()*+,-./"#, UNESCAPED),
    ("https://id.gs1.org/01/89359443847373/235/8398439", CHECK_DIGIT),
    ("https://id.gs1.org/01/93511525326356/235/0230293", CHECK_DIGIT),
];

const VALIDATIONS: &[(&str, &str)] = &[
    ("https://id.gs1.org/8010/30056867890#1294-5A/8011/4893", FRAGMENT),
    ("https://id.gs1.org/8010/4748374/23748#94//8011/94304 7", UNESCAPED),
    ("https://id.gs1.org/8010/8585885039434/38 12", UNESCAPED),
    ("https://gs1.in/255/12345678901234 12", CHECK_DIGIT),
    ("https://id.gs1.org/255/300096758845486 7", CHECK_DIGIT),
    (r#"urn:epc:id:gdti:893489348949..":?>"#, UNESCAPED),
    ("https://id.gs1.org/253/12345678901234 10", CHECK_DIGIT),
    ("https://id.gs1.org/253/8438489238239 12", CHECK_DIGIT),
    ("https://google.fb.org/253/8438489238239 12", CHECK_DIGIT),
    (r#"urn:epc:id:ginc:48493047.38473!"%/%&'()*+,-.:="#, UNESCAPED),
    (r#"https://id.gs1.org/401/4849304738473!""%/%&'()*+,-.:= 8"#, UNESCAPED),
    (r#"urn:epc:id:grai:123456789012..!"%&'()*+,-."#, UNESCAPED),
    ("https://id.gs1.org/8003/043847837483703:;<>=?AZ_az 6", UNESCAPED),
    (r#"https://id.gs1.org/8003/01234567890128!"%&'()*+,-. 12"#, UNESCAPED),
    ("https://id.gs1.org/402/12345678905123456 10", CHECK_DIGIT),
    ("https://benelog.com/horrem/402/95249893589539394 10", CHECK_DIGIT),
    ("https://benelog.com/horrem/402/95204454958349836 10", CHECK_DIGIT),
    ("https://id.gs1.org/8017/123456789012345678 10", CHECK_DIGIT),
    ("https://google.com/8017/643963764374736343 9", CHECK_DIGIT),
    ("https://google.com/8017/667602231213121237 12", CHECK_DIGIT),
    ("https://hp.com/laptop/8018/654673483739829829 11", CHECK_DIGIT),
    (r#"urn:epc:id:itip:467348.6589384.38.44.!"%&'()*+,-./1:;<=>="#, UNESCAPED),
    ("https://id.gs1.org/8006/123456789012345678/21/1111 10", CHECK_DIGIT),
    ("https://riseagainst.com/songs/8006/123456789012356787/21/1111 10", CHECK_DIGIT),
    (r#"https://id.gs1.org/8006/646734858938493844/21/!"%&'()*+,-./1:;<=>= 6"#, UNESCAPED),
    ("https://id.gs1.org/8006/123456789012345678 10", CHECK_DIGIT),
    ("https://id.gs1.org/8006/123457575787456278 12", CHECK_DIGIT),
    ("urn:epc:idpat:itip:164759476414.5.56.34.*", PIECES),
    ("urn:epc:class:lgtin:4384738478.734.8484892%", UNESCAPED),
    (r#"urn:epc:class:lgtin:2345678901.123.!"%&'()*+,-./19:;<=>"#, UNESCAPED),
    ("https://id.gs1.org/01/59850359038590/10/232746 10", CHECK_DIGIT),
    ("https://id.gs1.org/01/59046477538590/10/2z32746 10", CHECK_DIGIT),
    ("https://id.gs1.org/01/59046537003451/10/998877 10", CHECK_DIGIT),
    ("https://samsung.com/de/01/12345678901234/10/9999 6", CHECK_DIGIT),
    ("https://id.gs1.org/01/12475775757579/10/488484 10", CHECK_DIGIT),
    (r#"https://id.gs1.org/01/12345678901231/10/!"%&'()*+,-./19:;<=> 10"#, UNESCAPED),
    (r#"urn:epc:id:sgln:437473647364.."%&'()*+,-./19:;<=>?"#, UNESCAPED),
    ("https://id.gs1.org/414/1234567890123/254/1234 6", CHECK_DIGIT),
    ("https://id.gs1.org/414/9359044384782/254/12 10", CHECK_DIGIT),
    ("https://id.gs1.org/414/9359239384938/254/4390493 12", CHECK_DIGIT),
    (r#"urn:epc:id:sgtin:234567.1890123.!"%&'()*+,-./"#, UNESCAPED),
    ("urn:epc:id:sgtin:234567.1890123./19:;<=>?AZ_az", UNESCAPED),
    (r#"https://id.gs1.org/01/12345678901231/21/!"%&'()*+,-./ 6"#, UNESCAPED),
    ("https://id.gs1.org/01/12345678901231/21//19:;<=>?AZ_az 6", UNESCAPED),
    ("https://lidl.de/food/frozen/01/59046539203740/21/9302932 12", CHECK_DIGIT),
    ("https://lidl.de/food/frozen/01/60085859894506/21/94304903 10", CHECK_DIGIT),
    (r#"https://id.gs1.org/01/09312345678907/21/!"%&'()*+,-./"#, UNESCAPED),
    ("https://id.gs1.org/00/012345678901234567 6", CHECK_DIGIT),
    ("https://marriot.in/blr/123/00/012345678901234567 6", CHECK_DIGIT),
    ("https://marriot.in/blr/123/00/936658475845784857 12", CHECK_DIGIT),
    (r#"urn:epc:id:upui:857458457485.7.!"%&'()*+,-./"#, UNESCAPED),
    ("urn:epc:id:upui:787587.5483743.19:;<=>?AZ_az", UNESCAPED),
    (r#"https://id.gs1.org/01/78574584574857/235/!"%&'()*+,-./ 12"#, UNESCAPED),
    ("https://id.gs1.org/01/57875874837438/235/19:;<=>?AZ_az 6", UNESCAPED),
];
