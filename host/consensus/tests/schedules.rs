//! Random schedules over several views: losses, copies, delays, crashes and cut links, in any order. Never are two
//! bodies decided in a slot, and once the network is whole again everybody gets to the same place.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper};
use common::values::transaction;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use theriac_consensus::{Cluster, Fault, Spacing, Tuning};
use theriac_types::ReplicaId;

/// Something that happens to a network.
#[derive(Debug, Clone)]
enum Happening {
    Submit(u8),
    /// Many requests, one after the other, at all replicas: checkpoints come and go.
    Rush(u8),
    Crash(u8),
    Start(u8),
    /// Nothing gets to or from a replica.
    Cut(u8),
    /// Nothing gets from a replica.
    Mute(u8),
    Mend,
    Lose(u8),
    Delay(u8),
    Run(u16),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => any::<u8>().prop_map(Happening::Submit),
        1 => (1..30_u8).prop_map(Happening::Rush),
        3 => any::<u8>().prop_map(Happening::Crash),
        3 => any::<u8>().prop_map(Happening::Start),
        1 => any::<u8>().prop_map(Happening::Cut),
        1 => any::<u8>().prop_map(Happening::Mute),
        1 => Just(Happening::Mend),
        1 => (0..60_u8).prop_map(Happening::Lose),
        1 => (1..200_u8).prop_map(Happening::Delay),
        4 => (0..20_u16).prop_map(Happening::Run),
        4 => (20..5_000_u16).prop_map(Happening::Run),
    ]
}

/// What the links do at the moment.
#[derive(Default)]
struct Weather {
    cut: RefCell<BTreeSet<u16>>,
    mute: RefCell<BTreeSet<u16>>,
    loss_percent: Cell<u32>,
    delay_ms: Cell<u64>,
}

impl Weather {
    fn clear(&self) {
        self.mend();
        self.loss_percent.set(0);
        self.delay_ms.set(1);
    }

    fn mend(&self) {
        self.cut.borrow_mut().clear();
        self.mute.borrow_mut().clear();
    }

    fn passes(&self, from: ReplicaId, to: ReplicaId) -> bool {
        let (cut, mute) = (self.cut.borrow(), self.mute.borrow());
        !cut.contains(&from.0) && !cut.contains(&to.0) && !mute.contains(&from.0)
    }
}

fn network(f: u16, c: u16, seed: u64, weather: &Rc<Weather>) -> Network {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let links = Rc::clone(weather);
    let tamper: Tamper = Box::new(move |from, to, message| {
        let lost = !links.passes(from, to) || random.next_u32() % 100 < links.loss_percent.get();
        let copies = if random.next_u32() % 20 == 0 { 2 } else { 1 };
        if lost { vec![] } else { vec![message; copies] }
    });
    let cluster = Cluster::new(f, c).unwrap().with_spacing(Spacing::new(4, 4_096));
    let tuning = Tuning { batch_transactions: 2, ..Tuning::default() };
    let mut network = Network::of(cluster, tuning, tamper);
    let (mut random, links) = (ChaCha8Rng::seed_from_u64(seed + 1), Rc::clone(weather));
    network.delay = Box::new(move |_, _| 1 + u64::from(random.next_u32()) % links.delay_ms.get().max(1));
    network
}

/// Plays a schedule, then lets the weather clear up.
fn play(f: u16, c: u16, seed: u64, happenings: &[Happening]) {
    let weather = Rc::new(Weather::default());
    let mut network = network(f, c, seed, &weather);
    let replicas = network.nodes.len();
    let mut submitted = 0;
    for happening in happenings {
        let id = |number: &u8| usize::from(*number) % replicas;
        match happening {
            Happening::Submit(number) => {
                network.submit(id(number), vec![transaction(submitted)]);
                submitted += 1;
            }
            Happening::Rush(count) => {
                for _ in 0..*count {
                    network.submit(submitted as usize % replicas, vec![transaction(submitted)]);
                    submitted += 1;
                    network.run(2);
                }
            }
            Happening::Crash(number) => network.crash(id(number)),
            Happening::Start(number) if network.nodes[id(number)].replica.is_none() => network.start(id(number)),
            Happening::Start(_) => {}
            Happening::Cut(number) => {
                weather.cut.borrow_mut().insert(id(number) as u16);
            }
            Happening::Mute(number) => {
                weather.mute.borrow_mut().insert(id(number) as u16);
            }
            Happening::Mend => weather.mend(),
            Happening::Lose(percent) => weather.loss_percent.set(u32::from(*percent)),
            Happening::Delay(ms) => weather.delay_ms.set(u64::from(*ms)),
            Happening::Run(ms) => network.run(u64::from(*ms)),
        }
    }
    weather.clear();
    (0..replicas).filter(|id| network.nodes[*id].replica.is_none()).collect::<Vec<_>>().iter().for_each(|id| {
        network.start(*id);
    });
    (0..replicas).for_each(|id| network.submit(id, vec![transaction(10_000 + id as u64)]));
    network.run(200_000);
    let executed = network.executed(0);
    let views: Vec<_> = network.nodes.iter().map(|node| format!("{:?}", node.replica)).collect();
    let views = views.join("\n");
    for id in 0..replicas {
        assert!(
            executed.contains(&transaction(10_000 + id as u64).id()),
            "replica {id}'s request is executed\n{views}"
        );
        assert_eq!(network.executed(id), executed, "replica {id} executed the same");
        assert_eq!(network.certified(id), network.nodes[id].store.len(), "replica {id} holds every certificate");
        let replica = network.nodes[id].replica.as_ref().unwrap();
        assert!(replica.is_active() && replica.view() == network.nodes[0].replica.as_ref().unwrap().view(), "{id}");
        // A proposal repeated after its link was cut for long is late, and that is nobody's fault.
        let accused = network.nodes[id].evidence.iter().filter(|(_, fault)| !matches!(fault, Fault::BadTime { .. }));
        assert_eq!(accused.collect::<Vec<_>>(), Vec::<&(ReplicaId, Fault)>::new(), "nobody is accused");
    }
    assert!(network.double_signers().is_empty(), "nobody signs two values in one place");
    assert_eq!(network.double_decisions(&[]), BTreeSet::new(), "one decision per slot");
}

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_decides_two_bodies_or_stops_a_network_for_good(
        size in 0..3_usize,
        seed in any::<u64>().prop_map(|seed| seed / 2),
        happenings in prop::collection::vec(happening(), 1..60),
    ) {
        let (f, c) = SIZES[size];
        play(f, c, seed, &happenings);
    }
}
