//! A document as the guideline of GS1 US for DSCSA has it.
#![allow(clippy::unwrap_used)]

use theriac_domain::identifier::EpcClass;
use theriac_epcis::{Identifiers, Partner, parse};

const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-03-02T08:00:00Z"
    xmlns:sbdh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    xmlns:cbvmda="urn:epcglobal:cbv:mda" xmlns:gs1ushc="http://epcis.gs1us.org/hc/ns">
  <EPCISHeader>
    <sbdh:StandardBusinessDocumentHeader>
      <sbdh:HeaderVersion>1.0</sbdh:HeaderVersion>
      <sbdh:Sender><sbdh:Identifier Authority="SGLN">urn:epc:id:sgln:9501101.00001.0</sbdh:Identifier></sbdh:Sender>
      <sbdh:Receiver><sbdh:Identifier Authority="SGLN">urn:epc:id:sgln:9501101.00002.0</sbdh:Identifier></sbdh:Receiver>
      <sbdh:DocumentIdentification>
        <sbdh:Standard>EPCglobal</sbdh:Standard><sbdh:TypeVersion>1.0</sbdh:TypeVersion>
        <sbdh:InstanceIdentifier>4711</sbdh:InstanceIdentifier><sbdh:Type>Events</sbdh:Type>
        <sbdh:CreationDateAndTime>2026-03-02T08:00:00Z</sbdh:CreationDateAndTime>
      </sbdh:DocumentIdentification>
    </sbdh:StandardBusinessDocumentHeader>
    <extension><EPCISMasterData><VocabularyList>
      <Vocabulary type="urn:epcglobal:epcis:vtype:EPCClass"><VocabularyElementList>
        <VocabularyElement id="urn:epc:idpat:sgtin:9501101.053000.*">
          <attribute id="urn:epcglobal:cbv:mda#additionalTradeItemIdentification">95011053001</attribute>
          <attribute id="urn:epcglobal:cbv:mda#additionalTradeItemIdentificationTypeCode">US_FDA_NDC</attribute>
          <attribute id="urn:epcglobal:cbv:mda#regulatedProductName">Theriacin</attribute>
          <attribute id="urn:epcglobal:cbv:mda#manufacturerOfTradeItemPartyName">Maker &amp; Sons</attribute>
          <attribute id="urn:epcglobal:cbv:mda#dosageFormType">CAPSULE</attribute>
          <attribute id="urn:epcglobal:cbv:mda#strengthDescription">40 mg</attribute>
          <attribute id="urn:epcglobal:cbv:mda#netContentDescription">30</attribute>
        </VocabularyElement></VocabularyElementList></Vocabulary>
      <Vocabulary type="urn:epcglobal:epcis:vtype:Location"><VocabularyElementList>
        <VocabularyElement id="urn:epc:id:sgln:9501101.00001.0">
          <attribute id="urn:epcglobal:cbv:mda#name">Maker</attribute>
          <attribute id="urn:epcglobal:cbv:mda#streetAddressOne">1 Bridge Street</attribute>
          <attribute id="urn:epcglobal:cbv:mda#city">Venice</attribute>
          <attribute id="urn:epcglobal:cbv:mda#state">CA</attribute>
          <attribute id="urn:epcglobal:cbv:mda#postalCode">90291</attribute>
          <attribute id="urn:epcglobal:cbv:mda#countryCode">US</attribute>
          <children><id>urn:epc:id:sgln:9501101.00001.LINE1</id></children>
        </VocabularyElement></VocabularyElementList></Vocabulary>
    </VocabularyList></EPCISMasterData></extension>
    <gs1ushc:dscsaTransactionStatement>
      <gs1ushc:affirmTransactionStatement>true</gs1ushc:affirmTransactionStatement>
      <gs1ushc:legalNotice>Seller has complied.</gs1ushc:legalNotice>
    </gs1ushc:dscsaTransactionStatement>
  </EPCISHeader>
  <EPCISBody><EventList><ObjectEvent>
    <eventTime>2026-03-02T07:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
    <epcList><epc>urn:epc:id:sgtin:9501101.053000.A1</epc></epcList>
    <action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
    <extension><ilmd><cbvmda:lotNumber>L1</cbvmda:lotNumber>
      <cbvmda:itemExpirationDate>2035-01-31</cbvmda:itemExpirationDate></ilmd></extension>
  </ObjectEvent></EventList></EPCISBody>
</epcis:EPCISDocument>"#;

#[test]
fn what_the_guideline_names_is_typed() {
    let document = parse(DOCUMENT.as_bytes()).unwrap();
    let header = document.standard_header().unwrap();
    let sender = Partner { identifier: Some("urn:epc:id:sgln:9501101.00001.0".into()), authority: Some("SGLN".into()) };
    assert_eq!((header.senders, header.receivers.len()), (vec![sender], 1));
    assert_eq!(
        (header.document_type.as_deref(), header.instance_identifier.as_deref()),
        (Some("Events"), Some("4711"))
    );
    assert_eq!(document.sender.as_deref(), Some("urn:epc:id:sgln:9501101.00001.0"));
    assert_eq!(document.instance_identifier.as_deref(), Some("4711"));

    let [product] = &document.products()[..] else { unreachable!("one product: {document:?}") };
    assert!(matches!(product.class, Some(EpcClass::Product(_))));
    assert_eq!(product.manufacturer.as_deref(), Some("Maker & Sons"));
    assert_eq!((product.national_number.as_deref(), product.net_content.as_deref()), (Some("95011053001"), Some("30")));

    let [location] = &document.locations()[..] else { unreachable!("one location: {document:?}") };
    assert_eq!(location.place.as_ref().map(|place| place.to_string()).as_deref(), Some("414/9501101000018"));
    assert_eq!((location.street.len(), location.country.as_deref()), (1, Some("US")));

    let statement = document.transaction_statement().unwrap();
    assert_eq!((statement.is_affirmed, statement.legal_notice.as_deref()), (true, Some("Seller has complied.")));
}

#[test]
fn it_comes_back_as_json() {
    let mut document = parse(DOCUMENT.as_bytes()).unwrap();
    let written = document.to_json(Identifiers::DigitalLinks);
    assert!(written.contains(r#""cbvmda:lotNumber":"L1","cbvmda:itemExpirationDate":"2035-01-31""#), "{written}");
    assert_eq!(document.schema_version.as_deref(), Some("1.2"));
    // What is written is of version 2.0, whatever was read.
    document.schema_version = Some("2.0".to_owned());
    assert_eq!(parse(written.as_bytes()), Ok(document));
}
