//! The exception report: what one partner tells the other about a delivery.
//!
//! Fields stand in the published order, and what may be null is written as null where the published examples do so, so
//! that a report that is read and written again is the same text.

use crate::error::Problem;
use crate::limits::CREDENTIAL_BYTES_MAX;
use crate::node::Node;
use crate::words::{ObservationSource, Resolution};
use serde::Serialize;

/// An exception report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// This message's own name.
    pub message_uuid: String,
    /// The case's name, the same in every message about it.
    pub exception_case_uuid: String,
    /// When it was made, in seconds since 1970.
    pub timestamp: u64,
    /// The purchase order that both know it by.
    pub po_number: String,
    /// Who reports.
    pub sender_information: Contact,
    /// What differs.
    pub exceptions: Option<Exceptions>,
    /// What differs and has no shape, in words.
    pub other_errors: Option<Vec<String>>,
    /// Whether everything is settled.
    pub case_resolved: bool,
}

/// Who sends a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// A verifiable presentation of who it is.
    pub vp: Option<String>,
    /// The party's GLN.
    pub gln: Option<String>,
    /// An e-mail address.
    pub email: String,
    /// A telephone number.
    pub phone: Option<String>,
}

/// What differs, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exceptions {
    /// Goods came without data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_product_data: Option<Vec<MissingData>>,
    /// Data came without goods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_product: Option<Vec<MissingProduct>>,
    /// Goods and their data do not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_misalignment: Option<Vec<Misalignment>>,
    /// More came than was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overages: Option<Vec<Amount>>,
    /// Less came than was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub underages: Option<Vec<Amount>>,
    /// Numbers of products and places that are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_data_errors: Option<MasterDataErrors>,
}

/// Goods without data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingData {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// The product.
    pub product_gtin: String,
    /// How the reporter knows of it.
    pub observation_source: ObservationSource,
    /// What the reporter asks for.
    pub resolution_request: Resolution,
    /// The serial number.
    pub product_serial: Option<String>,
}

/// Data without goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingProduct {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// Where the data is.
    pub file_id: String,
    /// The product.
    pub product_gtin: String,
    /// The serial number.
    pub product_serial: String,
    /// What the reporter asks for.
    pub resolution_request: Resolution,
}

/// Goods and data that do not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misalignment {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// The product that came.
    pub received_product_gtin: String,
    /// The lot that came.
    pub received_product_lot: String,
    /// Its last day of use.
    pub received_product_expiry: String,
    /// Its serial number.
    pub received_product_serial: Option<String>,
    /// The product in the data.
    pub product_data_gtin: String,
    /// The lot in the data.
    pub product_data_lot: String,
    /// The last day of use in the data.
    pub product_data_expiry: String,
    /// The serial number in the data.
    pub product_data_serial: Option<String>,
    /// What the reporter asks for.
    pub resolution_request: Resolution,
}

/// How much of a product came, and how much should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// The product.
    pub gtin: String,
    /// How much was ordered; of a ledger's case, how much was shipped.
    pub quantity_ordered: u64,
    /// How much came.
    pub quantity_received: u64,
    /// What the reporter asks for.
    pub resolution_request: Resolution,
}

/// Wrong numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MasterDataErrors {
    /// Of parties and places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gln_errors: Option<Vec<GlnError>>,
    /// Of products.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin_errors: Option<Vec<GtinError>>,
}

/// A wrong GLN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GlnError {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// The wrong one.
    pub invalid_gln: String,
    /// The right one.
    pub proposed_gln: Option<String>,
    /// What the reporter asks for.
    pub resolution_request: Option<Resolution>,
}

/// A wrong GTIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GtinError {
    /// This item's name in the report.
    pub exception_item_uuid: String,
    /// The wrong one.
    pub invalid_gtin: String,
    /// The right one.
    pub proposed_gtin: Option<String>,
    /// What the reporter asks for.
    pub resolution_request: Option<Resolution>,
}

