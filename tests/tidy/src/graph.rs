//! The dependency graph as cargo sees it, reduced to names and kinds.

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Cargo did not tell the graph.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The compiler did not name its host.
    #[error("`rustc -vV` did not name the host: {reason}")]
    Host {
        /// What it printed, or why it did not run.
        reason: String,
    },
    /// `cargo metadata` failed.
    #[error("`cargo metadata` failed: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    /// `cargo metadata` answered without the resolved graph.
    #[error("`cargo metadata` left the resolved graph out")]
    Unresolved,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Part of the crate, or of its build script.
    Build,
    /// Of its tests only.
    Test,
}

/// Crates by name, each with what it depends on. Several versions of one crate count as one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// Names of the workspace's own crates.
    pub members: BTreeSet<String>,
    /// Edges out of every crate, for this machine's platform and the workspace's features.
    pub edges: BTreeMap<String, BTreeSet<(String, Kind)>>,
}

impl Graph {
    /// Asks cargo for the graph of the workspace at `root`.
    ///
    /// # Errors
    /// When cargo or rustc do not answer.
    pub fn read(root: &Path) -> Result<Self, GraphError> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .features(CargoOpt::SomeFeatures(Vec::new()))
            // Without a platform cargo would fetch the crates of every operating system.
            .other_options(["--filter-platform".to_owned(), host()?])
            .exec()?;
        Self::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self, GraphError> {
        let name_of: BTreeMap<_, _> = metadata.packages.iter().map(|p: &Package| (&p.id, p.name.to_string())).collect();
        let mut graph = Self::default();
        for id in &metadata.workspace_members {
            graph.members.extend(name_of.get(id).cloned());
        }
        for node in &metadata.resolve.as_ref().ok_or(GraphError::Unresolved)?.nodes {
            let Some(from) = name_of.get(&node.id) else { continue };
            let edges = graph.edges.entry(from.clone()).or_default();
            for dependency in &node.deps {
                let Some(to) = name_of.get(&dependency.pkg) else { continue };
                for kind in &dependency.dep_kinds {
                    let kind = if kind.kind == DependencyKind::Development { Kind::Test } else { Kind::Build };
                    edges.insert((to.clone(), kind));
                }
            }
        }
        Ok(graph)
    }

    /// A graph of members from `(crate, [dependencies])`, `+` in front of a dependency of tests; for tests.
    pub fn of(crates: &[(&str, &[&str])]) -> Self {
        let mut graph = Self::default();
        for (name, dependencies) in crates {
            graph.members.insert((*name).to_owned());
            let edges = dependencies.iter().map(|d| match d.strip_prefix('+') {
                Some(test) => (test.to_owned(), Kind::Test),
                None => ((*d).to_owned(), Kind::Build),
            });
            graph.edges.insert((*name).to_owned(), edges.collect());
        }
        graph
    }

    /// What a crate depends on directly.
    pub fn dependencies(&self, name: &str) -> impl Iterator<Item = (&str, Kind)> {
        self.edges.get(name).into_iter().flatten().map(|(to, kind)| (to.as_str(), *kind))
    }
}

fn host() -> Result<String, GraphError> {
    let failed = |reason: String| GraphError::Host { reason };
    let output = Command::new("rustc").arg("-vV").output().map_err(|e| failed(e.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|l| l.strip_prefix("host: ")).map(str::to_owned);
    host.ok_or_else(|| failed(text))
}
