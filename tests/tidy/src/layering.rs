//! Who may depend on whom: the layering table of the architecture, as data.
//!
//! A crate may use the crates its row names, and every row names only rows above it. Tests within a crate may use
//! more, but never a heavy dependency that belongs to another crate.

use crate::Finding;
use crate::graph::{Graph, Kind};
use Use::{Any, Only};

/// Which of our crates a crate may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// These and no others.
    Only(&'static [&'static str]),
    /// Every row above: the crates that test the whole.
    Any,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The crate.
    pub name: &'static str,
    /// What it may use in its own code and build script.
    pub may_use: Use,
    /// What its tests may use besides.
    pub tests_may_use: Use,
}

const fn row(name: &'static str, may_use: Use) -> Row {
    Row { name, may_use, tests_may_use: Only(&[]) }
}

const fn row_with_tests(name: &'static str, may_use: Use, tests_may_use: Use) -> Row {
    Row { name, may_use, tests_may_use }
}

/// Lowest first.
pub const TABLE: &[Row] = &[
    row("theriac-types", Only(&[])),
    row("theriac-crypto", Only(&["theriac-types"])),
    row("theriac-consensus", Only(&["theriac-types", "theriac-crypto"])),
    // The order of index entries, for the ledger and for the mock host of the guest SDK.
    row("theriac-chaincode-index", Only(&[])),
    row("theriac-ledger", Only(&["theriac-types", "theriac-crypto", "theriac-chaincode-index"])),
    row("theriac-storage", Only(&["theriac-types", "theriac-crypto", "theriac-ledger"])),
    row("theriac-documents", Only(&["theriac-types", "theriac-crypto"])),
    row("theriac-chaincode-macros", Only(&[])),
    row("theriac-chaincode", Only(&["theriac-chaincode-macros", "theriac-chaincode-index"])),
    // Packages that mean harm, for the tests of whoever must withstand them.
    row("theriac-hostile", Only(&["theriac-types"])),
    // The static checks of a package, as the peer and the builder both run them.
    row_with_tests("theriac-check", Only(&["theriac-types"]), Only(&["theriac-hostile"])),
    row("theriac-chaincode-build", Only(&["theriac-types", "theriac-check"])),
    row("theriac-gs1", Only(&[])),
    // The only reader of GS1's syntaxes.
    row("theriac-domain", Only(&["theriac-gs1"])),
    row("theriac-epcis", Only(&["theriac-gs1", "theriac-domain"])),
    row("theriac-labels", Only(&["theriac-gs1"])),
    row("theriac-rules", Only(&["theriac-chaincode", "theriac-domain"])),
    row_with_tests(
        "theriac-trace",
        Only(&["theriac-chaincode", "theriac-domain"]),
        Only(&["theriac-epcis", "theriac-rules"]),
    ),
    // Trace answers it, in a form that it reads for itself.
    row_with_tests(
        "theriac-inspection",
        Only(&["theriac-chaincode", "theriac-gs1", "theriac-domain"]),
        Only(&["theriac-epcis", "theriac-rules", "theriac-trace"]),
    ),
    // It speaks of cases and shipments in the chaincode's own types.
    row("theriac-dscsa", Only(&["theriac-domain", "theriac-trace"])),
    // Encryption is an audit boundary of its own, and nothing that a peer links.
    row("theriac-sealed", Only(&["theriac-types", "theriac-crypto"])),
    row("theriac-artifacts", Only(&["theriac-chaincode-build"])),
    row("theriac-test-key-value", Only(&["theriac-chaincode"])),
    row("theriac-test-key-value-second", Only(&["theriac-chaincode"])),
    row("theriac-test-misbehaving", Only(&["theriac-chaincode"])),
    row("theriac-test-registers", Only(&["theriac-chaincode"])),
    row("theriac-test-rules-second", Only(&["theriac-chaincode", "theriac-domain"])),
    row("theriac-test-workloads", Only(&["theriac-chaincode"])),
    row("theriac-test-artifacts", Only(&["theriac-chaincode-build"])),
    row_with_tests(
        "theriac-runtime",
        Only(&["theriac-types", "theriac-crypto", "theriac-ledger", "theriac-check"]),
        Only(&["theriac-artifacts", "theriac-test-artifacts", "theriac-hostile", "theriac-domain"]),
    ),
    row("theriac-ordering", Only(&["theriac-types", "theriac-crypto", "theriac-consensus"])),
    row("theriac-proto", Only(&[])),
    row_with_tests(
        "theriac-peer",
        Only(&[
            "theriac-types",
            "theriac-crypto",
            "theriac-consensus",
            "theriac-ledger",
            "theriac-storage",
            "theriac-documents",
            "theriac-runtime",
            "theriac-ordering",
            "theriac-proto",
        ]),
        Only(&["theriac-artifacts", "theriac-test-artifacts"]),
    ),
    // It verifies proofs with the ledger's own code; the ledger is pure.
    row(
        "theriac-client",
        Only(&["theriac-types", "theriac-crypto", "theriac-sealed", "theriac-ledger", "theriac-proto"]),
    ),
    // It speaks of arguments and results in the chaincode's own types.
    row(
        "theriac-trace-client",
        Only(&["theriac-types", "theriac-crypto", "theriac-client", "theriac-domain", "theriac-trace"]),
    ),
    row(
        "theriac-network",
        Only(&[
            "theriac-types",
            "theriac-crypto",
            "theriac-domain",
            "theriac-artifacts",
            "theriac-peer",
            "theriac-epcis",
            "theriac-trace",
            "theriac-client",
            "theriac-trace-client",
        ]),
    ),
    // Simulated peers run the very code of real ones; the command line shows such a run.
    row(
        "theriac-simulator",
        Only(&["theriac-types", "theriac-crypto", "theriac-consensus", "theriac-ledger", "theriac-ordering"]),
    ),
    row(
        "theriac-cli",
        Only(&[
            "theriac-types",
            "theriac-crypto",
            "theriac-domain",
            "theriac-artifacts",
            // `theriac chaincode test` runs a package on a ledger in memory, as peers do.
            "theriac-ledger",
            "theriac-runtime",
            "theriac-chaincode-build",
            "theriac-peer",
            "theriac-epcis",
            "theriac-trace",
            "theriac-client",
            "theriac-documents",
            "theriac-trace-client",
            "theriac-labels",
            "theriac-dscsa",
            "theriac-gs1",
            "theriac-network",
            "theriac-simulator",
        ]),
    ),
    row("theriac-model", Only(&["theriac-types", "theriac-crypto", "theriac-consensus"])),
    row("theriac-linearizability", Only(&[])),
    // Only pure crates, so that it builds in seconds.
    row("theriac-comparison", Only(&["theriac-types", "theriac-crypto", "theriac-consensus"])),
    // It changes copies of the crates below it, and links none of them.
    row("theriac-mutants", Only(&[])),
    row("theriac-conformance", Any),
    row("theriac-integration", Any),
    row("theriac-bench", Any),
    row("theriac-tidy", Only(&[])),
];

