//! Whom to ask for what: several sources at once, a few questions each; whoever is silent rests, whoever lies is asked
//! no more.

use crate::limits::{ASK_REST_MS, ASK_WAIT_MS, ASKED_OF_ONE_MAX};
use std::collections::{BTreeMap, BTreeSet};
use theriac_ledger::transfer::Request;

/// A question on its way.
#[derive(Debug, Clone)]
struct Asked<S> {
    source: S,
    until_ms: u64,
}

#[derive(Debug, Clone, Default)]
struct Source {
    asked: usize,
    /// When it may be asked again.
    rests_until_ms: u64,
    /// Silences in a row: each doubles the rest.
    silences: u32,
    excluded: bool,
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

    /// Forgets questions that were not answered in time. Then takes what is missing, as much as may be asked now, and
    /// says whom to ask: of those that can be reached, the one with the fewest questions first.
    pub fn ask(
        &mut self,
        now_ms: u64,
        reachable: &BTreeSet<S>,
        missing: impl FnOnce(usize, &BTreeSet<Request>) -> Vec<Request>,
    ) -> Vec<(S, Request)> {
        self.expire(now_ms);
        for source in reachable {
            self.sources.entry(source.clone()).or_default();
        }
        let mut free = self.free(now_ms, reachable);
        let room = free.values().sum();
        let on_their_way = self.asked.keys().copied().collect();
        let mut questions = Vec::new();
        for request in missing(room, &on_their_way).into_iter().take(room) {
            let Some((source, _)) = free.iter().max_by_key(|(_, free)| **free) else { break };
            let source = source.clone();
            free.entry(source.clone()).and_modify(|free| *free -= 1);
            self.sources.entry(source.clone()).or_default().asked += 1;
            let until_ms = now_ms + ASK_WAIT_MS;
            self.asked.insert(request, Asked { source: source.clone(), until_ms });
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

    fn expire(&mut self, now_ms: u64) {
        let late = self.asked.iter().filter(|(_, asked)| asked.until_ms <= now_ms);
        let late: Vec<_> = late.map(|(request, asked)| (*request, asked.source.clone())).collect();
        for (request, source) in late {
            self.take_back(&request);
            if let Some(source) = self.sources.get_mut(&source).filter(|source| source.rests_until_ms <= now_ms) {
                source.silences += 1;
                source.rests_until_ms = now_ms + (ASK_REST_MS << source.silences.min(5));
            }
        }
    }

    /// Notes an answer; false when this source was not asked this, or not any more.
    pub fn answered(&mut self, source: &S, request: &Request) -> bool {
        if self.asked.get(request).is_none_or(|asked| asked.source != *source) {
            return false;
        }
        self.take_back(request);
        if let Some(source) = self.sources.get_mut(source) {
            source.silences = 0;
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
        assert!(!asking.answered(&"b", &first) || source == "b", "whoever was not asked does not answer");
        assert!(asking.answered(&source, &first) || source == "b");
        assert!(!asking.answered(&source, &first), "once");
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
        assert!(!asking.answered(&"silent", &request(0)), "too late");
        assert!(asking.answered(&"other", &request(0)));
        assert_eq!(asking.ask(ASK_WAIT_MS + 1, &silent, missing(9)), [], "it rests");
        let rested = ASK_WAIT_MS + 2 * ASK_REST_MS;
        assert_eq!(asking.ask(rested, &silent, missing(9)).len(), ASKED_OF_ONE_MAX.min(8), "and gets another chance");
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
