//! Blocks are executed, made durable, certified and served; checkers look at each.

use super::World;
use super::event::Event;
use super::names::short;
use crate::check::refusals::Values;
use crate::peer::Peer;
use crate::setting::Mutant;
use std::borrow::Cow;
use std::sync::Arc;
use theriac_consensus::{CommitProof, Input, Message, Proposal};
use theriac_ledger::{BlockOutcome, BlockStore, Decided, ScanRange, StateKey, StateReader, Version, execute_block};
use theriac_types::limits::{SCAN_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{Certificate, CertifiedCommitment, Height, Outcome, ReplicaId, SeqNum, StateDigest};

/// Longest time between a block being durable and its replica hearing of it.
const REPORT_US_MAX: u64 = 300;
/// Longest time until a certificate is on the disk.
const CERTIFY_US_MAX: u64 = 5_000;
/// A commit proof is not longer than this.
const PROOF_BYTES_MAX: usize = 4096;

impl World {
    /// A block waits for the blocks before it, then takes its time.
    pub(super) fn plan_execution(&mut self, index: usize, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        let at_us =
            self.peers[index].executor_free_us.max(self.now_us) + self.random.below(self.plan.base.execution_us_max);
        let peer = &mut self.peers[index];
        peer.executor_free_us = at_us;
        let (id, run, honest) = (peer.id, peer.run, peer.is_honest());
        if honest {
            let body = proposal.hash();
            let verdict = self.checkers.order.on_execute(id, seq);
            self.check("S5", verdict);
            let verdict = self.term_mut(index).agreement.on_commit(id, seq, body);
            self.check("S1", verdict);
            let verdict = self.term(index).certificates.on_commit(seq, body, &proof);
            self.check("S4", verdict);
        }
        if self.is_mutant(Mutant::ExecutedTwice) {
            let (proposal, proof) = (Arc::clone(&proposal), proof.clone());
            self.schedule(at_us + 1, Event::Execute { peer: index, run, seq, proposal, proof });
        }
        self.schedule(at_us, Event::Execute { peer: index, run, seq, proposal, proof });
    }

    /// Executes a block and makes what it did durable.
    pub(super) fn execute(&mut self, index: usize, run: u32, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        let peer = &mut self.peers[index];
        if peer.run != run || peer.running.is_none() {
            return;
        }
        if self.now_us < peer.paused_until_us {
            let at_us = peer.paused_until_us;
            return self.schedule(at_us, Event::Execute { peer: index, run, seq, proposal, proof });
        }
        let (id, honest, height) = (peer.id, peer.is_honest(), Height::from(seq));
        if honest {
            let verdict = self.checkers.order.on_durable(id, seq);
            self.check("S5", verdict);
            if self.violation.is_some() {
                return;
            }
        }
        let decided = Decided {
            height,
            body: proposal.body(),
            body_hash: proposal.hash(),
            tx_ids: Cow::Borrowed(proposal.ids()),
        };
        let peer = &mut self.peers[index];
        let mut outcome = match execute_block(&peer.store, &peer.engine, &decided) {
            Ok(outcome) => outcome,
            Err(error) => return self.check("S5", Err(format!("replica {id} cannot execute slot {seq}: {error}"))),
        };
        apply_mutant(self.setting.mutant, &mut outcome);
        if let Err(error) = self.peers[index].store.apply(&outcome, &theriac_types::encode(&proof)) {
            return self.check("S5", Err(format!("replica {id} cannot store slot {seq}: {error}")));
        }
        let digest = outcome.digest();
        self.peers[index].disk.borrow_mut().states.insert(seq, digest);
        self.bodies.insert(proposal.hash(), proposal);
        match proof {
            CommitProof::Fast { .. } => self.fast.insert(seq),
            CommitProof::Slow { .. } => self.slow.insert(seq),
        };
        let at_us = self.now_us;
        self.trace.add(at_us, "executes", &(id, seq, digest), || format!("{id}  slot {seq}, state {}", short(digest)));
        self.check_block(index, &outcome);
        let peer = &mut self.peers[index];
        // An executor reports in the order it executes.
        peer.reported_us = peer.reported_us.max(self.now_us + self.random.below(REPORT_US_MAX));
        let (report_us, epoch_ends) = (peer.reported_us, outcome.epoch_ends.map(SeqNum::from));
        self.schedule(
            report_us,
            Event::Report { peer: index, run, executed: Input::Executed { seq, digest, epoch_ends } },
        );
    }

    fn check_block(&mut self, index: usize, outcome: &BlockOutcome) {
        let peer = &self.peers[index];
        let calls = peer.engine.take_calls();
        if !peer.is_honest() {
            return;
        }
        let (id, values) = (peer.id, values(peer, outcome.height()));
        let verdict = self.checkers.sandbox.on_height(id, outcome.height(), calls);
        self.check("S10", verdict);
        let verdict = self.checkers.same_state.on_height(id, &outcome.commitment);
        self.check("S6", verdict);
        let verdict = self.checkers.once.on_block(&outcome.block, &outcome.receipts);
        self.check("S7", verdict);
        let verdict =
            values.and_then(|values| self.checkers.refusals.on_block(&outcome.block, &outcome.receipts, &values));
        self.check("S9", verdict);
    }

    /// Tells the replica that its block is executed and durable.
    pub(super) fn report_executed(&mut self, index: usize, run: u32, executed: Input) {
        if self.peers[index].run == run {
            self.take_in(index, executed);
        }
    }

    pub(super) fn plan_certificate(
        &mut self,
        index: usize,
        seq: SeqNum,
        digest: StateDigest,
        certificate: Certificate,
    ) {
        let peer = &self.peers[index];
        let (id, run) = (peer.id, peer.run);
        if peer.is_honest() {
            let verdict = self.term(index).certificates.on_certified(seq, digest, &certificate);
            self.check("S4", verdict);
        }
        let stored = self.peers[index].store.commitment(Height::from(seq));
        let commitment = stored.ok().flatten().filter(|own| theriac_crypto::names::state_digest(own) == digest);
        let Some(commitment) = commitment else {
            return self.check(
                "S6",
                Err(format!("replica {id} holds a certificate for {digest} in slot {seq}, which is not its own state")),
            );
        };
        let at_us = self.now_us + self.random.below(CERTIFY_US_MAX);
        let certified = CertifiedCommitment { commitment, certificate };
        self.schedule(at_us, Event::Certify { peer: index, run, certified });
    }

    /// Stores a certificate. One that a crash forestalls is fetched again.
    pub(super) fn certify(&mut self, index: usize, run: u32, certified: &CertifiedCommitment) {
        let peer = &mut self.peers[index];
        if peer.run != run || peer.running.is_none() {
            return;
        }
        let (id, height) = (peer.id, certified.commitment.height);
        let result = peer.store.put_certificate(certified);
        self.check("S4", result.map_err(|error| format!("replica {id} cannot store a certificate: {error}")));
        let at_us = self.now_us;
        self.trace.add(at_us, "certifies", &(id, height), || format!("{id}  height {height}"));
    }

    /// Sends stored blocks to a replica that asked.
    pub(super) fn serve(&mut self, index: usize, to: ReplicaId, first: SeqNum, last: SeqNum) {
        for seq in first.0..=last.0 {
            if let Some(message) = self.decided(&self.peers[index], SeqNum(seq)) {
                self.say(index, to, message);
            }
        }
    }

    pub(super) fn decided(&self, peer: &Peer, seq: SeqNum) -> Option<Message<Arc<Proposal>>> {
        let height = Height::from(seq);
        let block = peer.store.block(height).ok()??;
        let proof = peer.store.commit_proof(height).ok()??;
        let proof = theriac_types::decode(&proof, PROOF_BYTES_MAX).ok()?;
        let certified = peer.store.certificate(height).ok()?;
        let executed = certified.map(|c| (theriac_crypto::names::state_digest(&c.commitment), c.certificate));
        let proposal = Arc::clone(self.bodies.get(&block.body_hash)?);
        Some(Message::Decided { seq, proposal, proof, executed })
    }

    /// A peer's height.
    pub(super) fn height(&self, peer: &Peer) -> Height {
        peer.store.head().map(|head| head.height).unwrap_or_default()
    }
}

/// All that the key-value chaincode has written.
fn values(peer: &Peer, height: Height) -> Result<Values, String> {
    let namespace = "kv".parse().expect("a name");
    let range = ScanRange {
        namespace: &namespace,
        start: b"",
        end: &[0xff],
        limit: SCAN_ENTRIES_MAX,
        bytes_max: SCAN_BYTES_MAX,
    };
    let scan = peer.store.scan(&range, height).map_err(|error| error.to_string())?;
    Ok(scan.entries.into_iter().collect())
}

fn apply_mutant(mutant: Option<Mutant>, outcome: &mut BlockOutcome) {
    match mutant {
        Some(Mutant::NoncesForgotten) => outcome.replay.clear(),
        Some(Mutant::RefusedWritesKept) => {
            let refused = outcome.receipts.iter().find(|receipt| receipt.outcome == Outcome::ChaincodeRejected);
            let key = StateKey::new("kv".parse().expect("a name"), *b"key-0").expect("a short key");
            outcome.versions.extend(refused.map(|receipt| Version {
                key,
                index: receipt.index,
                tx_id: receipt.tx_id,
                value: Some(77_u64.to_le_bytes().to_vec()),
            }));
        }
        _ => {}
    }
}
