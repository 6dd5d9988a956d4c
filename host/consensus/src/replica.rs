//! A replica: takes inputs, returns effects.
//!
//! One slot goes like this. The primary proposes a body (`propose`). Every replica that accepts it writes it down and
//! votes (`pre_prepare`); one vote serves both paths. A collector with votes of `3f + c + 1` replicas broadcasts the
//! fast proof; one that waited long enough with `2f + c + 1` broadcasts a prepare certificate instead (`votes`), on
//! which replicas cast a second vote, and `2f + c + 1` of those make the slow proof (`commit_votes`). Either proof
//! commits the slot (`commit`). Committed slots are executed in order, and `f + 1` votes on the state that results make
//! the execution certificate (`execution`). From time to time `2f + c + 1` votes make a checkpoint of it (`checkpoint`),
//! which moves the window of slots that are voted on (`window`). Whatever gets lost is sent again on the strength of the
//! status messages that replicas exchange (`repair`); there is no other retransmission. A replica that is behind fetches
//! what is decided (`catchup`).
//!
//! Where this departs from the protocol's text:
//! * A pre-prepare that arrives over the primary's own authenticated link is accepted without checking the share in it.
//!   The share is checked when a certificate is combined from it, or when it has to serve as evidence: a check per
//!   slot and replica less, and a primary with a bad share only hurts its own fast path.

mod admission;
mod catchup;
mod checkpoint;
mod commit;
mod commit_votes;
mod epoch;
mod execution;
mod footprint;
mod leave;
mod new_view;
mod openings;
mod pre_prepare;
mod propose;
mod repair;
mod replay;
mod restart;
mod transfer;
mod triggers;
mod votes;
mod window;

use crate::checkpoints::Checkpoints;
use crate::config::Config;
use crate::effect::Effect;
use crate::executions::Executions;
use crate::fault::Fault;
use crate::guard::SignerGuard;
use crate::input::{Input, Now, Timer};
use crate::message::{CommitProof, Message};
use crate::pacing::Pacing;
use crate::peers::Peers;
use crate::proposal::Proposal;
use crate::requests::Requests;
use crate::slot::Slot;
use crate::turn::Turn;
use crate::views::Views;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use theriac_crypto::{CertificateScheme, Culprits, Share, ShareSigner, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, StableCheckpoint, View};

pub use footprint::Footprint;
pub use restart::Recovered;

/// A replica of one channel and epoch. Drive it from one thread: [`Replica::start`] once, then [`Replica::step`] for
/// every input, and obey the effects in order. A clone is for model checkers: driving both from one log would sign twice.
#[derive(Clone)]
pub struct Replica {
    config: Config,
    signer: SignerGuard,
    scheme: Arc<dyn CertificateScheme>,
    views: Views,
    /// Slots above the last executed one, up to the window's end.
    slots: BTreeMap<SeqNum, Slot>,
    /// Executed slots above the last stable checkpoint: what was decided in them, and why. Reported to a new view.
    decided: BTreeMap<SeqNum, (BodyHash, CommitProof)>,
    /// The highest stable checkpoint known.
    stable: Option<StableCheckpoint>,
    checkpoints: Checkpoints,
    /// Last slot handed to execution.
    handed_over: SeqNum,
    /// Last slot that this replica, as primary, proposed or found proposed in its log.
    proposed: SeqNum,
    /// The time of the proposal that this replica accepted last, in milliseconds since 1970.
    proposed_ms: u64,
    /// Whether the primary waited long enough for a batch to fill.
    batch_due: bool,
    batch_timer: bool,
    requests: Requests,
    executions: Executions,
    pacing: Pacing,
    peers: Peers,
    catchup: catchup::Catchup,
    transfer: transfer::Transfer,
    /// The epoch's last slot, once the ledger has set it.
    epoch_ends: Option<SeqNum>,
    /// Whether the epoch's end was announced.
    epoch_concluded: bool,
    halted: bool,
}

impl Replica {
    /// A replica at the start of a network.
    ///
    /// # Panics
    /// When the scheme is for another number of replicas than the cluster, or this replica is none of them.
    pub fn new(config: Config, signer: Box<dyn ShareSigner>, scheme: Arc<dyn CertificateScheme>) -> Self {
        Self::recover(config, signer, scheme, Recovered::default())
    }

