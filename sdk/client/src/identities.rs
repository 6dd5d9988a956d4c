//! Organisations and members, read from their proven records.

use crate::error::{Cause, ReadError, VerificationError};
use crate::network::Network;
use crate::proven::decode;
use crate::state::{CertifiedValue, KeyRange};
use borsh::BorshDeserialize;
use theriac_ledger::StateKey;
use theriac_ledger::system::identity;
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{Height, MemberId, MemberName, MemberRecord, OrgId, Organisation};

/// Most records that one listing brings.
const LIST_MAX: u32 = 1000;

/// A record of the ledger at a height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven<T> {
    /// What the record says.
    pub record: T,
    /// The height it was proven at.
    pub at: Height,
}

impl Network {
    /// Every organisation, ascending by name.
    pub async fn organisations(&self) -> Result<Vec<Proven<Organisation>>, ReadError> {
        let found = self.records(identity::organisations_prefix()).await?;
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// One organisation, if it is there.
    pub async fn organisation(&self, id: &OrgId) -> Result<Option<Proven<Organisation>>, ReadError> {
        self.record(identity::organisation_key(id)).await
    }

    /// Members of an organisation, ascending by name.
    pub async fn members(&self, org: &OrgId) -> Result<Vec<(MemberId, Proven<MemberRecord>)>, ReadError> {
        let found = self.records(identity::members_prefix(org)).await?;
        let named = found.into_iter().map(|(name, record)| {
            let name = MemberName::new(String::from_utf8_lossy(&name)).map_err(|error| Cause::Unverified {
                peer: String::new(),
                error: Box::new(VerificationError::Malformed { what: "member's name", reason: error.to_string() }),
            })?;
            Ok((MemberId { org: org.clone(), name }, record))
        });
        named.collect()
    }

    /// One member, if it is there.
    pub async fn member(&self, id: &MemberId) -> Result<Option<Proven<MemberRecord>>, ReadError> {
        self.record(identity::member_key(id)).await
    }

    /// A record of a system chaincode.
    pub(crate) async fn record<T: BorshDeserialize>(&self, key: StateKey) -> Result<Option<Proven<T>>, ReadError> {
        let value = self.state(key, None).await?;
        let at = value.height();
        value.value.map(|bytes| Ok(Proven { record: parse(&bytes)?, at })).transpose()
    }

    /// Records whose keys begin with a prefix, with the rest of their keys.
    pub(crate) async fn records<T: BorshDeserialize>(
        &self,
        prefix: StateKey,
    ) -> Result<Vec<(Vec<u8>, Proven<T>)>, ReadError> {
        self.records_after(prefix, b"", LIST_MAX).await
    }

    /// The same, so many at most, beginning after the one whose key ends with `after`.
    pub(crate) async fn records_after<T: BorshDeserialize>(
        &self,
        prefix: StateKey,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, Proven<T>)>, ReadError> {
        let mut end = prefix.key.to_vec();
        end.push(0xff);
        let mut start = [&prefix.key[..], after].concat();
        if !after.is_empty() {
            start.push(0);
        }
        let range = KeyRange { chaincode: prefix.namespace, start, end, limit, at: None };
        let found = self.range(range).await?.into_iter().map(|value| {
            let name = value.key.key.strip_prefix(&*prefix.key).unwrap_or_default().to_vec();
            Ok((name, Proven { at: value.height(), record: parse(&bytes_of(value))? }))
        });
        found.collect()
    }
}

fn bytes_of(value: CertifiedValue) -> Vec<u8> {
    value.value.unwrap_or_default()
}

fn parse<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, ReadError> {
    // The value is proven: a record that does not decode is of a newer version of the ledger.
    decode("record", bytes, SYSTEM_VALUE_BYTES_MAX)
        .map_err(|error| Cause::request(format!("{error}. Use a client of the network's version.")).into())
}
