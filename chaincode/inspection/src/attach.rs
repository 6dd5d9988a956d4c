//! How a record comes into being: checked, counted among those of its subjects, and announced.

use crate::access::{self, MayRead};
use crate::limits::{CLOCK_SKEW_MS, NAME_BYTES_MAX, RECORD_BYTES_MAX, RESULTS_MAX, SUBJECTS_MAX, TEXT_BYTES_MAX};
use crate::notices::Attached;
use crate::number;
use crate::policy;
use crate::record::{
    Access, DocumentName, Finding, Kind, Outcome, Record, RecordState, RecordView, TestResult, Verdict,
};
use crate::refused::{Fault, identifier, who};
use crate::release;
use crate::standing::Claimant;
use crate::subject::Subject;
use crate::tables::{NUMBERS, RECORDS, SUBJECT_RECORDS};
use crate::trace;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeSet;
use theriac_chaincode::{ReadContext, Refusal, TransactionContext};
use theriac_domain::ItemId;
use theriac_domain::text::shortened;

/// Attaches a document to what it is about.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Attach {
    /// What kind of document it is.
    pub kind: Kind,
    /// A word of your own for a finer kind.
    pub subtype: Option<String>,
    /// The document's CID; it is anchored.
    pub cid: String,
    /// The document's number of its own: a GDTI with a serial number, under your company prefix.
    pub identifier: Option<String>,
    /// What it is about, in any spelling of GS1, or `shipment/EVENT`.
    pub subjects: Vec<String>,
    /// What was found.
    pub finding: Option<Finding>,
    /// What is to be said besides.
    pub note: Option<String>,
    /// Who may read it besides your organisation.
    pub access: Access,
}

/// Attaches a document, perhaps in the place of the record with the number `supersedes`.
pub(crate) fn attach(
    ctx: &mut TransactionContext<'_>,
    wanted: Attach,
    supersedes: Option<u64>,
) -> Result<RecordView, Refusal> {
    check_texts(&wanted)?;
    let access = access::normal(wanted.access)?;
    let subjects = subjects(ctx, &wanted.subjects)?;
    if let Some(finding) = &wanted.finding {
        check_finding(ctx, finding)?;
    }
    let document = document(ctx, wanted.cid)?;
    let policy = policy::current(ctx)?;
    let claimant = Claimant::of(ctx);
    for subject in &subjects {
        claimant.expect_concerned(subject, policy.policy.standings(wanted.kind))?;
    }
    if wanted.finding.as_ref().is_some_and(|finding| finding.outcome.decides()) {
        claimant.expect_deciding(&subjects, &policy.policy.deciding)?;
    }
    let given = |text: &String| number::given(ctx, &claimant, text, &document.cid);
    let identifier = wanted.identifier.as_ref().map(given).transpose()?;
    let caller = ctx.caller().clone();
    let record = Record {
        kind: wanted.kind,
        subtype: wanted.subtype,
        document,
        identifier,
        subjects,
        finding: wanted.finding,
        note: wanted.note,
        access,
        changed_by: who(&caller),
        organisation: caller.organisation,
        member: caller.member,
        transaction: ctx.transaction_id(),
        height: ctx.height(),
        attached_ms: ctx.block_time_ms(),
        policy: policy.version,
        supersedes,
        state: RecordState::Valid,
    };
    keep(ctx, record)
}

/// Gives a new record its number, and writes it with all that leads to it.
fn keep(ctx: &mut TransactionContext<'_>, record: Record) -> Result<RecordView, Refusal> {
    let bytes = borsh::to_vec(&record).map_or(usize::MAX, |bytes| bytes.len());
    within("Bytes of the record", bytes, RECORD_BYTES_MAX)?;
    let counted = "record".to_owned();
    let number = NUMBERS.get(ctx, &counted)?.unwrap_or(0) + 1;
    NUMBERS.put(ctx, &counted, &number)?;
    for subject in &record.subjects {
        SUBJECT_RECORDS.put(ctx, &(subject.to_string(), number), &record.height)?;
    }
    number::put(ctx, &record)?;
    release::put(ctx, number, &record)?;
    access::grant(ctx, &record, None, &record.access)?;
    RECORDS.put(ctx, &number, &record)?;
    let view = RecordView { number, record };
    ctx.announce(&Attached::new(&view))?;
    Ok(view)
}

