//! Identifiers: names people choose, and counters the protocol keeps.

use crate::limits::NAME_BYTES_MAX;
use borsh::io::{Error, ErrorKind, Read};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use std::str::FromStr;

/// A text that is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} name {found:?} must be 1 to {NAME_BYTES_MAX} of a-z A-Z 0-9 . _ -, starting with a letter, digit or _")]
pub struct InvalidName {
    /// What was to be named.
    pub kind: &'static str,
    /// The text, shortened.
    pub found: String,
}

fn check_name(kind: &'static str, text: &str) -> Result<(), InvalidName> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    if text.len() <= NAME_BYTES_MAX && starts_well && text.bytes().all(allowed) {
        return Ok(());
    }
    Err(InvalidName { kind, found: text.chars().take(80).collect() })
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $kind:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
        pub struct $name(String);

        impl $name {
            /// Checks the text and takes it.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                check_name($kind, &text)?;
                Ok(Self(text))
            }
            /// The name as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl BorshDeserialize for $name {
            fn deserialize_reader<R: Read>(reader: &mut R) -> borsh::io::Result<Self> {
                let text = crate::Text::<NAME_BYTES_MAX>::deserialize_reader(reader)?;
                Self::new(&*text).map_err(|e| Error::new(ErrorKind::InvalidData, e))
            }
        }
        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> { Self::new(text) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )+};
}

names! {
    /// Names a channel: one ledger, one SBFT group. Part of everything signed.
    ChannelId = "channel",
    /// Names an organisation.
    OrgId = "organisation",
    /// Names a member within its organisation.
    MemberName = "member",
    /// Names a chaincode, and its namespace in the world state.
    ChaincodeName = "chaincode",
    /// Names a function of a chaincode.
    FunctionName = "function",
    /// Names an attribute of a member.
    AttributeName = "attribute",
}

impl ChaincodeName {
    /// System chaincodes are part of the peer; their names start with an underscore.
    pub fn is_system(&self) -> bool {
        self.0.starts_with('_')
    }
}

/// A member of an organisation, written `organisation/member`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct MemberId {
    /// The organisation.
    pub org: OrgId,
    /// The member within it.
    pub name: MemberName,
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.org, self.name)
    }
}

impl fmt::Debug for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MemberId {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (org, name) = text
            .split_once('/')
            .ok_or_else(|| InvalidName { kind: "organisation/member", found: text.chars().take(80).collect() })?;
        Ok(Self { org: org.parse()?, name: name.parse()? })
    }
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident($inner:ty)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name(pub $inner);

        impl $name {
            /// The next one.
            ///
            /// # Panics
            /// At the end of the range, which no network reaches.
            pub fn next(self) -> Self {
                Self(self.0.checked_add(1).expect("a counter never wraps"))
            }
            /// This many further on, stopping at the end of the range.
            pub fn saturating_add(self, count: $inner) -> Self {
                Self(self.0.saturating_add(count))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
    )+};
}

counters! {
    /// Index of a replica, `0..n`.
    ReplicaId(u16),
    /// A view; its primary is replica `view mod n`.
    View(u64),
    /// A slot of consensus. The block decided in slot `s` has height `s`.
    SeqNum(u64),
    /// Height of a block. Genesis is 0.
    Height(u64),
    /// An epoch of membership and keys.
    Epoch(u64),
    /// Chosen by a transaction's creator; never used twice by the same creator.
    Nonce(u64),
}

impl From<SeqNum> for Height {
    fn from(seq: SeqNum) -> Self {
        Self(seq.0)
    }
}

impl From<Height> for SeqNum {
    fn from(height: Height) -> Self {
        Self(height.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_in_text_and_in_bytes() {
        for good in ["a", "MFR", "_identity", "0", "a.b-c_d"] {
            assert!(OrgId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "a/b", "a b", "é", &"a".repeat(NAME_BYTES_MAX + 1)] {
            assert!(OrgId::new(bad).is_err(), "{bad}");
            assert!(OrgId::try_from_slice(&crate::encode(bad)).is_err(), "{bad}");
        }
        assert_eq!("mfr/anna".parse::<MemberId>().map(|m| m.to_string()), Ok("mfr/anna".to_owned()));
        assert!("mfr".parse::<MemberId>().is_err());
        assert!("a/b/c".parse::<MemberId>().is_err());
    }
}
