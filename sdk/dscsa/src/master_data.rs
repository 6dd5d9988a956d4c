//! What the law wants to be told of products and parties and the ledger does not keep: an optional document.
//!
//! ```json
//! {
//!   "products": { "09506000134376": { "name": "…", "strength": "10 mg", "dosage_form": "capsule",
//!                                     "ndc": "12345-678-90", "container_size": "30 capsules" } },
//!   "parties":  { "9506000100005": { "name": "…", "address": "…" } }
//! }
//! ```

use crate::error::Problem;
use crate::message::Read;
use crate::node::{Node, parse};
use crate::report::optional;
use std::collections::BTreeMap;
use theriac_domain::{Gln, Gtin};

/// Products and parties, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MasterData {
    /// By GTIN.
    pub products: BTreeMap<Gtin, ProductData>,
    /// By GLN.
    pub parties: BTreeMap<Gln, PartyData>,
}

/// What is known of a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductData {
    /// Its proprietary or established name.
    pub name: Option<String>,
    /// How strong it is.
    pub strength: Option<String>,
    /// What it is given as.
    pub dosage_form: Option<String>,
    /// Its National Drug Code.
    pub ndc: Option<String>,
    /// How much is in a container.
    pub container_size: Option<String>,
}

/// What is known of a party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyData {
    /// The business's name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

impl MasterData {
    /// Reads the document.
    ///
    /// # Errors
    /// The first problem of the document.
    pub fn read(bytes: &[u8]) -> Result<Read<Self>, Problem> {
        let value = parse(bytes)?;
        let node = Node::root(&value)?;
        let (mut data, mut remarks) = (Self::default(), Vec::new());
        node.tell_others(&["products", "parties"], &mut remarks);
        for (gtin, product) in node.field("products").map(Node::object).transpose()?.iter().flat_map(Node::members) {
            let product = product.object()?;
            product.tell_others(&["name", "strength", "dosage_form", "ndc", "container_size"], &mut remarks);
            let gtin = Gtin::from_any_length(gtin);
            let gtin = gtin.map_err(|error| Problem::new(&product.path, error.code(), error))?;
            let known = ProductData {
                name: optional(&product, "name")?,
                strength: optional(&product, "strength")?,
                dosage_form: optional(&product, "dosage_form")?,
                ndc: optional(&product, "ndc")?,
                container_size: optional(&product, "container_size")?,
            };
            data.products.insert(gtin, known);
        }
        for (gln, party) in node.field("parties").map(Node::object).transpose()?.iter().flat_map(Node::members) {
            let party = party.object()?;
            party.tell_others(&["name", "address"], &mut remarks);
            let gln = gln.parse::<Gln>().map_err(|error| Problem::new(&party.path, error.code(), error))?;
            let known = PartyData { name: optional(&party, "name")?, address: optional(&party, "address")? };
            data.parties.insert(gln, known);
        }
        Ok(Read { value: data, remarks })
    }
}

/// The ten digits of the National Drug Code in a GTIN. GS1 numbers American health products so: behind the packaging
/// level `03`, then the code, then the check digit. Where the hyphens belong, a GTIN does not say.
pub fn ndc_of(gtin: &Gtin) -> Option<&str> {
    gtin.as_str().get(1..13)?.strip_prefix("03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gtin_of_an_american_health_product_has_a_drug_code_at_every_packaging_level() {
        for (body, ndc) in [
            ("0031234567890", Some("1234567890")),
            ("5031234567890", Some("1234567890")),
            ("0950600013437", None),
            ("0300000000000", None),
        ] {
            let gtin = Gtin::complete(body).unwrap();
            assert_eq!(ndc_of(&gtin), ndc, "{gtin}");
        }
    }

    #[test]
    fn products_and_parties_are_found_by_their_numbers_and_wrong_numbers_by_their_place() {
        let text = r#"{"products":{"9506000134376":{"name":"Pink pills","price":3}},"parties":{"9506000100005":{}}}"#;
        let Read { value, remarks } = MasterData::read(text.as_bytes()).unwrap();
        let product = &value.products[&"09506000134376".parse().unwrap()];
        assert_eq!((product.name.as_deref(), product.ndc.as_deref()), (Some("Pink pills"), None));
        assert_eq!(remarks[0].path, "$.products.9506000134376.price");
        assert_eq!(value.parties.len(), 1);
        for (text, path, code) in [
            (r#"{"products":{"09506000134375":{}}}"#, "$.products.09506000134375", "ID_CHECK_DIGIT"),
            (r#"{"parties":{"9506000100004":{}}}"#, "$.parties.9506000100004", "ID_CHECK_DIGIT"),
            (r#"{"products":{"09506000134376":{"name":7}}}"#, "$.products.09506000134376.name", "DSCSA_VALIDATION"),
            (r#"{"products":[]}"#, "$.products", "DSCSA_VALIDATION"),
            ("[]", "$", "DSCSA_VALIDATION"),
        ] {
            let problem = MasterData::read(text.as_bytes()).unwrap_err();
            assert_eq!((problem.path.as_str(), problem.code), (path, code), "{text}");
        }
    }
}
