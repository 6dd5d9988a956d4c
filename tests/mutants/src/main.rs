//! Tries mutants and says which survived.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use theriac_mutants::{Mutant, Verdict, Workshop, WorkshopError, all, find};

fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_default();
    if argument == "--list" {
        println!("| mutant | rule | killed by |\n|---|---|---|");
        all().for_each(|mutant| println!("{}", row(mutant)));
        return ExitCode::SUCCESS;
    }
    match attempt(&find(&argument).collect::<Vec<_>>()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(survivors) => {
            eprintln!("{survivors} mutants were not killed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn row(mutant: &Mutant) -> String {
    let test = mutant.killed_by;
    format!("| {} | {} | `{}` {} |", mutant.name, mutant.rule, test.place(), test.name)
}

/// Returns how many were not killed.
fn attempt(mutants: &[&Mutant]) -> Result<usize, WorkshopError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let workshop = Workshop::set_up(&root, &target.join("mutants"))?;
    let tests: BTreeSet<_> = mutants.iter().map(|mutant| mutant.killed_by).collect();
    for of_one_file in tests.into_iter().collect::<Vec<_>>().chunk_by(|a, b| (a.krate, a.target) == (b.krate, b.target))
    {
        workshop.check_unchanged(of_one_file)?;
    }
    let mut killed = 0;
    for mutant in mutants {
        let began = Instant::now();
        let verdict = match workshop.attempt(mutant) {
            Ok(verdict) => verdict,
            // Every other is tried all the same.
            Err(error @ WorkshopError::DoesNotCompile { .. }) => {
                println!("{}: {error}", mutant.name);
                continue;
            }
            Err(error) => return Err(error),
        };
        let seconds = began.elapsed().as_secs_f32();
        match verdict {
            Verdict::Killed(words) => {
                killed += 1;
                println!("killed in {seconds:.1} s: {}\n    {words}", row(mutant));
            }
            Verdict::Survived => println!("SURVIVED in {seconds:.1} s: {}", row(mutant)),
        }
    }
    println!("{killed} of {} mutants killed", mutants.len());
    Ok(mutants.len() - killed)
}
