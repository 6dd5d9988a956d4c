//! Packages that keep every rule.

use crate::form::{CONTRACT, Parts, package};
use theriac_types::Outcome;

/// A package that peers take. Its function `invoke` ends like this, whatever it is called with.
#[derive(Debug, Clone)]
pub struct Running {
    /// What it tries.
    pub name: &'static str,
    /// What comes of it.
    pub outcome: Outcome,
    /// A part of the sentence.
    pub says: &'static str,
    /// Its bytes.
    pub module: Vec<u8>,
}

const DEEPLY: &str = "call each other too deeply";
const BROKE_OFF: &str = "it broke off by itself";
const MALFORMED: &str = "malformed value";
const PUT: &str = r#"(import "theriac:chaincode/state-write@1.0.0" "put" (func $put (param i32 i32 i32 i32)))"#;
const EMIT: &str = r#"(import "theriac:chaincode/events@1.0.0" "emit" (func $emit (param i32 i32 i32 i32)))"#;
const SCAN: &str =
    r#"(import "theriac:chaincode/state-read@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32)))"#;

/// One of each kind.
pub fn running() -> Vec<Running> {
    [endless(), deep(), broken(), malformed(), greedy(), costly(), largest()].concat()
}

fn rows(outcome: Outcome, says: &'static str, rows: &[(&'static str, &str, &str)]) -> Vec<Running> {
    let row = |&(name, items, invoke): &(&'static str, &str, &str)| Running {
        name,
        outcome,
        says,
        module: package(items, invoke),
    };
    rows.iter().map(row).collect()
}

/// What never ends.
fn endless() -> Vec<Running> {
    let in_invoke = rows(
        Outcome::OutOfGas,
        "",
        &[
            ("a loop", "", "(loop $l (br $l)) i32.const 0"),
            ("a loop in a loop", "", "(loop $a (loop $b (br_if $b (i32.const 1))) (br $a)) i32.const 0"),
            ("a table of branches", "", "(loop $l (br_table $l $l $l (i32.const 7))) i32.const 0"),
            ("calls in a loop", "(func $f)", "(loop $l (call $f) (br $l)) i32.const 0"),
            (
                "calls that double",
                "(func $f (param i32) (if (local.get 0) (then
                    (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))",
                "(call $f (i32.const 60)) i32.const 0",
            ),
            ("divisions", "", "(loop $l (drop (i64.div_u (i64.const -1) (i64.const 3))) (br $l)) i32.const 0"),
            ("filling", "", "(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) i32.const 0"),
            ("copying", "", "(loop $l (memory.copy (i32.const 1) (i32.const 0) (i32.const 65535)) (br $l)) i32.const 0"),
            (
                "copying a byte at a time",
                "",
                "(loop $l (memory.copy (i32.const 1) (i32.const 0) (i32.const 1)) (br $l)) i32.const 0",
            ),
            ("a huge length", "", "(memory.fill (i32.const 0) (i32.const 1) (i32.const -1)) i32.const 0"),
            ("growing by nothing", "", "(loop $l (drop (memory.grow (i32.const 0))) (br $l)) i32.const 0"),
            (
                "touching every page",
                "",
                "(drop (memory.grow (i32.const 255)))
                (loop $l (i32.store (local.get 0) (i32.const 1))
                    (local.set 0 (i32.and (i32.add (local.get 0) (i32.const 4096)) (i32.const 0xffffff))) (br $l)) i32.const 0",
            ),
            (
                "asking the host",
                "",
                "(loop $l (call $get (i32.const 0) (i32.const 1) (i32.const 64)) (br $l)) i32.const 0",
            ),
            (
                "scanning",
                SCAN,
                "(loop $l (call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1000)
                    (i32.const 64)) (br $l)) i32.const 0",
            ),
            (
                "writing the same key",
                PUT,
                "(loop $l (call $put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1)) (br $l)) i32.const 0",
            ),
        ],
    );
    let post = format!(r#"(func (export "cabi_post_{CONTRACT}#invoke") (param i32) (loop $l (br $l)))"#);
    let elsewhere = [
        ("an allocator that never ends", "", "(loop $l (br $l)) i32.const 0"),
        ("an allocator that calls out", "", "(call $get (i32.const 0) (i32.const 1) (i32.const 64)) i32.const 4096"),
        ("endless tidying up", post.as_str(), "i32.const 4096"),
    ];
    let elsewhere = elsewhere.map(|(name, items, allocator)| Running {
        name,
        outcome: Outcome::OutOfGas,
        says: "",
        module: Parts { items, allocator, invoke: "i32.const 1024", ..Parts::default() }.module(),
    });
    [in_invoke, elsewhere.to_vec()].concat()
}

/// What calls itself until it is stopped.
fn deep() -> Vec<Running> {
    let (parameters, arguments) = ("i64 ".repeat(100), "(i64.const 1) ".repeat(100));
    rows(
        Outcome::Trapped,
        DEEPLY,
        &[
            ("recursion", "(func $f (call $f))", "(call $f) i32.const 0"),
            ("recursion in turns", "(func $f (call $g)) (func $g (call $f))", "(call $f) i32.const 0"),
            (
                "recursion through the table",
                "(table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (type $plain) (i32.const 0)))",
                "(call $f) i32.const 0",
            ),
            (
                "recursion with many parameters",
                &format!("(func $f (param {parameters}) (call $f {arguments}))"),
                &format!("(call $f {arguments}) i32.const 0"),
            ),
            (
                "recursion with many locals",
                &format!("(func $f (local {}) (call $f))", "i64 ".repeat(4000)),
                "(call $f) i32.const 0",
            ),
        ],
    )
}

