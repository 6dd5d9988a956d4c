//! State transfer, message by message: whoever is too far behind asks others for the state of a checkpoint, part by
//! part, and checks every part; sources may be slow, down, without the state, or lying.

use super::World;
use super::event::Event;
use super::names::short;
use crate::fetch::{Fetch, Question, Reply};
use theriac_crypto::names::state_digest;
use theriac_ledger::transfer::{Answer, serve};
use theriac_ledger::{BlockStore, MemoryState, StateReader};
use theriac_types::{BlockHash, CertifiedCommitment, Epoch, Height, List, SeqNum, StableCheckpoint};

/// How often a peer looks after its transfer.
const FOLLOW_US: u64 = 60_000;
/// How long it waits for an answer before it asks somebody else.
const ANSWER_US: u64 = 250_000;
/// Bytes that a question or answer is taken to have, where links are narrow.
const PART_BYTES: u64 = 2_000;

impl World {
    /// A replica asked for the state of a checkpoint of its epoch.
    pub(super) fn begin_transfer(&mut self, index: usize, checkpoint: StableCheckpoint) {
        let epoch = self.peers[index].epoch;
        self.fetch(index, epoch, checkpoint);
    }

    fn fetch(&mut self, index: usize, epoch: Epoch, checkpoint: StableCheckpoint) {
        let peer = &self.peers[index];
        let newer = peer.fetch.as_ref().is_none_or(|fetch| fetch.checkpoint.seq < checkpoint.seq);
        if !newer || SeqNum::from(self.height(peer)) >= checkpoint.seq {
            return;
        }
        let (at_us, id, run) = (self.now_us, peer.id, peer.run);
        self.trace.add(at_us, "transfer", &(id, checkpoint.seq), || format!("{id}  to slot {}", checkpoint.seq));
        let genesis = self.genesis_block();
        self.peers[index].fetch = Some(Fetch::new(epoch, checkpoint, genesis));
        self.schedule(at_us, Event::Follow { peer: index, run });
    }

    fn genesis_block(&self) -> BlockHash {
        self.genesis_store.head().expect("a store in memory can be read").block_hash
    }

    /// Asks for what is missing; a peer that only follows asks for later checkpoints as well.
    pub(super) fn follow(&mut self, index: usize, run: u32) {
        let (now_us, peer) = (self.now_us, &mut self.peers[index]);
        if peer.run != run || !peer.up {
            return;
        }
        let (id, votes) = (peer.id, peer.running.is_some());
        let mut questions =
            peer.fetch.as_mut().map(|fetch| fetch.questions(now_us, now_us + ANSWER_US)).unwrap_or_default();
        if peer.fetch.is_none() && !votes {
            questions.push(Question::Latest);
            let head = peer.store.head().map(|head| head.height).unwrap_or_default();
            let lacks = head > Height(0) && peer.store.certificate(head).is_ok_and(|certified| certified.is_none());
            questions.extend(lacks.then_some(Question::Certificate(head)));
        }
        for question in questions {
            let others = self.peers.len() as u64 - 1;
            let other = self.random.below(others) as usize;
            let to = other + usize::from(other >= index);
            let arrivals = self.network.bare_arrivals(&self.plan, now_us, id, self.peers[to].id, PART_BYTES);
            let joined = self.are_joined(index, to);
            for at_us in arrivals.into_iter().filter(|_| joined) {
                self.schedule(at_us, Event::Ask { from: index, to, question });
            }
        }
        if self.peers[index].fetch.is_some() || !votes {
            self.schedule(now_us + FOLLOW_US, Event::Follow { peer: index, run });
        }
    }

    /// Answers as well as it can. A liar changes what it serves.
    pub(super) fn answer(&mut self, from: usize, to: usize, question: Question) {
        let peer = &self.peers[to];
        if !peer.up || !self.are_joined(to, from) {
            return;
        }
        let reply = match question {
            Question::Latest => {
                let latest = peer.stable.last_key_value().map(|(epoch, stable)| (*epoch, stable.clone()));
                latest.map(|(epoch, stable)| Reply::Latest(epoch, stable))
            }
            Question::Commitment(seq) => peer.store.commitment(Height::from(seq)).ok().flatten().map(Reply::Commitment),
            Question::Certificate(height) => peer.store.certificate(height).ok().flatten().map(Reply::Certified),
            Question::Part(seq, request) => {
                let answer = serve(&peer.store, Height::from(seq), &request).ok();
                answer.map(|answer| Reply::Part(seq, request, answer))
            }
        };
        let Some(reply) = reply else { return };
        let reply = if peer.is_honest() { reply } else { self.falsify(reply) };
        let (source, asker) = (self.peers[to].id, self.peers[from].id);
        let arrivals = self.network.bare_arrivals(&self.plan, self.now_us, source, asker, PART_BYTES);
        for at_us in arrivals {
            self.schedule(at_us, Event::Reply { from: to, to: from, reply: reply.clone() });
        }
    }

