//! A peer whose engine lacks the metering of a package stops before it would judge differently from others.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, Scripts, proposal, put};
use theriac_ledger::system::lifecycle::{Approve, ListChaincodes};
use theriac_ledger::{
    BlockOutcome, Call, CallResult, ChaincodeEngine, Checked, Decided, ExecuteError, Host, HostError, MemoryState,
    PackageError, execute_block,
};
use theriac_types::*;

/// An engine of a later release, whose metering is another, and which does not have the former one.
struct Later;

const METERING: Digest = Digest([10; 32]);

impl ChaincodeEngine for Later {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        Ok(Checked { metering: METERING, ..Scripts.check(module)? })
    }

    fn meters(&self, metering: &Digest) -> bool {
        *metering == METERING
    }

    fn prepare(&self, _: PackageId, _: &[u8]) {}

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let result = Scripts.call(package, load, call, host);
        CallResult { used: Budget { gas: result.used.gas + 1, ..result.used }, ..result }
    }
}

fn later(chain: &Chain<MemoryState>, transaction: Transaction) -> Result<BlockOutcome, ExecuteError> {
    let body = BlockBody { proposed_time_ms: 0, transactions: List::new(vec![transaction]).unwrap() };
    execute_block(&chain.store, &Later, &Decided::new(chain.height().next(), &body))
}

fn stops(result: Result<BlockOutcome, ExecuteError>) {
    let Err(ExecuteError::Unavailable { reason }) = result else { unreachable!("{result:?}") };
    assert!(
        reason.contains("was uploaded under the metering 0909") && reason.contains("run one that has it"),
        "{reason}"
    );
}

#[test]
fn a_call_of_a_package_under_an_unknown_metering_executes_nothing() {
    let mut chain = Chain::with_scripts();
    let transaction = chain.script("alpha/user", &[put(b"a", b"1")]);
    stops(later(&chain, transaction));
    let reading = chain.script("alpha/user", &[Op::Get(b"a".to_vec())]);
    stops(later(&chain, reading));
}

#[test]
fn blocks_that_call_no_such_package_are_executed_like_everywhere() {
    let mut chain = Chain::with_scripts();
    let list = ListChaincodes { after: None, limit: 10 };
    let transaction = chain.transaction("alpha/user", "_lifecycle", "list", &list);
    assert_eq!(later(&chain, transaction.clone()).unwrap(), chain.execute(vec![transaction]));
}

#[test]
fn a_migration_by_a_package_under_an_unknown_metering_executes_nothing() {
    let mut chain = Chain::with_scripts();
    let module = b"good state:2 way:1>2";
    chain.propose("alpha/admin", module);
    let definition = theriac_crypto::names::definition_digest(&proposal(module).definition);
    let approve = Approve { name: "scripts".parse().unwrap(), sequence: 2, definition, reason: Text::default() };
    let transaction = chain.transaction("beta/admin", "_lifecycle", "approve", &approve);
    stops(later(&chain, transaction));
}
