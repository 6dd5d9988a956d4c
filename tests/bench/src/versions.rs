//! What deployed versions cost a peer that does not run them: memory, in steady state and after a restart.

use crate::chain::Chain;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use theriac_test_artifacts::KEY_VALUE;

/// Names that the versions are spread over, and so also the versions of one block.
const NAMES: usize = 50;

/// Deploys so many versions, each with a package of its own.
pub fn print(count: usize) {
    let description = theriac_check::describe(&theriac_check::check(KEY_VALUE).unwrap()).unwrap();
    let mut chain = Chain::start();
    let started = Instant::now();
    println!("{:<34} {:>12} {:>16} {:>12} {:>14}", "", "resident KiB", "of it files KiB", "in sandbox", "machine KiB");
    row("before the first version", &chain);
    let mut deployed = 0;
    while deployed < count {
        let versions = deployed..count.min(deployed + NAMES);
        let transactions = versions
            .clone()
            .flat_map(|number| chain.version(&format!("rules-{}", number % NAMES), &package(&description, number)));
        let transactions = transactions.collect();
        chain.commit(transactions);
        let milestone =
            [count / 100, count / 10, count].into_iter().find(|mark| versions.contains(&(mark.max(&1) - 1)));
        deployed = versions.end;
        if milestone.is_some() {
            row(&format!("with {deployed} versions"), &chain);
        }
    }
    println!("deployed in {:.1} s", started.elapsed().as_secs_f64());
    // A process of its own, because memory that was used once is not always given back.
    let folder = chain.stop();
    let status = Command::new(std::env::current_exe().unwrap()).arg("opened").arg(folder.path()).status().unwrap();
    assert!(status.success());
}

/// Opens a chain that another process left, as a peer does that starts.
pub fn print_opened(folder: &Path) {
    row("in a new process", &Chain::open(folder));
}

fn row(what: &str, chain: &Chain) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<u64>().unwrap()
    };
    let (packages, code) = (chain.sandbox().compiled(), chain.sandbox().compiled_bytes() / 1024);
    println!("{what:<34} {:>12} {:>16} {packages:>12} {code:>14}", kib("VmRSS"), kib("RssFile"));
}

/// A small package that describes itself like another, and differs from all of its kind by its number.
fn package(description: &[u8], number: usize) -> Vec<u8> {
    let contract = "theriac:chaincode/contract@1.0.0";
    let bytes: String = description.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let length = description.len();
    let length: String =
        u32::try_from(length).unwrap().to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect();
    wat::parse_str(format!(
        r#"(module
            (memory (export "memory") 1)
            (data (i32.const 8) "\10\00\00\00{length}{bytes}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 32768)
            (func (export "{contract}#describe") (result i32) i32.const 8)
            (func (export "{contract}#migrate") (param i32 i32) (result i32) unreachable)
            (func (export "{contract}#query") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{contract}#invoke") (param i32 i32 i32 i32) (result i32) i32.const {number} unreachable))"#
    ))
    .unwrap()
}