    fn falsify(&mut self, reply: Reply) -> Reply {
        if self.random.chance(400) {
            return reply;
        }
        match reply {
            Reply::Latest(epoch, mut checkpoint) => {
                checkpoint.seq = checkpoint.seq.saturating_add(self.plan.base.spacing.checkpoint());
                Reply::Latest(epoch, checkpoint)
            }
            Reply::Commitment(mut commitment) => {
                commitment.time_ms += 1;
                Reply::Commitment(commitment)
            }
            Reply::Certified(mut certified) => {
                certified.commitment.time_ms += 1;
                Reply::Certified(certified)
            }
            Reply::Part(seq, request, answer) => Reply::Part(seq, request, falsified(answer)),
        }
    }

    /// Takes a reply, when it is still wanted.
    pub(super) fn take_reply(&mut self, source: usize, index: usize, reply: Reply) {
        let (from, to) = (self.peers[source].id, self.peers[index].id);
        let at_us = self.now_us;
        if !self.peers[index].up {
            return;
        }
        match reply {
            Reply::Latest(epoch, checkpoint) => {
                // The chain of epochs leads a follower to their keys.
                let proven =
                    self.terms.get(&epoch).is_some_and(|term| term.certificates.on_stable(&checkpoint).is_ok());
                if proven {
                    self.fetch(index, epoch, checkpoint);
                }
            }
            Reply::Commitment(commitment) => {
                let fetch = self.peers[index].fetch.as_mut();
                if let Some(fetch) = fetch.filter(|fetch| fetch.checkpoint.digest == state_digest(&commitment)) {
                    fetch.begin(commitment);
                }
            }
            Reply::Certified(certified) => self.take_certified(index, &certified),
            Reply::Part(seq, request, answer) => {
                let Some(fetch) = &mut self.peers[index].fetch else { return };
                if fetch.checkpoint.seq != seq {
                    return;
                }
                self.figures.parts += 1;
                if let Err(error) = fetch.accept(&request, answer) {
                    *self.figures.evidence.entry("bad part of a state").or_default() += 1;
                    self.coverage.note("transfer", "refuses a bad part");
                    self.trace.add(at_us, "evidence", &(to, from), || format!("{to} against {from}: {error}"));
                    let framed = self.peers[source].is_honest();
                    let verdict = Err(format!("replica {to} got a bad part of a state from {from}: {error}"));
                    self.check("evidence", if framed { verdict } else { Ok(()) });
                }
                self.install_when_complete(index);
            }
        }
    }

    /// The state that a follower fetched is certified: when it ends an epoch, the next one may begin here.
    fn take_certified(&mut self, index: usize, certified: &CertifiedCommitment) {
        let CertifiedCommitment { commitment, certificate } = certified;
        let (seq, digest) = (SeqNum::from(commitment.height), state_digest(commitment));
        let term = self.terms.get(&commitment.epoch);
        let proven = term.is_some_and(|term| term.certificates.on_certified(seq, digest, certificate).is_ok());
        let peer = &mut self.peers[index];
        if peer.running.is_some() || !proven {
            return;
        }
        // What is not of this peer's own chain is refused.
        let stored = peer.store.put_certificate(certified).is_ok();
        if stored && self.configuration(&self.peers[index]).epoch != self.peers[index].epoch {
            self.restart_from_store(index);
        }
    }

    /// The whole state is here: unless the peer got there by itself meanwhile, it goes on from it.
    fn install_when_complete(&mut self, index: usize) {
        let Some(fetch) = self.peers[index].fetch.take_if(|fetch| fetch.complete().is_some()) else { return };
        let Some(transfer) = fetch.complete() else { return };
        let (at_us, id, seq) = (self.now_us, self.peers[index].id, fetch.checkpoint.seq);
        if SeqNum::from(self.height(&self.peers[index])) >= seq {
            return;
        }
        let digest = fetch.checkpoint.digest;
        self.trace.add(at_us, "installs", &(id, seq), || format!("{id}  slot {seq} state {}", short(digest)));
        self.figures.transfers += 1;
        self.coverage
            .note("transfer", if self.peers[index].running.is_some() { "helps a voter" } else { "helps a follower" });
        let honest = self.peers[index].is_honest();
        if honest {
            let verdict = self.checkers.same_state.on_height(id, transfer.commitment());
            self.check("S6", verdict);
        }
        let peer = &mut self.peers[index];
        peer.store = MemoryState::installed(self.genesis.clone(), transfer, &fetch.received);
        peer.stable.insert(fetch.epoch, fetch.checkpoint);
        self.checkers.order.on_install(id, seq);
        self.restart_from_store(index);
    }
}

/// An answer that is wrong.
fn falsified(answer: Answer) -> Answer {
    let list = "as many as before";
    match answer {
        Answer::Leaves(leaves) => {
            let mut leaves = leaves.into_vec();
            leaves.pop();
            Answer::Leaves(List::new(leaves).expect(list))
        }
        Answer::Children(children) => {
            let mut children = children.into_vec();
            children.pop();
            Answer::Children(List::new(children).expect(list))
        }
        Answer::Headers(headers) => {
            let mut headers = headers.into_vec();
            headers.reverse();
            headers.push(headers[0]);
            Answer::Headers(List::new(headers).unwrap_or_default())
        }
        Answer::Blocks(blocks) => {
            let mut blocks = blocks.into_vec();
            for block in &mut blocks {
                block.receipts = List::default();
                block.body = None;
            }
            Answer::Blocks(List::new(blocks).expect(list))
        }
    }
}
