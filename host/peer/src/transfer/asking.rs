//! Whom to ask for what: several sources at once, a few questions each; whoever is silent rests, whoever lies is asked
//! no more.
//!
//! How long an answer may take is learnt from each source: a busy one takes its time, and a wait that is too short for it
//! must not have the same asked again for ever. A source that answers one question is at work on the others, an answer
//! that comes late is still an answer, and each silence doubles the wait.

use crate::limits::{ANSWERS_WAITING_MAX, ASK_REST_MS, ASK_WAIT_MAX_MS, ASK_WAIT_MS, ASKED_OF_ONE_MAX};
use std::collections::{BTreeMap, BTreeSet};
use theriac_ledger::transfer::Request;

/// How many times as long as its last answer took a source may take for the next.
const PATIENCE: u64 = 4;

/// A question on its way.
#[derive(Debug, Clone)]
struct Asked<S> {
    source: S,
    asked_ms: u64,
    until_ms: u64,
}

#[derive(Debug, Clone)]
struct Source {
    asked: usize,
    /// When it may be asked again.
    rests_until_ms: u64,
    /// Silences in a row: each doubles the rest.
    silences: u32,
    /// How long an answer of it is waited for.
    wait_ms: u64,
    /// What it did not answer in time, and may still answer.
    late: BTreeSet<Request>,
    excluded: bool,
}

impl Default for Source {
    fn default() -> Self {
        Self { asked: 0, rests_until_ms: 0, silences: 0, wait_ms: ASK_WAIT_MS, late: BTreeSet::new(), excluded: false }
    }
}

/// Questions and sources of one transfer.
#[derive(Debug, Clone)]
pub struct Asking<S> {
    asked: BTreeMap<Request, Asked<S>>,
    sources: BTreeMap<S, Source>,
}

impl<S: Ord + Clone> Asking<S> {
    /// Nobody is asked yet.
    pub fn new() -> Self {
        Self { asked: BTreeMap::new(), sources: BTreeMap::new() }
    }

    /// Gives up questions that were not answered in time. Then takes what is missing, as much as may be asked now, and
    /// says whom to ask: of those that can be reached, the one with the fewest questions first.
    pub fn ask(
        &mut self,
        now_ms: u64,
        reachable: &BTreeSet<S>,
        missing: impl FnOnce(usize, &BTreeSet<Request>) -> Vec<Request>,
    ) -> Vec<(S, Request)> {
        self.expire(now_ms, reachable);
        for source in reachable {
            self.sources.entry(source.clone()).or_default();
        }
        let mut free = self.free(now_ms, reachable);
        // More answers at a time would find no place here.
        let room = free.values().sum::<usize>().min(ANSWERS_WAITING_MAX.saturating_sub(self.asked.len()));
        let on_their_way = self.asked.keys().copied().collect();
        let mut questions = Vec::new();
        for request in missing(room, &on_their_way).into_iter().take(room) {
            let Some((source, _)) = free.iter().max_by_key(|(_, free)| **free) else { break };
            let source = source.clone();
            free.entry(source.clone()).and_modify(|free| *free -= 1);
            let of = self.sources.entry(source.clone()).or_default();
            of.asked += 1;
            let until_ms = now_ms + of.wait_ms;
            self.asked.insert(request, Asked { source: source.clone(), asked_ms: now_ms, until_ms });
            questions.push((source, request));
        }
        questions
    }

    /// How many more questions each may get now.
    fn free(&self, now_ms: u64, reachable: &BTreeSet<S>) -> BTreeMap<S, usize> {
        let usable = self
            .sources
            .iter()
            .filter(|(id, source)| reachable.contains(*id) && !source.excluded && source.rests_until_ms <= now_ms);
        usable.map(|(id, source)| (id.clone(), ASKED_OF_ONE_MAX.saturating_sub(source.asked))).collect()
    }

