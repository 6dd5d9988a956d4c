//! Where `_identity` keeps what.
//!
//! | key | value |
//! |---|---|
//! | `o/ORG` | `Organisation` |
//! | `m/ORG/MEMBER` | `MemberRecord` |
//! | `a/ORG/MEMBER` | nothing; there while the member is an active administrator |
//! | `k/KEY` | `MemberId` that the key was ever given to; `KEY` is its 34 bytes |
//! | `r/ORG`, `r/ORG/MEMBER` | `MemberId` that registered what waits for an approval |

use crate::state::{ReadError, StateKey};
use crate::system::IDENTITY;
use crate::system::record::{key, list, namespace, read, write};
use crate::view::{Overlay, View};
use theriac_types::{
    Attributes, GenesisMember, GenesisOrganisation, Height, MemberId, MemberName, MemberRecord, MemberStatus, OrgId,
    Organisation, PublicKey, Role,
};

fn own(text: String) -> StateKey {
    key(namespace(IDENTITY), text)
}

/// Where an organisation's `Organisation` stands in the world state.
pub fn organisation_key(id: &OrgId) -> StateKey {
    own(format!("o/{id}"))
}

/// Where a member's `MemberRecord` stands in the world state.
pub fn member_key(id: &MemberId) -> StateKey {
    own(format!("m/{}/{}", id.org, id.name))
}

/// What the keys of all organisations begin with.
pub fn organisations_prefix() -> StateKey {
    own("o/".to_owned())
}

/// What the keys of all members of an organisation begin with.
pub fn members_prefix(org: &OrgId) -> StateKey {
    own(format!("m/{org}/"))
}

fn administrator_key(id: &MemberId) -> StateKey {
    own(format!("a/{}/{}", id.org, id.name))
}

fn owner_key(public: &PublicKey) -> StateKey {
    key(namespace(IDENTITY), [b"k/", &public.0[..]].concat())
}

/// Where it is kept who registered an organisation.
pub(super) fn organisation_registrar_key(id: &OrgId) -> StateKey {
    own(format!("r/{id}"))
}

/// Where it is kept who registered a member.
pub(super) fn member_registrar_key(id: &MemberId) -> StateKey {
    own(format!("r/{}/{}", id.org, id.name))
}

pub(crate) fn organisation(view: &dyn View, id: &OrgId) -> Result<Option<Organisation>, ReadError> {
    read(view, &organisation_key(id))
}

pub(crate) fn organisations(view: &dyn View, after: &str, limit: usize) -> Result<Vec<Organisation>, ReadError> {
    let found = list(view, &organisations_prefix(), after.as_bytes(), limit)?;
    Ok(found.into_iter().map(|(_, organisation)| organisation).collect())
}

pub(crate) fn member(view: &dyn View, id: &MemberId) -> Result<Option<MemberRecord>, ReadError> {
    read(view, &member_key(id))
}

pub(super) fn members(
    view: &dyn View,
    org: &OrgId,
    after: &str,
    limit: usize,
) -> Result<Vec<(MemberId, MemberRecord)>, ReadError> {
    let found = list(view, &members_prefix(org), after.as_bytes(), limit)?;
    found
        .into_iter()
        .map(|(name, record)| Ok((MemberId { org: org.clone(), name: member_name(&name)? }, record)))
        .collect()
}

/// Up to `limit` active administrators of an organisation.
pub(crate) fn administrators(view: &dyn View, org: &OrgId, limit: usize) -> Result<Vec<MemberName>, ReadError> {
    let found: Vec<(Vec<u8>, ())> = list(view, &own(format!("a/{org}/")), b"", limit)?;
    found.into_iter().map(|(name, ())| member_name(&name)).collect()
}

fn member_name(bytes: &[u8]) -> Result<MemberName, ReadError> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    MemberName::new(text)
        .map_err(|e| ReadError::Corrupt { what: "a key of _identity".to_owned(), reason: e.to_string() })
}

/// Who owns a key, or owned it.
pub(super) fn owner(view: &dyn View, public: &PublicKey) -> Result<Option<MemberId>, ReadError> {
    read(view, &owner_key(public))
}

pub(super) fn put_organisation(state: &mut Overlay<'_>, organisation: &Organisation) {
    write(state, &organisation_key(&organisation.id), organisation);
}

/// Writes a member and what is derived from it: the owner of its key and whether it is an active administrator.
pub(super) fn put_member(state: &mut Overlay<'_>, id: &MemberId, record: &MemberRecord) -> Result<(), ReadError> {
    write(state, &member_key(id), record);
    write(state, &owner_key(&record.key), id);
    if record.status == MemberStatus::Active && record.roles.contains(&Role::Administrator) {
        write(state, &administrator_key(id), &());
        return Ok(());
    }
    state.delete(&administrator_key(id))
}

pub(crate) fn genesis_organisation(state: &mut Overlay<'_>, organisation: &GenesisOrganisation) {
    let GenesisOrganisation { id, roles } = organisation.clone();
    put_organisation(state, &Organisation { id, roles, status: MemberStatus::Active, since: Height(0) });
}

pub(crate) fn genesis_member(state: &mut Overlay<'_>, member: &GenesisMember) -> Result<(), ReadError> {
    let GenesisMember { id, key, roles } = member.clone();
    let attributes = Attributes::default();
    put_member(state, &id, &MemberRecord { key, roles, attributes, status: MemberStatus::Active, since: Height(0) })
}