    /// Begins: sets the first timers, and after a restart repeats what it said last. Call it once, before any step.
    pub fn start(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let turn = &mut Turn { now, effects };
        self.resume(turn);
        if !self.halted {
            self.announce(turn);
            self.watch(turn);
        }
    }

    /// Reacts to an input. The same inputs at the same times give the same effects.
    ///
    /// # Panics
    /// When the edge breaks its contract or this replica would sign two values in one place; never because of what
    /// another replica or a client sends.
    pub fn step(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        if self.halted {
            return;
        }
        let turn = &mut Turn { now, effects };
        match input {
            Input::Message { from, message } if self.config.cluster.has(from) && from != self.config.replica => {
                self.on_message(turn, from, message);
            }
            Input::Message { .. } => {}
            Input::Requests(transactions) => self.on_client_requests(turn, transactions),
            Input::Timer(timer) => self.on_timer(turn, timer),
            Input::Executed { seq, digest, epoch_ends } => self.on_executed(turn, seq, digest, epoch_ends),
        }
        self.watch(turn);
    }

    fn on_message(&mut self, turn: &mut Turn<'_>, from: ReplicaId, message: Message<Arc<Proposal>>) {
        if message.carries_certificate() && self.peers.is_ignored(from) {
            return;
        }
        match message {
            Message::Request(proposal) => self.on_request(turn, from, &proposal),
            Message::PrePrepare { view, seq, proposal, share } => {
                self.on_pre_prepare(turn, from, view, seq, proposal, share);
            }
            Message::SignShare { view, seq, body, share } => self.on_sign_share(turn, from, view, seq, body, share),
            Message::FullCommitProof { view, seq, body, certificate } => {
                self.on_commit_proof(turn, from, seq, body, CommitProof::Fast { view, certificate });
            }
            Message::Prepare { view, seq, body, certificate } => {
                self.on_prepare(turn, from, view, seq, body, certificate);
            }
            Message::Commit { view, seq, body, share } => self.on_commit(turn, from, view, seq, body, share),
            Message::FullCommitProofSlow { view, seq, body, certificate } => {
                self.on_commit_proof(turn, from, seq, body, CommitProof::Slow { view, certificate });
            }
            Message::SignState { seq, digest, share } => self.on_sign_state(turn, from, seq, digest, share),
            Message::FullExecuteProof { seq, digest, certificate } => {
                self.on_full_execute_proof(turn, from, seq, digest, certificate);
            }
            Message::Status { view, active, stable, executed, certified } => {
                self.peers.heard_view(from, view, active);
                self.on_status(turn, from, stable, executed, certified);
            }
            Message::Fetch { first, last } => self.on_fetch(turn, from, first, last),
            Message::Decided { seq, proposal, proof, executed } => {
                self.on_decided(turn, from, seq, proposal, proof, executed);
            }
            Message::Checkpoint { seq, digest, share } => self.on_checkpoint(turn, from, seq, digest, share),
            Message::Stable(checkpoint) => self.on_stable(turn, from, checkpoint),
            Message::FetchBody { seq, body } => self.on_fetch_body(turn, from, seq, body),
            Message::Body { seq, proposal } => self.on_body(turn, seq, proposal),
            Message::Complain { view } => self.on_complain(turn, from, view),
            Message::ViewChange(signed) => self.on_view_change(turn, from, signed),
            Message::NewView(new_view) => self.on_new_view(turn, from, new_view),
            Message::FetchViewChanges { view, wanted } => self.on_fetch_view_changes(turn, from, view, &wanted),
        }
    }

    fn on_timer(&mut self, turn: &mut Turn<'_>, timer: Timer) {
        match timer {
            Timer::Batch => self.on_batch_timer(turn),
            Timer::Fast(view, seq) => self.on_fast_timer(turn, view, seq),
            Timer::Slow(view, seq) => self.on_slow_timer(turn, view, seq),
            Timer::Execute(seq) => self.on_execute_timer(turn, seq),
            Timer::Checkpoint(seq) => self.on_checkpoint_timer(turn, seq),
            Timer::Status => self.on_status_timer(turn),
            Timer::Request => self.on_request_timer(turn),
            Timer::NewView(view) => self.on_new_view_timer(turn, view),
        }
    }

    /// Which replica this is.
    pub fn id(&self) -> ReplicaId {
        self.config.replica
    }

