//! A term: this peer's time in one epoch, as a replica that votes or as an observer that follows. It begins with what
//! the store holds, and ends when its epoch does or when it is too far behind.

use crate::anchor::{self, Anchor};
use crate::block_server::BlockServer;
use crate::chain::Chain;
use crate::epochs;
use crate::error::PeerError;
use crate::evidence::Evidence;
use crate::execution::{Executing, Works};
use crate::follower::Follower;
use crate::link::neighbours::Neighbours;
use crate::recovery;
use crate::replica_status::ReplicaStatus;
use crate::seat::{Part, Place, Seat};
use crate::standing::{Standing, Verdict};
use crate::store::Store;
use crate::transfer::fetching::Fetching;
use crate::transport::EpochLinks;
use crate::verifier::Verifier;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use theriac_consensus::config::{Config, Tuning};
use theriac_consensus::{Input, Now, Replica, Spacing};
use theriac_crypto::{BlsScheme, VoteContext};
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_ordering::{FileLog, Log, Ordering, OrderingError};
use theriac_types::{Configuration, Epoch, EpochLink, Height, ReplicaId, SeqNum, StableCheckpoint};
use tracing::{error, info, warn};

/// What terms are made of.
pub struct Grounds {
    /// Genesis and key.
    pub anchor: Anchor,
    /// The data folder.
    pub data: PathBuf,
    /// Sizes and times.
    pub tuning: Tuning,
    /// Kinds of messages that this peer does not send.
    pub withheld: Arc<[String]>,
    /// The chain, for how far it is certified.
    pub chain: Arc<Chain>,
    /// Distances between checkpoints.
    pub spacing: Spacing,
    /// The store.
    pub store: Store,
    /// Misbehaviour.
    pub evidence: Evidence,
    /// Fetches a state when this peer is too far behind.
    pub fetching: Arc<Fetching>,
    /// Whether this peer's key may vote.
    pub standing: Standing,
    /// Checks signatures.
    pub verifier: Arc<Verifier>,
    /// The way to the execution thread.
    pub works: Works,
    /// Everyone this peer has links with.
    pub neighbours: Neighbours,
    /// Where this peer says it is.
    pub seat: Seat,
}

/// A replica or a follower at work.
pub enum Term {
    /// It votes.
    Voter(Box<Ordering<FileLog, EpochLinks, Executing>>),
    /// It follows.
    Observer(Box<Follower<EpochLinks, Executing>>),
}

impl Grounds {
    /// Begins the term that the store calls for, after another one or as the first.
    ///
    /// # Errors
    /// When store or log cannot be read, or contradict each other.
    pub fn begin(&mut self, former: Option<Term>, now: Now) -> Result<Term, PeerError> {
        // Its log's lock goes first: the next term may need the same log.
        let former = former.and_then(Term::into_replica);
        let configuration = self.configuration().map_err(|error| self.damaged(&error))?;
        let epoch = configuration.epoch;
        let cluster = anchor::cluster(&configuration)?.with_spacing(self.spacing);
        let scheme = BlsScheme::new(self.anchor.genesis.channel.clone(), &configuration)?;
        let replica = self.anchor.replica_of(&configuration);
        let folder = log_folder(&self.data, epoch);
        let votes = replica.filter(|_| self.standing.may_vote(epoch, has_log(&folder)));
        let part = if votes.is_some() { Part::Voter } else { Part::Observer };
        self.seat.take(Place { epoch, cluster, replica, part });
        let around = epochs::around(&self.store, epoch).map_err(|error| self.damaged(&error))?;
        self.neighbours.keep(&around);
        let links = EpochLinks::new(&self.neighbours, epoch, self.withheld.clone());
        let server = BlockServer::new(self.store.clone());
        let (evidence, fetching) = (self.evidence.clone(), self.fetching.clone());
        let executing = Executing::new(self.works.clone(), server, links.clone(), evidence, fetching);
        let stable = self.stable(epoch).map_err(|error| self.damaged(&error))?;
        let epoch_ends = epochs::last_slot(&self.store, epoch).map_err(|error| self.damaged(&error))?;
        self.note_link(&configuration)?;
        let Some(replica) = votes else {
            let found = recovery::found(&self.data, &self.store, configuration.first, stable, epoch_ends)?;
            self.explain_observing(epoch, replica);
            return Ok(Term::Observer(Box::new(Follower::new(cluster, scheme, links, executing, found))));
        };
        let mut log = FileLog::open(&folder, epoch)?;
        self.standing.will_vote(epoch)?;
        self.drop_logs_below(epoch);
        let records = log.replay()?;
        let recovered = recovery::recover(&self.data, &self.store, configuration.first, records, &self.verifier)?;
        let recovered = theriac_consensus::Recovered { stable, epoch_ends, ..recovered };
        info!(%epoch, %replica, executed = %recovered.executed, "voting");
        let context = VoteContext { channel: self.anchor.genesis.channel.clone(), epoch };
        let config = Config { replica, cluster, context: context.clone(), tuning: self.tuning.clone() };
        let signer = Box::new(self.anchor.key.signer(context));
        let mut replica = Replica::recover(config, signer, Arc::new(scheme), recovered);
        if let Some(mut former) = former {
            // What clients wait for is proposed again.
            replica.inherit_requests(&mut former);
        }
        Ok(Term::Voter(Box::new(Ordering::start(now, replica, log, links, executing)?)))
    }

