//! What a message says about a case, and what the ledger does about it.
//!
//! Every message becomes notes of the case. It settles the case when a report says that it is resolved; and when a
//! response accepts all that is open and nothing has to be sent any more, because accounts alone are changed.

use crate::case_file::CaseFile;
use crate::error::{CAPTURE_LIMIT, DscsaError, PDG_ITEM_UNKNOWN, Problem};
use crate::findings::KEPT;
use crate::limits::{FINDING_BYTES_MAX, NOTES_MAX};
use crate::message::Message;
use crate::report::{Contact, Exceptions, Report};
use crate::response::{Answered, Response};
use crate::words::{Decision, Resolution};
use std::collections::BTreeMap;
use theriac_trace::{CaseState, CloseCase, NoteCase};

/// What the ledger does about a message.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is noted, one after the other.
    pub notes: Vec<NoteCase>,
    /// How the case is settled then, if it is.
    pub close: Option<CloseCase>,
}

/// What the ledger does about a message that belongs to the case. Notes that the case has already are left out, so that
/// what was broken off is begun again with the same message.
///
/// # Errors
/// When the message is about another case, answers what this one never said, or was taken before.
pub fn answer(file: &CaseFile, message: &Message) -> Result<Answer, DscsaError> {
    let (uuid, about, sender) = match message {
        Message::Report(report) => (&report.message_uuid, &report.exception_case_uuid, &report.sender_information),
        Message::Response(said) => (&said.message_uuid, &said.exception_case_uuid, &said.sender_information),
    };
    let should = file.case_uuid();
    if *about != should {
        return Err(DscsaError::OtherCase { is: about.clone(), should });
    }
    let (lines, outcome) = match message {
        Message::Report(report) => of_report(report),
        Message::Response(response) => of_response(file, response)?,
    };
    let known = &file.case.case.notes;
    let note = |text: String| NoteCase {
        case: file.case.number.clone(),
        text,
        notified: sender.gln.iter().cloned().collect(),
        documents: Vec::new(),
    };
    let texts = texts(lines).into_iter().filter(|text| known.iter().all(|note| note.text != *text));
    let notes: Vec<NoteCase> = texts.map(note).collect();
    let is_open = file.case.case.state == CaseState::Open;
    let close = outcome.filter(|_| is_open).map(|outcome| CloseCase {
        case: file.case.number.clone(),
        state: CaseState::Settled,
        outcome: shortened(outcome),
    });
    if notes.len() + known.len() > NOTES_MAX {
        let message = format!("{} notes beside {}, a case takes {NOTES_MAX}.", notes.len(), known.len());
        let message = format!("{message} Anchor the message as a document, and note that.");
        return Err(Problem::new("$", CAPTURE_LIMIT, message).into());
    }
    if notes.is_empty() && close.is_none() {
        return Err(DscsaError::Repeated { message: uuid.clone() });
    }
    Ok(Answer { notes, close })
}

fn of_report(report: &Report) -> (Vec<String>, Option<String>) {
    let head = format!("{KEPT}report {} of {}", report.message_uuid, named(&report.sender_information));
    if report.case_resolved {
        let outcome = format!("{head}: resolved");
        return (vec![outcome.clone()], Some(outcome));
    }
    let items = report.exceptions.iter().flat_map(|exceptions| exceptions.items());
    let items: Vec<String> = items
        .map(|(item, asked)| format!("item {item}: {}", asked.map_or("nothing is asked for", Resolution::as_str)))
        .collect();
    let words = report.other_errors.iter().flatten().cloned();
    (std::iter::once(format!("{head}: {} items", items.len())).chain(items).chain(words).collect(), None)
}