    /// Gives up questions whose time is over, and those to sources that cannot be reached any more: that is no silence.
    fn expire(&mut self, now_ms: u64, reachable: &BTreeSet<S>) {
        let given_up = self.asked.iter().filter(|(_, a)| a.until_ms <= now_ms || !reachable.contains(&a.source));
        let given_up: Vec<_> = given_up.map(|(request, asked)| (*request, asked.source.clone())).collect();
        for (request, id) in given_up {
            self.take_back(&request);
            let Some(source) = self.sources.get_mut(&id) else { continue };
            if source.late.len() < ASKED_OF_ONE_MAX {
                source.late.insert(request);
            }
            if source.rests_until_ms <= now_ms && reachable.contains(&id) {
                source.silences += 1;
                source.rests_until_ms = now_ms + (ASK_REST_MS << source.silences.min(5));
                source.wait_ms = (2 * source.wait_ms).min(ASK_WAIT_MAX_MS);
            }
        }
    }

    /// Notes an answer; false when this source was not asked this, or so long ago that it is forgotten.
    pub fn answered(&mut self, now_ms: u64, source: &S, request: &Request) -> bool {
        let Some(of) = self.sources.get_mut(source) else { return false };
        let in_time = self.asked.get(request).filter(|asked| asked.source == *source).map(|asked| asked.asked_ms);
        match in_time.map(|asked_ms| now_ms.saturating_sub(asked_ms)) {
            Some(took_ms) => of.wait_ms = (PATIENCE * took_ms).clamp(ASK_WAIT_MS, ASK_WAIT_MAX_MS),
            None if of.late.remove(request) => {}
            None => return false,
        }
        (of.silences, of.rests_until_ms) = (0, of.rests_until_ms.min(now_ms));
        // It answers one question after the other, but none may wait for ever.
        let until_ms = now_ms + of.wait_ms;
        for asked in self.asked.values_mut().filter(|asked| asked.source == *source) {
            asked.until_ms = asked.until_ms.max(until_ms.min(asked.asked_ms + ASK_WAIT_MAX_MS));
        }
        // A late answer leaves the same question to another source as it is: it may be a refusal.
        if in_time.is_some() {
            self.take_back(request);
            for other in self.sources.values_mut() {
                other.late.remove(request);
            }
        }
        true
    }

    fn take_back(&mut self, request: &Request) {
        if let Some(asked) = self.asked.remove(request)
            && let Some(source) = self.sources.get_mut(&asked.source)
        {
            source.asked -= 1;
        }
    }

    /// Asks this source nothing for a while.
    pub fn rest(&mut self, now_ms: u64, source: &S) {
        self.sources.entry(source.clone()).or_default().rests_until_ms = now_ms + ASK_REST_MS;
    }

    /// Asks this source nothing more: it lied, or does not have the state.
    pub fn exclude(&mut self, source: &S) {
        let others = |asked: &Asked<S>| asked.source != *source;
        self.asked.retain(|_, asked| others(asked));
        *self.sources.entry(source.clone()).or_default() = Source { excluded: true, ..Source::default() };
    }

