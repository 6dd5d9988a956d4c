//! The behaviours there are, by the numbers of the protocol's table.

use super::{
    Behaviour, bad_new_view, bad_proposals, bad_shares, breaks_promise, censors, conflicting_new_views, equivocates,
    floods, forges_certificates, lies_about_state, lies_in_view_change, replays, silent_collector, splits_knowledge,
    starves, withholds_shares,
};
use crate::random::Random;
use std::fmt;
use std::str::FromStr;

/// A behaviour's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BehaviourKind {
    /// B1: the primary proposes two bodies for a slot, and makes certificates for both where it can.
    Equivocates,
    /// B2: a new primary begins its view differently at different replicas.
    ConflictingNewViews,
    /// B3: the primary talks to no more replicas than it must, or never to one.
    Starves,
    /// B4: the primary proposes what nobody may accept.
    BadProposals,
    /// B5: the primary ignores one client.
    Censors,
    /// B6: votes are kept back.
    WithholdsShares,
    /// B7: votes do not verify.
    BadShares,
    /// B8: collects and never tells.
    SilentCollector,
    /// B9: sends certificates that nobody signed.
    ForgesCertificates,
    /// B10: tells some replicas what it collected, then falls silent.
    SplitsKnowledge,
    /// B11: reports falsely what it knows when a view ends.
    LiesInViewChange,
    /// B12: begins a view with a set of reports that is no such set.
    BadNewView,
    /// B13: repeats what was said long ago.
    Replays,
    /// B14: goes on voting in a view that it promised to leave.
    BreaksPromise,
    /// B15: votes for states and checkpoints that are not the result.
    LiesAboutState,
    /// B16: says far too much, about everything.
    Floods,
    /// B17: a client that gives different peers different transactions under one nonce.
    LyingClient,
    /// B18: a network that delays what hurts most, until it becomes a good one.
    Rushing,
}

impl BehaviourKind {
    /// All of them, in the order of the table.
    pub const ALL: &[Self] = &[
        Self::Equivocates,
        Self::ConflictingNewViews,
        Self::Starves,
        Self::BadProposals,
        Self::Censors,
        Self::WithholdsShares,
        Self::BadShares,
        Self::SilentCollector,
        Self::ForgesCertificates,
        Self::SplitsKnowledge,
        Self::LiesInViewChange,
        Self::BadNewView,
        Self::Replays,
        Self::BreaksPromise,
        Self::LiesAboutState,
        Self::Floods,
        Self::LyingClient,
        Self::Rushing,
    ];

    /// Those that a replica can have.
    pub const REPLICAS: &[Self] = Self::ALL.split_at(16).0;

    /// Its number in the protocol's table, "B1" to "B18".
    pub fn id(self) -> String {
        format!("B{}", Self::ALL.iter().position(|kind| *kind == self).map_or(0, |place| place + 1))
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equivocates => "equivocating primary",
            Self::ConflictingNewViews => "conflicting new-views",
            Self::Starves => "starving primary",
            Self::BadProposals => "bad proposals",
            Self::Censors => "censoring primary",
            Self::WithholdsShares => "withheld shares",
            Self::BadShares => "bad shares",
            Self::SilentCollector => "silent collector",
            Self::ForgesCertificates => "forged certificates",
            Self::SplitsKnowledge => "split knowledge",
            Self::LiesInViewChange => "false view-changes",
            Self::BadNewView => "bad new-views",
            Self::Replays => "replays",
            Self::BreaksPromise => "broken promises",
            Self::LiesAboutState => "false states",
            Self::Floods => "floods",
            Self::LyingClient => "lying client",
            Self::Rushing => "rushing network",
        }
    }

    /// Makes one for a replica; one that is no replica's leaves its replica honest.
    pub fn behaviour(self, random: &mut Random) -> Box<dyn Behaviour> {
        match self {
            Self::Equivocates => Box::new(equivocates::Equivocates::draw(random)),
            Self::ConflictingNewViews => Box::new(conflicting_new_views::ConflictingNewViews::default()),
            Self::Starves => Box::new(starves::Starves::draw(random)),
            Self::BadProposals => Box::new(bad_proposals::BadProposals::draw(random)),
            Self::Censors => Box::new(censors::Censors::draw(random)),
            Self::WithholdsShares => Box::new(withholds_shares::WithholdsShares::draw(random)),
            Self::BadShares => Box::new(bad_shares::BadShares),
            Self::SilentCollector => Box::new(silent_collector::SilentCollector::draw(random)),
            Self::ForgesCertificates => Box::new(forges_certificates::ForgesCertificates),
            Self::SplitsKnowledge => Box::new(splits_knowledge::SplitsKnowledge::draw(random)),
            Self::LiesInViewChange => Box::new(lies_in_view_change::LiesInViewChange::draw(random)),
            Self::BadNewView => Box::new(bad_new_view::BadNewView::draw(random)),
            Self::Replays => Box::new(replays::Replays::default()),
            Self::BreaksPromise => Box::new(breaks_promise::BreaksPromise::default()),
            Self::LiesAboutState => Box::new(lies_about_state::LiesAboutState),
            Self::Floods => Box::new(floods::Floods),
            Self::LyingClient | Self::Rushing => Box::new(Honest),
        }
    }
}

impl fmt::Display for BehaviourKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id(), self.name())
    }
}

/// A behaviour that is not in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no behaviour {text:?}: they are B1 to B18")]
pub struct UnknownBehaviour {
    /// What was asked for.
    pub text: String,
}

impl FromStr for BehaviourKind {
    type Err = UnknownBehaviour;

    fn from_str(text: &str) -> Result<Self, UnknownBehaviour> {
        let found = Self::ALL.iter().find(|kind| kind.id().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| UnknownBehaviour { text: text.to_owned() })
    }
}

#[derive(Debug)]
struct Honest;

impl Behaviour for Honest {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_has_its_number() {
        for (index, kind) in BehaviourKind::ALL.iter().enumerate() {
            assert_eq!(kind.id(), format!("B{}", index + 1));
            assert_eq!(kind.id().parse(), Ok(*kind));
        }
        assert_eq!(BehaviourKind::REPLICAS.last(), Some(&BehaviourKind::Floods));
        assert!("B19".parse::<BehaviourKind>().is_err());
    }
}
