//! What people do about cases: open one, note what was done, settle it.

use crate::cases::{CASE_ITEMS_MAX, NewCase, number_of};
use crate::notices::CaseNotice;
use crate::party::{Actor, resolve};
use crate::record::{Case, CaseKind, CaseNote, CaseState};
use crate::refused::Refused;
use crate::scene::Play;
use crate::tables::{CASES, key_of};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::event::TooLarge;
use theriac_domain::text::shortened;
use theriac_domain::{Gln, ItemId, Refusal};

/// Opens a case.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct OpenCase {
    /// What it is about.
    pub kind: CaseKind,
    /// The other party's GLN, if one is known.
    pub against: Option<String>,
    /// The items.
    pub items: Vec<ItemId>,
    /// What stands against what, in words.
    pub findings: Vec<String>,
}

/// Notes something about a case.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct NoteCase {
    /// The case's number.
    pub case: String,
    /// What was done, in words.
    pub text: String,
    /// Whom it was told.
    pub notified: Vec<String>,
    /// CIDs of documents that belong to it.
    pub documents: Vec<String>,
}

/// Settles a case.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CloseCase {
    /// The case's number.
    pub case: String,
    /// How it ended: confirmed, cleared or settled.
    pub state: CaseState,
    /// How, in words.
    pub outcome: String,
}

/// A case with its number.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CaseView {
    /// The case's number.
    pub number: String,
    /// The case.
    pub case: Case,
    /// Whether the time to tell the others is over and the case is open.
    pub overdue: bool,
}

/// Longest case, in bytes: what one entry of the ledger holds, with room for what events add.
const CASE_BYTES_MAX: usize = 128 * 1024;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// Most notes of one case, and most entries of one list.
const NOTES_MAX: usize = 100;

pub(crate) fn open(ctx: &mut TransactionContext<'_>, play: &Play, wanted: OpenCase) -> Result<CaseView, Refused> {
    check_texts(&wanted.findings)?;
    TooLarge::check("items of a case", wanted.items.len(), CASE_ITEMS_MAX).map_err(Refusal::from)?;
    let against: Option<Gln> = wanted.against.as_deref().map(str::parse).transpose()?;
    let against = against.map(|gln| resolve(ctx, &gln)).transpose()?;
    let number = number_of(&ctx.transaction_id());
    let case = NewCase { kind: wanted.kind, against, shipment: None, items: wanted.items, findings: wanted.findings };
    let case = case.begin(play.actor.party.gln, play.now.time_ms, &play.rules);
    keep(ctx, number, case, play.now.time_ms)
}

pub(crate) fn note(ctx: &mut TransactionContext<'_>, play: &Play, wanted: NoteCase) -> Result<CaseView, Refused> {
    let mut case = load(ctx, &play.actor, &wanted.case)?;
    check_texts(std::slice::from_ref(&wanted.text))?;
    check_texts(&wanted.notified)?;
    check_texts(&wanted.documents)?;
    TooLarge::check("notes of a case", case.notes.len() + 1, NOTES_MAX).map_err(Refusal::from)?;
    for cid in &wanted.documents {
        if ctx.document(cid).is_none() {
            let problem = "No such document is anchored. Anchor it first.".to_owned();
            return Err(Refusal::Unfit { what: "Document", number: cid.clone(), problem }.into());
        }
    }
    case.notes.push(CaseNote {
        by: play.actor.party.gln,
        at_ms: play.now.time_ms,
        text: wanted.text,
        notified: wanted.notified,
        documents: wanted.documents,
    });
    keep(ctx, wanted.case, case, play.now.time_ms)
}

pub(crate) fn close(ctx: &mut TransactionContext<'_>, play: &Play, wanted: CloseCase) -> Result<CaseView, Refused> {
    let mut case = load(ctx, &play.actor, &wanted.case)?;
    check_texts(std::slice::from_ref(&wanted.outcome))?;
    let unfit = |problem: &str| Refusal::Unfit { what: "Case", number: wanted.case.clone(), problem: problem.into() };
    if case.state != CaseState::Open {
        return Err(unfit("It is settled already.").into());
    }
    if wanted.state == CaseState::Open {
        return Err(unfit("Say how it ended: confirmed, cleared or settled.").into());
    }
    // A doubt is not dispelled by whom it is about: a regulator or whoever opened the case decides.
    let decides = play.actor.has_role("regulator") || case.opened_by == play.actor.party.gln;
    if case.kind == CaseKind::Suspect && !decides {
        return Err(unfit("A doubt is settled by who raised it, or by a regulator.").into());
    }
    case.state = wanted.state;
    case.outcome = Some(wanted.outcome);
    keep(ctx, wanted.case, case, play.now.time_ms)
}

fn load(ctx: &TransactionContext<'_>, actor: &Actor, number: &str) -> Result<Case, Refused> {
    let unknown = || Refusal::RecordUnknown { what: "Case", number: shortened(number) };
    let case = CASES.get(ctx, &key_of(ctx, number))?.ok_or_else(unknown)?;
    let party = actor.party.gln;
    if case.opened_by != party && case.against != Some(party) && !actor.has_role("regulator") {
        return Err(Refusal::NotOwner { item: format!("Case {number}"), owner: case.opened_by }.into());
    }
    Ok(case)
}

fn keep(ctx: &mut TransactionContext<'_>, number: String, case: Case, now_ms: u64) -> Result<CaseView, Refused> {
    let bytes = borsh::to_vec(&case).map_or(usize::MAX, |bytes| bytes.len());
    TooLarge::check("bytes of a case", bytes, CASE_BYTES_MAX).map_err(Refusal::from)?;
    CASES.put(ctx, &number, &case)?;
    CaseNotice::new(&number, &case).announce(ctx)?;
    Ok(CaseView::new(number, case, now_ms))
}

impl CaseView {
    pub(crate) fn new(number: String, case: Case, now_ms: u64) -> Self {
        let overdue = case.state == CaseState::Open && now_ms > case.due_ms;
        Self { number, case, overdue }
    }
}

fn check_texts(texts: &[String]) -> Result<(), Refused> {
    TooLarge::check("entries of one list", texts.len(), NOTES_MAX).map_err(Refusal::from)?;
    let longest = texts.iter().map(String::len).max().unwrap_or(0);
    Ok(TooLarge::check("bytes of one text", longest, TEXT_BYTES_MAX).map_err(Refusal::from)?)
}
