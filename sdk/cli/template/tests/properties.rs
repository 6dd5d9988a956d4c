//! The rules against a model of them: whatever is called, in whichever order, by whomever.

use custody::{CELSIUS_MAX, HandOver, PACKS, Registration, rules::Chaincode};
use std::collections::BTreeMap;
use theriac_chaincode::MockHost;
use theriac_chaincode::testing::proptest::prelude::*;
use theriac_chaincode::testing::{Actor, Model, Request, check, one_of};

#[derive(Debug, Clone)]
enum Call {
    Register(Registration),
    HandOver(HandOver),
}

/// Who holds which pack.
#[derive(Debug, Default)]
struct Custody(BTreeMap<String, String>);

impl Model for Custody {
    type Chaincode = Chaincode;
    type Call = Call;

    fn actors() -> Vec<Actor> {
        vec![Actor::new("maker", &["manufacturer"]), Actor::new("carrier", &["carrier"])]
    }

    fn calls() -> BoxedStrategy<Call> {
        let serials = || one_of(&["P-1", "P-2"]);
        let register = serials().prop_map(|serial| {
            Call::Register(Registration { serial, product: "insulin".into() })
        });
        let places = one_of(&["maker", "carrier", "pharmacy"]);
        let step = (serials(), places, CELSIUS_MAX - 2..=CELSIUS_MAX + 2);
        let hand_over = step
            .prop_map(|(serial, to, celsius)| Call::HandOver(HandOver { serial, to, celsius }));
        prop_oneof![register, hand_over].boxed()
    }

    fn request(call: &Call) -> Request {
        match call {
            Call::Register(new) => Request::new("register", new),
            Call::HandOver(step) => Request::new("hand_over", step),
        }
    }

    fn expect(&mut self, actor: &Actor, call: &Call) -> Result<(), &'static str> {
        match call {
            Call::Register(_) if !actor.has_role("manufacturer") => Err("NOT_MANUFACTURER"),
            Call::Register(new) if self.0.contains_key(&new.serial) => Err("PACK_KNOWN"),
            Call::Register(new) => {
                self.0.insert(new.serial.clone(), actor.organisation.clone());
                Ok(())
            }
            Call::HandOver(step) => {
                let holder = self.0.get_mut(&step.serial).ok_or("PACK_UNKNOWN")?;
                if *holder != actor.organisation {
                    return Err("NOT_HOLDER");
                }
                if step.celsius > CELSIUS_MAX {
                    return Err("TOO_WARM");
                }
                holder.clone_from(&step.to);
                Ok(())
            }
        }
    }

    fn agrees(&self, host: &MockHost) -> Result<(), String> {
        let page = PACKS.scan(&host.query_context(), &(), None, 100);
        let page = page.map_err(|refusal| refusal.to_string())?;
        let found: BTreeMap<_, _> =
            page.entries.into_iter().map(|(serial, pack)| (serial, pack.holder)).collect();
        if found == self.0 { Ok(()) } else { Err(format!("{found:?} instead of {:?}", self.0)) }
    }
}

#[test]
fn a_pack_is_where_the_model_says() {
    check::<Custody>();
}
