//! One slot: what honest replicas remember of it, what could be certified, and the rules they follow.

use crate::rules::{self, Rule};
use std::ops::RangeInclusive;
use theriac_consensus::Cluster;
use theriac_consensus::safe_value::{AcceptedReport, CertificateReport, SlotReport};
use theriac_types::View;

/// A value of the slot: A, B or null.
pub type Body = u8;
pub const NULL: Body = 2;
pub const BODIES: RangeInclusive<Body> = 0..=NULL;

/// What a view-change message says; a certificate is valid or not.
pub type Report = SlotReport<Body, bool>;

/// A set of values, one bit each.
pub type Bodies = u8;
pub const ALL_BODIES: Bodies = 0b111;

pub fn only(body: Body) -> Bodies {
    1 << body
}

/// The network, and every rule that a row of the table varies.
pub struct Model {
    pub cluster: Cluster,
    pub views: u8,
    pub rule: Rule,
    /// Members of a view-change set.
    pub set_sizes: RangeInclusive<usize>,
    /// Prepare votes of a fast commit.
    pub fast_commit: usize,
    /// Prepare votes of a prepare certificate, and commit votes of a slow commit.
    pub slow_commit: usize,
    pub reports_null: bool,
    pub null_commits_fast: bool,
    pub drops_old_certificate: bool,
    pub reports_last_view_only: bool,
    /// Whether one honest replica may lose its memory, once.
    pub one_forgets: bool,
}

impl Model {
    /// The protocol as it is, with the production rule.
    pub fn new(cluster: Cluster, views: u8) -> Self {
        Self {
            cluster,
            views,
            rule: rules::production,
            set_sizes: cluster.view_change()..=cluster.view_change(),
            fast_commit: cluster.fast_commit(),
            slow_commit: cluster.slow_commit(),
            reports_null: true,
            null_commits_fast: true,
            drops_old_certificate: false,
            reports_last_view_only: false,
            one_forgets: false,
        }
    }

    pub fn honest(&self) -> usize {
        self.cluster.replicas() - self.cluster.f()
    }

    /// Where the honest replicas begin in a state: sorting moves the unused places to the front.
    pub fn first_member(&self) -> usize {
        HONEST_MAX - self.honest()
    }

    /// The honest replicas of a state.
    pub fn members<'s>(&self, state: &'s State) -> &'s [Member] {
        &state.members[self.first_member()..]
    }

    /// What a replica in this state reports on entering a view.
    pub fn report(&self, member: Member, view: u8) -> Report {
        let accepted = member.accepted().filter(|(of, _)| !self.reports_last_view_only || of + 1 == view);
        let prepared = member.prepared();
        Report {
            accepted: accepted.map(|(view, body)| AcceptedReport { view: View(view.into()), body }),
            prepared: prepared.map(|(view, body)| certificate(view, body, true)),
            committed: None,
        }
    }
}

pub fn certificate(view: u8, body: Body, valid: bool) -> CertificateReport<Body, bool> {
    CertificateReport { view: View(view.into()), body, certificate: valid }
}

/// What one honest replica remembers: in the low half the pre-prepare it accepted last, in the high half the prepare
/// certificate of the highest view. Each is zero or `1 + 3 * view + body`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member(pub u8);

impl Member {
    pub fn accepted(self) -> Option<(u8, Body)> {
        unpack(self.0 & 0xf)
    }

    pub fn prepared(self) -> Option<(u8, Body)> {
        unpack(self.0 >> 4)
    }

    /// After accepting a value, and perhaps voting to commit it.
    pub fn accept(self, model: &Model, view: u8, body: Body, commits: bool) -> Self {
        let accepted = if body == NULL && !model.reports_null { self.0 & 0xf } else { pack(view, body) };
        let superseded = self.prepared().is_some_and(|(_, prepared)| prepared != body);
        let prepared = match self.0 >> 4 {
            _ if commits => pack(view, body),
            _ if model.drops_old_certificate && superseded => 0,
            kept => kept,
        };
        Self(accepted | prepared << 4)
    }

    /// The same with A and B exchanged.
    fn swapped(self) -> Self {
        let swap = |part: u8| unpack(part).map_or(0, |(view, body)| pack(view, swap_body(body)));
        Self(swap(self.0 & 0xf) | swap(self.0 >> 4) << 4)
    }
}

fn pack(view: u8, body: Body) -> u8 {
    1 + 3 * view + body
}

fn unpack(part: u8) -> Option<(u8, Body)> {
    part.checked_sub(1).map(|place| (place / 3, place % 3))
}

fn swap_body(body: Body) -> Body {
    match body {
        0 => 1,
        1 => 0,
        other => other,
    }
}

/// Most honest replicas in any network searched.
pub const HONEST_MAX: usize = 5;

/// Everything that matters of a slot between two views. Holds five views: a search of six stores no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The honest replicas, sorted, after unused places that are zero.
    pub members: [Member; HONEST_MAX],
    /// Prepare certificates that can be formed: bit `3 * view + body`.
    pub certificates: u16,
    /// Values that can be certified as committed.
    pub committed: Bodies,
    /// Whether a replica forgot.
    pub forgot: bool,
}

impl State {
    pub const START: Self = Self { members: [Member(0); HONEST_MAX], certificates: 0, committed: 0, forgot: false };

    pub fn has_certificate(&self, view: u8, body: Body) -> bool {
        self.certificates & certificate_bit(view, body) != 0
    }

    /// One number for the state and all that differ from it by names only.
    pub fn canonical(&self) -> u64 {
        self.number().min(self.swapped().number())
    }

    pub fn from_number(number: u64) -> Self {
        Self {
            members: std::array::from_fn(|i| Member((number >> (8 * i)) as u8)),
            certificates: (number >> 40) as u16 & 0x7fff,
            committed: (number >> 55) as u8 & 0b111,
            forgot: number >> 58 & 1 == 1,
        }
    }

    fn number(&self) -> u64 {
        let mut members = self.members;
        members.sort_unstable();
        let members = members.iter().rev().fold(0, |number, member| number << 8 | u64::from(member.0));
        members | u64::from(self.certificates) << 40 | u64::from(self.committed) << 55 | u64::from(self.forgot) << 58
    }

    fn swapped(&self) -> Self {
        let swap_bits = |bits: u16| (bits & 1) << 1 | (bits & 0b10) >> 1 | (bits & 0b100);
        let views = (0..5).map(|view| swap_bits(self.certificates >> (3 * view) & 0b111) << (3 * view));
        Self {
            members: self.members.map(Member::swapped),
            certificates: views.fold(0, |all, bits| all | bits),
            committed: swap_bits(u16::from(self.committed)) as u8,
            forgot: self.forgot,
        }
    }
}

pub fn certificate_bit(view: u8, body: Body) -> u16 {
    1 << (3 * view + body)
}