    /// The configuration of the term to begin: that of the height above the head, unless the epoch that ends at the head
    /// still lacks what only its own replicas can make.
    fn configuration(&self) -> Result<Configuration, ReadError> {
        let running = epochs::running(&self.store)?;
        let head = self.store.head()?.height;
        if running.first == head.next() && running.epoch > Epoch(0) {
            let before = Epoch(running.epoch.0 - 1);
            if !self.is_settled(before, head.into())? {
                return epochs::configuration(&self.store, before).map(|before| before.unwrap_or(running));
            }
        }
        Ok(running)
    }

    /// The last stable checkpoint: of this epoch, or that of the epoch before with which this one begins.
    fn stable(&self, epoch: Epoch) -> Result<Option<StableCheckpoint>, ReadError> {
        let before = epoch.0.checked_sub(1).map(Epoch);
        match (self.store.checkpoint(epoch)?, before) {
            (None, Some(before)) => self.store.checkpoint(before),
            (stable, _) => Ok(stable),
        }
    }

    /// Whether the last slot of an epoch has its stable checkpoint and every slot its execution certificate here: then
    /// nothing of the epoch is needed any more. Its replicas make certificates as long as one of them lacks any.
    pub fn is_settled(&self, epoch: Epoch, last: SeqNum) -> Result<bool, ReadError> {
        let stable = self.store.checkpoint(epoch)?.is_some_and(|checkpoint| checkpoint.seq >= last);
        Ok(stable && SeqNum::from(self.chain.certified()) >= last)
    }

    /// Keeps what leads a client's trust to this epoch.
    fn note_link(&self, configuration: &Configuration) -> Result<(), PeerError> {
        let known = self.store.epoch_link(configuration.epoch).map_err(|error| self.damaged(&error))?;
        if configuration.epoch == Epoch(0) || known.is_some() {
            return Ok(());
        }
        let last = Height(configuration.first.0.saturating_sub(1));
        let last = self.store.certificate(last).map_err(|error| self.damaged(&error))?;
        if let Some(last) = last {
            self.store.put_epoch_link(&EpochLink { configuration: configuration.clone(), last })?;
        }
        Ok(())
    }

    /// Says why this peer does not vote, and what to do.
    fn explain_observing(&self, epoch: Epoch, replica: Option<ReplicaId>) {
        match (replica, self.standing.verdict()) {
            (None, _) => info!(%epoch, "observing: this peer's consensus key is none of the epoch's"),
            (Some(replica), Verdict::Unknown) => {
                info!(%epoch, %replica, "observing: asking the others whether this peer's key may have voted before");
            }
            (Some(replica), Verdict::Known | Verdict::Lost) => error!(
                code = "AMNESIA", %epoch, %replica,
                "what this peer's consensus key voted for is lost with its data folder, so the key must never vote again: \
                 the peer observes. Make it a new key and have the organisations take it in: theriac membership replace"
            ),
        }
    }

    /// Logs of epochs that are over say nothing that anybody needs.
    fn drop_logs_below(&self, epoch: Epoch) {
        for past in (0..epoch.0).rev().map(|past| log_folder(&self.data, Epoch(past))) {
            match fs::remove_dir_all(&past) {
                Ok(()) => {}
                // They were dropped in order: below the first that is gone there is none.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
                Err(error) => warn!(path = %past.display(), %error, "cannot remove the log of an epoch that is over"),
            }
        }
    }

    /// The sentence for a store that cannot be read.
    pub fn damaged(&self, error: &ReadError) -> PeerError {
        PeerError::Damaged { path: self.data.clone(), reason: error.to_string() }
    }
}

/// Where the write-ahead log of an epoch is.
pub fn log_folder(data: &Path, epoch: Epoch) -> PathBuf {
    data.join("log").join(format!("epoch-{epoch}"))
}

/// Whether there is a log, be it empty.
fn has_log(folder: &Path) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| file.path()).any(|path| path.extension().is_some_and(|extension| extension == "wal"))
}

impl Term {
    fn into_replica(self) -> Option<Replica> {
        match self {
            Self::Voter(ordering) => Some(ordering.into_replica()),
            Self::Observer(_) => None,
        }
    }

    /// Takes what came in and what falls due.
    ///
    /// # Errors
    /// When the log fails, or this peer's state contradicts a certificate: the process must end.
    pub fn turn(&mut self, now: Now, inputs: Vec<Input>) -> Result<(), PeerError> {
        match self {
            Self::Voter(ordering) => ordering.turn(now, inputs).map(drop)?,
            Self::Observer(follower) => {
                let followed = follower.turn(now.monotonic_ms, inputs);
                followed.map_err(|diverged| OrderingError::Halted { reason: diverged.to_string() })?;
            }
        }
        Ok(())
    }

    /// When the next timer falls due, in monotonic milliseconds.
    pub fn next_deadline(&self) -> Option<u64> {
        match self {
            Self::Voter(ordering) => ordering.next_deadline(),
            Self::Observer(follower) => Some(follower.next_deadline()),
        }
    }

    /// The last slot of its epoch, once that is over.
    pub fn over(&self) -> Option<SeqNum> {
        match self {
            Self::Voter(ordering) => ordering.executor().over(),
            Self::Observer(follower) => follower.executor().over(),
        }
    }

    /// What an observer hears of a key of which nothing is known here.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Voter(_) => Verdict::Known,
            Self::Observer(follower) => follower.verdict(),
        }
    }

    /// Tells those who ask where it begins.
    pub fn begin_status(&self, status: &ReplicaStatus) {
        match self {
            Self::Voter(ordering) => status.begin(ordering.replica()),
            Self::Observer(_) => self.publish(status),
        }
    }

    /// Tells those who ask where it stands.
    pub fn publish(&self, status: &ReplicaStatus) {
        match self {
            Self::Voter(ordering) => status.publish(ordering.replica()),
            Self::Observer(follower) => status.publish_stable(follower.stable_slot()),
        }
    }
}
