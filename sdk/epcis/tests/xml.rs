//! XML as trading partners write it, good and bad.
#![allow(clippy::unwrap_used)]

use theriac_epcis::{DocumentKind, parse, parse_xml};

fn document(version: &str, events: &str) -> String {
    let namespace = &version[..1];
    format!(
        r#"<?xml version="1.0"?>
        <e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:{namespace}" xmlns:ex="https://example.org/ns/" schemaVersion="{version}"
            creationDate="2026-03-02T08:00:00Z"><EPCISBody><EventList>{events}</EventList></EPCISBody></e:EPCISDocument>"#
    )
}

/// An object event of version 2.0 with further elements behind its time.
fn object_event(elements: &str) -> String {
    let time = "<eventTime>2026-03-02T08:00:00+01:00</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>";
    document("2.0", &format!("<ObjectEvent>{time}{elements}</ObjectEvent>"))
}

const UNIT: &str = "<epcList><epc>urn:epc:id:sgtin:9501101.053000.A1</epc></epcList><action>ADD</action>";

#[test]
fn versions_1_and_2_and_json_say_the_same() {
    let json = r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"ex":"https://example.org/ns/"}],
        "type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T08:00:00Z","epcisBody":{"eventList":[{
        "type":"ObjectEvent","eventTime":"2026-03-02T08:00:00+01:00","eventTimeZoneOffset":"+01:00","eventID":"urn:uuid:1",
        "errorDeclaration":{"declarationTime":"2026-03-02T09:00:00+01:00","reason":"incorrect_data",
          "correctiveEventIDs":["urn:uuid:2"],"ex:by":"me"},
        "epcList":["https://id.gs1.org/01/09501101530003/21/A1"],"action":"ADD","bizStep":"commissioning",
        "disposition":"active","readPoint":{"id":"https://id.gs1.org/414/9501101000018","ex:door":"7"},
        "bizTransactionList":[{"type":"po","bizTransaction":"urn:x:po"},{"bizTransaction":"urn:x:free"}],
        "quantityList":[{"epcClass":"https://id.gs1.org/01/09501101530003/10/L1","quantity":1.5,"uom":"KGM"}],
        "sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/9501101000018"}],
        "destinationList":[{"type":"location","destination":"geo:1,2"}],
        "sensorElementList":[{"sensorMetadata":{"time":"2026-03-02T07:00:00+01:00","ex:m":"1"},"sensorReport":[
          {"type":"Temperature","value":21.5,"uom":"CEL","booleanValue":true,"component":"x","ex:r":"2"}],"ex:s":"3"}],
        "persistentDisposition":{"set":["completeness_verified"],"unset":["completeness_inferred"]},
        "ilmd":{"ex:line":["1","2"]},"ex:own":{"@k":"v","inner":"w"}}]}}"#;
    let base = r#"<eventID>urn:uuid:1</eventID><errorDeclaration><declarationTime>2026-03-02T09:00:00+01:00</declarationTime>
        <reason>urn:epcglobal:cbv:er:incorrect_data</reason><correctiveEventIDs><correctiveEventID>urn:uuid:2</correctiveEventID>
        </correctiveEventIDs><ex:by>me</ex:by></errorDeclaration>"#;
    let core = r#"<epcList><epc>urn:epc:id:sgtin:9501101.053000.A1</epc></epcList><action>ADD</action>
        <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep><disposition>urn:epcglobal:cbv:disp:active</disposition>
        <readPoint><id>urn:epc:id:sgln:9501101.00001.0</id><ex:door>7</ex:door></readPoint>
        <bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po"> urn:x:po </bizTransaction>
        <bizTransaction>urn:x:free</bizTransaction></bizTransactionList>"#;
    let lists = r#"<quantityList><quantityElement><epcClass>urn:epc:class:lgtin:9501101.053000.L1</epcClass>
        <quantity>+1.50</quantity><uom>KGM</uom></quantityElement></quantityList>
        <sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:9501101.00001</source></sourceList>
        <destinationList><destination type="urn:epcglobal:cbv:sdt:location">geo:1,2</destination></destinationList>"#;
    let sensors = r#"<sensorElementList><sensorElement><sensorMetadata time="2026-03-02T07:00:00+01:00" ex:m="1"/>
        <sensorReport type="gs1:Temperature" value="21.50" uom="CEL" booleanValue="1" component="cbv:Comp-x" ex:r="2"/>
        <ex:s>3</ex:s></sensorElement></sensorElementList><persistentDisposition>
        <unset>urn:epcglobal:cbv:disp:completeness_inferred</unset><set>urn:epcglobal:cbv:disp:completeness_verified</set>
        </persistentDisposition>"#;
    let ilmd = "<ilmd><ex:line>1</ex:line><ex:line>2</ex:line></ilmd>";
    let own = r#"<ex:own k="v"><inner>w</inner></ex:own>"#;
    let time = "<eventTime>2026-03-02T08:00:00+01:00</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>";
    let two = object_event(&format!("{base}{core}{lists}{sensors}{ilmd}{own}"));
    let one = document(
        "1.2",
        &format!(
            "<ObjectEvent>{time}<baseExtension>{base}</baseExtension>{core}<extension>{lists}{ilmd}\
             <extension>{sensors}</extension></extension>{own}</ObjectEvent>"
        ),
    );
    let told = parse(json.as_bytes()).unwrap().events;
    for xml in [two, one] {
        assert_eq!(parse(xml.as_bytes()).unwrap_or_else(|e| unreachable!("{e}")).events, told);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let event = "/EPCISDocument/EPCISBody/EventList/ObjectEvent";
    for (elements, path) in [
        ("<epcList/><action>ADD</action>".to_owned(), String::new()),
        (UNIT.replace("ADD", "add"), "/action".to_owned()),
        (UNIT.replace("A1</epc>", "A1</epc><epc>x</epc>"), "/epcList/epc[2]".to_owned()),
        (UNIT.replace("9501101.053000", "9501101.53000"), "/epcList/epc".to_owned()),
        (format!("{UNIT}{UNIT}"), "/epcList[2]".to_owned()),
        (format!("{UNIT}<bizStep>urn:epcglobal:cbv:bizstep:blessing</bizStep>"), "/bizStep".to_owned()),
        (format!("{UNIT}<colour>red</colour>"), "/colour".to_owned()),
        (format!("{UNIT}<readPoint><door/></readPoint>"), "/readPoint/door".to_owned()),
        (format!("{UNIT}<readPoint><id>dock 7</id></readPoint>"), "/readPoint/id".to_owned()),
        (
            format!(
                "{UNIT}<bizTransactionList><bizTransaction>x:y</bizTransaction><bizTransaction type='po po'>x:y</bizTransaction></bizTransactionList>"
            ),
            "/bizTransactionList/bizTransaction[2]/@type".to_owned(),
        ),
        (
            format!(
                "{UNIT}<quantityList><quantityElement><epcClass>x:y</epcClass><quantity>many</quantity></quantityElement></quantityList>"
            ),
            "/quantityList/quantityElement/quantity".to_owned(),
        ),
        (
            format!(
                "{UNIT}<sensorElementList><sensorElement><sensorReport type='gs1:Speed'/><sensorReport type='gs1:Speed' value='fast'/></sensorElement></sensorElementList>"
            ),
            "/sensorElementList/sensorElement/sensorReport[2]/@value".to_owned(),
        ),
        (
            format!(
                "{UNIT}<extension><ilmd><cbvmda:lotNumber xmlns:cbvmda='urn:epcglobal:cbv:mda'>A B</cbvmda:lotNumber></ilmd></extension>"
            ),
            "/extension/ilmd/lotNumber".to_owned(),
        ),
    ] {
        let problems = parse(object_event(&elements).as_bytes()).unwrap_err();
        assert_eq!(problems.as_slice()[0].path, format!("{event}{path}"), "{elements}: {problems}");
    }
}