impl Report {
    /// The report as text, without blanks.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and words are JSON")
    }

    pub(crate) fn read(node: &Node<'_>, remarks: &mut Vec<Problem>) -> Result<Self, Problem> {
        let known = ["message_uuid", "exception_case_uuid", "timestamp", "po_number", "sender_information"];
        let known = [&known[..], &["exceptions", "other_errors", "case_resolved"]].concat();
        node.tell_others(&known, remarks);
        let errors = node.field("other_errors").map(|errors| errors.items()).transpose()?;
        let errors = errors.map(|errors| errors.iter().map(Node::text).collect()).transpose()?;
        // Absent it is an empty object, which is what the shape's default says; null is something else.
        let exceptions = match node.nullable("exceptions") {
            Err(_) => Some(Exceptions::default()),
            Ok(found) => found.map(|exceptions| Exceptions::read(&exceptions.object()?, remarks)).transpose()?,
        };
        Ok(Self {
            message_uuid: node.needed("message_uuid")?.text()?,
            exception_case_uuid: node.needed("exception_case_uuid")?.text()?,
            timestamp: node.needed("timestamp")?.number()?,
            po_number: node.needed("po_number")?.text()?,
            sender_information: Contact::read(&node.needed("sender_information")?.object()?, remarks)?,
            exceptions,
            other_errors: errors,
            case_resolved: node.needed("case_resolved")?.boolean()?,
        })
    }
}

impl Exceptions {
    /// Every item's name and what is asked for it, in the order of the report.
    pub fn items(&self) -> Vec<(&str, Option<Resolution>)> {
        let mut items: Vec<(&str, Option<Resolution>)> = Vec::new();
        macro_rules! add {
            ($list:expr, $asked:expr) => {
                items.extend($list.iter().flatten().map(|item| (item.exception_item_uuid.as_str(), $asked(item))))
            };
        }
        add!(self.missing_product_data, |item: &MissingData| Some(item.resolution_request));
        add!(self.missing_product, |item: &MissingProduct| Some(item.resolution_request));
        add!(self.data_misalignment, |item: &Misalignment| Some(item.resolution_request));
        add!(self.overages, |item: &Amount| Some(item.resolution_request));
        add!(self.underages, |item: &Amount| Some(item.resolution_request));
        if let Some(errors) = &self.master_data_errors {
            add!(errors.gln_errors, |item: &GlnError| item.resolution_request);
            add!(errors.gtin_errors, |item: &GtinError| item.resolution_request);
        }
        items
    }
}

impl Contact {
    pub(crate) fn read(node: &Node<'_>, remarks: &mut Vec<Problem>) -> Result<Self, Problem> {
        node.tell_others(&["vp", "gln", "email", "phone"], remarks);
        Ok(Self {
            vp: node.field("vp").map(|vp| vp.text_of(CREDENTIAL_BYTES_MAX)).transpose()?,
            gln: optional(node, "gln")?,
            email: node.needed("email")?.text()?,
            phone: optional(node, "phone")?,
        })
    }
}

impl Exceptions {
    fn read(node: &Node<'_>, remarks: &mut Vec<Problem>) -> Result<Self, Problem> {
        let known = ["missing_product_data", "missing_product", "data_misalignment", "overages", "underages"];
        node.tell_others(&[&known[..], &["master_data_errors"]].concat(), remarks);
        let master_data = node.field("master_data_errors").map(|errors| {
            let errors = errors.object()?;
            errors.tell_others(&["gln_errors", "gtin_errors"], remarks);
            Ok(MasterDataErrors {
                gln_errors: list(&errors, "gln_errors", remarks)?,
                gtin_errors: list(&errors, "gtin_errors", remarks)?,
            })
        });
        Ok(Self {
            master_data_errors: master_data.transpose()?,
            missing_product_data: list(node, "missing_product_data", remarks)?,
            missing_product: list(node, "missing_product", remarks)?,
            data_misalignment: list(node, "data_misalignment", remarks)?,
            overages: list(node, "overages", remarks)?,
            underages: list(node, "underages", remarks)?,
        })
    }
}

