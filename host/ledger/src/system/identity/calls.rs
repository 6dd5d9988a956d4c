//! The functions of `_identity`, their arguments and results. All are borsh.

use super::{members, organisations, records};
use crate::chaincode::CallKind;
use crate::refusal::Stop;
use crate::system::{IDENTITY, SystemCall};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{MESSAGE_BYTES_MAX, ROLES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{Attributes, List, MemberId, MemberName, OrgId, PublicKey, Role, Text, encode};

/// `register_organisation`: proposes an organisation with its first administrator. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RegisterOrganisation {
    /// Its name.
    pub id: OrgId,
    /// What it is: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
    /// Its first administrator.
    pub administrator: MemberName,
    /// The key of that administrator.
    pub key: PublicKey,
}

/// `approve_organisation`: lets a registered organisation act. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ApproveOrganisation {
    /// Its name.
    pub id: OrgId,
}

/// `register_member`: proposes a member of the caller's organisation. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RegisterMember {
    /// The member.
    pub id: MemberId,
    /// The key it signs with.
    pub key: PublicKey,
    /// What it may do: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
    /// What is said of it: ascending by name, each once.
    pub attributes: Attributes,
}

/// `approve_member`: lets a registered member act. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ApproveMember {
    /// The member.
    pub id: MemberId,
}

/// `revoke_member`: takes a member's right to act, for ever. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RevokeMember {
    /// The member.
    pub id: MemberId,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `set_attributes`: says something else of a member of the caller's organisation. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SetAttributes {
    /// The member.
    pub id: MemberId,
    /// All that is said of it from now on: ascending by name, each once.
    pub attributes: Attributes,
}

/// `rotate_key`: gives a member another key; for the member itself or an administrator of its organisation. Returns
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RotateKey {
    /// The member.
    pub id: MemberId,
    /// The new key.
    pub key: PublicKey,
}

/// `organisation`: returns `Option<Organisation>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpOrganisation {
    /// Its name.
    pub id: OrgId,
}

/// `organisations`: returns `Vec<Organisation>`, ascending by name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListOrganisations {
    /// Those after this one.
    pub after: Option<OrgId>,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// `member`: returns `Option<MemberRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpMember {
    /// The member.
    pub id: MemberId,
}

/// `members`: returns `Vec<(MemberId, MemberRecord)>` of one organisation, ascending by name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListMembers {
    /// The organisation.
    pub org: OrgId,
    /// Those after this one.
    pub after: Option<MemberName>,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// Calls a function.
pub(crate) fn call(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    match (call.function.as_str(), call.kind) {
        ("organisation", _) => {
            let LookUpOrganisation { id } = call.argument()?;
            Ok(encode(&records::organisation(call.state, &id)?))
        }
        ("organisations", _) => {
            let ListOrganisations { after, limit } = call.argument()?;
            let after = after.as_ref().map_or("", OrgId::as_str);
            Ok(encode(&records::organisations(call.state, after, page(limit))?))
        }
        ("member", _) => {
            let LookUpMember { id } = call.argument()?;
            Ok(encode(&records::member(call.state, &id)?))
        }
        ("members", _) => {
            let ListMembers { org, after, limit } = call.argument()?;
            let after = after.as_ref().map_or("", MemberName::as_str);
            Ok(encode(&records::members(call.state, &org, after, page(limit))?))
        }
        (_, CallKind::Query) => Err(call.unknown_function(IDENTITY)),
        ("register_organisation", _) => organisations::register(call),
        ("approve_organisation", _) => organisations::approve(call),
        ("register_member", _) => members::register(call),
        ("approve_member", _) => members::approve(call),
        ("revoke_member", _) => members::revoke(call),
        ("set_attributes", _) => members::set_attributes(call),
        ("rotate_key", _) => members::rotate(call),
        _ => Err(call.unknown_function(IDENTITY)),
    }
}

fn page(limit: u32) -> usize {
    (limit as usize).min(SCAN_ENTRIES_MAX)
}