#[test]
fn other_documents_are_told_apart() {
    for (text, code) in [
        ("<ObjectEvent/>".to_owned(), "EPCIS_VALIDATION"),
        ("<Order/>".to_owned(), "EPCIS_VALIDATION"),
        (document("2.0", "<QuantityEvent/>"), "EVENT_UNSUPPORTED"),
        (document("2.0", "<ex:Event/>"), "EVENT_UNSUPPORTED"),
        (document("3.0", ""), "EPCIS_VALIDATION"),
        (document("2.0", "").replace("creationDate", "created"), "EPCIS_VALIDATION"),
        (document("2.0", "").replace("<?xml version=\"1.0\"?>", "<!DOCTYPE e>"), "XML_SYNTAX"),
        ("<e:EPCISQueryDocument xmlns:e='urn:epcglobal:epcis-query:xsd:1'><EPCISBody><e:Poll/></EPCISBody></e:EPCISQueryDocument>".to_owned(), "EVENT_UNSUPPORTED"),
        (" ".repeat(5 << 20), "CAPTURE_LIMIT"),
    ] {
        let problems = parse_xml(text.as_bytes()).unwrap_err();
        assert_eq!(problems.as_slice()[0].code, code, "{}: {problems}", &text[..text.len().min(200)]);
    }
}

#[test]
fn an_answer_to_a_query_and_a_bare_event_are_documents() {
    let answer = r#"<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0"
        creationDate="2026-03-02T08:00:00Z"><EPCISBody><q:QueryResults><queryName>SimpleEventQuery</queryName>
        <subscriptionID>s-1</subscriptionID><resultsBody><EventList/></resultsBody></q:QueryResults></EPCISBody>
        </q:EPCISQueryDocument>"#;
    let DocumentKind::Query(query) = parse(answer.as_bytes()).unwrap().kind else { unreachable!("an answer") };
    assert_eq!((query.name.as_str(), query.subscription.as_deref()), ("SimpleEventQuery", Some("s-1")));

    let text = object_event(UNIT);
    let event = &text[text.find("<ObjectEvent>").unwrap()..text.find("</EventList>").unwrap()];
    let with_mark = format!("\u{feff}{event}");
    let document = parse(with_mark.as_bytes()).unwrap();
    assert_eq!((document.kind, document.events.len()), (DocumentKind::Event, 1));
}
