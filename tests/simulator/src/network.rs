//! The simulated links: when a message arrives, how often, and whether at all.
//!
//! Every message on every link has chance of its own, whatever faults there are: cutting one fault out of a plan leaves
//! the luck of all other messages as it was.

use crate::byzantine::Wire;
use crate::byzantine::rushing::Rushing;
use crate::mix::{Mixer, spread};
use crate::plan::Plan;
use crate::plan::fault::Fault;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_types::ReplicaId;

/// A message on its way, encoded once however many get it.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it says.
    pub message: Arc<Wire>,
    /// A mix of its encoding.
    pub digest: [u64; 2],
    /// The length of its encoding.
    pub bytes: u64,
}

impl Letter {
    /// Puts a message into a letter.
    pub fn new(message: Wire) -> Self {
        let mixer = Mixer::of(0, &message);
        Self { bytes: mixer.bytes(), digest: mixer.finish(), message: Arc::new(message) }
    }
}

/// Decides on every message. Holds none: the world keeps them with their time of arrival.
#[derive(Debug)]
pub struct Network {
    seed: u64,
    sent: BTreeMap<(ReplicaId, ReplicaId), u64>,
    /// When a narrow way out is free again.
    free_us: BTreeMap<ReplicaId, u64>,
    /// Until when nothing gets to a replica or from it.
    isolated_us: BTreeMap<ReplicaId, u64>,
    rushing: Rushing,
    has_rushed: bool,
}

/// The luck of one message on one link.
struct Luck {
    state: u64,
}

impl Luck {
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        spread(self.state) % bound.max(1)
    }

    fn strikes(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }
}

impl Network {
    /// The links of a seed.
    pub fn new(seed: u64, rushing: Rushing) -> Self {
        Self {
            seed,
            sent: BTreeMap::new(),
            free_us: BTreeMap::new(),
            isolated_us: BTreeMap::new(),
            rushing,
            has_rushed: false,
        }
    }

    /// Nothing gets to a replica or from it until then.
    pub fn isolate(&mut self, replica: ReplicaId, until_us: u64) {
        self.isolated_us.insert(replica, until_us);
    }

    /// Whether it ever delayed what hurts most.
    pub fn has_rushed(&self) -> bool {
        self.has_rushed
    }

    /// When a message sent now arrives: never, once or twice.
    pub fn arrivals(&mut self, plan: &Plan, now_us: u64, from: ReplicaId, to: ReplicaId, letter: &Letter) -> Vec<u64> {
        self.fate(plan, now_us, (from, to), letter.bytes, Some(&letter.message))
    }

    /// The same for what is no message between replicas.
    pub fn bare_arrivals(&mut self, plan: &Plan, now_us: u64, from: ReplicaId, to: ReplicaId, bytes: u64) -> Vec<u64> {
        self.fate(plan, now_us, (from, to), bytes, None)
    }

    fn fate(
        &mut self,
        plan: &Plan,
        now_us: u64,
        (from, to): (ReplicaId, ReplicaId),
        bytes: u64,
        message: Option<&Wire>,
    ) -> Vec<u64> {
        let sent = self.sent.entry((from, to)).or_default();
        *sent += 1;
        let link = u64::from(from.0) << 16 | u64::from(to.0);
        let mut luck = Luck { state: spread(self.seed ^ spread(link)) ^ spread(*sent) };
        let (least, more) = plan.base.latency_us[usize::from(from.0)][usize::from(to.0)];
        // One message in eight takes three times as much longer than the least.
        let tail = if luck.strikes(125) { 3 } else { 1 };
        let mut arrivals = vec![now_us + least + luck.below(more * tail)];
        let again_us = now_us + least + luck.below(more * tail);
        if now_us >= plan.base.end_us {
            return arrivals;
        }
        if [from, to].iter().any(|id| self.isolated_us.get(id).is_some_and(|until_us| now_us < *until_us)) {
            return Vec::new();
        }
        // Drawn whether or not a fault asks for them.
        let mut fates: [Luck; 3] = std::array::from_fn(|_| Luck { state: luck.below(u64::MAX) });
        let mut delay_us = 0;
        for fault in &plan.faults {
            match fault {
                Fault::Partition { span, links } if span.holds(now_us) && links.has(from, to) => return Vec::new(),
                Fault::Loss { span, links, permille } if span.holds(now_us) && links.has(from, to) => {
                    arrivals.retain(|_| !fates[0].strikes(*permille));
                }
                Fault::Duplication { span, links, permille } if span.holds(now_us) && links.has(from, to) => {
                    arrivals.extend(fates[1].strikes(*permille).then_some(again_us));
                }
                Fault::Reordering { span, links, permille, late_us } if span.holds(now_us) && links.has(from, to) => {
                    let late = fates[2].strikes(*permille).then(|| fates[2].below(*late_us));
                    arrivals.iter_mut().take(1).for_each(|arrival| *arrival += late.unwrap_or(0));
                }
                Fault::Slow { span, links, by_us } if span.holds(now_us) && links.has(from, to) => delay_us += by_us,
                Fault::Bandwidth { span, replica, bytes_per_ms } if span.holds(now_us) && from == *replica => {
                    delay_us += self.queue(now_us, *replica, bytes * 1000 / bytes_per_ms);
                }
                Fault::Rushing { span, target, by_us } if span.holds(now_us) => {
                    let delays = message.is_some_and(|message| self.rushing.delays(*target, from, to, message));
                    self.has_rushed |= delays;
                    // An adversary may delay anything, until the network is good again.
                    delay_us += if delays { (*by_us).min(span.until_us.saturating_sub(now_us)) } else { 0 };
                }
                _ => {}
            }
        }
        arrivals.iter_mut().for_each(|arrival| *arrival += delay_us);
        arrivals
    }

    /// How long a message waits for its turn on a narrow way out, and takes to go through. A way out that is behind by
    /// more than a second has lost what it had to carry long before.
    fn queue(&mut self, now_us: u64, replica: ReplicaId, takes_us: u64) -> u64 {
        let free_us = self.free_us.entry(replica).or_default();
        *free_us = (*free_us).clamp(now_us, now_us + 1_000_000) + takes_us;
        *free_us - now_us
    }
}