/// An entry of a list of exceptions.
pub(crate) trait Entry: Sized {
    /// Its fields.
    const FIELDS: &'static [&'static str];
    /// Reads them.
    fn read(node: &Node<'_>) -> Result<Self, Problem>;
}

/// The entries of a list that may be missing or null.
pub(crate) fn list<T: Entry>(
    node: &Node<'_>,
    name: &str,
    remarks: &mut Vec<Problem>,
) -> Result<Option<Vec<T>>, Problem> {
    let Some(list) = node.field(name) else { return Ok(None) };
    let read = |item: Node<'_>| {
        let item = item.object()?;
        item.tell_others(T::FIELDS, remarks);
        T::read(&item)
    };
    list.items()?.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// A text that may be missing or null.
pub(crate) fn optional(node: &Node<'_>, name: &str) -> Result<Option<String>, Problem> {
    node.field(name).map(|text| text.text()).transpose()
}

impl Entry for MissingData {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "product_gtin", "observation_source", "resolution_request", "product_serial"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            product_gtin: node.needed("product_gtin")?.text()?,
            observation_source: node.needed("observation_source")?.parsed()?,
            resolution_request: node.needed("resolution_request")?.parsed()?,
            product_serial: optional(node, "product_serial")?,
        })
    }
}

impl Entry for MissingProduct {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "file_id", "product_gtin", "product_serial", "resolution_request"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            file_id: node.needed("file_id")?.text()?,
            product_gtin: node.needed("product_gtin")?.text()?,
            product_serial: node.needed("product_serial")?.text()?,
            resolution_request: node.needed("resolution_request")?.parsed()?,
        })
    }
}

impl Entry for Misalignment {
    const FIELDS: &'static [&'static str] = &[
        "exception_item_uuid",
        "received_product_gtin",
        "received_product_lot",
        "received_product_expiry",
        "received_product_serial",
        "product_data_gtin",
        "product_data_lot",
        "product_data_expiry",
        "product_data_serial",
        "resolution_request",
    ];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let serial = |name: &str| node.nullable(name)?.map(|serial| serial.text()).transpose();
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            received_product_gtin: node.needed("received_product_gtin")?.text()?,
            received_product_lot: node.needed("received_product_lot")?.text()?,
            received_product_expiry: node.needed("received_product_expiry")?.text()?,
            received_product_serial: serial("received_product_serial")?,
            product_data_gtin: node.needed("product_data_gtin")?.text()?,
            product_data_lot: node.needed("product_data_lot")?.text()?,
            product_data_expiry: node.needed("product_data_expiry")?.text()?,
            product_data_serial: serial("product_data_serial")?,
            resolution_request: node.needed("resolution_request")?.parsed()?,
        })
    }
}

impl Entry for Amount {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "gtin", "quantity_ordered", "quantity_received", "resolution_request"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            gtin: node.needed("gtin")?.text()?,
            quantity_ordered: node.needed("quantity_ordered")?.number()?,
            quantity_received: node.needed("quantity_received")?.number()?,
            resolution_request: node.needed("resolution_request")?.parsed()?,
        })
    }
}

impl Entry for GlnError {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "invalid_gln", "proposed_gln", "resolution_request"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            invalid_gln: node.needed("invalid_gln")?.text()?,
            proposed_gln: optional(node, "proposed_gln")?,
            resolution_request: node.field("resolution_request").map(|word| word.parsed()).transpose()?,
        })
    }
}

impl Entry for GtinError {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "invalid_gtin", "proposed_gtin", "resolution_request"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            invalid_gtin: node.needed("invalid_gtin")?.text()?,
            proposed_gtin: optional(node, "proposed_gtin")?,
            resolution_request: node.field("resolution_request").map(|word| word.parsed()).transpose()?,
        })
    }
}