/// What does what cannot be done.
fn broken() -> Vec<Running> {
    rows(
        Outcome::Trapped,
        BROKE_OFF,
        &[
            ("unreachable", "", "unreachable"),
            ("beyond the memory", "", "(i32.load (i32.const -4))"),
            ("division by zero", "", "(i32.div_s (i32.const 1) (local.get 3)) (i32.const 0) (i32.div_u)"),
            ("overflowing division", "", "(i32.div_s (i32.const 0x80000000) (i32.const -1))"),
            (
                "an empty place in the table",
                "(table 1 funcref)",
                "(call_indirect (type $plain) (i32.const 0)) i32.const 0",
            ),
            ("beyond the table", "(table 1 funcref)", "(call_indirect (type $plain) (i32.const 9)) i32.const 0"),
            (
                "another type than said",
                "(table 1 funcref) (elem (i32.const 0) $f) (func $f (param i64))",
                "(call_indirect (type $plain) (i32.const 0)) i32.const 0",
            ),
        ],
    )
}

/// What hands over what is none.
fn malformed() -> Vec<Running> {
    let values = rows(
        Outcome::Trapped,
        MALFORMED,
        &[
            ("a result out of memory", "", "i32.const -4"),
            ("a result out of line", "", "i32.const 1021"),
            ("no such kind of result", "", "(i32.store (i32.const 1024) (i32.const 77)) i32.const 1024"),
            ("an endless list", "", "(i32.store (i32.const 1032) (i32.const -1)) i32.const 1024"),
            ("a panic that points nowhere", "", "(call $panicked (i32.const -1) (i32.const -1)) i32.const 0"),
        ],
    );
    let allocator = Running {
        name: "an allocator that points nowhere",
        outcome: Outcome::Trapped,
        says: MALFORMED,
        module: Parts { allocator: "i32.const -9", ..Parts::default() }.module(),
    };
    [values, vec![allocator]].concat()
}

/// What wants more than there is.
fn greedy() -> Vec<Running> {
    let memory = rows(
        Outcome::LimitExceeded,
        "bytes of memory",
        &[
            (
                "memory, page by page",
                "",
                "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable",
            ),
            ("memory, all at once", "", "(drop (memory.grow (i32.const 65535))) unreachable"),
        ],
    );
    let long =
        "(i32.store (i32.const 1028) (i32.const 0)) (i32.store (i32.const 1032) (i32.const 300000)) i32.const 1024";
    let large = Running {
        name: "a long result",
        outcome: Outcome::LimitExceeded,
        says: "result",
        module: Parts { memory: r#"(memory (export "memory") 8)"#, invoke: long, ..Parts::default() }.module(),
    };
    let host = [
        (
            "a long key",
            "bytes of a key",
            PUT,
            "(call $put (i32.const 0) (i32.const 300) (i32.const 0) (i32.const 1)) i32.const 0",
        ),
        (
            "a long scan",
            "entries of a scan",
            SCAN,
            "(call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1001) (i32.const 64)) i32.const 0",
        ),
        (
            "a flood of events",
            "events",
            EMIT,
            "(loop $l (call $emit (i32.const 60008) (i32.const 1) (i32.const 0) (i32.const 1)) (br $l)) i32.const 0",
        ),
    ];
    let host = host.map(|(name, says, items, invoke)| Running {
        name,
        outcome: Outcome::LimitExceeded,
        says,
        module: package(items, invoke),
    });
    [memory, vec![large], host.to_vec()].concat()
}

/// What uses as much of the host as it may.
fn costly() -> Vec<Running> {
    let hash = r#"(import "theriac:chaincode/crypto@1.0.0" "sha3-256" (func $hash (param i32 i32 i32)))"#;
    rows(
        Outcome::OutOfGas,
        "",
        &[
            (
                "writing keys without end",
                PUT,
                "(loop $l (i32.store (i32.const 1) (local.tee 0 (i32.add (local.get 0) (i32.const 1))))
                    (call $put (i32.const 0) (i32.const 4) (i32.const 2048) (i32.const 512)) (br $l)) i32.const 0",
            ),
            (
                "hashing",
                hash,
                "(loop $l (call $hash (i32.const 0) (i32.const 65536) (i32.const 64)) (br $l)) i32.const 0",
            ),
        ],
    )
}

/// What is as large as it may be, and honest otherwise: all that compilers have to cope with.
fn largest() -> Vec<Running> {
    let function = |body: String| format!("(func {body})");
    rows(
        Outcome::Valid,
        "",
        &[
            ("locals", &function("(local i64)".repeat(4990)), "i32.const 0"),
            ("parameters", &function(format!("(param{})", " i64".repeat(100))), "i32.const 0"),
            ("a br_table", &function(format!("(block (br_table {} (i32.const 0)))", "0 ".repeat(4000))), "i32.const 0"),
            (
                "a br_table out of many blocks",
                &function(format!(
                    "{} (br_table {} (i32.const 3)) {}",
                    "(block ".repeat(2000),
                    (0..2000).map(|depth| format!("{depth} ")).collect::<String>(),
                    ")".repeat(2000)
                )),
                "i32.const 0",
            ),
            ("blocks", &function("(block)".repeat(1900)).repeat(15), "i32.const 0"),
            (
                "data",
                &format!("(data (i32.const 0) \"{}\")", "x".repeat(59_000)),
                "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 0)) i32.const 0",
            ),
            ("operators", &function("nop ".repeat(95_000)).repeat(4), "i32.const 0"),
        ],
    )
}
