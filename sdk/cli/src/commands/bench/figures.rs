//! From samples to figures.

use super::load::{Results, Sample};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use theriac_client::CommitPath;
use theriac_network::PeerProcess;

/// What a run showed.
pub struct Figures {
    rate: u32,
    handed_in: usize,
    committed: usize,
    valid: usize,
    fast: usize,
    blocks: usize,
    per_second: f64,
    latencies: Vec<Duration>,
    cpu_ms: u64,
    resident_mb: u64,
    failures: Value,
}

impl Figures {
    /// Sums up a run; processes before and after tell what it cost.
    pub fn new(rate: u32, results: &Results, before: &[PeerProcess], after: &[PeerProcess]) -> Self {
        let mut latencies = Vec::with_capacity(results.samples.len());
        let (mut valid_count, mut fast, mut heights) = (0, 0, BTreeSet::new());
        for sample in &results.samples {
            if let Sample::Committed { latency, path, height, valid } = sample {
                latencies.push(*latency);
                valid_count += usize::from(*valid);
                fast += usize::from(*path == CommitPath::Fast);
                heights.insert(*height);
            }
        }
        latencies.sort();
        let cpu = |processes: &[PeerProcess]| -> u64 {
            processes.iter().filter_map(|process| process.usage).map(|usage| usage.cpu_ms).sum()
        };
        let resident: u64 = after.iter().filter_map(|process| process.usage).map(|usage| usage.resident_bytes).sum();
        Self {
            rate,
            handed_in: results.samples.len(),
            committed: latencies.len(),
            valid: valid_count,
            fast,
            blocks: heights.len(),
            per_second: latencies.len() as f64 / results.elapsed.as_secs_f64(),
            cpu_ms: cpu(after).saturating_sub(cpu(before)),
            resident_mb: resident / (1024 * 1024),
            failures: json!(results.failures()),
            latencies,
        }
    }

    /// For people and programs.
    pub fn shown(&self) -> Value {
        let share = |part: usize| if self.committed == 0 { 0.0 } else { part as f64 / self.committed as f64 };
        json!({
            "rate": self.rate,
            "handed_in": self.handed_in,
            "committed": self.committed,
            "valid": self.valid,
            "committed_per_second": rounded(self.per_second),
            "latency_p50_ms": self.percentile(50),
            "latency_p90_ms": self.percentile(90),
            "latency_p99_ms": self.percentile(99),
            "latency_max_ms": self.percentile(100),
            "fast_path_ratio": rounded(share(self.fast)),
            "blocks": self.blocks,
            "transactions_per_block": rounded(self.committed as f64 / self.blocks.max(1) as f64),
            "peers_cpu_ms_per_transaction": rounded(self.cpu_ms as f64 / self.committed.max(1) as f64),
            "peers_resident_mb": self.resident_mb,
            "failures": self.failures,
        })
    }

    /// The latency that so many per cent of the transactions did not exceed, in milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.latencies.len() * percent).div_ceil(100).max(1) - 1;
        self.latencies.get(rank).map_or(0.0, |latency| rounded(latency.as_secs_f64() * 1000.0))
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::Height;

    #[test]
    fn percentiles_are_ranks_of_the_sorted_latencies() {
        let sample = |ms| Sample::Committed {
            latency: Duration::from_millis(ms),
            path: if ms % 2 == 0 { CommitPath::Fast } else { CommitPath::Slow },
            height: Height(ms / 10),
            valid: true,
        };
        let mut samples: Vec<_> = (1..=100).rev().map(sample).collect();
        samples.push(Sample::Failed("PENDING".to_owned()));
        let results = Results { samples, elapsed: Duration::from_secs(2) };
        let shown = Figures::new(0, &results, &[], &[]).shown();
        assert_eq!(shown["latency_p50_ms"], 50.0);
        assert_eq!(shown["latency_p99_ms"], 99.0);
        assert_eq!(shown["latency_max_ms"], 100.0);
        assert_eq!(shown["committed_per_second"], 50.0);
        assert_eq!(shown["fast_path_ratio"], 0.5);
        assert_eq!(shown["failures"]["PENDING"], 1);
        assert_eq!(shown["handed_in"], 101);
    }
}
