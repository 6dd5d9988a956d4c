//! The kinds of faults. Each is data: when, where and how bad.

use crate::byzantine::BehaviourKind;
use crate::byzantine::rushing::Target;
use crate::membership::Change;
use crate::plan::twins::Twins;
use std::collections::BTreeSet;
use theriac_types::ReplicaId;

/// A stretch of time.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// From when.
    pub from_us: u64,
    /// Until when.
    pub until_us: u64,
}

impl Span {
    /// Whether it is that time.
    pub fn holds(self, at_us: u64) -> bool {
        self.from_us <= at_us && at_us < self.until_us
    }
}

/// Which links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Links {
    /// Every one.
    All,
    /// Those from a replica.
    From(ReplicaId),
    /// Those to a replica.
    To(ReplicaId),
    /// Those from and to a replica.
    Of(ReplicaId),
    /// One, in one direction.
    One(ReplicaId, ReplicaId),
    /// Those between these replicas and the others.
    Between(BTreeSet<ReplicaId>),
}

impl Links {
    /// Whether the link is one of them.
    pub fn has(&self, from: ReplicaId, to: ReplicaId) -> bool {
        match self {
            Self::All => true,
            Self::From(id) => from == *id,
            Self::To(id) => to == *id,
            Self::Of(id) => from == *id || to == *id,
            Self::One(a, b) => (from, to) == (*a, *b),
            Self::Between(side) => side.contains(&from) != side.contains(&to),
        }
    }
}

/// Where a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Between two turns.
    Idle,
    /// Before it writes a record: so many later than the first.
    BeforeWrite(u64),
    /// While it writes a record, of which only a part gets to the file.
    TornWrite(u64),
    /// After it wrote a record, before anything is synced.
    Written(u64),
    /// After a sync, before anything is sent: so many later than the first.
    Synced(u64),
}

impl CrashPoint {
    fn kind(self) -> &'static str {
        match self {
            Self::Idle => "crash",
            Self::BeforeWrite(_) => "crash before write",
            Self::TornWrite(_) => "crash in write",
            Self::Written(_) => "crash before sync",
            Self::Synced(_) => "crash after sync",
        }
    }
}

/// A crash with its restart.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// When; or as soon after as the process comes to that point.
    pub at_us: u64,
    /// Who.
    pub replica: ReplicaId,
    /// At which point.
    pub point: CrashPoint,
    /// How long until it starts again; none when it stays down.
    pub down_us: Option<u64>,
    /// Where it dies once more, while it recovers.
    pub again: Option<CrashPoint>,
}

/// What happens to a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// It dies there, and starts again after so long.
    Crash(CrashPoint, u64),
    /// It stands still for so long.
    Pause(u64),
    /// Nothing gets from it or to it for so long.
    Isolate(u64),
}

/// Something that goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Messages are lost, so many of a thousand.
    Loss { span: Span, links: Links, permille: u64 },
    /// Messages arrive twice, so many of a thousand.
    Duplication { span: Span, links: Links, permille: u64 },
    /// Messages, so many of a thousand, are up to so much late: they arrive out of order.
    Reordering { span: Span, links: Links, permille: u64, late_us: u64 },
    /// Links carry nothing.
    Partition { span: Span, links: Links },
    /// Everything takes so much longer.
    Slow { span: Span, links: Links, by_us: u64 },
    /// A replica's way out carries so much and no more.
    Bandwidth { span: Span, replica: ReplicaId, bytes_per_ms: u64 },
    /// The network delays what hurts most.
    Rushing { span: Span, target: Target, by_us: u64 },
    /// A clock goes wrong at once.
    ClockJump { at_us: u64, replica: ReplicaId, by_ms: i64 },
    /// A clock gains, or loses, so many milliseconds per second.
    ClockDrift { replica: ReplicaId, ms_per_s: i64 },
    /// Something happens to whoever is the primary then.
    Strike { at_us: u64, blow: Blow },
    /// A process stands still for a while.
    Pause { at_us: u64, replica: ReplicaId, for_us: u64 },
    /// A process dies.
    Crash(Crash),
    /// A peer loses its disks and starts again with nothing but a new key.
    Wipe { at_us: u64, replica: ReplicaId, down_us: u64 },
    /// The organisations decide on other replicas. What they do is among the operations.
    Membership(Change),
    /// A replica lies, in these ways.
    Liar { replica: ReplicaId, kinds: Vec<BehaviourKind> },
    /// A replica has two instances.
    Twins(Twins),
}

impl Fault {
    /// Whether a liar keeps honest replicas from voting in time: by leaving some out, as two primaries of one key may, or
    /// by burying them under work. That is slow, and no reason to leave its view.
    pub fn hinders_others(&self) -> bool {
        let hinders = |kind: &BehaviourKind| matches!(kind, BehaviourKind::Starves | BehaviourKind::Floods);
        match self {
            Self::Twins(_) => true,
            Self::Liar { kinds, .. } => kinds.iter().any(hinders),
            _ => false,
        }
    }

    /// Whose key breaks the rules.
    pub fn liar(&self) -> Option<ReplicaId> {
        match self {
            Self::Liar { replica, .. } => Some(*replica),
            Self::Twins(twins) => Some(twins.replica),
            _ => None,
        }
    }

    /// Names for it.
    pub fn kinds(&self) -> Vec<&'static str> {
        match self {
            Self::Loss { .. } => vec!["loss"],
            Self::Duplication { .. } => vec!["duplication"],
            Self::Reordering { .. } => vec!["reordering"],
            Self::Partition { links: Links::Between(_), .. } => vec!["partition"],
            Self::Partition { .. } => vec!["one-way partition"],
            Self::Slow { .. } => vec!["slow links"],
            Self::Bandwidth { .. } => vec!["narrow link"],
            Self::Rushing { .. } => vec!["rushing network"],
            Self::ClockJump { .. } => vec!["clock jump"],
            Self::ClockDrift { .. } => vec!["clock drift"],
            Self::Strike { blow: Blow::Crash(..), .. } => vec!["primary crashes"],
            Self::Strike { blow: Blow::Pause(_), .. } => vec!["primary pauses"],
            Self::Strike { blow: Blow::Isolate(_), .. } => vec!["primary isolated"],
            Self::Pause { .. } => vec!["pause"],
            Self::Crash(Crash { point, again: None, .. }) => vec![point.kind()],
            Self::Crash(Crash { point, again: Some(_), .. }) => vec![point.kind(), "crash in recovery"],
            Self::Wipe { .. } => vec!["wiped disk"],
            Self::Membership(Change::NewKey(_)) => vec!["new key"],
            Self::Membership(Change::Grow) => vec!["more replicas"],
            Self::Membership(Change::Shrink) => vec!["fewer replicas"],
            Self::Twins(_) => vec!["twins"],
            Self::Liar { kinds, .. } => kinds.iter().map(|kind| kind.name()).collect(),
        }
    }
}