/// A dependency from outside that only these crates may name.
#[derive(Debug, Clone, Copy)]
pub struct Owned {
    /// The dependency.
    pub name: &'static str,
    /// Who may depend on it, in tests too.
    pub owners: &'static [&'static str],
}

/// Dependencies that decide what a crate is: how it compiles, and which world it lives in.
pub const OWNED: &[Owned] = &[
    Owned { name: "rocksdb", owners: &["theriac-storage"] },
    Owned { name: "wasmtime", owners: &["theriac-runtime"] },
    Owned { name: "wit-bindgen", owners: &["theriac-chaincode"] },
    Owned { name: "jmt", owners: &["theriac-ledger"] },
    Owned { name: "blst", owners: &["theriac-crypto"] },
    // The tests of sealed documents open them a second time, by their description alone.
    Owned {
        name: "k256",
        owners: &["theriac-crypto", "theriac-chaincode", "theriac-sealed", "theriac-test-workloads"],
    },
    // One crate encrypts, with keys that only a client has.
    Owned { name: "aead-stream", owners: &["theriac-sealed"] },
    Owned { name: "aes-gcm", owners: &["theriac-sealed"] },
    Owned { name: "hkdf", owners: &["theriac-sealed"] },
    // CBV hashes events with SHA-256; messages of DSCSA are named by what they say; HKDF derives keys with it.
    Owned {
        name: "sha2",
        owners: &["theriac-crypto", "theriac-chaincode", "theriac-epcis", "theriac-dscsa", "theriac-sealed"],
    },
    Owned { name: "sha3", owners: &["theriac-crypto", "theriac-chaincode", "theriac-test-workloads"] },
    Owned { name: "tokio", owners: ASYNC },
    Owned { name: "tokio-stream", owners: ASYNC },
    Owned {
        name: "tonic",
        owners: &["theriac-proto", "theriac-peer", "theriac-client", "theriac-integration", "theriac-bench"],
    },
];

