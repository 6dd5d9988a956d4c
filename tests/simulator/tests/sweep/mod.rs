//! What many runs came to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use theriac_simulator::{BehaviourKind, Coverage, Outcome};
use theriac_types::Outcome as Ending;

/// A run: how many replicas, which seed.
pub type Run = (usize, u64);

/// Many runs.
#[derive(Default)]
pub struct Sum {
    pub runs: u64,
    /// Those in which an invariant did not hold.
    pub bad: BTreeMap<Run, String>,
    /// Those that went another way when they were repeated.
    pub flaky: BTreeSet<Run>,
    pub repeated: u64,
    pub faults: BTreeMap<&'static str, usize>,
    pub endings: BTreeMap<Ending, usize>,
    pub evidence: BTreeMap<&'static str, usize>,
    pub coverage: Coverage,
    figures: BTreeMap<&'static str, u64>,
    highest: BTreeMap<&'static str, u64>,
}

impl Sum {
    /// Adds a run, and whether it went another way when it was repeated.
    pub fn add(&mut self, outcome: Outcome, flaky: Option<bool>) {
        let run = (outcome.replicas, outcome.seed);
        self.runs += 1;
        self.repeated += u64::from(flaky.is_some());
        self.flaky.extend((flaky == Some(true)).then_some(run));
        if outcome.violation.is_some() {
            self.bad.insert(run, outcome.to_string());
        }
        let figures = outcome.figures;
        add(&mut self.faults, figures.faults.iter().map(|fault| (*fault, 1)));
        add(&mut self.endings, figures.endings);
        add(&mut self.evidence, figures.evidence);
        self.coverage.add(&outcome.coverage);
        let recovered_ms = figures.recovered_us / 1000;
        let sums = [
            ("events", figures.events),
            ("slots", figures.height.0),
            ("fast", figures.fast as u64),
            ("slow", figures.slow as u64),
            ("restarts", figures.restarts as u64),
            ("epochs", figures.epochs),
            ("transfers", figures.transfers),
            ("view changes", figures.view_changes),
            ("fast path measured", u64::from(figures.fast_again_permille.is_some())),
        ];
        sums.into_iter().for_each(|(name, value)| *self.figures.entry(name).or_default() += value);
        raise(&mut self.highest, [("recovered ms", recovered_ms), ("view", figures.views), ("stable", figures.stable)]);
    }

