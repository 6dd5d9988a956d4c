//! The simulated links: when a message arrives, how often, and whether at all.

use crate::plan::Plan;
use crate::random::Random;
use theriac_types::ReplicaId;

/// Decides on every message. Holds none: the world keeps them with their time of arrival.
#[derive(Debug)]
pub struct Network {
    random: Random,
}

impl Network {
    /// The links of a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed, "network") }
    }

    /// When a message sent now arrives: never, once or twice.
    pub fn arrivals(&mut self, plan: &Plan, now_us: u64, from: ReplicaId, to: ReplicaId) -> Vec<u64> {
        let random = &mut self.random;
        let links = &plan.links;
        let mut latency = || random.between(links.latency_us_min, links.latency_us_max);
        if now_us >= plan.end_us {
            return vec![now_us + latency()];
        }
        let slow = [from, to].iter().filter_map(|id| plan.slow_us.get(id)).max().copied().unwrap_or(0);
        let mut arrivals = vec![now_us + latency() + slow];
        if random.chance(links.duplicate_permille) {
            arrivals.push(now_us + random.between(links.latency_us_min, links.latency_us_max) + slow);
        }
        if random.chance(links.tail_permille) {
            let late = random.below(links.tail_us);
            arrivals.iter_mut().take(1).for_each(|arrival| *arrival += late);
        }
        arrivals.retain(|_| !random.chance(links.loss_permille));
        let blocked = |at_us: u64| {
            let active = plan.partitions.iter().filter(|p| p.from_us <= at_us && at_us < p.until_us);
            active.into_iter().any(|partition| partition.blocked.contains(&(from, to)))
        };
        arrivals.retain(|_| !blocked(now_us));
        arrivals
    }
}
