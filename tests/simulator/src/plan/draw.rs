//! Draws a plan, swarm style: every seed has a random subset of the kinds of faults. A run in which everything goes
//! wrong at once rarely gets far enough for the rare things to happen.

use super::directed::{for_mutant, interrupt};
use super::fault::{Blow, Crash, CrashPoint, Fault, Links, Span};
use super::twins::Twins;
use super::{Base, Plan};
use crate::byzantine::BehaviourKind;
use crate::byzantine::rushing::Target;
use crate::membership::{self, Change};
use crate::operation::{self, Demand};
use crate::random::Random;
use crate::setting::{Mutant, Setting};
use std::collections::BTreeSet;
use theriac_consensus::{Spacing, Tuning};
use theriac_types::ReplicaId;

const HOUR_MS: i64 = 3_600_000;

/// Draws the plan of a seed.
pub fn plan(seed: u64, setting: &Setting) -> Plan {
    let mut random = Random::new(seed, "plan");
    let end_us = random.between(800_000, 4_000_000);
    let n = u16::try_from(setting.cluster.replicas()).expect("a cluster is bounded");
    // Two replicas more than there are may come.
    let mut base = base(&mut random, n + 2, end_us);
    let mut calls = setting.calls;
    let mut draw = Draw { random, n, end_us, faults: Vec::new() };
    let mut is_impatient = false;
    if setting.faults {
        draw.network();
        draw.clocks();
        draw.pauses();
        draw.crashes(setting.cluster.f());
        draw.strikes(350);
        is_impatient = draw.random.chance(80);
        if is_impatient {
            draw.churn(&mut base.tuning);
        }
        if draw.random.chance(30) {
            draw.absence();
            calls *= 9;
            base.tuning.batch_transactions = 1;
        }
    }
    let liars = match setting.behaviour {
        Some(kind) => draw.liars_of(kind, setting.cluster.f()),
        None if setting.twins => draw.all_twins(setting.cluster.f()),
        None if setting.faults => draw.liars(setting.cluster.f()),
        None => 0,
    };
    let change = draw.membership(setting, liars);
    // Who waits less for a slot than a slot takes leaves every view, for ever.
    let may_be_fast = !is_impatient && liars <= setting.cluster.c() && !draw.faults.iter().any(Fault::hinders_others);
    if change.is_none() && may_be_fast && draw.random.chance(30) {
        base.measures_fast_path = true;
        base.tuning = Tuning { batch_transactions: 1, fast_wait_ms: Tuning::default().fast_wait_ms, ..base.tuning };
    }
    let lying_permille = if setting.faults && draw.random.chance(150) { 500 } else { 0 };
    let clients_lie =
        setting.behaviour == Some(BehaviourKind::LyingClient) || setting.mutant == Some(Mutant::NoncesForgotten);
    let lying_permille = if clients_lie { 900 } else { lying_permille };
    let Draw { mut random, mut faults, .. } = draw;
    for_mutant(&mut faults, setting, n, end_us);
    if setting.interrupted {
        interrupt(&mut base, &mut faults, setting.crash);
    }
    let mut operations = operation::draw(&mut random, Demand { calls, lying_permille, end_us });
    if let Some(change) = change {
        operations.extend(membership::operations(setting.cluster, change, random.below(end_us)));
    }
    Plan { base, faults, operations }
}

fn base(random: &mut Random, n: u16, end_us: u64) -> Base {
    let tuning = Tuning {
        batch_transactions: usize::try_from(random.between(1, 8)).unwrap_or(1),
        batch_wait_ms: random.between(1, 20),
        slots_in_flight: random.between(1, 8),
        fast_wait_ms: random.between(20, 120),
        status_ms: random.between(100, 500),
        request_wait_ms: random.between(300, 1_500),
        ..Tuning::default()
    };
    let checkpoint = [8, 16, 32][usize::try_from(random.below(3)).unwrap_or(0)];
    let spacing = Spacing::new(checkpoint, 2 * checkpoint + random.between(1, 40));
    Base {
        latency_us: latencies(random, usize::from(n)),
        execution_us_max: random.between(200, 8_000),
        clock_ahead_ms: (0..n).map(|_| random.below(400)).collect(),
        tuning,
        spacing,
        end_us,
        measures_fast_path: false,
    }
}

