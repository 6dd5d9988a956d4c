//! What GS1 US's guideline for DSCSA puts around events, with names: the Standard Business Document Header, master data
//! of products and locations, and the transaction statement. Everything else of them stays in the [`Document`].

use crate::document::Document;
use crate::json::Json;
use theriac_domain::Uri;
use theriac_domain::document::VocabularyElement;
use theriac_domain::event::ExtensionField;
use theriac_domain::identifier::{EpcClass, Place};

/// The Standard Business Document Header (UN/CEFACT).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandardHeader {
    /// Its version, `1.0`.
    pub version: Option<String>,
    /// Who sent the document.
    pub senders: Vec<Partner>,
    /// Who is to receive it.
    pub receivers: Vec<Partner>,
    /// What the document is written in, such as `EPCglobal`.
    pub standard: Option<String>,
    /// The standard's version.
    pub type_version: Option<String>,
    /// The sender's number of the document.
    pub instance_identifier: Option<String>,
    /// What the document is, such as `Events`.
    pub document_type: Option<String>,
    /// When it was made, as written.
    pub creation: Option<String>,
}

/// A sender or receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partner {
    /// Its identifier.
    pub identifier: Option<String>,
    /// What kind of identifier it is, such as `SGLN`.
    pub authority: Option<String>,
}

/// What is known of a product (DSCSA transaction information).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The product as the document identifies it.
    pub id: Uri,
    /// The same, read; none for what is no class of goods.
    pub class: Option<EpcClass>,
    /// A national number, such as an NDC.
    pub national_number: Option<String>,
    /// What kind of number that is, such as `US_FDA_NDC`.
    pub national_number_kind: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Who makes it.
    pub manufacturer: Option<String>,
    /// Its dosage form.
    pub dosage_form: Option<String>,
    /// Its strength.
    pub strength: Option<String>,
    /// How much is in a pack.
    pub net_content: Option<String>,
}

/// What is known of a location or a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationData {
    /// The location as the document identifies it.
    pub id: Uri,
    /// The same, read.
    pub place: Option<Place>,
    /// Its name.
    pub name: Option<String>,
    /// The lines of its street address.
    pub street: Vec<String>,
    /// The city.
    pub city: Option<String>,
    /// The state.
    pub state: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The country (ISO 3166, two letters).
    pub country: Option<String>,
}

/// The transaction statement that DSCSA asks the seller for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionStatement {
    /// Whether the seller affirms it.
    pub is_affirmed: bool,
    /// The statement in words.
    pub legal_notice: Option<String>,
}

impl Document {
    /// The Standard Business Document Header, when there is one.
    pub fn standard_header(&self) -> Option<StandardHeader> {
        let header = self.header.as_ref()?;
        let json = extension(&header.extensions, "StandardBusinessDocumentHeader")?;
        let identification = member(&json, "DocumentIdentification");
        let of_document = |name: &str| identification.and_then(|found| text(member(found, name)?));
        let partners = |name: &str| -> Vec<Partner> {
            let partners = member(&json, name).map(Json::items).unwrap_or_default();
            partners.iter().map(partner).collect()
        };
        Some(StandardHeader {
            version: member(&json, "HeaderVersion").and_then(text),
            senders: partners("Sender"),
            receivers: partners("Receiver"),
            standard: of_document("Standard"),
            type_version: of_document("TypeVersion"),
            instance_identifier: of_document("InstanceIdentifier"),
            document_type: of_document("Type"),
            creation: of_document("CreationDateAndTime"),
        })
    }

    /// The products in its master data.
    pub fn products(&self) -> Vec<Product> {
        let product = |element: &VocabularyElement| Product {
            id: element.id.clone(),
            class: element.id.as_str().parse().ok(),
            national_number: attribute(element, "additionalTradeItemIdentification"),
            national_number_kind: attribute(element, "additionalTradeItemIdentificationTypeCode"),
            name: attribute(element, "regulatedProductName"),
            manufacturer: attribute(element, "manufacturerOfTradeItemPartyName"),
            dosage_form: attribute(element, "dosageFormType"),
            strength: attribute(element, "strengthDescription"),
            net_content: attribute(element, "netContentDescription"),
        };
        self.elements("urn:epcglobal:epcis:vtype:EPCClass").map(product).collect()
    }

    /// The locations and parties in its master data.
    pub fn locations(&self) -> Vec<LocationData> {
        let location = |element: &VocabularyElement| LocationData {
            id: element.id.clone(),
            place: element.id.as_str().parse().ok(),
            name: attribute(element, "name"),
            street: ["streetAddressOne", "streetAddressTwo", "streetAddressThree"]
                .iter()
                .filter_map(|name| attribute(element, name))
                .collect(),
            city: attribute(element, "city"),
            state: attribute(element, "state"),
            postal_code: attribute(element, "postalCode"),
            country: attribute(element, "countryCode"),
        };
        self.elements("urn:epcglobal:epcis:vtype:Location").map(location).collect()
    }

    /// The transaction statement, in the header, the document or its body.
    pub fn transaction_statement(&self) -> Option<TransactionStatement> {
        let header = self.header.as_ref().map(|header| header.extensions.as_slice()).unwrap_or_default();
        let places = [header, &self.extensions, &self.body_extensions];
        let json = places.into_iter().find_map(|found| extension(found, "dscsaTransactionStatement"))?;
        let is_affirmed = match member(&json, "affirmTransactionStatement") {
            Some(Json::Bool(value)) => *value,
            Some(value) => text(value).is_some_and(|text| text == "true" || text == "1"),
            None => false,
        };
        Some(TransactionStatement { is_affirmed, legal_notice: member(&json, "legalNotice").and_then(text) })
    }

    fn elements(&self, kind: &str) -> impl Iterator<Item = &VocabularyElement> {
        let vocabularies = self.header.iter().flat_map(|header| header.vocabularies.iter().flatten());
        vocabularies.filter(move |vocabulary| vocabulary.kind.as_str() == kind).flat_map(|found| &found.elements)
    }
}

fn partner(json: &Json) -> Partner {
    let identifier = member(json, "Identifier");
    let authority = identifier.and_then(|identifier| text(member(identifier, "Authority")?));
    Partner { identifier: identifier.and_then(text), authority }
}

fn attribute(element: &VocabularyElement, name: &str) -> Option<String> {
    let attribute = element.attributes.iter().find(|attribute| attribute.name() == name)?;
    serde_json::from_str(attribute.json.as_deref()?).ok()
}

/// The value of an extension, whatever its prefix.
fn extension(extensions: &[ExtensionField], name: &str) -> Option<Json> {
    let field = extensions.iter().find(|field| local(&field.name) == name)?;
    Json::parse(&field.json).ok()
}

/// A member, whatever its prefix; attributes have an @ in front.
fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    match json {
        Json::Object(members) => members.iter().find(|(known, _)| local(known) == name).map(|(_, value)| value),
        _ => None,
    }
}

/// A text, or the text beside attributes.
fn text(json: &Json) -> Option<String> {
    json.as_text().or_else(|| json.member("#text")?.as_text()).map(str::to_owned)
}

fn local(name: &str) -> &str {
    name.rsplit([':', '#', '/', '@']).next().unwrap_or_default()
}
