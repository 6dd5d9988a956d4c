//! `_identity`: organisations and members.
//!
//! An administrator of an active organisation registers a further organisation together with its first
//! administrator; an administrator of another organisation approves it, and from then on its members may act. Members
//! are registered and approved by administrators of their own organisation. Whoever registered does not approve as
//! well, unless nobody else could. A key belongs to one member for ever, also after it was rotated away or revoked.

mod calls;
mod members;
mod organisations;
mod records;

pub(crate) use calls::call;
pub(crate) use records::{administrators, genesis_member, genesis_organisation, member, organisation, organisations};

pub use calls::{
    ApproveMember, ApproveOrganisation, ListMembers, ListOrganisations, LookUpMember, LookUpOrganisation,
    RegisterMember, RegisterOrganisation, RevokeMember, RotateKey, SetAttributes,
};
pub use records::{member_key, members_prefix, organisation_key, organisations_prefix};
