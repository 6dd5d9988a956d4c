//! A state transfer under way: what was asked, what came, and what of it a crash leaves.

use std::collections::BTreeMap;
use theriac_ledger::transfer::{Answer, Received, Request, Transfer, TransferError};
use theriac_types::{BlockHash, CertifiedCommitment, Epoch, Height, SeqNum, StableCheckpoint, StateCommitment};

/// A question to another peer.
#[derive(Debug, Clone, Copy)]
pub enum Question {
    /// What is your last stable checkpoint?
    Latest,
    /// What is the commitment of this height?
    Commitment(SeqNum),
    /// Who certified this height?
    Certificate(Height),
    /// A part of the state or chain of this height.
    Part(SeqNum, Request),
}

/// What it says.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A checkpoint with its epoch.
    Latest(Epoch, StableCheckpoint),
    /// A commitment.
    Commitment(StateCommitment),
    /// A commitment with its execution certificate.
    Certified(CertifiedCommitment),
    /// A part.
    Part(SeqNum, Request, Answer),
}

/// Questions on their way at a time.
const ASKED_MAX: usize = 4;

/// A transfer to one checkpoint.
#[derive(Debug)]
pub struct Fetch {
    /// The epoch whose replicas certified the checkpoint.
    pub epoch: Epoch,
    /// Where it leads.
    pub checkpoint: StableCheckpoint,
    /// What came so far, each part as it was written to the disk.
    pub received: Vec<Received>,
    transfer: Option<Transfer>,
    genesis: BlockHash,
    /// Until when an answer may come.
    asked: BTreeMap<Request, u64>,
}

impl Fetch {
    /// Begins.
    pub fn new(epoch: Epoch, checkpoint: StableCheckpoint, genesis: BlockHash) -> Self {
        Self { epoch, checkpoint, received: Vec::new(), transfer: None, genesis, asked: BTreeMap::new() }
    }

    /// Takes the commitment that everything hangs on.
    pub fn begin(&mut self, commitment: StateCommitment) {
        self.transfer.get_or_insert_with(|| Transfer::new(commitment, self.genesis));
    }

    /// The next questions, noted as asked until a time.
    pub fn questions(&mut self, now_us: u64, until_us: u64) -> Vec<Question> {
        let seq = self.checkpoint.seq;
        let Some(transfer) = &self.transfer else { return vec![Question::Commitment(seq)] };
        self.asked.retain(|_, until| *until > now_us);
        let on_their_way = self.asked.keys().copied().collect();
        let missing = transfer.missing(ASKED_MAX.saturating_sub(self.asked.len()), &on_their_way);
        self.asked.extend(missing.iter().map(|request| (*request, until_us)));
        missing.into_iter().map(|request| Question::Part(seq, request)).collect()
    }

    /// Takes an answer; what it brings is on the disk from now on.
    pub fn accept(&mut self, request: &Request, answer: Answer) -> Result<(), TransferError> {
        self.asked.remove(request);
        let Some(transfer) = &mut self.transfer else { return Ok(()) };
        self.received.push(transfer.accept(request, answer)?);
        Ok(())
    }

    /// The transfer, once everything is here.
    pub fn complete(&self) -> Option<&Transfer> {
        self.transfer.as_ref().filter(|transfer| transfer.is_complete())
    }

    /// The process died: it goes on with what was saved.
    pub fn resume(&mut self) {
        self.asked.clear();
        let Some(transfer) = self.transfer.take() else { return };
        let headers = self.received.iter().flat_map(|received| received.headers.iter().copied()).collect();
        let commitment = transfer.commitment().clone();
        let progress = theriac_types::encode(&transfer.progress());
        let progress = theriac_types::decode(&progress, progress.len()).expect("what was just encoded");
        let resumed = Transfer::resume(commitment, self.genesis, progress, headers);
        self.transfer = Some(resumed.expect("what was saved belongs together"));
    }
}