fn of_response(file: &CaseFile, response: &Response) -> Result<(Vec<String>, Option<String>), DscsaError> {
    let possible = file.possible_items();
    let asked: BTreeMap<&str, Option<Resolution>> = possible.iter().flat_map(|one| one.items()).collect();
    let answers = response.response_items.as_deref().unwrap_or_default();
    let mut agreed: BTreeMap<&str, Resolution> = BTreeMap::new();
    let head = format!("{KEPT}response {} of {}", response.message_uuid, named(&response.sender_information));
    let mut lines = vec![format!("{head}: {} items", answers.len())];
    for (at, answer) in answers.iter().enumerate() {
        let uuid = answer.exception_item_uuid.as_str();
        let Some(asked) = asked.get(uuid) else {
            let path = format!("$.response_items[{at}].exception_item_uuid");
            let message = "This case never had such an item. Ask the sender which report this answers.";
            return Err(Problem::new(&path, PDG_ITEM_UNKNOWN, message).into());
        };
        let instead = answer.alternative_resolution.as_ref().and_then(|other| other.alternative_resolution);
        // Of two answers to one item the last counts.
        agreed.remove(uuid);
        if let (Decision::Accept, Some(resolution)) = (answer.resolution_response, instead.or(*asked)) {
            agreed.insert(uuid, resolution);
        }
        lines.push(line(answer, *asked));
    }
    lines.extend(response.additional_notes.clone());
    let open = file.open_items();
    let outcome =
        all_by_account(&open, &agreed).then(|| format!("{head}: everything was accepted, and is a matter of accounts"));
    Ok((lines, outcome))
}

/// Whether all that is open was agreed on, and nothing has to be sent. An item has a name for each resolution that may
/// have been asked for.
fn all_by_account(open: &[Exceptions], agreed: &BTreeMap<&str, Resolution>) -> bool {
    let names: Vec<Vec<&str>> =
        open.iter().map(|variant| variant.items().into_iter().map(|(uuid, _)| uuid).collect()).collect();
    let count = names.first().map_or(0, Vec::len);
    let settled = |at: usize| {
        let agreed = names.iter().filter_map(|variant| agreed.get(variant.get(at).copied()?));
        agreed.into_iter().any(|resolution| resolution.is_of_accounts())
    };
    count > 0 && (0..count).all(settled)
}

/// What was said to one item, in words.
fn line(answer: &Answered, asked: Option<Resolution>) -> String {
    let mut line = format!("item {}", answer.exception_item_uuid);
    if let Some(asked) = asked {
        line.push_str(&format!(" ({asked})"));
    }
    line.push_str(&format!(": {}", answer.resolution_response));
    if let Some(other) = &answer.alternative_resolution {
        if let Some(resolution) = other.alternative_resolution {
            line.push_str(&format!("; instead: {resolution}"));
        }
        if let Some(follow_up) = other.follow_up {
            line.push_str(&format!("; to be talked about by {}", follow_up.as_str().to_lowercase()));
        }
        if let Some(details) = &other.follow_up_details {
            line.push_str(&format!(": {details}"));
        }
    }
    if let Some(comments) = &answer.comments {
        line.push_str(&format!("; {comments}"));
    }
    line
}

fn named(sender: &Contact) -> String {
    sender.gln.clone().unwrap_or_else(|| "an unnamed sender".to_owned())
}

/// The lines in as few notes as they need, each with the head.
fn texts(lines: Vec<String>) -> Vec<String> {
    let mut lines = lines.into_iter().map(shortened);
    let Some(head) = lines.next() else { return Vec::new() };
    let mut texts = vec![head.clone()];
    for line in lines {
        let fits = |text: &String| text.len() + 1 + line.len() <= FINDING_BYTES_MAX;
        match texts.last_mut().filter(|text| fits(text)) {
            Some(text) => {
                text.push('\n');
                text.push_str(&line);
            }
            None => texts.push(shortened(format!("{head}, continued\n{line}"))),
        }
    }
    texts
}

/// As much of a text as a note takes.
fn shortened(text: String) -> String {
    if text.len() <= FINDING_BYTES_MAX {
        return text;
    }
    const CUT: &str = "…";
    let end = (0..=FINDING_BYTES_MAX - CUT.len()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{CUT}", &text[..end])
}
