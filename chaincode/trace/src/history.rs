//! Everything that happened to an item, alone and in containers, as people read it. Proofs need [`crate::life`].

use crate::life::Lives;
use crate::look::Look;
use crate::record::EventRecord;
use crate::refused::Refused;
use crate::scene::hex;
use crate::search::PAGE_BYTES_MAX;
use crate::tables::EVENTS;
use crate::view::{CodeQuery, read_code};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::QueryContext;
use theriac_domain::item::{Happening, whole_life};
use theriac_domain::{ItemId, Place};

/// An item's life so far.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct History {
    /// The item.
    pub id: String,
    /// What happened, oldest first.
    pub steps: Vec<HistoryStep>,
    /// Whether that is all; very long lives show their last part.
    pub complete: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct HistoryStep {
    /// In which block.
    pub height: u64,
    /// The transaction, in hexadecimal.
    pub transaction: String,
    /// The event's name on the ledger, in hexadecimal.
    pub event: String,
    /// What was done.
    pub operation: String,
    /// When, in the local time of the event.
    pub time: String,
    /// For which party.
    pub party: String,
    /// By which member.
    pub said_by: String,
    /// Where.
    pub place: Option<String>,
    /// The other party of a hand-over.
    pub counterpart: Option<String>,
    /// The container: the one it was packed in or taken out of, or the one it was in when that was moved.
    pub container: Option<String>,
    /// The version of the rules that judged it.
    pub rules: Option<String>,
    /// The case that it opened.
    pub case: Option<String>,
    /// Whether the event was declared wrong later.
    pub declared_wrong: bool,
}

pub(crate) fn history(ctx: &QueryContext<'_>, query: &CodeQuery) -> Result<History, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    ctx.load(&id)?;
    let mut lives = Lives::new(ctx);
    let happenings = whole_life(&id, &mut |id| lives.own_steps(id))?;
    let mut steps = Vec::new();
    let mut bytes = 0;
    for happening in happenings.iter().rev() {
        let step = shown(happening, EVENTS.get(ctx, &happening.step.event)?.as_ref());
        bytes += borsh::to_vec(&step).map_or(0, |bytes| bytes.len());
        if bytes > PAGE_BYTES_MAX {
            break;
        }
        steps.push(step);
    }
    steps.reverse();
    Ok(History { id: id.uri(), complete: steps.len() == happenings.len(), steps })
}

fn shown(happening: &Happening, event: Option<&EventRecord>) -> HistoryStep {
    let Happening { step, via } = happening;
    HistoryStep {
        height: step.height,
        transaction: hex(&step.transaction),
        event: hex(&step.event),
        operation: step.operation.as_str().to_owned(),
        time: step.time.to_string(),
        party: step.party.to_string(),
        said_by: step.said_by.clone(),
        place: event.and_then(|event| event.event.place()).map(Place::uri),
        counterpart: step.counterpart.map(|party| party.to_string()),
        container: step.container.as_ref().or(via.as_ref()).map(ItemId::uri),
        rules: step.rules.clone(),
        case: step.case.clone(),
        declared_wrong: event.is_some_and(|event| event.wrong.is_some()),
    }
}
