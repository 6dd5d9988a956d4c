//! Two judgements of one transaction, side by side.

use crate::call::Done;
use crate::replay::trace::{Excerpt, Room};
use crate::replay::writes::WriteSet;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{CODE_BYTES_MAX, EVENT_BYTES_MAX, MESSAGE_BYTES_MAX, RESULT_BYTES_MAX};
use theriac_types::{Budget, ChaincodeName, FunctionName, Judge, MemberId, Outcome, Text, TxId};

/// What two judgements may differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Aspect {
    /// The outcome.
    Outcome,
    /// The chaincode's own code.
    Code,
    /// The sentence that goes with a refusal.
    Message,
    /// What the function returned.
    Result,
    /// What was announced.
    Events,
    /// Which keys were written, or what to them.
    Writes,
    /// The gas used.
    Gas,
}

/// Something that was announced.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct JudgedEvent {
    /// Who announced it.
    pub chaincode: ChaincodeName,
    /// Its topic.
    pub topic: String,
    /// Borsh by the chaincode's schema.
    pub payload: Excerpt,
}

/// What one version made of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Judgement {
    /// The versions that took part: the one called first.
    pub judges: Vec<Judge>,
    /// How it ended.
    pub outcome: Outcome,
    /// The chaincode's own code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// What the function returned.
    pub result: Excerpt,
    /// What was announced.
    pub events: Vec<JudgedEvent>,
    /// Further events that found no room.
    pub events_omitted: u32,
    /// What was written.
    pub writes: WriteSet,
}

impl Judgement {
    /// As much of it as finds room.
    pub(crate) fn new(done: &Done, writes: WriteSet, room: &mut Room) -> Self {
        let mut judgement = Self {
            judges: done.judges.clone(),
            outcome: done.outcome,
            code: Text::<CODE_BYTES_MAX>::truncated(&done.code).to_string(),
            message: Text::<MESSAGE_BYTES_MAX>::truncated(&done.message).to_string(),
            result: room.excerpt(&done.result, RESULT_BYTES_MAX),
            events: Vec::new(),
            events_omitted: 0,
            writes,
        };
        for event in &done.events {
            if room.is_full() {
                judgement.events_omitted += 1;
                continue;
            }
            room.spend(event.chaincode.as_str().len() + event.topic.len());
            let payload = room.excerpt(&event.payload, EVENT_BYTES_MAX);
            let (chaincode, topic) = (event.chaincode.clone(), event.topic.to_string());
            judgement.events.push(JudgedEvent { chaincode, topic, payload });
        }
        judgement
    }
}

/// A transaction, judged twice.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Compared {
    /// The transaction.
    pub id: TxId,
    /// Its place in its block.
    pub index: u32,
    /// Who created it.
    pub creator: MemberId,
    /// The function that it calls.
    pub function: FunctionName,
    /// What the judgements differ in; only the gas when the candidate merely costs another amount.
    pub differs_in: Vec<Aspect>,
    /// What the version that was in force used.
    pub used: Budget,
    /// What the candidate uses.
    pub candidate_used: Budget,
    /// Both judgements, where they differ in more than gas: that of the version in force, then the candidate's.
    pub judgements: Option<(Judgement, Judgement)>,
}

impl Compared {
    /// Whether anybody but the one who pays for gas would notice.
    pub fn changed(&self) -> bool {
        self.differs_in.iter().any(|aspect| *aspect != Aspect::Gas)
    }
}

/// What two calls differ in. `same_writes` has compared what they wrote in full.
pub(crate) fn aspects(old: &Done, new: &Done, same_writes: bool) -> Vec<Aspect> {
    let rows = [
        (Aspect::Outcome, old.outcome == new.outcome),
        (Aspect::Code, old.code == new.code),
        (Aspect::Message, old.message == new.message),
        (Aspect::Result, old.result == new.result),
        (Aspect::Events, old.events == new.events),
        (Aspect::Writes, same_writes),
        (Aspect::Gas, old.used == new.used),
    ];
    rows.into_iter().filter(|(_, same)| !same).map(|(aspect, _)| aspect).collect()
}