/// The document as the ledger names it. Who never had it, cannot give it to others by attaching it.
fn document(ctx: &ReadContext<'_>, cid: String) -> Result<DocumentName, Refusal> {
    let Some(known) = ctx.document(&cid) else {
        return Err(Fault::DocumentUnknown { cid: shortened(&cid) }.into());
    };
    let query = MayRead { cid, reader: None };
    let permission = access::may_read(ctx, &query)?;
    let cid = query.cid;
    if !permission.allowed {
        let (by, organisation) = (known.anchored.organisation, ctx.caller().organisation.clone());
        return Err(Fault::DocumentNotShared { cid, by, organisation }.into());
    }
    let theriac_chaincode::Document { sha2_256, size, media_type, file_name, .. } = known;
    Ok(DocumentName { cid, sha2_256, size, media_type, file_name })
}

/// What the record is about: each once, ascending, every item under its own code.
fn subjects(ctx: &ReadContext<'_>, texts: &[String]) -> Result<Vec<Subject>, Refusal> {
    if texts.is_empty() {
        return Err(Fault::RecordInvalid { what: "The record", problem: "is about nothing" }.into());
    }
    within("Subjects of the record", texts.len(), SUBJECTS_MAX)?;
    let subjects: Result<BTreeSet<Subject>, Refusal> = texts.iter().map(|text| resolved(ctx, text)).collect();
    Ok(subjects?.into_iter().collect())
}

/// A subject as people write it. A Chinese code may stand for a unit with another code, which trace knows; one that trace
/// does not know is refused, since it may do so later.
pub(crate) fn resolved(ctx: &ReadContext<'_>, text: &str) -> Result<Subject, Refusal> {
    match text.parse().map_err(identifier)? {
        Subject::Item(item @ ItemId::China(_)) => {
            Ok(Subject::Item(trace::unit(ctx, &item)?.id.parse().map_err(identifier)?))
        }
        subject => Ok(subject),
    }
}

fn check_texts(wanted: &Attach) -> Result<(), Fault> {
    let name =
        |what, text: &Option<String>| text.as_deref().map_or(Ok(()), |text| check_text(what, text, NAME_BYTES_MAX));
    name("The subtype", &wanted.subtype)?;
    wanted.note.as_deref().map_or(Ok(()), |note| check_text("The note", note, TEXT_BYTES_MAX))
}

/// Refuses texts that say nothing, are too long, or hold characters that no one sees.
pub(crate) fn check_text(what: &'static str, text: &str, max: usize) -> Result<(), Fault> {
    within(what, text.len(), max)?;
    if text.trim().is_empty() {
        return Err(Fault::RecordInvalid { what, problem: "says nothing" });
    }
    if text.chars().any(|character| character.is_control() && character != '\n') {
        return Err(Fault::RecordInvalid { what, problem: "holds control characters" });
    }
    Ok(())
}

fn within(what: &'static str, found: usize, max: usize) -> Result<(), Fault> {
    if found <= max { Ok(()) } else { Err(Fault::RecordLimit { what, found, max }) }
}

fn check_finding(ctx: &ReadContext<'_>, finding: &Finding) -> Result<(), Fault> {
    check_text("The inspector", &finding.inspector, NAME_BYTES_MAX)?;
    let ahead = finding.inspected_ms.saturating_sub(ctx.block_time_ms());
    if ahead > CLOCK_SKEW_MS {
        return Err(Fault::TimeInFuture { seconds: ahead / 1000 });
    }
    match (&finding.conditions, finding.outcome) {
        (Some(conditions), Outcome::Conditional) => check_text("The conditions", conditions, TEXT_BYTES_MAX)?,
        (None, Outcome::Conditional) => {
            return Err(Fault::RecordInvalid { what: "The conditional outcome", problem: "lacks its conditions" });
        }
        (Some(_), _) => {
            let problem = "stand beside an outcome that is not conditional";
            return Err(Fault::RecordInvalid { what: "The conditions", problem });
        }
        (None, _) => {}
    }
    within("Test results", finding.results.len(), RESULTS_MAX)?;
    finding.results.iter().try_for_each(check_result)?;
    let failed = finding.results.iter().find(|result| result.verdict == Verdict::Fail);
    match failed.filter(|_| finding.outcome == Outcome::Released) {
        Some(failed) => Err(Fault::OutcomeContradicted { test: failed.name.clone() }),
        None => Ok(()),
    }
}

fn check_result(result: &TestResult) -> Result<(), Fault> {
    check_text("The name of a test", &result.name, NAME_BYTES_MAX)?;
    let optional =
        |what, text: &Option<String>, max| text.as_deref().map_or(Ok(()), |text| check_text(what, text, max));
    optional("The method of a test", &result.method, NAME_BYTES_MAX)?;
    optional("The specification of a test", &result.specification, TEXT_BYTES_MAX)?;
    let unit = result.measured.as_ref().map(|measured| measured.unit.as_str());
    unit.map_or(Ok(()), |unit| check_text("The unit of measure of a test", unit, NAME_BYTES_MAX))
}
