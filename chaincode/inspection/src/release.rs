//! Whether goods may be released: what valid reports say of a unit, its lot and its container.

use crate::limits::RELEASE_SUBJECTS_MAX;
use crate::record::{Outcome, Record};
use crate::refused::{Fault, identifier};
use crate::subject::Subject;
use crate::tables::OUTCOMES;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, Refusal, TransactionContext};

/// Asks whether goods may be released.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ReleaseQuery {
    /// A unit or container, its lot, the containers around it: what is said of one holds for the goods.
    pub subjects: Vec<String>,
}

/// What decides about goods.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Release {
    /// The record.
    pub number: u64,
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub outcome: Outcome,
    /// When was inspected, in milliseconds since 1970.
    pub inspected_ms: u64,
}

/// Counts what a valid record says of goods.
pub(crate) fn put(ctx: &mut TransactionContext<'_>, number: u64, record: &Record) -> Result<(), Refusal> {
    for (key, outcome) in entries(number, record) {
        OUTCOMES.put(ctx, &key, &outcome)?;
    }
    Ok(())
}

/// Counts it no more.
pub(crate) fn delete(ctx: &mut TransactionContext<'_>, number: u64, record: &Record) {
    for (key, _) in entries(number, record) {
        OUTCOMES.delete(ctx, &key);
    }
}

fn entries(number: u64, record: &Record) -> impl Iterator<Item = ((String, u8, u64, u64), Outcome)> {
    let finding = record.finding.iter();
    let decided =
        finding.filter_map(|finding| Some((finding.outcome, finding.outcome.gravity()?, finding.inspected_ms)));
    decided.flat_map(move |(outcome, gravity, inspected_ms)| {
        let goods = record.subjects.iter().filter(|subject| subject.is_goods());
        goods.map(move |subject| ((subject.to_string(), gravity, u64::MAX - inspected_ms, u64::MAX - number), outcome))
    })
}

/// What decides about goods: among the valid outcomes about any of the subjects a rejection before a condition before a
/// release, and the newest of these by the inspection's time. None when nothing does.
pub(crate) fn release_for(ctx: &ReadContext<'_>, query: &ReleaseQuery) -> Result<Option<Release>, Refusal> {
    within(query.subjects.len())?;
    decide(ctx, &query.subjects)
}

/// Refuses unless reports release all of the goods. Each entry is one thing: itself first, then whatever is said of
/// stands for it, such as its lot.
pub(crate) fn expect_released(ctx: &ReadContext<'_>, goods: &[Vec<String>]) -> Result<(), Refusal> {
    within(goods.iter().map(Vec::len).sum())?;
    for subjects in goods {
        let subject = subjects.first().cloned().unwrap_or_default();
        match decide(ctx, subjects)? {
            None => return Err(Fault::ReportMissing { subject }.into()),
            Some(Release { outcome: Outcome::Released, .. }) => {}
            Some(Release { number, subject: about, outcome, .. }) => {
                let outcome = if outcome == Outcome::Rejected { "REJECTED" } else { "CONDITIONAL" };
                return Err(Fault::ReportRejects { subject, number, about: about.to_string(), outcome }.into());
            }
        }
    }
    Ok(())
}

fn decide(ctx: &ReadContext<'_>, subjects: &[String]) -> Result<Option<Release>, Refusal> {
    let mut found = Vec::with_capacity(subjects.len());
    for text in subjects {
        found.extend(deciding(ctx, text.parse().map_err(identifier)?)?);
    }
    let rank =
        |release: &Release| (release.outcome.gravity(), u64::MAX - release.inspected_ms, u64::MAX - release.number);
    Ok(found.into_iter().min_by_key(rank))
}

/// The valid outcome that decides about one subject.
fn deciding(ctx: &ReadContext<'_>, subject: Subject) -> Result<Option<Release>, Refusal> {
    let page = OUTCOMES.scan(ctx, &(subject.to_string(),), None, 1)?;
    let first = page.entries.into_iter().next();
    Ok(first.map(|((_, _, inspected, number), outcome)| Release {
        number: u64::MAX - number,
        subject,
        outcome,
        inspected_ms: u64::MAX - inspected,
    }))
}

fn within(found: usize) -> Result<(), Fault> {
    let max = RELEASE_SUBJECTS_MAX;
    if found <= max { Ok(()) } else { Err(Fault::RecordLimit { what: "Goods to be released", found, max }) }
}
