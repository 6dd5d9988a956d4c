//! The words of the Core Business Vocabulary 2.0 that events use, and words of others written as URIs.

use crate::text::{Uri, shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// A word that is not in its vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {kind} of CBV 2.0; words of your own are written as URIs, CBV's as bare words")]
pub struct UnknownWord {
    /// The vocabulary.
    pub kind: &'static str,
    /// The text, shortened.
    pub found: String,
}

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident = $kind:literal { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the words are defined by the vocabulary")]
        pub enum $name { $($variant,)+
            /// A word outside the vocabulary.
            Other(Uri),
        }

        impl $name {
            /// The bare word, or the URI.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $word,)+ Self::Other(uri) => uri.as_str() }
            }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => other(text).map(Self::Other).ok_or_else(|| UnknownWord { kind: $kind, found: shortened(text) }),
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        text_coded!($name);
    )+};
}

/// A URI that is not just another spelling of a CBV word.
fn other(text: &str) -> Option<Uri> {
    let spells_cbv = ["urn:epcglobal:cbv", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/"];
    if spells_cbv.iter().any(|start| text.starts_with(start)) {
        return None;
    }
    text.parse().ok()
}

vocabularies! {
    /// What was being done (CBV 2.0, 7.1).
    BusinessStep = "business step" {
        Accepting = "accepting", Arriving = "arriving", Assembling = "assembling", Collecting = "collecting",
        Commissioning = "commissioning", Consigning = "consigning",
        CreatingClassInstance = "creating_class_instance", CycleCounting = "cycle_counting",
        Decommissioning = "decommissioning", Departing = "departing", Destroying = "destroying",
        Disassembling = "disassembling", Dispensing = "dispensing", Encoding = "encoding",
        EnteringExiting = "entering_exiting", Holding = "holding", Inspecting = "inspecting",
        Installing = "installing", Killing = "killing", Loading = "loading", OtherStep = "other", Packing = "packing",
        Picking = "picking", Receiving = "receiving", Removing = "removing", Repackaging = "repackaging",
        Repairing = "repairing", Replacing = "replacing", Reserving = "reserving",
        RetailSelling = "retail_selling", Sampling = "sampling", SensorReporting = "sensor_reporting",
        Shipping = "shipping", StagingOutbound = "staging_outbound", StockTaking = "stock_taking",
        Stocking = "stocking", Storing = "storing", Transporting = "transporting", Unloading = "unloading",
        Unpacking = "unpacking", VoidShipping = "void_shipping",
    }
    /// The condition things are in (CBV 2.0, 7.2).
    Disposition = "disposition" {
        Active = "active", Available = "available", CompletenessInferred = "completeness_inferred",
        CompletenessVerified = "completeness_verified", Conformant = "conformant",
        ContainerClosed = "container_closed", ContainerOpen = "container_open", Damaged = "damaged",
        Destroyed = "destroyed", Dispensed = "dispensed", Disposed = "disposed", Encoded = "encoded",
        Expired = "expired", InProgress = "in_progress", InTransit = "in_transit", Inactive = "inactive",
        MismatchClass = "mismatch_class", MismatchInstance = "mismatch_instance",
        MismatchQuantity = "mismatch_quantity", NeedsReplacement = "needs_replacement",
        NoPedigreeMatch = "no_pedigree_match", NonConformant = "non_conformant",
        NonSellableOther = "non_sellable_other", PartiallyDispensed = "partially_dispensed", Recalled = "recalled",
        Reserved = "reserved", RetailSold = "retail_sold", Returned = "returned",
        SellableAccessible = "sellable_accessible", SellableNotAccessible = "sellable_not_accessible",
        Stolen = "stolen", Unavailable = "unavailable", Unknown = "unknown",
    }
    /// What a business transaction's identifier names (CBV 2.0, 7.3).
    BusinessTransactionType = "business transaction type" {
        BillOfLading = "bol", Certificate = "cert", DespatchAdvice = "desadv", Invoice = "inv", Pedigree = "pedigree",
        PurchaseOrder = "po", PurchaseOrderConfirmation = "poc", ProductionOrder = "prodorder",
        ReceivingAdvice = "recadv", ReturnAuthorisation = "rma", TestProcedure = "testprd", TestResult = "testres",
        UpstreamEvent = "upevt",
    }
    /// In what way a party or place is source or destination (CBV 2.0, 7.4).
    SourceDestinationType = "source or destination type" {
        OwningParty = "owning_party", PossessingParty = "possessing_party", Location = "location",
    }
    /// Why an earlier event was wrong (CBV 2.0, 7.5).
    ErrorReason = "error reason" {
        DidNotOccur = "did_not_occur", IncorrectData = "incorrect_data",
    }
}

/// What an event does to the things it names: they begin, they are seen, they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize, borsh::BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Action {
    /// They begin: commissioning, packing.
    Add,
    /// They are seen.
    Observe,
    /// They end: destroying, unpacking.
    Delete,
}

impl Action {
    /// The word in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Observe => "OBSERVE",
            Self::Delete => "DELETE",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Add, Self::Observe, Self::Delete]
            .into_iter()
            .find(|action| action.as_str() == text)
            .ok_or_else(|| UnknownWord { kind: "action (ADD, OBSERVE or DELETE)", found: shortened(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bare_and_other_words_are_uris() {
        assert_eq!("shipping".parse(), Ok(BusinessStep::Shipping));
        assert!(matches!("https://example.org/steps/blessing".parse(), Ok(BusinessStep::Other(_))));
        for bad in [
            "transforming",
            "SHIPPING",
            "",
            "urn:epcglobal:cbv:bizstep:shipping",
            "https://ns.gs1.org/cbv/BizStep-shipping",
        ] {
            assert!(bad.parse::<BusinessStep>().is_err(), "{bad}");
        }
        assert_eq!("DELETE".parse(), Ok(Action::Delete));
        assert!("delete".parse::<Action>().is_err());
    }

    #[test]
    fn words_travel_as_their_text() {
        let bytes = borsh::to_vec(&Disposition::InTransit).expect("a vector takes everything");
        assert_eq!(bytes, borsh::to_vec("in_transit").expect("a vector takes everything"));
        assert_eq!(borsh::from_slice::<Disposition>(&bytes).ok(), Some(Disposition::InTransit));
    }
}
