//! What a crate reaches through any chain of dependencies: a pure crate compiles, and drags in, nothing heavy.

use crate::Finding;
use crate::graph::{Graph, Kind};
use std::collections::{BTreeMap, VecDeque};

/// A set of crates and what none of them may reach, tests included.
#[derive(Debug, Clone, Copy)]
pub struct Barrier {
    /// The crates.
    pub crates: &'static [&'static str],
    /// What they never reach.
    pub never: &'static [&'static str],
}

/// The barriers of the architecture.
pub const BARRIERS: &[Barrier] = &[
    Barrier {
        crates: &[
            "theriac-types",
            "theriac-crypto",
            "theriac-consensus",
            "theriac-ledger",
            "theriac-ordering",
            "theriac-chaincode",
            "theriac-chaincode-build",
            "theriac-gs1",
            "theriac-domain",
            "theriac-rules",
            "theriac-trace",
            "theriac-inspection",
            "theriac-epcis",
            "theriac-labels",
            "theriac-dscsa",
            "theriac-sealed",
            "theriac-simulator",
            "theriac-model",
        ],
        never: &["rocksdb", "librocksdb-sys", "wasmtime", "tokio", "tonic", "rustls"],
    },
    // JSON is for people and lives at the edge.
    Barrier {
        crates: &[
            "theriac-types",
            "theriac-crypto",
            "theriac-consensus",
            "theriac-ledger",
            "theriac-ordering",
            "theriac-domain",
        ],
        never: &["serde_json"],
    },
    Barrier { crates: &["theriac-consensus", "theriac-ordering"], never: &["theriac-ledger"] },
    Barrier { crates: &["theriac-storage"], never: &["wasmtime", "tokio", "theriac-consensus"] },
    Barrier {
        crates: &["theriac-documents"],
        never: &["rocksdb", "wasmtime", "tokio", "tonic", "theriac-ledger", "theriac-storage"],
    },
    Barrier { crates: &["theriac-runtime"], never: &["rocksdb", "tokio", "theriac-storage"] },
    Barrier {
        crates: &["theriac-client"],
        never: &["rocksdb", "wasmtime", "theriac-consensus", "theriac-storage", "theriac-runtime"],
    },
    // A peer keeps sealed documents and can open none.
    Barrier {
        crates: &["theriac-peer"],
        never: &["theriac-client", "theriac-sealed", "theriac-cli", "theriac-network"],
    },
];

/// Finds chains from a crate to what it must never reach.
pub fn check(graph: &Graph, barriers: &[Barrier]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for barrier in barriers {
        for name in barrier.crates {
            let reached = shortest_chains(graph, name);
            for never in barrier.never {
                if let Some(chain) = reached.get(*never) {
                    findings.push(Finding::new(*name, format!("reaches {never}: {}", chain.join(" > "))));
                }
            }
        }
    }
    findings
}

/// Every crate that `from` or its tests need, each with a shortest chain to it. Tests of dependencies do not count.
fn shortest_chains<'a>(graph: &'a Graph, from: &'a str) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut chains = BTreeMap::from([(from, vec![from])]);
    let mut queue = VecDeque::from([from]);
    while let Some(name) = queue.pop_front() {
        let chain = chains[name].clone();
        for (to, kind) in graph.dependencies(name) {
            if (kind == Kind::Build || name == from) && !chains.contains_key(to) {
                chains.insert(to, chain.iter().copied().chain([to]).collect());
                queue.push_back(to);
            }
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: &[Barrier] = &[Barrier { crates: &["consensus"], never: &["tokio"] }];

    fn found(crates: &[(&str, &[&str])]) -> Vec<String> {
        check(&Graph::of(crates), PURE).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_chain_is_found_and_shown() {
        let chain = found(&[("consensus", &["a"]), ("a", &["b"]), ("b", &["tokio"]), ("tokio", &[])]);
        assert_eq!(chain, ["consensus: reaches tokio: consensus > a > b > tokio"]);
    }

    #[test]
    fn own_tests_count_and_tests_of_dependencies_do_not() {
        assert_eq!(found(&[("consensus", &["+a"]), ("a", &["tokio"])]).len(), 1);
        assert_eq!(found(&[("consensus", &["a"]), ("a", &["+tokio"])]).len(), 0);
    }
}
