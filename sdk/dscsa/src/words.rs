//! The closed lists of PDG's shapes, in their own spelling.

use std::fmt;
use std::str::FromStr;
use theriac_domain::text::shortened;

/// A word that is not in its list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is none of: {known}. Write one of them, letter by letter")]
pub struct UnknownWord {
    /// The word, shortened.
    pub found: String,
    /// The list.
    pub known: String,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word,)+
        }

        impl $name {
            /// The whole list.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// As PDG spells it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let known = Self::ALL.iter().find(|word| word.as_str() == text);
                known.copied().ok_or_else(|| UnknownWord { found: shortened(text), known: [$($text),+].join(", ") })
            }
        }
    )+};
}

words! {
    /// What the reporter asks for.
    Resolution {
        /// The data again, right this time.
        SendNewData = "Send new data",
        /// The goods that are missing.
        SendProduct = "Send product",
        /// That the reporter may return goods.
        ReturnProduct = "Return product",
        /// That goods are sent back.
        SendBackProduct = "Send back product",
        /// Money back.
        CreditAccount = "Credit account",
        /// To pay for what was kept.
        DebitAccount = "Debit account",
    }
    /// How the reporter knows of goods without data.
    ObservationSource {
        /// By scanning them.
        Scan = "Scan",
        /// From the packing slip.
        PackingSlip = "Packing Slip",
        /// From the advance ship notice.
        AdvanceShipNotice = "ASN",
        /// Otherwise.
        Other = "Other",
    }
    /// What the partner says to it.
    Decision {
        /// Yes.
        Accept = "Accept",
        /// No.
        Reject = "Reject",
    }
    /// How the partners go on talking.
    FollowUp {
        /// By e-mail.
        Email = "Email",
        /// By telephone.
        Phone = "Phone",
    }
}

impl Resolution {
    /// Whether it is done once both have agreed: nothing has to be sent, in either direction.
    pub fn is_of_accounts(self) -> bool {
        matches!(self, Self::CreditAccount | Self::DebitAccount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written_and_no_others() {
        for resolution in Resolution::ALL {
            assert_eq!(resolution.as_str().parse(), Ok(*resolution));
            assert_eq!(serde_json::to_string(resolution).unwrap(), format!("\"{resolution}\""));
        }
        let error = "send product".parse::<Resolution>().unwrap_err();
        assert!(error.to_string().contains("Send new data, Send product"), "{error}");
        assert!("".parse::<Decision>().is_err() && "Fax".parse::<FollowUp>().is_err());
        assert_eq!("ASN".parse(), Ok(ObservationSource::AdvanceShipNotice));
    }
}
