//! Which runs the comparison is made of.

use crate::costs::Costs;
use crate::experiment::{Setting, VARIANTS, Variant};
use crate::machine::Hardware;
use crate::regions::{CONTINENT, Deployment, WORLD};
use crate::workload::Workload;
use crate::world::{Figures, Stop};
use std::sync::Arc;

/// Faults to withstand, redundancy, and the replicas that follow: 4 (6), 31 (33), 193 (209).
pub const SIZES: [(u16, u16); 3] = [(1, 1), (10, 1), (64, 8)];
/// Clients of the runs without faults.
pub const CLIENTS: [usize; 4] = [4, 32, 256, 1024];
/// The most of them: what a protocol can do shows when it is the limit, not the distances.
pub const CLIENTS_MAX: usize = CLIENTS[CLIENTS.len() - 1];
/// Clients of the runs with crashes.
pub const CLIENTS_CRASHED: usize = 64;
/// Slots in flight and requests per batch.
pub type Blocks = (u64, usize);
/// As is the real replica's default.
pub const FEW_LARGE: Blocks = (4, 512);
/// As a primary makes them that lets no request wait for others.
pub const MANY_SMALL: Blocks = (16, 16);
/// As a primary makes them that has so many requests that they fill blocks while others are in flight.
pub const MANY_LARGE: Blocks = (16, 64);
/// Every variant runs with each.
pub const BLOCKS: [Blocks; 3] = [FEW_LARGE, MANY_SMALL, MANY_LARGE];
/// Verifier cores of the runs that ask what they are worth.
pub const WORKERS: [usize; 3] = [1, 2, 4];
/// Writes in a request.
pub const OPERATIONS: usize = 64;

/// A small machine: one core for consensus, one for the ledger, one that receives, checks and sends.
pub const SMALL: Hardware = Hardware {
    workers: 1,
    card_mbps: 10_000,
    link_mbps: 1_250,
    // A cloud's solid-state disk.
    sync_ns: 500_000,
    // A stand-in for a key-value store that is not the bottleneck.
    operation_ns: 2_000,
};

/// Slots that let queues fill before measuring; more with crashes, since the real replica learns for 64 slots that
/// the fast path is gone.
const WARM_SLOTS: u64 = 20;
const WARM_SLOTS_CRASHED: u64 = 100;
/// Slots that are measured, at least. Slots in flight come in waves, of which a few are measured whole.
const MEASURED_SLOTS: u64 = 20;
const MEASURED_WAVES: u64 = 3;

/// What a run is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// How throughput and latency go with the load, without faults.
    Load,
    /// What crashes cost.
    Crashes,
    /// What more verifier cores change.
    Cores,
}

/// A run with its outcome.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is for.
    pub question: Question,
    /// How it was set.
    pub setting: Setting,
    /// What came out.
    pub figures: Figures,
}

/// What to leave out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Only {
    /// Only networks that withstand so many faults.
    pub f: Option<u16>,
    /// Only this deployment.
    pub deployment: Option<&'static str>,
}

/// All runs, in the order of the tables.
pub fn settings(only: Only, seed: u64) -> Vec<(Question, Setting)> {
    let mut settings = Vec::new();
    for (f, c) in SIZES.into_iter().filter(|(f, _)| only.f.is_none_or(|wanted| wanted == *f)) {
        for deployment in [CONTINENT, WORLD].into_iter().filter(|d| only.deployment.is_none_or(|name| name == d.name)) {
            let size = Size { f, c, deployment, seed };
            size.load(&mut settings);
            size.crashes(&mut settings);
            // What cores are worth is asked where votes are many.
            if f == SIZES[SIZES.len() - 1].0 {
                size.cores(&mut settings);
            }
        }
    }
    settings
}

struct Size {
    f: u16,
    c: u16,
    deployment: Deployment,
    seed: u64,
}

impl Size {
    fn load(&self, settings: &mut Vec<(Question, Setting)>) {
        for clients in CLIENTS {
            let all = clients == CLIENTS_MAX;
            for variant in VARIANTS.into_iter().filter(|variant| all || !variant.is_variation()) {
                // So few requests make the same blocks whatever they might hold.
                let few = clients as u64 <= FEW_LARGE.0;
                for blocks in BLOCKS.into_iter().filter(|blocks| !few || *blocks == MANY_SMALL) {
                    settings.push((Question::Load, self.setting(variant, clients, blocks, 0, SMALL)));
                }
            }
        }
    }

    fn crashes(&self, settings: &mut Vec<(Question, Setting)>) {
        for crashed in [usize::from(self.c), usize::from(self.f)] {
            for variant in VARIANTS.into_iter().filter(|v| !v.is_variation()) {
                settings.push((Question::Crashes, self.setting(variant, CLIENTS_CRASHED, FEW_LARGE, crashed, SMALL)));
            }
            if self.c == self.f {
                return;
            }
        }
    }

    fn cores(&self, settings: &mut Vec<(Question, Setting)>) {
        for workers in WORKERS.into_iter().skip(1) {
            let hardware = Hardware { workers, ..SMALL };
            for variant in [Variant::AllToAll, Variant::Redundant] {
                for blocks in BLOCKS {
                    settings.push((Question::Cores, self.setting(variant, CLIENTS_MAX, blocks, 0, hardware)));
                }
            }
        }
    }

    fn setting(
        &self,
        variant: Variant,
        clients: usize,
        (slots_in_flight, batch): Blocks,
        crashed: usize,
        hardware: Hardware,
    ) -> Setting {
        let learns = crashed > 0 && variant.has_fast_path();
        let warm = if learns { WARM_SLOTS_CRASHED } else { WARM_SLOTS.max(2 * slots_in_flight) };
        let measured = MEASURED_SLOTS.max(MEASURED_WAVES * slots_in_flight);
        Setting {
            variant,
            f: self.f,
            c: self.c,
            crashed,
            clients,
            slots_in_flight,
            batch,
            deployment: self.deployment,
            hardware,
            stop: Stop::Slots { warm, measured },
            seed: self.seed,
        }
    }
}

/// Runs them one after the other, and tells each as it is done.
pub fn run(settings: Vec<(Question, Setting)>, costs: &Arc<Costs>, mut tell: impl FnMut(&Row)) -> Vec<Row> {
    let mut workload = Workload::new(OPERATIONS);
    let mut run = |(question, setting): (Question, Setting)| {
        let figures = setting.run(costs, &mut workload);
        let row = Row { question, setting, figures };
        tell(&row);
        row
    };
    settings.into_iter().map(&mut run).collect()
}

/// Of the runs of one variant the one with the highest throughput.
pub fn best<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<&'a Row> {
    rows.into_iter().max_by(|a, b| a.figures.throughput().total_cmp(&b.figures.throughput()))
}
