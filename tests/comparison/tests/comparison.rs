//! What the comparison rests on: runs repeat, messages are as many as the protocols say, and all decide the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_comparison::costs;
use theriac_comparison::experiment::{Setting, VARIANTS, Variant};
use theriac_comparison::plan::SMALL;
use theriac_comparison::regions::CONTINENT;
use theriac_comparison::workload::Workload;
use theriac_comparison::world::{Figures, Stop};

fn setting(variant: Variant, (f, c): (u16, u16), requests: u64) -> Setting {
    Setting {
        variant,
        f,
        c,
        crashed: 0,
        clients: 1,
        slots_in_flight: 4,
        batch: 16,
        deployment: CONTINENT,
        hardware: SMALL,
        stop: Stop::Requests(requests),
        seed: 1,
    }
}

fn run(setting: &Setting) -> Figures {
    let figures = setting.run(&Arc::new(costs::MEASURED), &mut Workload::new(2));
    assert!(figures.finished && !figures.diverged, "{setting:?}");
    figures
}

/// Messages by kind, status aside.
fn messages(figures: &Figures) -> BTreeMap<&'static str, u64> {
    figures.sent.iter().filter(|(kind, _)| **kind != "status").map(|(kind, (messages, _))| (*kind, *messages)).collect()
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    for variant in VARIANTS {
        let setting = Setting { clients: 8, ..setting(variant, (2, 1), 40) };
        let figures = run(&setting);
        assert_eq!(figures, run(&setting), "{variant:?}");
        assert_ne!(figures, run(&Setting { seed: 2, ..setting }), "{variant:?}: chance matters");
    }
}

#[test]
fn everybody_to_everybody_takes_two_messages_for_every_pair() {
    const SLOTS: u64 = 3;
    for f in [1, 2, 5] {
        let n = 3 * u64::from(f) + 1;
        for variant in [Variant::AllToAll, Variant::AllToAllCombined, Variant::AllToAllLinks] {
            let sent = messages(&run(&setting(variant, (f, 0), SLOTS)));
            let expected = [
                ("commit", SLOTS * n * (n - 1)),
                ("pre-prepare", SLOTS * (n - 1)),
                ("prepare", SLOTS * (n - 1) * (n - 1)),
                ("reply", SLOTS * n),
                ("request", SLOTS),
            ];
            assert_eq!(sent, BTreeMap::from(expected), "{variant:?} f={f}");
        }
    }
}

#[test]
fn collectors_take_a_few_messages_per_replica() {
    const SLOTS: u64 = 3;
    for f in [1, 2, 5] {
        let n = 3 * u64::from(f) + 1;
        let shared = [("pre-prepare", SLOTS * (n - 1)), ("sign-share", SLOTS * (2 * (n - 1) - 1)), ("request", SLOTS)];
        let with = |more: &[(&'static str, u64)]| BTreeMap::from_iter(shared.into_iter().chain(more.iter().copied()));
        let (proof, replies) = (("full-commit-proof", SLOTS * (n - 1)), ("reply", SLOTS * n));
        let fast = messages(&run(&setting(Variant::Fast, (f, 0), SLOTS)));
        assert_eq!(fast, with(&[proof, replies]), "f={f}");
        let acknowledged = messages(&run(&setting(Variant::Acknowledged, (f, 0), SLOTS)));
        let states = [("sign-state", SLOTS * (n - 1)), ("full-execute-proof", SLOTS * (n - 1))];
        assert_eq!(acknowledged, with(&[proof, states[0], states[1], ("acknowledgement", SLOTS)]), "f={f}");
        let linear = messages(&run(&setting(Variant::Linear, (f, 0), SLOTS)));
        let rounds = ["prepare", "commit", "full-commit-proof-slow"].map(|kind| (kind, SLOTS * (n - 1)));
        assert_eq!(linear, with(&[rounds[0], rounds[1], rounds[2], replies]), "f={f}");
    }
}

#[test]
fn redundant_collectors_cost_their_share_of_messages_and_rarely_more() {
    const SLOTS: u64 = 3;
    for (f, c) in [(1, 1), (4, 1), (4, 2)] {
        let sent = messages(&run(&setting(Variant::Redundant, (f, c), SLOTS)));
        let (n, collectors) = (3 * u64::from(f) + 2 * u64::from(c) + 1, u64::from(c) + 1);
        assert_eq!(sent["sign-share"], SLOTS * ((n - 1) * (collectors + 1) - collectors), "f={f} c={c}");
        assert_eq!(sent["sign-state"], SLOTS * (n - 1) * collectors);
        // Where the first collector's proof is on its way for longer than the second waits, both send one.
        for proof in ["full-commit-proof", "full-execute-proof"] {
            assert!((SLOTS..=SLOTS * collectors).contains(&(sent[proof] / (n - 1))), "{proof} f={f} c={c}");
        }
    }
}

#[test]
fn the_fast_path_decides_as_long_as_no_more_than_c_have_crashed() {
    for (variant, f, c, crashed, fast) in [
        (Variant::Linear, 2, 0, 0, false),
        (Variant::Fast, 2, 0, 0, true),
        (Variant::Fast, 2, 0, 1, false),
        (Variant::Acknowledged, 2, 0, 0, true),
        (Variant::Acknowledged, 2, 0, 1, false),
        (Variant::Redundant, 2, 1, 0, true),
        (Variant::Redundant, 2, 1, 1, true),
        (Variant::Redundant, 2, 1, 2, false),
    ] {
        let figures = run(&Setting { crashed, ..setting(variant, (f, c), 6) });
        let expected = if fast { figures.slots } else { 0 };
        assert_eq!(figures.fast, expected, "{variant:?} c={c} crashed={crashed}");
    }
}

#[test]
fn every_variant_decides_the_same_requests() {
    const REQUESTS: u64 = 60;
    for crashed in [0, 2] {
        let settings = VARIANTS.map(|v| Setting { clients: 10, crashed, ..setting(v, (2, 1), REQUESTS) });
        let decided = settings.map(|setting| run(&setting).decided);
        assert_eq!(decided[0].len() as u64, REQUESTS);
        assert!(decided.iter().all(|other| *other == decided[0]), "{crashed} crashed");
    }
}
