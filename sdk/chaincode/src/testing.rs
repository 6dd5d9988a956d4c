//! Property tests: random calls by random members, judged by a model that says the rules a second time and more simply.
//!
//! ```
//! use std::collections::BTreeMap;
//! use theriac_chaincode::testing::proptest::prelude::*;
//! use theriac_chaincode::testing::{Actor, Model, Request, check, one_of};
//! use theriac_chaincode::{MockHost, chaincode};
//!
//! #[chaincode(name = "counter", state_version = 1)]
//! mod counter {
//!     use theriac_chaincode::{Refusal, Table, TransactionContext};
//!
//!     pub const COUNTS: Table<String, u64> = Table::new("count");
//!
//!     #[transaction]
//!     fn add(ctx: &mut TransactionContext, name: String) -> Result<(), Refusal> {
//!         let count = COUNTS.get(ctx, &name)?.unwrap_or(0);
//!         COUNTS.put(ctx, &name, &(count + 1))
//!     }
//! }
//!
//! #[derive(Default)]
//! struct Counts(BTreeMap<String, u64>);
//!
//! impl Model for Counts {
//!     type Chaincode = counter::Chaincode;
//!     type Call = String;
//!
//!     fn actors() -> Vec<Actor> {
//!         vec![Actor::new("maker", &["manufacturer"])]
//!     }
//!
//!     fn calls() -> BoxedStrategy<String> {
//!         one_of(&["packs", "cases"]).boxed()
//!     }
//!
//!     fn request(name: &String) -> Request {
//!         Request::new("add", name)
//!     }
//!
//!     fn expect(&mut self, _: &Actor, name: &String) -> Result<(), &'static str> {
//!         *self.0.entry(name.clone()).or_default() += 1;
//!         Ok(())
//!     }
//!
//!     fn agrees(&self, host: &MockHost) -> Result<(), String> {
//!         let found = counter::COUNTS.scan(&host.query_context(), &(), None, 10).map_err(|refusal| refusal.code)?;
//!         let expected: Vec<_> = self.0.clone().into_iter().collect();
//!         if found.entries == expected { Ok(()) } else { Err(format!("{:?}, not {expected:?}", found.entries)) }
//!     }
//! }
//!
//! check::<Counts>();
//! ```

mod run;

pub use proptest;

use crate::{Contract, MockHost};
use borsh::BorshSerialize;
use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::fmt;

/// What a contract must do.
pub trait Model: Default {
    /// The contract.
    type Chaincode: Contract;
    /// What may be called, as the test speaks of it.
    type Call: Clone + fmt::Debug;

    /// Who calls.
    fn actors() -> Vec<Actor>;
    /// Calls as they may come: the sensible ones often, the others too. See [`one_of`].
    fn calls() -> BoxedStrategy<Self::Call>;
    /// The function and argument of a call.
    fn request(call: &Self::Call) -> Request;
    /// Takes a call's effect on the model, or says with which code the contract must refuse it.
    fn expect(&mut self, actor: &Actor, call: &Self::Call) -> Result<(), &'static str>;
    /// Whether the contract's state is what the model says; asked after every call.
    ///
    /// # Errors
    /// What differs, for people.
    fn agrees(&self, host: &MockHost) -> Result<(), String>;
}

/// A member that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Its organisation.
    pub organisation: String,
    /// What the organisation is: names of roles in lower case.
    pub roles: Vec<String>,
}

impl Actor {
    /// A member of an organisation with these roles.
    pub fn new(organisation: &str, roles: &[&str]) -> Self {
        Self { organisation: organisation.to_owned(), roles: roles.iter().map(|&role| role.to_owned()).collect() }
    }

    /// Whether its organisation has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// A function with its argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    function: &'static str,
    argument: Vec<u8>,
}

impl Request {
    /// A call of a `#[transaction]`.
    pub fn new<A: BorshSerialize + ?Sized>(function: &'static str, argument: &A) -> Self {
        Self { function, argument: borsh::to_vec(argument).expect("a test's argument encodes") }
    }
}

/// One of a few texts, so that calls meet each other.
pub fn one_of(texts: &[&str]) -> impl Strategy<Value = String> + use<> {
    let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
    proptest::sample::select(texts)
}

/// How much to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Sequences of calls; `THERIAC_CASES` when it is set.
    pub cases: u32,
    /// Most calls of a sequence.
    pub calls_max: usize,
    /// Where the random numbers begin; `THERIAC_SEED` when it is set.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { cases: variable("THERIAC_CASES", 128), calls_max: 24, seed: variable("THERIAC_SEED", 1) }
    }
}

#[allow(clippy::disallowed_methods, reason = "native tests take their size from whoever runs them")]
fn variable<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Calls the contract at random and compares it with the model.
///
/// # Panics
/// When they differ: with the shortest sequence of calls that was found to show it, and the seed.
pub fn check<M: Model>() {
    let found = search::<M>(&Settings::default());
    assert!(found.is_none(), "{}", found.map(|failure| failure.to_string()).unwrap_or_default());
}

/// Looks for a sequence of calls after which contract and model differ, and shortens it.
///
/// Besides what the model says, a contract must not panic, must do the same when the same call is made again on the
/// same state, and must refuse with declared codes and announce under declared topics if it declares any.
pub fn search<M: Model>(settings: &Settings) -> Option<Failure> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&settings.seed.to_le_bytes());
    let config = Config { cases: settings.cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let step = (proptest::sample::select(M::actors()), M::calls());
    let steps = proptest::collection::vec(step, 1..=settings.calls_max.max(1));
    let seed = settings.seed;
    match runner.run(&steps, |steps| run::run::<M>(&steps)) {
        Ok(()) => None,
        Err(TestError::Fail(reason, steps)) => {
            let shown = |(actor, call): &(Actor, M::Call)| format!("{}: {call:?}", actor.organisation);
            Some(Failure { reason: reason.to_string(), calls: steps.iter().map(shown).collect(), seed })
        }
        Err(TestError::Abort(reason)) => Some(Failure { reason: reason.to_string(), calls: Vec::new(), seed }),
    }
}

/// Contract and model differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How.
    pub reason: String,
    /// The calls that lead there.
    pub calls: Vec<String>,
    /// The seed that found them.
    pub seed: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.reason)?;
        for (number, call) in self.calls.iter().enumerate() {
            writeln!(f, "  call {}  {call}", number + 1)?;
        }
        write!(f, "THERIAC_SEED={} finds it again", self.seed)
    }
}
