//! How a member comes in, changes its key and leaves.

use super::calls::{ApproveMember, RegisterMember, RevokeMember, RotateKey, SetAttributes};
use super::records;
use crate::refusal::{Refusal, Stop};
use crate::system::SystemCall;
use crate::system::record::{read, write};
use crate::view::View;
use theriac_crypto::member::check_public_key;
use theriac_types::{Attribute, MemberId, MemberRecord, MemberStatus, PublicKey, Role, encode};

pub(super) fn register(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let RegisterMember { id, key, roles, attributes } = call.argument()?;
    own_administrator(call, &id, "register members")?;
    check_roles(&roles)?;
    check_attributes(&attributes)?;
    if records::member(call.state, &id)?.is_some() {
        let message = format!("member {id} is registered already: choose another name or rotate its key");
        return Err(Refusal::precondition(message).into());
    }
    check_key(call.state, &key)?;
    let record = MemberRecord { key, roles, attributes, status: MemberStatus::Pending, since: call.height };
    records::put_member(call.state, &id, &record)?;
    write(call.state, &records::member_registrar_key(&id), call.caller);
    Ok(encode(&()))
}

pub(super) fn approve(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let ApproveMember { id } = call.argument()?;
    own_administrator(call, &id, "approve members")?;
    let record = known(call, &id)?;
    if record.status != MemberStatus::Pending {
        let message = format!("member {id} waits for no approval: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let registrar_key = records::member_registrar_key(&id);
    let registrar: Option<MemberId> = read(call.state, &registrar_key)?;
    let alone = records::administrators(call.state, &id.org, 2)?.len() == 1;
    if registrar.as_ref() == Some(call.caller) && !alone {
        let message =
            format!("{} registered {id} itself: another administrator of {} must approve it", call.caller, id.org);
        return Err(Refusal::policy(message).into());
    }
    let record = MemberRecord { status: MemberStatus::Active, since: call.height, ..record };
    records::put_member(call.state, &id, &record)?;
    call.state.delete(&registrar_key)?;
    Ok(encode(&()))
}

pub(super) fn revoke(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    // The reason is kept in the transaction, which the block keeps.
    let RevokeMember { id, reason: _ } = call.argument()?;
    own_administrator(call, &id, "revoke members")?;
    let record = known(call, &id)?;
    if record.status == MemberStatus::Revoked {
        let message = format!("member {id} is revoked already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let administrators = records::administrators(call.state, &id.org, 2)?;
    if administrators == [id.name.clone()] {
        let message =
            format!("{id} is the last administrator of {}: register and approve another administrator first", id.org);
        return Err(Refusal::precondition(message).into());
    }
    let record = MemberRecord { status: MemberStatus::Revoked, since: call.height, ..record };
    records::put_member(call.state, &id, &record)?;
    call.state.delete(&records::member_registrar_key(&id))?;
    Ok(encode(&()))
}

pub(super) fn set_attributes(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let SetAttributes { id, attributes } = call.argument()?;
    own_administrator(call, &id, "set attributes of members")?;
    check_attributes(&attributes)?;
    let record = known(call, &id)?;
    if record.status == MemberStatus::Revoked {
        let message = format!("member {id} is revoked: register another member");
        return Err(Refusal::precondition(message).into());
    }
    records::put_member(call.state, &id, &MemberRecord { attributes, since: call.height, ..record })?;
    Ok(encode(&()))
}

pub(super) fn rotate(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let RotateKey { id, key } = call.argument()?;
    if id != *call.caller {
        own_administrator(call, &id, "rotate another member's key")?;
    }
    let record = known(call, &id)?;
    if record.status != MemberStatus::Active {
        let message = format!("member {id} is not active: approve it first, or register another if it was revoked");
        return Err(Refusal::precondition(message).into());
    }
    check_key(call.state, &key)?;
    records::put_member(call.state, &id, &MemberRecord { key, since: call.height, ..record })?;
    Ok(encode(&()))
}

fn own_administrator(call: &SystemCall<'_, '_>, id: &MemberId, action: &str) -> Result<(), Refusal> {
    call.administrator(action)?;
    if id.org != call.caller.org {
        let message =
            format!("{} may {action} of {} only: ask an administrator of {}", call.caller, call.caller.org, id.org);
        return Err(Refusal::policy(message));
    }
    Ok(())
}

fn known(call: &SystemCall<'_, '_>, id: &MemberId) -> Result<MemberRecord, Stop> {
    let record = records::member(call.state, id)?;
    record.ok_or_else(|| Refusal::precondition(format!("member {id} is not registered: register it first")).into())
}

/// Roles come ascending and each once, so that one set of roles has one encoding.
pub(super) fn check_roles(roles: &[Role]) -> Result<(), Refusal> {
    if roles.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    Err(Refusal::argument("roles must be ascending and each named once: sort them"))
}

/// Attributes come ascending and each once too.
fn check_attributes(attributes: &[Attribute]) -> Result<(), Refusal> {
    if attributes.is_sorted_by(|a, b| a.name < b.name) {
        return Ok(());
    }
    Err(Refusal::argument("attributes must be ascending by name and each named once: sort them"))
}

/// A new key is a point of the curve that nobody ever signed with.
pub(super) fn check_key(view: &dyn View, key: &PublicKey) -> Result<(), Stop> {
    check_public_key(key).map_err(|e| Refusal::argument(format!("the key {key} cannot be used: {e}")))?;
    match records::owner(view, key)? {
        None => Ok(()),
        Some(owner) => {
            let message = format!("the key {key} is or was that of {owner}: make a new key");
            Err(Refusal::precondition(message).into())
        }
    }
}