/// One house, the wide world, or regions far apart.
fn latencies(random: &mut Random, n: usize) -> Vec<Vec<(u64, u64)>> {
    let regions: Vec<u64> = (0..n).map(|_| random.below(3)).collect();
    let kind = random.below(10);
    let mut latency = |from: usize, to: usize| match kind {
        0..=5 => (100, 1_400),
        6..=7 => (random.between(2_000, 30_000), random.between(200, 10_000)),
        _ if regions[from] == regions[to] => (random.between(100, 900), 400),
        _ => (random.between(10_000, 60_000), 2_000),
    };
    (0..n).map(|from| (0..n).map(|to| latency(from, to)).collect()).collect()
}

struct Draw {
    random: Random,
    n: u16,
    end_us: u64,
    faults: Vec<Fault>,
}

impl Draw {
    fn replica(&mut self) -> ReplicaId {
        ReplicaId(u16::try_from(self.random.below(u64::from(self.n))).expect("below a u16"))
    }

    fn span(&mut self) -> Span {
        if self.random.chance(300) {
            return Span { from_us: 0, until_us: self.end_us };
        }
        let from_us = self.random.below(self.end_us);
        let until_us = (from_us + self.random.between(50_000, 1_500_000)).min(self.end_us);
        Span { from_us, until_us }
    }

    fn links(&mut self) -> Links {
        let (one, other) = (self.replica(), self.replica());
        match self.random.below(6) {
            0 => Links::From(one),
            1 => Links::To(one),
            2 => Links::Of(one),
            3 if one != other => Links::One(one, other),
            _ => Links::All,
        }
    }

    /// So many of a fault in so many of a thousand runs.
    fn some(&mut self, permille: u64, most: u64, mut fault: impl FnMut(&mut Self) -> Fault) {
        if self.random.chance(permille) {
            for _ in 0..self.random.between(1, most) {
                let fault = fault(self);
                self.faults.push(fault);
            }
        }
    }

    fn network(&mut self) {
        self.some(350, 2, |d| Fault::Loss { span: d.span(), links: d.links(), permille: d.random.between(5, 300) });
        self.some(300, 2, |d| Fault::Duplication {
            span: d.span(),
            links: d.links(),
            permille: d.random.between(5, 300),
        });
        self.some(300, 2, |d| {
            let (permille, late_us) = (d.random.between(5, 200), d.random.between(20_000, 400_000));
            Fault::Reordering { span: d.span(), links: d.links(), permille, late_us }
        });
        self.some(250, 1, |d| {
            let links = Links::Of(d.replica());
            Fault::Slow { span: d.span(), links, by_us: d.random.between(20_000, 300_000) }
        });
        self.some(150, 2, |d| {
            let (replica, bytes_per_ms) = (d.replica(), d.random.between(20, 400));
            Fault::Bandwidth { span: d.span(), replica, bytes_per_ms }
        });
        self.some(300, 3, |d| {
            let n = d.n;
            let side: BTreeSet<_> = (0..n).map(ReplicaId).filter(|_| d.random.chance(400)).collect();
            Fault::Partition { span: d.span(), links: Links::Between(side) }
        });
        self.some(250, 3, |d| {
            let (one, other) = (d.replica(), d.replica());
            let links = [Links::From(one), Links::To(one), Links::One(one, other)];
            let links = d.random.pick(&links).cloned().unwrap_or(Links::All);
            Fault::Partition { span: d.span(), links }
        });
        self.some(120, 2, |d| {
            let target = *d.random.pick(Target::ALL).unwrap_or(&Target::Collectors);
            Fault::Rushing { span: d.span(), target, by_us: d.random.between(10_000, 600_000) }
        });
    }

