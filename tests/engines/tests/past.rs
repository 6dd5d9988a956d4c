//! Blocks that the peers' own engine executed give the same receipts, gas and roots under this one.

#[path = "../../../host/runtime/tests/support/past.rs"]
mod past;

use past::{Past, again};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_types::decode;

const FILE: &str = "THERIAC_PAST_FILE";

#[test]
fn another_release_of_the_engine_gives_the_same_receipts_gas_and_roots() {
    let file = std::env::var_os(FILE).expect("the file is named: start this with tests/engines/run");
    let bytes = std::fs::read(file).unwrap();
    let past: Past = decode(&bytes, bytes.len()).unwrap();
    assert!(past.blocks.len() > 20, "blocks of every kind");
    for code in [Code::Fast, Code::Plain] {
        let sandbox = Sandbox::with(Options { code, folder: None }).unwrap();
        again(&past, &sandbox, &format!("{code:?}"));
    }
    println!("{} blocks, one outcome", past.blocks.len());
}
