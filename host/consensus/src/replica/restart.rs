//! Restart: a replica is what its log and its block store say, and repeats what it said last. Signing is deterministic,
//! so that repeated votes are the very same votes.

use super::{Replica, catchup, transfer};
use crate::checkpoints::Checkpoints;
use crate::config::Config;
use crate::effect::Effect;
use crate::executions::{ExecutedSlot, Executions};
use crate::guard::SignerGuard;
use crate::message::Message;
use crate::pacing::Pacing;
use crate::peers::Peers;
use crate::record::Record;
use crate::requests::Requests;
use crate::slot::Phase;
use crate::turn::Turn;
use crate::views::Views;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_crypto::{CertificateScheme, ShareSigner, Statement};
use theriac_types::{SeqNum, StableCheckpoint};

/// What a replica finds when it starts again. Empty at the start of a network.
#[derive(Debug, Clone, Default)]
pub struct Recovered {
    /// Last slot executed and durable.
    pub executed: SeqNum,
    /// The last executed slots, ascending without gaps, the last being `executed`: as many as the store has at hand, up
    /// to [`crate::limits::EXECUTIONS_KEPT`]. At least those without certificates must be among them, or theirs can only
    /// be fetched from others.
    pub recent: Vec<ExecutedSlot>,
    /// The highest stable checkpoint in the store, when there is one. The log may hold a later one.
    pub stable: Option<StableCheckpoint>,
    /// The epoch's last slot, once the ledger has set it.
    pub epoch_ends: Option<SeqNum>,
    /// The log, in the order it was written. Records of executed slots do no harm.
    pub records: Vec<Record>,
}

impl Replica {
    /// A replica as its log and block store describe it.
    ///
    /// # Panics
    /// When log or store contradict themselves, when the scheme is for another number of replicas than the cluster, or
    /// when this replica is none of them.
    pub fn recover(
        config: Config,
        signer: Box<dyn ShareSigner>,
        scheme: Arc<dyn CertificateScheme>,
        recovered: Recovered,
    ) -> Self {
        let Recovered { executed, mut recent, stable, epoch_ends, records } = recovered;
        assert_eq!(scheme.replicas(), config.cluster.replicas(), "the scheme has the keys of this cluster");
        assert!(config.cluster.has(config.replica), "replica {} is of this cluster", config.replica);
        assert!(recent.last().is_none_or(|last| last.seq == executed), "the last executed slot is {executed}");
        assert!(recent.windows(2).all(|pair| pair[1].seq == pair[0].seq.next()), "executed slots have no gaps");
        // Earlier slots are certified by the epoch before, or never.
        recent.retain(|slot| slot.seq > config.cluster.base());
        let mut signer = SignerGuard::new(signer, executed);
        for ExecutedSlot { seq, digest, .. } in &recent {
            signer.remember(&Statement::State { seq: *seq, digest: *digest });
            if config.cluster.spacing().is_checkpoint(*seq) {
                signer.remember(&Statement::Checkpoint { seq: *seq, digest: *digest });
            }
        }
        let mut tuning = config.tuning.within_limits();
        tuning.slots_in_flight = tuning.slots_in_flight.min(config.cluster.spacing().window());
        let config = Config { tuning, ..config };
        let mut replica = Self {
            signer,
            scheme,
            views: Views::default(),
            slots: BTreeMap::new(),
            decided: BTreeMap::new(),
            stable,
            checkpoints: Checkpoints::new(config.cluster.spacing()),
            handed_over: executed,
            proposed: executed,
            proposed_ms: 0,
            batch_due: false,
            batch_timer: false,
            requests: Requests::new(config.cluster.f() + 1),
            executions: Executions::new(executed, recent),
            pacing: Pacing::new(config.tuning.fast_wait_ms),
            peers: Peers::default(),
            catchup: catchup::Catchup::default(),
            transfer: transfer::Transfer::default(),
            epoch_ends: None,
            epoch_concluded: false,
            halted: false,
            config,
        };
        replica.replay(records);
        let (stable, base) = (replica.stable_slot(), replica.config.cluster.base());
        assert!(
            stable >= base && executed >= base,
            "the epoch begins after slot {base}, found {stable} and {executed}"
        );
        if let Some(last) = epoch_ends {
            replica.end_with(last);
        }
        if let Some(stable) = &replica.stable {
            replica.checkpoints.stabilise(stable, executed);
        }
        replica.drop_what_is_stable();
        replica
    }

    /// Repeats what this replica said last about everything unfinished.
    pub(super) fn resume(&mut self, turn: &mut Turn<'_>) {
        self.resume_stable(turn);
        if self.halted {
            return;
        }
        self.resume_view(turn);
        for seq in self.slots.keys().copied().collect::<Vec<_>>() {
            self.resume_slot(turn, seq);
        }
        self.take_up_openings(turn);
        self.execute_what_is_next(turn);
        let uncertified = self.executions.since(self.certified()).filter(|(_, e)| e.certificate.is_none());
        let uncertified: Vec<_> = uncertified.filter_map(|(seq, e)| Some((seq, e.own?))).collect();
        for (seq, digest) in uncertified {
            self.vote_for_state(turn, seq, digest);
        }
        self.resume_checkpoints(turn);
        if self.views.active() {
            self.hand_on_requests(turn);
        }
        self.conclude_epoch(turn);
    }

    /// The store may have missed the last stable checkpoint, which the log has; and this replica's state may contradict
    /// it.
    fn resume_stable(&mut self, turn: &mut Turn<'_>) {
        let Some(stable) = self.stable.clone() else { return };
        let own = self.executions.slot(stable.seq).and_then(|execution| execution.own);
        match own.filter(|own| *own != stable.digest) {
            Some(own) => self.halt_divergent(turn, stable.seq, own, stable.digest, &stable.certificate),
            None => turn.emit(Effect::Stable(stable)),
        }
    }

    /// Says again what this replica said last about its view.
    fn resume_view(&mut self, turn: &mut Turn<'_>) {
        (self.views.entered_ms, self.views.progress_ms) = (turn.now_ms(), turn.now_ms());
        if let Some(promise) = self.views.promise.as_ref().filter(|_| self.views.changing) {
            turn.broadcast(Message::ViewChange(Arc::clone(promise)));
        } else if let Some(entry) = self.views.entry.as_ref().filter(|_| self.is_primary()) {
            turn.broadcast(Message::NewView(Arc::clone(&entry.new_view)));
        }
        self.settle_views(turn);
    }

    fn resume_slot(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (view, me) = (self.views.view, self.config.replica);
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        slot.opened_ms = turn.now_ms();
        if let Phase::Committed { proposal, .. } = &slot.phase {
            self.requests.decide(seq, proposal);
        }
        let prepared = matches!(slot.phase, Phase::Prepared { .. });
        let Some(proposal) = slot.proposal().filter(|_| !slot.is_decided()).cloned() else { return };
        let body = proposal.hash();
        let share = self.signer.sign(&Statement::Prepare { view, seq, body });
        self.count_vote(turn, me, view, seq, body, share.clone());
        if self.is_primary() {
            turn.broadcast(Message::PrePrepare { view, seq, proposal, share });
        } else {
            self.send_vote(turn, seq, body, &share);
        }
        self.open_collection(turn, seq);
        if prepared {
            let share = self.signer.sign(&Statement::Commit { view, seq, body });
            self.send_commit(turn, seq, body, &share);
            self.count_commit(turn, me, view, seq, body, share);
        }
    }
}