    fn clocks(&mut self) {
        self.some(120, 2, |d| {
            let by_ms = if d.random.chance(600) { HOUR_MS } else { i64::try_from(d.random.below(40_000)).unwrap_or(0) };
            let by_ms = if d.random.chance(500) { by_ms } else { -by_ms };
            Fault::ClockJump { at_us: d.random.below(d.end_us), replica: d.replica(), by_ms }
        });
        self.some(120, 2, |d| {
            let ms_per_s = i64::try_from(d.random.below(2_000)).unwrap_or(0) - 500;
            Fault::ClockDrift { replica: d.replica(), ms_per_s }
        });
    }

    fn pauses(&mut self) {
        self.some(200, 3, |d| {
            let (at_us, for_us) = (d.random.below(d.end_us), d.random.between(20_000, 1_500_000));
            Fault::Pause { at_us, replica: d.replica(), for_us }
        });
    }

    fn point(&mut self) -> CrashPoint {
        let nth = self.random.below(3);
        match self.random.below(6) {
            0 => CrashPoint::Idle,
            1 => CrashPoint::BeforeWrite(nth),
            2 => CrashPoint::TornWrite(nth),
            3 | 4 => CrashPoint::Written(nth),
            _ => CrashPoint::Synced(nth),
        }
    }

    fn crash(&mut self, at_us: u64, replica: ReplicaId) {
        let point = self.point();
        let down_us = Some(self.random.between(10_000, 900_000));
        let again = self.random.chance(200).then(|| self.point());
        self.faults.push(Fault::Crash(Crash { at_us, replica, point, down_us, again }));
    }

    fn crashes(&mut self, f: usize) {
        if self.random.chance(500) {
            for _ in 0..self.random.between(1, 4) {
                let (at_us, replica) = (self.random.below(self.end_us), self.replica());
                self.crash(at_us, replica);
            }
        }
        if self.random.chance(100) {
            let at_us = self.random.below(self.end_us);
            (0..self.n).for_each(|id| self.crash(at_us, ReplicaId(id)));
        }
        // Some blink: as many as may be faulty go down and come up in a loop.
        if self.random.chance(60) {
            let blinking: Vec<_> = (0..f).map(|_| self.replica()).collect();
            let (up_us, down_us) = (self.random.between(60_000, 300_000), self.random.between(10_000, 100_000));
            for round in 1..(self.end_us / (up_us + down_us)).min(12) {
                let point = self.point();
                let crash = |replica: &ReplicaId| {
                    let at_us = round * (up_us + down_us);
                    Fault::Crash(Crash { at_us, replica: *replica, point, down_us: Some(down_us), again: None })
                };
                self.faults.extend(blinking.iter().map(crash));
            }
        }
    }

    /// Whoever leads is struck, and the next one, and the next.
    fn strikes(&mut self, permille: u64) {
        if !self.random.chance(permille) {
            return;
        }
        let mut at_us = self.random.below(self.end_us / 2);
        for _ in 0..self.random.between(1, 6) {
            let for_us = self.random.between(200_000, 2_500_000);
            let blow = match self.random.below(3) {
                0 => Blow::Crash(self.point(), for_us),
                1 => Blow::Pause(for_us),
                _ => Blow::Isolate(for_us),
            };
            self.faults.push(Fault::Strike { at_us, blow });
            at_us += self.random.between(100_000, 1_500_000);
        }
    }

    /// Views end before they have decided much, again and again.
    fn churn(&mut self, tuning: &mut Tuning) {
        tuning.request_wait_ms = self.random.between(60, 200);
        let mut at_us = self.random.below(self.end_us / 4);
        while at_us < self.end_us {
            let for_us = self.random.between(60_000, 500_000);
            let blow = if self.random.chance(500) { Blow::Isolate(for_us) } else { Blow::Pause(for_us) };
            self.faults.push(Fault::Strike { at_us, blow });
            at_us += self.random.between(20_000, 300_000);
        }
    }

