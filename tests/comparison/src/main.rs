//! Runs the comparison and writes its tables and drawings into a folder.
//!
//! `theriac-comparison --out FOLDER [--f 64] [--deployment world] [--seed 1]`, or `theriac-comparison --measure MACHINE`
//! for a fresh table of costs.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod measure;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use theriac_comparison::plan::{self, Only, Row};
use theriac_comparison::regions::{CONTINENT, WORLD};
use theriac_comparison::{costs, plot, table};

/// What the command line says.
#[derive(Debug, Default)]
struct Arguments {
    measure: Option<String>,
    out: Option<PathBuf>,
    only: Only,
    seed: u64,
}

/// A command line that says nothing sensible.
#[derive(Debug, thiserror::Error)]
enum ArgumentError {
    /// An option without its value.
    #[error("{option} needs a value")]
    Missing {
        /// The option.
        option: String,
    },
    /// A value that is none.
    #[error("{value:?} is no value for {option}")]
    Value {
        /// The option.
        option: String,
        /// What was found.
        value: String,
    },
    /// Something else.
    #[error("{found:?} is unknown; known are --out, --f, --deployment, --seed and --measure")]
    Unknown {
        /// What was found.
        found: String,
    },
    /// Nothing to do.
    #[error("--out FOLDER or --measure MACHINE is needed")]
    Nothing,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(machine) = arguments.measure {
        println!("{:#?}", measure::measure(machine));
    }
    if let Some(out) = arguments.out {
        compare(&out, arguments.only, arguments.seed);
    }
    ExitCode::SUCCESS
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, ArgumentError> {
    let mut arguments = Arguments { seed: 1, ..Arguments::default() };
    while let Some(option) = words.next() {
        let mut value = || words.next().ok_or_else(|| ArgumentError::Missing { option: option.clone() });
        match option.as_str() {
            "--measure" => arguments.measure = Some(value()?),
            "--out" => arguments.out = Some(value()?.into()),
            "--f" => arguments.only.f = Some(number(&option, value()?)?),
            "--seed" => arguments.seed = number(&option, value()?)?,
            "--deployment" => {
                let name = value()?;
                let known = [CONTINENT, WORLD].into_iter().find(|deployment| deployment.name == name);
                let known = known.ok_or(ArgumentError::Value { option, value: name })?;
                arguments.only.deployment = Some(known.name);
            }
            _ => return Err(ArgumentError::Unknown { found: option }),
        }
    }
    if arguments.measure.is_none() && arguments.out.is_none() {
        return Err(ArgumentError::Nothing);
    }
    Ok(arguments)
}

fn number<T: std::str::FromStr>(option: &str, value: String) -> Result<T, ArgumentError> {
    value.parse().map_err(|_| ArgumentError::Value { option: option.to_owned(), value })
}

fn compare(out: &std::path::Path, only: Only, seed: u64) {
    std::fs::create_dir_all(out).unwrap();
    let costs = Arc::new(costs::MEASURED);
    let settings = plan::settings(only, seed);
    let (mut done, all) = (0, settings.len());
    let rows = plan::run(settings, &costs, |row| {
        done += 1;
        let (setting, figures) = (&row.setting, &row.figures);
        eprintln!(
            "{done} of {all}: {} f={} {} clients={} crashed={} {:.0} writes/s {:.0} ms",
            setting.deployment.name,
            setting.f,
            setting.variant.name(),
            setting.clients,
            setting.crashed,
            figures.throughput(),
            figures.latency_ms(50)
        );
    });
    let tables = table::markdown(&rows, &costs);
    println!("{tables}");
    std::fs::write(out.join("comparison.md"), tables).unwrap();
    std::fs::write(out.join("comparison.csv"), table::csv(&rows)).unwrap();
    let mut drawings: BTreeMap<(&str, u16), Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        drawings.entry((row.setting.deployment.name, row.setting.f)).or_default().push(row);
    }
    for ((deployment, f), rows) in drawings {
        let title = format!("{deployment}, f = {f}");
        std::fs::write(out.join(format!("comparison-{deployment}-{f}.svg")), plot::svg(&rows, &title)).unwrap();
    }
}
