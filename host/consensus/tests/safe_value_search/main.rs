//! Explores every behaviour of one slot with the production rule for safe values, and with every tempting variant.
//!
//! In each view the primary is Byzantine, and so are `f` replicas. Each honest replica is given a view-change set of the
//! adversary's choice, another one for each if it likes, with arbitrary Byzantine reports in it; it accepts what follows
//! from the set or nothing; whoever accepted a value with a prepare certificate casts a commit vote or not. The values
//! are A, B and null. A violation is a state in which two values can be certified as committed, by the votes cast
//! and those the Byzantine replicas can add.
//!
//! Nothing is lost by going through the views in order: what an honest replica does in a view depends on reports that
//! were sent on leaving earlier views, and it reports to a later view only after it did it.
//!
//! The rows are those of the protocol's table (section 2.4), and all agree with it. That was made by another program,
//! whose counts of states are larger: here a state counts once under any renaming of replicas and of A and B, and the
//! last view is not expanded, because whatever a set allows there all honest replicas can certify.
//!
//! | states of the rule | n=4, 5 views | n=6, 4 views | n=7, 3 views |
//! |---|---|---|---|
//! | the table | 540,786 | 890,400 | 163,916 |
//! | here | 41,622 | 43,191 | 4,359 |
//! | here, one view deeper | 329,153 | 587,802 | 137,607 |

mod model;
mod rules;
mod search;
mod sets;

use model::Model;
use search::{Outcome, search};
use std::ops::RangeInclusive;
use theriac_consensus::Cluster;

/// What the table says of a network.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Safe,
    /// A violation, in this view where the table names one.
    Violation(Option<u8>),
}

use Expected::{Safe, Violation};

const N4: (u16, u16, u8) = (1, 0, 5);
const N6: (u16, u16, u8) = (1, 1, 4);
const N7: (u16, u16, u8) = (2, 0, 3);

/// Runs a row of the table: a variation of the model in networks of some sizes, with the result expected for each.
fn row(name: &str, vary: impl Fn(Model) -> Model, networks: &[((u16, u16, u8), Expected)]) {
    for ((f, c, views), expected) in networks {
        let model = vary(Model::new(Cluster::new(*f, *c).expect("a small network"), *views));
        let outcome = search(&model);
        println!("{name}, f={f} c={c}, {views} views: {outcome:?}");
        let agrees = match (&outcome, expected) {
            (Outcome::Safe { .. }, Safe) | (Outcome::Violation { .. }, Violation(None)) => true,
            (Outcome::Violation { view, .. }, Violation(Some(expected))) => view == expected,
            _ => false,
        };
        assert!(agrees, "{name}, f={f} c={c}: expected {expected:?}, found {outcome:?}");
    }
}

fn sizes(model: &Model, size: impl Fn(Cluster) -> RangeInclusive<usize>) -> RangeInclusive<usize> {
    size(model.cluster)
}

#[test]
fn the_rule_is_safe() {
    row("the rule", |model| model, &[((2, 0, 4), Safe), ((1, 0, 6), Safe), ((1, 1, 5), Safe)]);
}

#[test]
fn the_rule_is_safe_one_view_deeper_than_the_table() {
    row("the rule, deeper", |model| model, &[((1, 0, 6), Safe), ((1, 1, 5), Safe), ((2, 0, 4), Safe)]);
}

#[test]
fn a_free_slot_may_take_any_value() {
    let vary = |model| Model { rule: rules::free_slot_takes_any_value, ..model };
    row("free slot takes any value", vary, &[(N4, Safe), (N6, Safe), (N7, Safe)]);
}

#[test]
fn an_old_certificate_may_be_dropped_for_a_later_other_value() {
    let vary = |model| Model { drops_old_certificate: true, ..model };
    row("old certificate dropped", vary, &[(N4, Safe), (N6, Safe), (N7, Safe)]);
}

#[test]
fn larger_sets_are_safe_when_ambiguity_frees_the_slot() {
    let vary = |model: Model| Model {
        rule: rules::ambiguity_frees_the_slot,
        set_sizes: sizes(&model, |q| q.view_change()..=q.replicas()),
        ..model
    };
    row("sets of up to n", vary, &[(N4, Safe), ((1, 1, 3), Safe), (N7, Safe)]);
}