    /// As many twins as there may be liars, the first primary among them in every second run, and views that end.
    fn all_twins(&mut self, f: usize) -> usize {
        self.strikes(1000);
        let first = self.random.below(2) as usize;
        (first..first + f).for_each(|id| self.twin(ReplicaId(u16::try_from(id).unwrap_or(0))));
        f
    }

    /// Now and then the replicas change; a peer that lost its disks comes back no other way.
    fn membership(&mut self, setting: &Setting, liars: usize) -> Option<Change> {
        if !(setting.changes || setting.faults && self.random.chance(60)) {
            return None;
        }
        let replica = self.replica();
        let change = match self.random.below(5) {
            0 if setting.cluster.c() > 0 => Change::Shrink,
            0 | 1 => Change::Grow,
            _ => Change::NewKey(replica),
        };
        if change == Change::NewKey(replica) && liars < setting.cluster.f() && self.random.chance(600) {
            let (at_us, down_us) = (self.random.below(self.end_us / 2), self.random.between(10_000, 500_000));
            let others = |fault: &Fault| match fault {
                Fault::Crash(crash) => crash.replica != replica,
                _ => fault.liar() != Some(replica),
            };
            self.faults.retain(others);
            self.faults.push(Fault::Wipe { at_us, replica, down_us });
        }
        self.faults.push(Fault::Membership(change));
        Some(change)
    }

    /// Now and then a replica misses more slots than others work on or keep at once.
    fn absence(&mut self) {
        let (replica, at_us) = (self.replica(), self.end_us / 10);
        let down_us = Some(self.end_us - at_us);
        self.faults.retain(|fault| !matches!(fault, Fault::Crash(crash) if crash.replica == replica));
        let crash = Crash { at_us, replica, point: CrashPoint::Idle, down_us, again: None };
        self.faults.push(Fault::Crash(crash));
    }

    /// In every second run, up to `f` replicas lie, each in one way or two.
    fn liars(&mut self, f: usize) -> usize {
        if !self.random.chance(500) {
            return 0;
        }
        let count = self.random.between(1, f as u64);
        let mut liars = BTreeSet::new();
        while (liars.len() as u64) < count {
            liars.insert(self.replica());
        }
        for replica in &liars {
            if self.random.chance(250) {
                self.twin(*replica);
                continue;
            }
            let ways = 1 + usize::from(self.random.chance(300));
            let kinds = (0..ways).filter_map(|_| self.random.pick(BehaviourKind::REPLICAS).copied()).collect();
            self.lie(*replica, kinds);
        }
        liars.len()
    }

    fn liars_of(&mut self, kind: BehaviourKind, f: usize) -> usize {
        match kind {
            BehaviourKind::LyingClient => return 0,
            BehaviourKind::Rushing => {
                for target in Target::ALL {
                    let span = Span { from_us: 0, until_us: self.end_us };
                    self.faults.push(Fault::Rushing { span, target: *target, by_us: 400_000 });
                }
                return 0;
            }
            _ => {}
        }
        // The first primary is one of them, or the second where a view must end before there is anything to lie about.
        let about_views = matches!(
            kind,
            BehaviourKind::ConflictingNewViews
                | BehaviourKind::LiesInViewChange
                | BehaviourKind::BadNewView
                | BehaviourKind::BreaksPromise
                | BehaviourKind::Replays
        );
        if about_views {
            self.strikes(1000);
        }
        let first = usize::from(about_views);
        (first..first + f).for_each(|id| self.lie(ReplicaId(u16::try_from(id).unwrap_or(0)), vec![kind]));
        f
    }

    fn twin(&mut self, replica: ReplicaId) {
        self.faults.retain(|fault| !matches!(fault, Fault::Crash(crash) if crash.replica == replica));
        let twins = Twins::draw(&mut self.random, self.n, replica);
        self.faults.push(Fault::Twins(twins));
    }

    fn lie(&mut self, replica: ReplicaId, kinds: Vec<BehaviourKind>) {
        self.faults.retain(|fault| !matches!(fault, Fault::Crash(crash) if crash.replica == replica));
        self.faults.push(Fault::Liar { replica, kinds });
    }
}
