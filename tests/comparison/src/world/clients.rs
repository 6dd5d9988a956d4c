//! Clients: each asks, waits until it can be sure of the answer, and asks again.

use super::{Event, PRIMARY, Stop, World};
use crate::machine::on_wire;
use crate::protocol::{Acknowledgement, Reply, Wire};
use crate::workload::Workload;
use std::sync::Arc;
use theriac_types::{Digest, SeqNum, Signature, StateDigest};

/// A client waits for an acknowledgement three times as long as its last one took, and at least and at most this long.
const PATIENCE_NS: (u64, u64) = (500_000_000, 5_000_000_000);

#[derive(Debug, Clone, Copy)]
struct Client {
    /// The open request: its number and when it was sent.
    open: Option<(u64, u64)>,
    /// Replies to it that were let in.
    replies: usize,
    patience_ns: u64,
}

/// All clients, and who asked what.
#[derive(Debug)]
pub struct Clients<'a> {
    clients: Vec<Client>,
    replies: Option<usize>,
    answers: usize,
    workload: &'a mut Workload,
    /// By request number.
    owners: Vec<usize>,
}

impl<'a> Clients<'a> {
    pub fn new(clients: usize, replies: Option<usize>, answers: usize, workload: &'a mut Workload) -> Self {
        let client = Client { open: None, replies: 0, patience_ns: PATIENCE_NS.1 };
        Self { clients: vec![client; clients], replies, answers, workload, owners: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.clients.len()
    }

    pub fn operations(&self) -> usize {
        self.workload.operations()
    }

    pub fn wants_replies(&self) -> bool {
        self.replies.is_some()
    }
}

impl World<'_> {
    pub(super) fn submit(&mut self, client: usize) {
        let number = self.clients.owners.len() as u64;
        if matches!(self.stop, Stop::Requests(most) if number >= most) {
            return;
        }
        self.clients.owners.push(client);
        let transaction = self.clients.workload.transaction(number);
        let now_ns = self.now_ns;
        let asking = &mut self.clients.clients[client];
        asking.open = Some((number, now_ns));
        asking.replies = 0;
        let patience_ns = asking.patience_ns;
        let wire = Wire::Request(number, Box::new(transaction));
        let (bytes, wire) = (on_wire(wire.bytes()), Arc::new(wire));
        self.transmit(self.nodes.len() + client, PRIMARY, &wire, bytes);
        if !self.clients.wants_replies() {
            self.schedule(now_ns + patience_ns, Event::Impatient { client, number });
        }
    }

    /// A message for a client has been read; now its signatures are checked, as far as they are needed.
    pub(super) fn arrive_at_client(&mut self, index: usize, wire: &Wire, read: u64) {
        let replies = self.clients.replies.unwrap_or(self.clients.answers);
        let client = &mut self.clients.clients[index];
        let open = client.open.map(|(number, _)| number);
        let workers = &mut self.machines[self.nodes.len() + index].workers;
        match wire {
            Wire::Acknowledgement(number, acknowledgement) if open == Some(*number) => {
                let signers = acknowledgement.certificate.signers.count();
                let checked = workers.take(read, self.costs.certificate_check(signers));
                self.schedule(checked, Event::Answered { client: index, number: *number });
            }
            Wire::Reply(number, _) if open == Some(*number) && client.replies < replies => {
                client.replies += 1;
                let enough = client.replies == replies;
                let checked = workers.take(read, self.costs.check_ns);
                if enough {
                    self.schedule(checked, Event::Answered { client: index, number: *number });
                }
            }
            _ => {}
        }
    }

    pub(super) fn answered(&mut self, index: usize, number: u64) {
        let client = &mut self.clients.clients[index];
        let Some((_, since)) = client.open.filter(|(open, _)| *open == number) else { return };
        client.open = None;
        let latency_ns = self.now_ns - since;
        client.patience_ns = (3 * latency_ns).clamp(PATIENCE_NS.0, PATIENCE_NS.1);
        self.recorder.answered(self.now_ns, latency_ns);
        self.schedule(self.now_ns, Event::Submit { client: index });
    }

