//! Breadth first through the views, each state once.

use crate::model::{ALL_BODIES, BODIES, Bodies, Body, Member, Model, NULL, State, certificate_bit};
use crate::sets::Sets;

/// What the search found. States are those between views, all views together.
#[derive(Debug)]
#[allow(dead_code, reason = "the numbers are for whoever reads the test's output")]
pub enum Outcome {
    Safe { states: usize, last_layer: usize },
    Violation { view: u8, states: usize, after: State },
}

/// A choice that an honest replica's vote follows in one view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Vote {
    Skips,
    Accepts(Body),
}

pub fn search(model: &Model) -> Outcome {
    let mut layer = vec![State::START.canonical()];
    let mut states = 0;
    for view in 0..model.views {
        states += layer.len();
        let mut sets = Sets::new(model, view);
        let mut next = Layer::default();
        let last = view + 1 == model.views;
        for state in layer.iter().map(|number| State::from_number(*number)) {
            // Nothing certified yet: a violation would take two values of this one view, which view 0 tried already.
            if last && state.committed == 0 {
                continue;
            }
            // The primary of the first view proposes what it likes.
            let allowed = if view == 0 { ALL_BODIES } else { sets.allowed(&state) };
            // If all honest replicas accept a value it commits, so another committed one makes a violation.
            if state.committed != 0 && allowed & !state.committed != 0 {
                return Outcome::Violation { view, states, after: state };
            }
            if !last && let Some(after) = expand(model, view, &state, allowed, &mut next) {
                return Outcome::Violation { view, states, after };
            }
        }
        if last {
            return Outcome::Safe { states, last_layer: layer.len() };
        }
        layer = next.finish();
    }
    Outcome::Safe { states, last_layer: layer.len() }
}

/// The states after a view, sorted and deduplicated from time to time.
#[derive(Default)]
struct Layer {
    states: Vec<u64>,
    limit: usize,
}

impl Layer {
    fn add(&mut self, state: &State) {
        self.states.push(state.canonical());
        if self.states.len() > self.limit.max(1 << 20) {
            self.tidy();
            self.limit = self.states.len() * 2;
        }
    }

    fn tidy(&mut self) {
        self.states.sort_unstable();
        self.states.dedup();
    }

    fn finish(mut self) -> Vec<u64> {
        self.tidy();
        self.states
    }
}

/// Adds every state that a view can lead to. Returns one in which two values are committed, if there is one.
fn expand(model: &Model, view: u8, state: &State, allowed: Bodies, next: &mut Layer) -> Option<State> {
    let mut votes = vec![Vote::Skips; model.honest()];
    assign(model, state, allowed, 0, &mut votes, &mut |votes| cast(model, view, state, votes, next))
}

/// Tries every assignment of votes. Of replicas in equal states only the sorted assignments are tried.
fn assign(
    model: &Model,
    state: &State,
    allowed: Bodies,
    replica: usize,
    votes: &mut Vec<Vote>,
    found: &mut impl FnMut(&[Vote]) -> Option<State>,
) -> Option<State> {
    if replica == votes.len() {
        return found(votes);
    }
    let members = model.members(state);
    let like_the_last = replica > 0 && members[replica] == members[replica - 1];
    let accepted = BODIES.filter(|body| allowed & (1 << body) != 0).map(Vote::Accepts);
    for vote in std::iter::once(Vote::Skips).chain(accepted) {
        if like_the_last && vote < votes[replica - 1] {
            continue;
        }
        votes[replica] = vote;
        let violation = assign(model, state, allowed, replica + 1, votes, found);
        if violation.is_some() {
            return violation;
        }
    }
    None
}

/// Casts prepare votes, then every choice of commit votes among those whose value got a certificate.
fn cast(model: &Model, view: u8, state: &State, votes: &[Vote], next: &mut Layer) -> Option<State> {
    let faulty = model.cluster.f();
    let accepts = |body: Body| votes.iter().filter(|vote| **vote == Vote::Accepts(body)).count();
    let mut after = *state;
    for body in BODIES.filter(|body| accepts(*body) > 0) {
        if accepts(body) + faulty >= model.slow_commit {
            after.certificates |= certificate_bit(view, body);
        }
        let may_be_fast = body != NULL || model.null_commits_fast;
        if may_be_fast && accepts(body) + faulty >= model.fast_commit {
            after.committed |= 1 << body;
        }
    }
    let may_commit = |i: usize| matches!(votes[i], Vote::Accepts(body) if after.has_certificate(view, body));
    let committers: u32 = (0..votes.len()).filter(|i| may_commit(*i)).fold(0, |all, i| all | 1 << i);
    let mut chosen = committers;
    // Every subset of the committers, from all of them down to none.
    loop {
        let outcome = commit(model, view, after, votes, chosen);
        if outcome.committed.count_ones() > 1 {
            return Some(outcome);
        }
        next.add(&outcome);
        if model.one_forgets && !outcome.forgot {
            forget_each(model, &outcome, next);
        }
        if chosen == 0 {
            return None;
        }
        chosen = (chosen - 1) & committers;
    }
}

fn commit(model: &Model, view: u8, mut state: State, votes: &[Vote], committers: u32) -> State {
    let mut commits = [0; 3];
    for (i, vote) in votes.iter().enumerate() {
        let Vote::Accepts(body) = *vote else { continue };
        let commits_it = committers & (1 << i) != 0;
        commits[usize::from(body)] += usize::from(commits_it);
        let member = &mut state.members[model.first_member() + i];
        *member = member.accept(model, view, body, commits_it);
    }
    for body in BODIES.filter(|body| commits[usize::from(*body)] > 0) {
        if commits[usize::from(body)] + model.cluster.f() >= model.slow_commit {
            state.committed |= 1 << body;
        }
    }
    state
}

fn forget_each(model: &Model, state: &State, next: &mut Layer) {
    for replica in 0..model.honest() {
        let mut forgetful = State { forgot: true, ..*state };
        forgetful.members[model.first_member() + replica] = Member::default();
        next.add(&forgetful);
    }
}
