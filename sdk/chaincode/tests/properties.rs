//! Random calls find what a contract does otherwise than its model, and show it briefly.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeMap;
use theriac_chaincode::testing::proptest::prelude::*;
use theriac_chaincode::testing::{Actor, Model, Request, Settings, one_of, search};
use theriac_chaincode::{ChaincodeError, MockHost, Table, chaincode};

const HOLDERS: Table<String, String> = Table::new("holder");

/// Why it refuses.
#[derive(ChaincodeError)]
pub enum Fault {
    /// The pack is known. Take another number.
    Known,
    /// Somebody else holds it. Ask them.
    NotHolder,
}

/// A pack that goes to somebody.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Give {
    pack: String,
    to: String,
}

#[chaincode(name = "packs", state_version = 1, tables(HOLDERS), errors(Fault))]
mod packs {
    use super::*;
    use theriac_chaincode::{Refusal, TransactionContext};

    #[transaction]
    fn make(ctx: &mut TransactionContext, pack: String) -> Result<(), Refusal> {
        if HOLDERS.get(ctx, &pack)?.is_some() {
            return Err(Fault::Known.into());
        }
        let holder = ctx.caller().organisation.clone();
        HOLDERS.put(ctx, &pack, &holder)
    }

    /// Forgets to ask who holds the pack when it goes to the pharmacy; and a pack called `lost` breaks it.
    #[transaction]
    fn give(ctx: &mut TransactionContext, Give { pack, to }: Give) -> Result<(), Refusal> {
        assert!(pack != "lost", "nobody thought of this");
        let holder = HOLDERS.get(ctx, &pack)?;
        if to != "pharmacy" && holder.as_ref() != Some(&ctx.caller().organisation) {
            return Err(Fault::NotHolder.into());
        }
        HOLDERS.put(ctx, &pack, &to)
    }

    #[transaction]
    fn drop(_ctx: &mut TransactionContext, pack: String) -> Result<(), Refusal> {
        Err(Refusal::new("NOT_DECLARED", pack))
    }
}

#[derive(Debug, Clone)]
enum Call {
    Make(String),
    Give(Give),
    Drop(String),
}

/// The rules as they should be, for calls that one test or another is about.
#[derive(Default)]
struct Packs<const ABOUT: u8>(BTreeMap<String, String>);

const HONEST: u8 = 0;
const FORGETFUL: u8 = 1;
const BREAKING: u8 = 2;
const UNDECLARED: u8 = 3;

impl<const ABOUT: u8> Model for Packs<ABOUT> {
    type Chaincode = packs::Chaincode;
    type Call = Call;

    fn actors() -> Vec<Actor> {
        ["maker", "carrier", "pharmacy"].map(|name| Actor::new(name, &[])).to_vec()
    }

    fn calls() -> BoxedStrategy<Call> {
        let packs: &[&str] = if ABOUT == BREAKING { &["a", "lost"] } else { &["a", "b"] };
        let places: &[&str] = if ABOUT == FORGETFUL { &["carrier", "pharmacy"] } else { &["carrier", "maker"] };
        let give = (one_of(packs), one_of(places)).prop_map(|(pack, to)| Call::Give(Give { pack, to }));
        let make = one_of(packs).prop_map(Call::Make);
        if ABOUT == UNDECLARED {
            return prop_oneof![make, give, one_of(packs).prop_map(Call::Drop)].boxed();
        }
        prop_oneof![make, give].boxed()
    }

    fn request(call: &Call) -> Request {
        match call {
            Call::Make(pack) => Request::new("make", pack),
            Call::Give(give) => Request::new("give", give),
            Call::Drop(pack) => Request::new("drop", pack),
        }
    }

    fn expect(&mut self, actor: &Actor, call: &Call) -> Result<(), &'static str> {
        match call {
            Call::Make(pack) if self.0.contains_key(pack) => Err("KNOWN"),
            Call::Make(pack) => {
                self.0.insert(pack.clone(), actor.organisation.clone());
                Ok(())
            }
            Call::Give(Give { pack, .. }) if self.0.get(pack) != Some(&actor.organisation) => Err("NOT_HOLDER"),
            Call::Give(Give { pack, to }) => {
                self.0.insert(pack.clone(), to.clone());
                Ok(())
            }
            Call::Drop(_) => Err("NOT_DECLARED"),
        }
    }

    fn agrees(&self, host: &MockHost) -> Result<(), String> {
        let found = HOLDERS.scan(&host.query_context(), &(), None, 10).map_err(|refusal| refusal.code)?;
        let expected: Vec<_> = self.0.clone().into_iter().collect();
        if found.entries == expected { Ok(()) } else { Err(format!("{:?}", found.entries)) }
    }
}

#[test]
fn rules_that_keep_their_model_pass() {
    assert_eq!(search::<Packs<HONEST>>(&Settings::default()), None);
}

#[test]
fn a_forgotten_rule_is_found_and_shown_by_a_single_call() {
    let failure = search::<Packs<FORGETFUL>>(&Settings::default()).expect("somebody gives away what is not theirs");
    assert_eq!(failure.calls.len(), 1, "{failure}");
    assert!(failure.reason.contains("the contract accepts, the model refuses with NOT_HOLDER"), "{failure}");
    assert!(failure.to_string().contains("pharmacy") && failure.to_string().contains("THERIAC_SEED=1"), "{failure}");
    assert_eq!(search::<Packs<FORGETFUL>>(&Settings::default()), Some(failure), "a seed is a whole run");
}

#[test]
fn a_panic_is_found_like_a_wrong_answer() {
    let failure = search::<Packs<BREAKING>>(&Settings::default()).expect("it breaks");
    assert_eq!(failure.calls.len(), 1, "{failure}");
    assert!(failure.reason.contains("nobody thought of this"), "{failure}");
}

#[test]
fn a_code_that_nobody_declared_is_found() {
    let failure = search::<Packs<UNDECLARED>>(&Settings::default()).expect("it refuses with it");
    assert!(failure.reason.contains("NOT_DECLARED, which errors(…)"), "{failure}");
}