    /// The view that this replica is in, or wants to enter.
    pub fn view(&self) -> View {
        self.views.view
    }

    /// Whether it is in its view, and votes.
    pub fn is_active(&self) -> bool {
        self.views.active()
    }

    /// The highest view that this replica promised to vote in no lower one than; none when it never left a view.
    pub fn promised(&self) -> Option<View> {
        self.views.promise.as_ref().map(|promise| promise.message.view)
    }

    /// Views in a row that decided nothing, before the current one.
    pub fn failed_views(&self) -> u64 {
        self.views.failed()
    }

    /// The primary of the current view.
    pub fn primary(&self) -> ReplicaId {
        self.config.cluster.primary(self.views.view)
    }

    /// Whether this replica is the primary of its view, and in it.
    pub fn is_primary(&self) -> bool {
        self.views.active() && self.primary() == self.config.replica
    }

    /// Last slot executed and durable here.
    pub fn executed(&self) -> SeqNum {
        self.executions.executed()
    }

    /// Last slot up to which this replica holds every execution certificate.
    pub fn certified(&self) -> SeqNum {
        self.executions.certified()
    }

    /// Slot of the highest stable checkpoint known; 0 at the start of a network.
    pub fn stable_slot(&self) -> SeqNum {
        self.stable.as_ref().map_or(SeqNum(0), |checkpoint| checkpoint.seq)
    }

    /// Transactions that wait here to be proposed or decided.
    pub fn requests_waiting(&self) -> usize {
        self.requests.waiting()
    }

    /// How long this replica, as a collector, waits for the fast path now, in milliseconds.
    pub fn fast_wait_ms(&self) -> u64 {
        self.pacing.fast_wait_ms()
    }

    /// Whether it stopped because its state contradicts a certificate.
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// Everything that its future depends on, as text: two replicas with the same text react alike. For model checkers.
    pub fn state_text(&self) -> String {
        let Self { config: _, signer, scheme: _, views, slots, decided, handed_over, proposed, .. } = self;
        let (requests, executions, pacing) = (&self.requests, &self.executions, &self.pacing);
        let waiting = (self.batch_due, self.batch_timer, requests, executions, pacing);
        let others = (decided, &self.stable, &self.checkpoints, &self.peers, &self.catchup, self.halted);
        let ends = (&self.transfer, self.proposed_ms, self.epoch_ends, self.epoch_concluded);
        format!("{:?}", (signer, views, slots, handed_over, proposed, waiting, others, ends))
    }

    /// Combines shares of a statement about a slot. On failure names the culprits, whose shares the caller bars.
    fn combine(
        &mut self,
        turn: &mut Turn<'_>,
        seq: SeqNum,
        statement: &Statement,
        shares: &BTreeMap<ReplicaId, Share>,
    ) -> Result<Certificate, Culprits> {
        let combined = self.scheme.combine(statement, shares);
        for replica in combined.as_ref().err().into_iter().flat_map(|culprits| &culprits.replicas) {
            self.peers.penalise(*replica, seq);
            turn.blame(*replica, Fault::BadShare { seq });
        }
        combined
    }

    /// Whether a share may be counted. Those of a replica that sent a bad one before are checked first.
    fn admits_share(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        statement: &Statement,
        share: &Share,
    ) -> bool {
        if !self.peers.is_penalised(from, seq) || self.scheme.verify_share(from, statement, share) {
            return true;
        }
        self.peers.penalise(from, seq);
        turn.blame(from, Fault::BadShare { seq });
        false
    }

    fn blame_certificate(&mut self, turn: &mut Turn<'_>, from: ReplicaId, seq: SeqNum) {
        self.peers.count_bad_certificate(from);
        turn.blame(from, Fault::BadCertificate { seq });
    }

    /// Checks a commit proof against its path's threshold.
    fn proves_commit(&self, seq: SeqNum, body: BodyHash, proof: &CommitProof) -> bool {
        proof.proves(&*self.scheme, self.config.cluster, seq, body)
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica")
            .field("id", &self.config.replica)
            .field("view", &self.views.view)
            .field("active", &self.views.active())
            .field("executed", &self.executed())
            .field("certified", &self.certified())
            .field("slots", &self.slots.keys())
            .finish_non_exhaustive()
    }
}
