//! Every check, on the repository itself.

use theriac_tidy::graph::Graph;
use theriac_tidy::{
    Finding, Repository, codes, documentation, entries, layering, lengths, lockfile, manifests, policy, reach, words,
};

fn repository() -> Repository {
    let repository = Repository::read().expect("git lists the files of this checkout");
    assert!(repository.files.len() > 50, "found only {} files below {:?}", repository.files.len(), repository.root);
    repository
}

fn graph() -> Graph {
    let graph = Graph::read(&repository().root).expect("cargo tells the dependency graph");
    assert!(graph.edges.len() > 100, "found only {} crates", graph.edges.len());
    graph
}

fn assert_tidy(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(|f| format!("  {f}\n")).collect();
    assert!(findings.is_empty(), "{} finding(s):\n{}", findings.len(), lines.concat());
}

#[test]
fn layering_every_edge_is_in_the_table() {
    assert_tidy(&layering::check(&graph(), layering::TABLE, layering::OWNED));
}

#[test]
fn layering_pure_crates_reach_nothing_heavy() {
    assert_tidy(&reach::check(&graph(), reach::BARRIERS));
}

#[test]
fn lengths_no_file_is_over_the_limit() {
    assert_tidy(&lengths::check(&repository().files));
}

#[test]
fn words_none_of_the_banned_ones_is_used() {
    assert_tidy(&words::check(&repository().files));
}

#[test]
fn codes_every_one_is_explained() {
    assert_tidy(&codes::check(&repository().files));
}

#[test]
fn entries_the_top_holds_what_the_design_card_names() {
    assert_tidy(&entries::check(&repository().files));
}

#[test]
fn documentation_every_file_says_what_it_is_for() {
    assert_tidy(&documentation::check(&repository().files));
}

#[test]
fn manifests_versions_and_lints_come_from_the_workspace() {
    assert_tidy(&manifests::check(&repository().files));
}

#[test]
fn lockfile_every_dependency_comes_from_crates_io() {
    let repository = repository();
    assert_tidy(&lockfile::check(repository.text("Cargo.lock").expect("the lock file is part of the repository")));
}

#[test]
fn policy_pure_crates_ban_what_is_not_deterministic() {
    assert_tidy(&policy::check(&repository()));
}