    /// An acknowledgement is overdue: its collectors may have crashed. The client asks everybody.
    pub(super) fn impatient(&mut self, index: usize, number: u64) {
        let client = &mut self.clients.clients[index];
        if client.open.is_none_or(|(open, _)| open != number) {
            return;
        }
        client.replies = 0;
        let patience_ns = client.patience_ns;
        self.recorder.asked();
        let (wire, bytes) = (Arc::new(Wire::Ask(number)), on_wire(Wire::Ask(number).bytes()));
        for node in 0..self.nodes.len() {
            self.transmit(self.nodes.len() + index, node, &wire, bytes);
        }
        self.schedule(self.now_ns + patience_ns, Event::Impatient { client: index, number });
    }

    /// Answers one client that asked, when the request is executed here.
    pub(super) fn answer(&mut self, node: usize, client: usize, number: u64) {
        let executed = self.nodes[node].executed;
        let transactions = |block: &theriac_consensus::Proposal| {
            block.body().transactions.iter().any(|transaction| transaction.body.nonce.0 == number)
        };
        // A request overdue is in one of the last blocks.
        let found = self.blocks.range(..=executed).rev().find(|(_, block)| transactions(block));
        if let Some((seq, size)) = found.map(|(seq, block)| (*seq, block.ids().len())) {
            self.machines[node].workers.take(self.now_ns, self.costs.sign_ns);
            self.send_reply(node, client, number, seq, size);
        }
    }

    /// Tells every client of a block what came of its request. The block's results are signed once.
    pub(super) fn reply(&mut self, node: usize, seq: SeqNum) {
        self.machines[node].workers.take(self.now_ns, self.costs.sign_ns);
        let numbers = self.numbers(seq);
        for number in &numbers {
            let client = self.nodes.len() + self.clients.owners[usize::try_from(*number).expect("few requests")];
            self.send_reply(node, client, *number, seq, numbers.len());
        }
    }

    fn send_reply(&mut self, node: usize, client: usize, number: u64, seq: SeqNum, size: usize) {
        let reply = Reply { seq, result: Digest::ZERO, path: path(size), signature: Signature([1; 65]) };
        let wire = Wire::Reply(number, Box::new(reply));
        let (bytes, wire) = (on_wire(wire.bytes()), Arc::new(wire));
        self.transmit(node, client, &wire, bytes);
    }

    /// Sends the acknowledgements that this replica owes for a slot.
    pub(super) fn acknowledge(&mut self, node: usize, seq: SeqNum) {
        let Some(certificate) = self.nodes[node].owed.remove(&seq) else { return };
        let numbers = self.numbers(seq);
        for number in &numbers {
            let acknowledgement = Acknowledgement {
                seq,
                result: Digest::ZERO,
                path: path(numbers.len()),
                state: StateDigest(Digest::ZERO),
                certificate: certificate.clone(),
            };
            let wire = Wire::Acknowledgement(*number, Box::new(acknowledgement));
            let client = self.nodes.len() + self.clients.owners[usize::try_from(*number).expect("few requests")];
            let (bytes, wire) = (on_wire(wire.bytes()), Arc::new(wire));
            self.transmit(node, client, &wire, bytes);
        }
    }

    fn numbers(&self, seq: SeqNum) -> Vec<u64> {
        self.blocks[&seq].body().transactions.iter().map(|transaction| transaction.body.nonce.0).collect()
    }
}

/// A Merkle path of a block's results.
fn path(results: usize) -> Vec<Digest> {
    vec![Digest::ZERO; usize::BITS as usize - results.max(1).saturating_sub(1).leading_zeros() as usize]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_has_a_digest_per_level() {
        let levels = [1, 2, 3, 4, 5, 512].map(|results| super::path(results).len());
        assert_eq!(levels, [0, 1, 2, 2, 3, 9]);
    }
}