#[test]
fn unreported_nulls_must_not_commit_fast() {
    let vary = |model| Model { reports_null: false, ..model };
    let violation = Violation(Some(2));
    row("null unreported, fast", vary, &[(N4, violation), (N6, violation), (N7, violation)]);
}

#[test]
fn unreported_nulls_may_commit_slowly() {
    let vary = |model| Model { reports_null: false, null_commits_fast: false, ..model };
    row("null unreported, slow only", vary, &[(N4, Safe), (N6, Safe), (N7, Safe)]);
}

#[test]
fn a_tie_must_not_go_to_fast_evidence() {
    let vary = |model| Model { rule: rules::tie_goes_to_fast, ..model };
    let violation = Violation(Some(1));
    row("tie goes to fast", vary, &[(N4, violation), (N6, violation), (N7, violation)]);
}

#[test]
fn fast_evidence_must_not_always_win() {
    let vary = |model| Model { rule: rules::fast_always_wins, ..model };
    row("fast always wins", vary, &[(N4, Violation(Some(1))), (N6, Violation(Some(1)))]);
}

#[test]
fn slow_evidence_must_not_always_win() {
    let vary = |model| Model { rule: rules::slow_always_wins, ..model };
    row("slow always wins", vary, &[(N4, Violation(Some(2))), (N6, Violation(Some(2)))]);
}

#[test]
fn fast_evidence_needs_exactly_f_c_1_reports() {
    let vary = |model| Model { rule: rules::fast_evidence_of_one_less, ..model };
    row("fast evidence of f+c", vary, &[(N4, Violation(None)), (N6, Violation(None))]);
    let vary = |model| Model { rule: rules::fast_evidence_of_one_more, ..model };
    row("fast evidence of f+c+2", vary, &[(N4, Violation(None)), (N6, Violation(None))]);
}

#[test]
fn fast_evidence_must_count_across_views() {
    let vary = |model| Model { rule: rules::fast_evidence_of_one_view, ..model };
    row("fast evidence of one view", vary, &[(N4, Violation(Some(2))), (N6, Violation(Some(2)))]);
}

#[test]
fn pre_prepares_of_earlier_views_must_be_reported() {
    let vary = |model| Model { reports_last_view_only: true, ..model };
    row("only the view just left is reported", vary, &[(N4, Violation(Some(2))), (N6, Violation(Some(2)))]);
}

#[test]
fn the_slow_quorum_is_no_view_change_quorum() {
    // Without slack the two numbers are the same: only n = 6 tells them apart.
    let vary = |model: Model| Model {
        rule: rules::as_specified_for_any_set,
        set_sizes: sizes(&model, |q| q.prepare()..=q.prepare()),
        ..model
    };
    row("sets of 2f+c+1", vary, &[(N4, Safe), (N6, Violation(Some(1))), (N7, Safe)]);
    let vary = |model: Model| Model {
        rule: rules::fast_evidence_of_f_1,
        set_sizes: sizes(&model, |q| q.prepare()..=q.prepare()),
        ..model
    };
    row("sets of 2f+c+1, evidence of f+1", vary, &[(N4, Safe), (N6, Violation(Some(1))), (N7, Safe)]);
}

#[test]
fn an_invalid_certificate_must_not_mask_a_valid_one() {
    let vary = |model| Model { rule: rules::invalid_certificate_masks, ..model };
    row("invalid certificate masks", vary, &[(N4, Violation(Some(1))), (N6, Violation(Some(1)))]);
}

#[test]
fn a_replica_that_forgets_counts_as_faulty() {
    let vary = |model| Model { one_forgets: true, ..model };
    row("one honest replica forgets", vary, &[(N4, Violation(Some(1))), (N6, Violation(Some(1)))]);
}

#[test]
fn smaller_commit_quorums_break_agreement() {
    let vary = |model: Model| Model { fast_commit: model.fast_commit - 1, ..model };
    row("fast quorum 3f+c", vary, &[(N4, Violation(None)), (N6, Violation(None))]);
    let vary = |model: Model| Model { slow_commit: model.slow_commit - 1, ..model };
    row("slow quorum 2f+c", vary, &[(N4, Violation(Some(0))), (N6, Violation(Some(0)))]);
}