const ASYNC: &[&str] =
    &["theriac-peer", "theriac-client", "theriac-network", "theriac-cli", "theriac-integration", "theriac-bench"];

/// Finds edges that the table does not allow, and crates that it does not know.
pub fn check(graph: &Graph, table: &[Row], owned: &[Owned]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in &graph.members {
        let Some(row) = table.iter().find(|r| r.name == name) else {
            findings.push(Finding::new(name, "has no row in the layering table"));
            continue;
        };
        for (to, kind) in graph.dependencies(name) {
            if graph.members.contains(to) && !allows(row, to, kind) {
                findings.push(Finding::new(name, format!("may not depend on {to}{}", in_tests(kind))));
            }
            if let Some(owned) = owned.iter().find(|o| o.name == to && !o.owners.contains(&name.as_str())) {
                let owners = owned.owners.join(", ");
                findings.push(Finding::new(name, format!("{to}{} belongs to {owners}", in_tests(kind))));
            }
        }
    }
    for row in table.iter().filter(|r| !graph.members.contains(r.name)) {
        findings.push(Finding::new(row.name, "is in the layering table but not in the workspace"));
    }
    findings
}

fn allows(row: &Row, to: &str, kind: Kind) -> bool {
    let among = |allowed: Use| match allowed {
        Only(names) => names.contains(&to),
        Any => true,
    };
    // Tests of a crate may ask it for a feature that it does not have by itself.
    among(row.may_use) || (kind == Kind::Test && (to == row.name || among(row.tests_may_use)))
}

fn in_tests(kind: Kind) -> &'static str {
    match kind {
        Kind::Build => "",
        Kind::Test => " in its tests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &[Row] = &[
        row("types", Only(&[])),
        row("ledger", Only(&["types"])),
        row_with_tests("runtime", Only(&["types"]), Only(&["ledger"])),
        row("all", Any),
    ];
    const ROCKS: &[Owned] = &[Owned { name: "rocksdb", owners: &["ledger"] }];

    fn found(crates: &[(&str, &[&str])]) -> Vec<String> {
        check(&Graph::of(crates), SMALL, ROCKS).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_arrow_goes_to_an_earlier_row() {
        for (index, row) in TABLE.iter().enumerate() {
            for allowed in [row.may_use, row.tests_may_use] {
                let Only(names) = allowed else { continue };
                for name in names {
                    assert!(TABLE[..index].iter().any(|r| r.name == *name), "{} names {name}", row.name);
                }
            }
        }
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        let good: &[(&str, &[&str])] = &[
            ("types", &["borsh", "+types"]),
            ("ledger", &["types", "rocksdb"]),
            ("runtime", &["types", "+ledger"]),
            ("all", &["ledger"]),
        ];
        assert_eq!(found(good), [""; 0]);
        let edge = |runtime: &'static [&'static str]| {
            found(&[("types", &[]), ("ledger", &[]), ("runtime", runtime), ("all", &[])])
        };
        assert_eq!(edge(&["ledger"]), ["runtime: may not depend on ledger"]);
        assert_eq!(edge(&["+all"]), ["runtime: may not depend on all in its tests"]);
    }

    #[test]
    fn a_heavy_dependency_outside_its_owner_is_found_in_tests_too() {
        let edge =
            |all: &'static [&'static str]| found(&[("types", &[]), ("ledger", &[]), ("runtime", &[]), ("all", all)]);
        assert_eq!(edge(&["rocksdb"]), ["all: rocksdb belongs to ledger"]);
        assert_eq!(edge(&["+rocksdb"]), ["all: rocksdb in its tests belongs to ledger"]);
    }

    #[test]
    fn table_and_workspace_name_the_same_crates() {
        let crates: &[(&str, &[&str])] = &[("types", &[]), ("ledger", &[]), ("runtime", &[]), ("stray", &[])];
        assert_eq!(
            found(crates),
            ["stray: has no row in the layering table", "all: is in the layering table but not in the workspace"]
        );
    }
}
