//! Who may read a record, and the document that it names.

use crate::close::load_own;
use crate::limits::{READER_BYTES_MAX, READERS_MAX};
use crate::notices::Shared;
use crate::policy;
use crate::record::{Access, Record, RecordView};
use crate::refused::{Fault, who};
use crate::tables::{GRANTS, RECORDS};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeSet;
use theriac_chaincode::{Caller, ReadContext, Refusal, TransactionContext};

/// Says anew who may read a record.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SetAccess {
    /// The record's number.
    pub number: u64,
    /// Who may read it from now on.
    pub access: Access,
}

/// Asks whether somebody may read a document.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct MayRead {
    /// The document's CID.
    pub cid: String,
    /// Who; none is whoever asks.
    pub reader: Option<Reader>,
}

/// Somebody who wants to read: a member by what it is.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Reader {
    /// Its organisation.
    pub organisation: String,
    /// What the organisation is and what the member may do beyond that.
    pub roles: Vec<String>,
}

/// Whether somebody may read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Permission {
    /// Whether the ledger names the document.
    pub anchored: bool,
    /// Whether a record does.
    pub attached: bool,
    /// Whether the reader's organisation anchored it, a record shares it with the reader, or the policy lets the reader
    /// read all that records name.
    pub allowed: bool,
}

impl Reader {
    /// The caller.
    pub(crate) fn of(caller: &Caller) -> Self {
        let roles = caller.organisation_roles.iter().chain(&caller.member_roles).cloned().collect();
        Self { organisation: caller.organisation.clone(), roles }
    }

    fn has_any(&self, roles: &[String]) -> bool {
        self.roles.iter().any(|own| roles.contains(own))
    }

    /// Whether it may read a record, given the roles that read all.
    pub(crate) fn may_read(&self, record: &Record, reader_roles: &[String]) -> bool {
        let Access { everyone, organisations, roles } = &record.access;
        *everyone
            || record.organisation == self.organisation
            || organisations.contains(&self.organisation)
            || self.has_any(roles)
            || self.has_any(reader_roles)
    }
}

/// Who may read, in one form: each name once, ascending.
pub(crate) fn normal(access: Access) -> Result<Access, Fault> {
    let sorted = |what, names: Vec<String>| -> Result<Vec<String>, Fault> {
        if names.len() > READERS_MAX {
            return Err(Fault::RecordLimit { what, found: names.len(), max: READERS_MAX });
        }
        let good = |name: &String| {
            !name.is_empty() && name.len() <= READER_BYTES_MAX && name.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !names.iter().all(good) {
            let problem = "is no name of at most 64 visible characters of ASCII";
            return Err(Fault::RecordInvalid { what: "A reader", problem });
        }
        Ok(names.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    };
    Ok(Access {
        everyone: access.everyone,
        organisations: sorted("Organisations that may read", access.organisations)?,
        roles: sorted("Roles that may read", access.roles)?,
    })
}

/// Says anew who may read a record. For the organisation that attached it.
pub(crate) fn set(ctx: &mut TransactionContext<'_>, wanted: SetAccess) -> Result<RecordView, Refusal> {
    let number = wanted.number;
    let mut record = load_own(ctx, number, false)?;
    let access = normal(wanted.access)?;
    grant(ctx, &record, Some(&record.access), &access)?;
    record.access = access;
    record.changed_by = who(ctx.caller());
    RECORDS.put(ctx, &number, &record)?;
    ctx.announce(&Shared { record: number, changed_by: record.changed_by.clone() })?;
    Ok(RecordView { number, record })
}

/// Counts for the record's document who may read it: what was granted before no more, what is granted now from now on.
pub(crate) fn grant(
    ctx: &mut TransactionContext<'_>,
    record: &Record,
    before: Option<&Access>,
    now: &Access,
) -> Result<(), Refusal> {
    let cid = &record.document.cid;
    let names = |access: &Access| names(&record.organisation, access);
    let (before, now) = (before.map(names).unwrap_or_default(), names(now));
    for name in now.difference(&before) {
        let key = (cid.clone(), name.clone());
        let count = GRANTS.get(ctx, &key)?.unwrap_or(0);
        GRANTS.put(ctx, &key, &count.saturating_add(1))?;
    }
    for name in before.difference(&now) {
        let key = (cid.clone(), name.clone());
        match GRANTS.get(ctx, &key)?.unwrap_or(0) {
            0 | 1 => GRANTS.delete(ctx, &key),
            count => GRANTS.put(ctx, &key, &(count - 1))?,
        }
    }
    Ok(())
}

const EVERYONE: &str = "everyone";

fn organisation_grant(name: &str) -> String {
    format!("organisation/{name}")
}

fn role_grant(name: &str) -> String {
    format!("role/{name}")
}

fn names(attached_by: &str, access: &Access) -> BTreeSet<String> {
    let organisations = access.organisations.iter().map(|name| organisation_grant(name));
    let roles = access.roles.iter().map(|name| role_grant(name));
    let everyone = access.everyone.then(|| EVERYONE.to_owned());
    organisations.chain(roles).chain(everyone).chain([organisation_grant(attached_by)]).collect()
}

/// Whether somebody may read a document.
pub(crate) fn may_read(ctx: &ReadContext<'_>, query: &MayRead) -> Result<Permission, Refusal> {
    let reader = query.reader.clone().unwrap_or_else(|| Reader::of(ctx.caller()));
    let Some(document) = ctx.document(&query.cid) else {
        return Ok(Permission { anchored: false, attached: false, allowed: false });
    };
    let found = RECORDS.lookup(ctx, "document", &(query.cid.clone(),), None, 1)?;
    let attached = !found.entries.is_empty();
    let allowed = document.anchored.organisation == reader.organisation
        || attached && reader.has_any(&policy::current(ctx)?.policy.reader_roles)
        || is_granted(ctx, &query.cid, &reader)?;
    Ok(Permission { anchored: true, attached, allowed })
}

fn is_granted(ctx: &ReadContext<'_>, cid: &str, reader: &Reader) -> Result<bool, Refusal> {
    if reader.roles.len() > READERS_MAX {
        let found = reader.roles.len();
        return Err(Fault::RecordLimit { what: "Roles of a reader", found, max: READERS_MAX }.into());
    }
    let roles = reader.roles.iter().filter(|role| role.len() <= READER_BYTES_MAX).map(|role| role_grant(role));
    let organisation = Some(&reader.organisation).filter(|name| name.len() <= READER_BYTES_MAX);
    let organisation = organisation.map(|name| organisation_grant(name));
    let names = roles.chain(organisation).chain([EVERYONE.to_owned()]);
    let keys: Vec<_> = names.map(|name| (cid.to_owned(), name)).collect();
    Ok(GRANTS.values(ctx, &keys)?.iter().any(Option::is_some))
}
