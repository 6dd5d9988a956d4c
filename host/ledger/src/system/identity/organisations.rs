//! How an organisation comes in.

use super::calls::{ApproveOrganisation, RegisterOrganisation};
use super::members::{check_key, check_roles};
use super::records;
use crate::refusal::{Refusal, Stop};
use crate::system::SystemCall;
use crate::system::record::{read, write};
use theriac_types::{Attributes, List, MemberId, MemberRecord, MemberStatus, Organisation, Role, encode};

/// Most organisations on one ledger, so that counting them is bounded.
pub(crate) const ORGANISATIONS_MAX: usize = 1000;

pub(super) fn register(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let RegisterOrganisation { id, roles, administrator, key } = call.argument()?;
    call.administrator("register organisations")?;
    check_roles(&roles)?;
    if records::organisation(call.state, &id)?.is_some() {
        let message = format!("organisation {id} is registered already: choose another name or have it approved");
        return Err(Refusal::precondition(message).into());
    }
    if records::organisations(call.state, "", ORGANISATIONS_MAX)?.len() == ORGANISATIONS_MAX {
        let message = format!("the ledger has {ORGANISATIONS_MAX} organisations, the most there may be");
        return Err(Refusal::precondition(message).into());
    }
    check_key(call.state, &key)?;
    let first = MemberId { org: id.clone(), name: administrator };
    let roles_of_first = List::new(vec![Role::Administrator]).expect("one role fits");
    let record = MemberRecord {
        key,
        roles: roles_of_first,
        attributes: Attributes::default(),
        status: MemberStatus::Active,
        since: call.height,
    };
    records::put_member(call.state, &first, &record)?;
    write(call.state, &records::organisation_registrar_key(&id), call.caller);
    let status = MemberStatus::Pending;
    records::put_organisation(call.state, &Organisation { id, roles, status, since: call.height });
    Ok(encode(&()))
}

pub(super) fn approve(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let ApproveOrganisation { id } = call.argument()?;
    call.administrator("approve organisations")?;
    let organisation = records::organisation(call.state, &id)?
        .ok_or_else(|| Refusal::precondition(format!("organisation {id} is not registered: register it first")))?;
    if organisation.status != MemberStatus::Pending {
        let message = format!("organisation {id} waits for no approval: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let registrar_key = records::organisation_registrar_key(&id);
    let registrar: Option<MemberId> = read(call.state, &registrar_key)?;
    if registrar.is_some_and(|registrar| registrar.org == call.caller.org) && others_can_approve(call)? {
        let message = format!(
            "{} registered organisation {id} itself: an administrator of another organisation must approve it",
            call.caller.org
        );
        return Err(Refusal::policy(message).into());
    }
    let status = MemberStatus::Active;
    records::put_organisation(call.state, &Organisation { status, since: call.height, ..organisation });
    call.state.delete(&registrar_key)?;
    Ok(encode(&()))
}

/// Whether another active organisation has an administrator.
fn others_can_approve(call: &SystemCall<'_, '_>) -> Result<bool, Stop> {
    for organisation in records::organisations(call.state, "", ORGANISATIONS_MAX)? {
        let other = organisation.status == MemberStatus::Active && organisation.id != call.caller.org;
        if other && !records::administrators(call.state, &organisation.id, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