    /// Adds other runs.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.repeated += other.repeated;
        self.bad.extend(other.bad);
        self.flaky.extend(other.flaky);
        add(&mut self.faults, other.faults);
        add(&mut self.endings, other.endings);
        add(&mut self.evidence, other.evidence);
        self.coverage.add(&other.coverage);
        other.figures.into_iter().for_each(|(name, value)| *self.figures.entry(name).or_default() += value);
        raise(&mut self.highest, other.highest);
    }

    fn figure(&self, name: &str) -> u64 {
        self.figures.get(name).copied().unwrap_or_default()
    }

    /// Five hundred calm days would prove little: every kind of fault, every behaviour, both paths, every branch of the
    /// rule for a new view, every point at which a process dies and every end of a transaction were there.
    pub fn check_that_rare_things_happened(&self) {
        let Self { faults, endings, evidence, .. } = self;
        assert!(faults.len() >= 30 && faults.values().all(|runs| *runs >= 3), "{faults:?}");
        for (name, least) in [
            ("fast", 10_000),
            ("slow", 5_000),
            ("restarts", 2_000),
            ("fast path measured", 3),
            ("epochs", 40),
            ("transfers", 100),
            ("view changes", 1_000),
        ] {
            assert!(self.figure(name) >= least, "{name}: {self}");
        }
        assert!(evidence.values().sum::<usize>() > 500, "{evidence:?}");
        use Ending::{ChaincodeRejected, Duplicate, Expired, InvalidArgument, NotAMember, OutOfGas, Trapped, Valid};
        let expected = [
            Valid,
            ChaincodeRejected,
            Duplicate,
            Expired,
            InvalidArgument,
            NotAMember,
            OutOfGas,
            Trapped,
            Ending::UnknownChaincode,
        ];
        assert!(expected.iter().all(|ending| endings.get(ending) >= Some(&200)), "{endings:?}");
        for (kind, whats) in RARE {
            whats.iter().for_each(|what| assert!(self.coverage.count(kind, what) > 0, "{kind}: {what}: never seen"));
        }
        for kind in BehaviourKind::ALL {
            assert!(self.coverage.count("behaviour", kind.name()) > 0, "{kind} never made a difference");
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fast, slow) = (self.figure("fast"), self.figure("slow"));
        let share = |part: u64| part * 100 / (fast + slow).max(1);
        write!(
            f,
            "{} runs, {} events, {} slots decided ({} % fast, {} % slow), {} view changes (up to view {}), {} epochs \
             begun, {} state transfers, {} restarts, {} lies noted; all well {} ms after the last fault at most; {} \
             violations; {} runs repeated on another thread, {} flaky hashes",
            self.runs,
            self.figure("events"),
            self.figure("slots"),
            share(fast),
            share(slow),
            self.figure("view changes"),
            self.highest.get("view").copied().unwrap_or_default(),
            self.figure("epochs"),
            self.figure("transfers"),
            self.figure("restarts"),
            self.evidence.values().sum::<usize>(),
            self.highest.get("recovered ms").copied().unwrap_or_default(),
            self.bad.len(),
            self.repeated,
            self.flaky.len(),
        )
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, usize>, more: impl IntoIterator<Item = (K, usize)>) {
    more.into_iter().for_each(|(what, count)| *counts.entry(what).or_default() += count);
}

fn raise(highest: &mut BTreeMap<&'static str, u64>, values: impl IntoIterator<Item = (&'static str, u64)>) {
    for (name, value) in values {
        let entry = highest.entry(name).or_default();
        *entry = value.max(*entry);
    }
}

/// What must be seen in the runs of all networks, by its kind.
const RARE: [(&str, &[&str]); 12] = [
    ("safe value", &["a certificate alone", "a commit proof", "a tie", "later reports", "nothing", "reports alone"]),
    (
        "a rule that errs",
        &[
            "a set of 2f + c + 1",
            "a set of 2f + c + 1 with f + 1 reports",
            "f + c + 2 reports are needed",
            "f + c reports are enough",
            "null blocks are not reported",
            "reports of one view only",
            "reports of the view just left only",
        ],
    ),
    ("crash", &["after a sync", "before a sync", "before a write", "between turns", "in a write"]),
    (
        "what was not synced",
        &["a sector of it is lost", "all of it is lost", "its end is lost", "nothing of it is lost"],
    ),
    ("restart", &["in a later view", "in a view change", "in the first view"]),
    (
        "view",
        &[
            "decides something",
            "after one that decided nothing",
            "after two that decided nothing",
            "after three or more that decided nothing",
        ],
    ),
    ("epoch", &["begins", "ends in its first view", "ends later"]),
    ("transfer", &["helps a follower", "refuses a bad part"]),
    ("twins", &["see a view change", "sign two of a kind"]),
    ("to the primary", &MESSAGES),
    ("to a backup", &MESSAGES),
    ("between views", &MESSAGES),
];

/// Every kind of message there is.
const MESSAGES: [&str; 20] = [
    "body",
    "checkpoint",
    "commit",
    "complain",
    "decided",
    "fetch",
    "fetch-body",
    "fetch-view-changes",
    "full-commit-proof",
    "full-commit-proof-slow",
    "full-execute-proof",
    "new-view",
    "pre-prepare",
    "prepare",
    "request",
    "sign-share",
    "sign-state",
    "stable",
    "status",
    "view-change",
];