    /// Whether every source that can be reached is excluded.
    pub fn is_hopeless(&self, reachable: &BTreeSet<S>) -> bool {
        let excluded = |id: &S| self.sources.get(id).is_some_and(|source| source.excluded);
        !reachable.is_empty() && reachable.iter().all(excluded)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_types::Height;

    fn request(number: u64) -> Request {
        Request::Headers { top: Height(number), count: 1 }
    }

    /// Everything of so many requests that is not on its way.
    fn missing(of: u64) -> impl FnOnce(usize, &BTreeSet<Request>) -> Vec<Request> {
        move |limit, on_their_way| {
            (0..of).map(request).filter(|request| !on_their_way.contains(request)).take(limit).collect()
        }
    }

    #[test]
    fn questions_are_spread_and_each_is_asked_once() {
        let (mut asking, sources) = (Asking::new(), BTreeSet::from(["a", "b", "c"]));
        let questions = asking.ask(0, &sources, missing(1000));
        assert_eq!(questions.len(), 3 * ASKED_OF_ONE_MAX);
        for source in &sources {
            assert_eq!(questions.iter().filter(|(of, _)| of == source).count(), ASKED_OF_ONE_MAX);
        }
        assert_eq!(asking.ask(1, &sources, missing(1000)), []);
        let (source, first) = questions[0];
        assert!(!asking.answered(1, &"b", &first) || source == "b", "whoever was not asked does not answer");
        assert!(asking.answered(1, &source, &first) || source == "b");
        assert!(!asking.answered(1, &source, &first), "once");
        assert_eq!(asking.ask(2, &sources, missing(1000)).len(), 1);
    }

    #[test]
    fn a_silent_source_rests_and_its_questions_go_to_others() {
        let mut asking = Asking::new();
        let silent = BTreeSet::from(["silent"]);
        let both = BTreeSet::from(["other", "silent"]);
        let first = asking.ask(0, &silent, missing(2));
        assert_eq!(first.len(), 2);
        let again = asking.ask(ASK_WAIT_MS, &both, missing(2));
        assert_eq!(again, [("other", request(0)), ("other", request(1))]);
        assert!(!asking.answered(ASK_WAIT_MS, &"silent", &request(2)), "it was not asked this");
        assert!(asking.answered(ASK_WAIT_MS, &"other", &request(0)));
        assert!(!asking.answered(ASK_WAIT_MS, &"silent", &request(0)), "it is not needed any more");
        assert_eq!(asking.ask(ASK_WAIT_MS + 1, &silent, missing(9)), [], "it rests");
        assert!(asking.answered(ASK_WAIT_MS + 2, &"silent", &request(1)), "late, but nobody else has answered");
        assert!(asking.answered(ASK_WAIT_MS + 3, &"other", &request(1)), "and nobody keeps others from answering");
        asking.rest(ASK_WAIT_MS, &"silent");
        let rested = ASK_WAIT_MS + ASK_REST_MS;
        assert_eq!(asking.ask(rested, &silent, missing(9)).len(), ASKED_OF_ONE_MAX.min(8), "and gets another chance");
    }

    #[test]
    fn a_slow_source_is_given_the_time_that_it_takes() {
        let (mut asking, slow) = (Asking::new(), BTreeSet::from(["slow"]));
        asking.ask(0, &slow, missing(2));
        // Its answer comes after the first wait, and is taken all the same.
        assert_eq!(asking.ask(ASK_WAIT_MS, &slow, missing(2)), []);
        assert!(asking.answered(ASK_WAIT_MS + 1, &"slow", &request(0)));
        assert!(!asking.answered(ASK_WAIT_MS + 1, &"slow", &request(0)), "once");
        let again = asking.ask(ASK_WAIT_MS + 1, &slow, missing(9));
        assert_eq!(again.len(), ASKED_OF_ONE_MAX, "whoever answers rests no longer");
        // From now on it has twice the time.
        assert_eq!(asking.ask(2 * ASK_WAIT_MS, &slow, missing(9)), [], "nothing is asked twice");
        assert!(asking.answered(2 * ASK_WAIT_MS, &"slow", &again[0].1));
        // While it answers, its other questions are not taken from it, but not for ever.
        let other = again[1].1;
        let mut now_ms = 2 * ASK_WAIT_MS;
        while asking.asked.contains_key(&other) && now_ms <= 2 * ASK_WAIT_MAX_MS {
            now_ms += ASK_WAIT_MS - 1;
            let asked = asking.ask(now_ms, &slow, |_, _| vec![request(now_ms)]);
            if let Some((source, request)) = asked.first() {
                assert!(asking.answered(now_ms + 1, source, request));
            }
        }
        assert!(now_ms > ASK_WAIT_MAX_MS && now_ms <= 2 * ASK_WAIT_MAX_MS, "{now_ms}");
    }

    #[test]
    fn what_a_source_was_asked_that_is_gone_is_asked_of_another_at_once() {
        let mut asking = Asking::new();
        let gone = BTreeSet::from(["gone"]);
        assert_eq!(asking.ask(0, &gone, missing(1)), [("gone", request(0))]);
        assert_eq!(asking.ask(1, &BTreeSet::from(["other"]), missing(1)), [("other", request(0))]);
        assert_eq!(asking.ask(2, &gone, missing(1)), [("gone", request(0))], "back again, it does not rest");
    }

    #[test]
    fn a_liar_is_asked_no_more() {
        let (mut asking, sources) = (Asking::new(), BTreeSet::from(["honest", "liar"]));
        asking.ask(0, &sources, missing(1000));
        asking.exclude(&"liar");
        let questions = asking.ask(1, &sources, missing(1000));
        assert!(questions.is_empty(), "the honest one has enough to do");
        assert!(!asking.is_hopeless(&sources));
        asking.exclude(&"honest");
        assert!(asking.is_hopeless(&sources));
        assert!(!asking.is_hopeless(&BTreeSet::new()), "whoever is away may have it");
    }
}
