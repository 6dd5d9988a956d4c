//! One sequence of calls on a mock host, each compared with the model.

use super::{Actor, Model, Request};
use crate::contract::Description;
use crate::{Contract, Failure, MockHost};
use borsh::io::{Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use proptest::test_runner::TestCaseError;

/// Refusals that are the SDK's own.
const OWN_CODES: [&str; 3] = ["INVALID_ARGUMENT", "STATE_NOT_READABLE", "VALUE_NOT_ENCODABLE"];
/// Time between two blocks.
const BLOCK_MS: u64 = 1000;
/// The first block's time: 2026-01-01.
const BEGINNING_MS: u64 = 1_767_225_600_000;

/// Makes the calls, one in each block.
pub fn run<M: Model>(steps: &[(Actor, M::Call)]) -> Result<(), TestCaseError> {
    let (host, mut model) = (MockHost::of::<M::Chaincode>(), M::default());
    let description = M::Chaincode::describe();
    for (number, (actor, call)) in (1..).zip(steps) {
        let roles: Vec<&str> = actor.roles.iter().map(String::as_str).collect();
        host.set_caller(&actor.organisation, "member", &roles);
        host.set_block(number, BEGINNING_MS.saturating_add(number.saturating_mul(BLOCK_MS)));
        let failed = |reason: String| TestCaseError::fail(format!("call {number}: {reason}"));
        let found = submit::<M::Chaincode>(&host, &M::request(call)).map_err(failed)?;
        declared(&description, &host, &found).map_err(failed)?;
        let (expected, code) = (model.expect(actor, call), found.as_ref().map(|_| ()).map_err(Failure::code));
        if code != expected {
            let in_words = |one: Result<(), &str>| {
                one.map_or_else(|code| format!("refuses with {code}"), |()| "accepts".to_owned())
            };
            let reason = format!("the contract {}, the model {}", in_words(code), in_words(expected));
            return Err(failed(reason));
        }
        model.agrees(&host).map_err(|difference| failed(format!("the contract's state differs: {difference}")))?;
    }
    Ok(())
}

/// Makes a call twice on the same state; both must come to the same.
fn submit<C: Contract>(host: &MockHost, request: &Request) -> Result<Result<Vec<u8>, Failure>, String> {
    let again = host.clone();
    let made = |host: &MockHost| {
        let result = host.submit::<C, _, Plain>(request.function, &Plain(request.argument.clone()));
        (result.map(|Plain(bytes)| bytes), host.events(), host.state())
    };
    let (first, second) = (made(host), made(&again));
    if first != second {
        return Err("the same call on the same state comes out otherwise: peers would not agree".to_owned());
    }
    Ok(first.0)
}

/// Whether codes and topics are declared, where any are.
fn declared(description: &Description, host: &MockHost, found: &Result<Vec<u8>, Failure>) -> Result<(), String> {
    match found {
        Err(failure) => {
            let code = failure.code();
            let known = OWN_CODES.contains(&code) || description.errors.iter().any(|error| error.code == code);
            if known || description.errors.is_empty() {
                return Ok(());
            }
            Err(format!("it refuses with {code}, which errors(…) of #[chaincode] does not declare"))
        }
        Ok(_) => {
            let known = |topic: &str| description.events.iter().any(|event| event.topic == topic);
            let strange = host.events().into_iter().find(|(topic, _)| !known(topic));
            match strange.filter(|_| !description.events.is_empty()) {
                Some((topic, _)) => {
                    Err(format!("it announces {topic:?}, which events(…) of #[chaincode] does not declare"))
                }
                None => Ok(()),
            }
        }
    }
}

/// Bytes that are encoded already.
struct Plain(Vec<u8>);

impl BorshSerialize for Plain {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        writer.write_all(&self.0)
    }
}

impl BorshDeserialize for Plain {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(Self(bytes))
    }
}
