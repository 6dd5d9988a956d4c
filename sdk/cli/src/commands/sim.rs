//! `theriac sim`: one simulated run of a network, drawn from a seed.

use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::parse;
use clap::Args;
use serde_json::{Value, json};
use theriac_simulator::{BehaviourKind, Cluster, Outcome, Setting, minimise, simulate, simulate_plan};

/// Lines of a trace that are put together before they are printed.
const LINES_AT_ONCE: usize = 1000;
/// Most replicas that the simulator takes.
const REPLICAS_MAX: i64 = 128;

/// Which run.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac sim --seed 7                                     every message of four replicas among faults
  theriac sim --seed 7 --replicas 6 --behaviour B1         with an equivocating primary
  theriac sim --seed 7 --quiet -o json                     figures and trace hash only")]
pub struct Options {
    /// What everything is drawn from: schedule, latencies, faults, clients.
    #[arg(long)]
    seed: u64,
    /// How many replicas: 3f + 2c + 1, and no more than can be simulated.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(4..=REPLICAS_MAX))]
    replicas: u16,
    /// How many of them may be slow without costing the fast path; as few as possible when left out.
    #[arg(long, value_name = "C")]
    c: Option<u16>,
    /// What as many replicas as may be faulty do, by its number in the protocol's table.
    #[arg(long, value_name = "B1..B18")]
    behaviour: Option<String>,
    /// Transactions that clients submit.
    #[arg(long, default_value_t = 40)]
    calls: usize,
    /// A calm day: nothing goes wrong by itself.
    #[arg(long)]
    calm: bool,
    /// Leave the messages out.
    #[arg(long)]
    quiet: bool,
    /// When an invariant breaks, look for the smallest plan that still breaks it.
    #[arg(long)]
    minimise: bool,
}

/// Runs the seed and prints what happened. The same seed prints the same, whatever the machine.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let (f, c) = theriac_network::tolerance(options.replicas, options.c)?;
    let cluster =
        Cluster::new(f, c).map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("no such network: {error}")))?;
    let behaviour = options.behaviour.as_deref().map(parse::<BehaviourKind>).transpose()?;
    let keep_trace = !options.quiet;
    let faults = !options.calm;
    let setting = Setting { faults, behaviour, calls: options.calls, keep_trace, ..Setting::new(cluster) };
    let mut outcome = simulate(options.seed, &setting);
    if options.minimise && outcome.violation.is_some() {
        let quiet = Setting { keep_trace: false, ..setting.clone() };
        let plan = minimise(options.seed, &quiet, outcome.plan);
        outcome = simulate_plan(options.seed, &setting, plan);
    }
    print(global.output, &outcome)?;
    let Some(violation) = &outcome.violation else { return Ok(()) };
    let failure = Failure::new(Exit::Internal, "INVARIANT_VIOLATED", violation.to_string());
    Err(failure.with("seed", options.seed).with("invariant", violation.invariant))
}

fn print(format: Format, outcome: &Outcome) -> Result<(), Failure> {
    if format == Format::Table {
        for lines in outcome.trace.chunks(LINES_AT_ONCE) {
            output::text(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())?;
        }
        return output::text(&format!("{}\n{outcome}\n", outcome.plan));
    }
    for line in outcome.trace.iter().filter(|_| format == Format::Jsonl) {
        output::item(format, &[], &json!({ "at_us": line.at_us, "kind": line.kind, "text": line.text }))?;
    }
    output::record(format, &figures(format, outcome))
}

fn figures(format: Format, outcome: &Outcome) -> Value {
    let figures = &outcome.figures;
    let endings = figures.endings.iter().map(|(ending, count)| (ending.code().to_owned(), json!(count)));
    let mut shown = json!({
        "seed": outcome.seed,
        "replicas": outcome.replicas,
        "trace_hash": outcome.trace_hash.to_string(),
        "violation": outcome.violation.as_ref().map(ToString::to_string),
        "events": figures.events,
        "height": figures.height.0,
        "simulated_ms": figures.simulated_us / 1000,
        "recovered_ms": figures.recovered_us / 1000,
        "fast": figures.fast,
        "slow": figures.slow,
        "highest_view": figures.views,
        "stable": figures.stable,
        "restarts": figures.restarts,
        "faults": figures.faults,
        "evidence": figures.evidence,
        "transactions": endings.collect::<serde_json::Map<_, _>>(),
        "plan": outcome.plan.to_string(),
    });
    if format == Format::Json && !outcome.trace.is_empty() {
        let line =
            |line: &theriac_simulator::Line| json!({ "at_us": line.at_us, "kind": line.kind, "text": line.text });
        shown["trace"] = outcome.trace.iter().map(line).collect();
    }
    shown
}
