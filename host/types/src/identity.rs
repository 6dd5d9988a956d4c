//! Organisations and members as the ledger records them.

use crate::limits::{ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, NAME_BYTES_MAX, ROLES_MAX};
use crate::{AttributeName, Height, List, OrgId, PublicKey, Text};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use std::str::FromStr;

/// A text that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown role {found:?}: one of administrator, manufacturer, distributor, carrier, pharmacy, hospital, regulator"
)]
pub struct UnknownRole {
    /// The text.
    pub found: String,
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What an organisation, or a member within it, may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        #[borsh(use_discriminant = false)]
        pub enum Role { $($(#[$doc])* $name),+ }

        impl Role {
            /// The role in lower case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
        impl FromStr for Role {
            type Err = UnknownRole;
            fn from_str(text: &str) -> Result<Self, UnknownRole> {
                match text {
                    $($text => Ok(Self::$name),)+
                    _ => Err(UnknownRole { found: text.chars().take(80).collect() }),
                }
            }
        }
    };
}

roles! {
    /// Registers organisations and members, and approves them and chaincode for its organisation.
    Administrator = "administrator",
    /// Makes medicines: commissions units.
    Manufacturer = "manufacturer",
    /// Trades medicines.
    Distributor = "distributor",
    /// Moves medicines that it does not own.
    Carrier = "carrier",
    /// Dispenses to patients.
    Pharmacy = "pharmacy",
    /// Dispenses to patients within its walls.
    Hospital = "hospital",
    /// Reads and audits everything.
    Regulator = "regulator",
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a registered organisation or member may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = false)]
pub enum MemberStatus {
    /// Registered; waits for an approval.
    Pending,
    /// May act.
    Active,
    /// May act no more.
    Revoked,
}

/// An organisation on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Organisation {
    /// Its name.
    pub id: OrgId,
    /// What it is: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
    /// Whether it may act.
    pub status: MemberStatus,
    /// Height at which the record last changed.
    pub since: Height,
}

/// Something that its organisation says of a member: a licence, a site, a level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Attribute {
    /// What is said.
    pub name: AttributeName,
    /// Its value.
    pub value: Text<ATTRIBUTE_BYTES_MAX>,
}

/// A member's attributes: ascending by name, each once.
pub type Attributes = List<Attribute, ATTRIBUTES_MAX>;

/// A text that is no attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is no attribute: write NAME=VALUE, the name of at most {NAME_BYTES_MAX} of a-z A-Z 0-9 . _ -, the value \
     of at most {ATTRIBUTE_BYTES_MAX} bytes"
)]
pub struct InvalidAttribute {
    /// The text.
    pub found: String,
}

impl FromStr for Attribute {
    type Err = InvalidAttribute;

    fn from_str(text: &str) -> Result<Self, InvalidAttribute> {
        let read = |(name, value): (&str, &str)| {
            Some(Self { name: AttributeName::new(name).ok()?, value: Text::new(value).ok()? })
        };
        let invalid = || InvalidAttribute { found: text.chars().take(80).collect() };
        text.split_once('=').and_then(read).ok_or_else(invalid)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// A member on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MemberRecord {
    /// The key the member signs with.
    pub key: PublicKey,
    /// What the member may do beyond what its organisation is: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
    /// What its organisation says of it.
    pub attributes: Attributes,
    /// Whether it may act.
    pub status: MemberStatus,
    /// Height at which the record last changed.
    pub since: Height,
}
