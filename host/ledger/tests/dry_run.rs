//! A package that is not in force judges what happened: what would have come out otherwise is named, and nothing else.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, Scripts, put};
use theriac_crypto::names::package_id;
use theriac_ledger::replay::{Advance, Aspect, BlockCompared, Candidate, CandidateSource, DryRun, ReplayError};
use theriac_ledger::{
    BlockStore, Call, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError, MemoryState,
    PackageError, StateReader,
};
use theriac_types::*;

/// Runs scripts; a package that says it is strict refuses those that are longer than two operations, and one that says
/// it is thorough writes a note and costs more.
struct Versions;

impl ChaincodeEngine for Versions {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        let mut checked = Scripts.check(module)?;
        if module.starts_with(b"good later") {
            checked.description.state_version = 2;
        }
        if module.len() > b"good later".len() && checked.description.state_version == 2 {
            checked.description.migrations = List::new(vec![Migration { from: 1, to: 2 }]).unwrap();
        }
        Ok(checked)
    }

    fn prepare(&self, _package: PackageId, _module: &[u8]) {}

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let module = load().unwrap();
        assert_eq!(package, package_id(&module));
        let Entry::Function { args, .. } = call.entry else {
            let outcome = if module.ends_with(b"fails") {
                CallOutcome::Refused { code: "NO_WAY".to_owned(), message: "as it says".to_owned() }
            } else {
                host.put(b"b", b"migrated").unwrap();
                CallOutcome::Returned(Vec::new())
            };
            return CallResult { outcome, used: Budget::ZERO };
        };
        let script = decode::<Vec<Op>>(args, 1 << 20).unwrap();
        if module == b"good strict" && script.len() > 2 {
            let outcome = CallOutcome::Refused { code: "TOO_LONG".to_owned(), message: "two at most".to_owned() };
            return CallResult { outcome, used: Budget { gas: 1, host_gas: 0 } };
        }
        let result = Scripts.call(package, load, call, host);
        if module == b"good thorough" {
            host.put(b"note", call.context.caller.member.to_string().as_bytes()).unwrap();
            return CallResult { used: Budget { gas: result.used.gas + 5, host_gas: 1 }, ..result };
        }
        result
    }
}

fn candidate(store: &MemoryState, module: &[u8]) -> Result<Candidate, ReplayError> {
    let source = CandidateSource::Module(Bytes::new(module).unwrap());
    Candidate::new(store, &Versions, "scripts".parse().unwrap(), source)
}

fn run_through(store: &MemoryState, module: &[u8], blocks: u32) -> Vec<BlockCompared> {
    let newest = store.head().unwrap().height;
    let mut run = DryRun::new(candidate(store, module).unwrap(), newest, blocks);
    let mut blocks = Vec::new();
    loop {
        match run.advance(store, &Versions, &mut || true).unwrap() {
            Advance::Block(block) => blocks.push(*block),
            Advance::Nothing => {}
            Advance::Done => return blocks,
        }
    }
}

fn chain() -> (Chain<MemoryState>, Vec<Vec<Receipt>>) {
    let mut chain = Chain::with_scripts();
    let scripts = [
        vec![vec![put(b"a", b"1")], vec![Op::Get(b"a".to_vec()), put(b"a", b"2"), put(b"b", b"3")]],
        vec![vec![Op::Refuse("NO".to_owned())]],
        vec![vec![Op::Get(b"b".to_vec()), Op::Get(b"b".to_vec())], vec![Op::Trap]],
    ];
    let mut receipts = Vec::new();
    for block in &scripts {
        let transactions = block.iter().map(|script| chain.script("alpha/user", script)).collect();
        receipts.push(chain.block(transactions));
        // Blocks without transactions to the chaincode do not count.
        chain.block(vec![]);
        chain.one("alpha/admin", "nothing", "run", &0_u8);
    }
    (chain, receipts)
}

#[test]
fn the_same_rules_under_another_id_change_nothing() {
    let (chain, _) = chain();
    let blocks = run_through(&chain.store, b"good copy", 10);
    assert_eq!(blocks.len(), 3);
    let transactions: Vec<_> = blocks.iter().flat_map(|block| &block.transactions).collect();
    assert_eq!(transactions.len(), 5);
    assert!(blocks.iter().all(|block| block.agrees));
    assert!(transactions.iter().all(|one| one.differs_in.is_empty() && one.judgements.is_none()), "{transactions:?}");
}

#[test]
fn a_changed_rule_names_the_transactions_that_it_would_have_refused() {
    let (chain, receipts) = chain();
    let blocks = run_through(&chain.store, b"good strict", 10);
    let changed: Vec<_> = blocks.iter().flat_map(|b| &b.transactions).filter(|one| one.changed()).collect();
    let [one] = &changed[..] else { unreachable!("one transaction is too long: {changed:?}") };
    assert_eq!(one.id, receipts[0][1].tx_id);
    assert_eq!(
        one.differs_in,
        [Aspect::Outcome, Aspect::Code, Aspect::Message, Aspect::Result, Aspect::Writes, Aspect::Gas]
    );
    let (old, new) = one.judgements.as_ref().unwrap();
    assert_eq!((old.outcome, new.outcome, new.code.as_str()), (Outcome::Valid, Outcome::ChaincodeRejected, "TOO_LONG"));
    assert_eq!((old.judges[0].package, new.judges[0].package), (package_id(b"good"), package_id(b"good strict")));
    let keys: Vec<&[u8]> = old.writes.writes.iter().map(|write| &*write.key.key).collect();
    assert_eq!((keys, new.writes.writes.len()), (vec![&b"a"[..], b"b"], 0));
    assert_eq!(old.writes.writes[0].before.as_ref().unwrap().whole(), Some(&b"1"[..]), "on the state it met");
}

#[test]
fn every_block_is_judged_on_what_really_was() {
    let (chain, _) = chain();
    let blocks = run_through(&chain.store, b"good thorough", 10);
    for one in blocks.iter().flat_map(|block| &block.transactions) {
        if one.judgements.as_ref().is_some_and(|(old, _)| old.outcome == Outcome::Valid) {
            assert_eq!(one.differs_in, [Aspect::Writes, Aspect::Gas]);
            let (_, new) = one.judgements.as_ref().unwrap();
            let note = new.writes.writes.iter().find(|write| &*write.key.key == b"note").unwrap();
            assert_eq!(note.before, None, "what the candidate wrote before is nowhere");
        } else {
            assert_eq!(one.differs_in, [Aspect::Gas], "a refusal stays one");
        }
    }
    let mut left = chain.store.clone();
    assert!(left.get(&note_key(), left.head().unwrap().height).unwrap().is_none(), "nothing was changed");
    left.sync().unwrap();
}

fn note_key() -> theriac_ledger::StateKey {
    theriac_ledger::StateKey::new("scripts".parse().unwrap(), b"note".to_vec()).unwrap()
}

#[test]
fn the_newest_blocks_are_taken_and_no_more_than_asked_for() {
    let (chain, receipts) = chain();
    let blocks = run_through(&chain.store, b"good copy", 2);
    let heights: Vec<Height> = blocks.iter().map(|block| block.height).collect();
    assert_eq!(heights, [receipts[2][0].height, receipts[1][0].height]);
}

#[test]
fn what_no_peer_would_take_and_who_is_unknown_is_refused() {
    let (chain, _) = chain();
    assert!(matches!(candidate(&chain.store, b"bad"), Err(ReplayError::Package(_))));
    let name: ChaincodeName = "nothing".parse().unwrap();
    let unknown =
        Candidate::new(&chain.store, &Versions, name.clone(), CandidateSource::Module(Bytes::new(*b"good").unwrap()));
    assert_eq!(unknown.err(), Some(ReplayError::UnknownChaincode { name }));
    let package = package_id(b"good never uploaded");
    let source = CandidateSource::Uploaded(package);
    let unknown = Candidate::new(&chain.store, &Versions, "scripts".parse().unwrap(), source);
    assert_eq!(unknown.err(), Some(ReplayError::UnknownPackage { package }));
}

#[test]
fn a_package_of_the_ledger_is_named_by_its_id_and_a_dry_run_ends_when_told_to() {
    let (chain, _) = chain();
    let source = CandidateSource::Uploaded(package_id(b"good"));
    let candidate = Candidate::new(&chain.store, &Versions, "scripts".parse().unwrap(), source).unwrap();
    let mut run = DryRun::new(candidate, chain.height(), 10);
    let first = std::iter::repeat_with(|| run.advance(&chain.store, &Versions, &mut || true).unwrap());
    let first = first.into_iter().find_map(|met| if let Advance::Block(block) = met { Some(block) } else { None });
    assert!(first.unwrap().transactions.iter().all(|one| one.differs_in.is_empty()));
    assert_eq!(run.advance(&chain.store, &Versions, &mut || false), Err(ReplayError::Stopped));
}

/// What the first block of a dry run by a package comes to.
fn first(module: &[u8]) -> Result<Advance, ReplayError> {
    let (chain, _) = chain();
    let mut run = DryRun::new(candidate(&chain.store, module).unwrap(), chain.height(), 10);
    let mut met = std::iter::repeat_with(|| run.advance(&chain.store, &Versions, &mut || true));
    met.find(|met| *met != Ok(Advance::Nothing)).unwrap()
}

#[test]
fn data_in_another_form_is_not_read_as_if_it_were_the_packages_own() {
    let found = first(b"good later");
    let Err(ReplayError::NeedsMigration { from, to, .. }) = found else { unreachable!("{found:?}") };
    assert_eq!((from, to), (1, 2));
    let found = first(b"good later fails");
    let Err(ReplayError::MigrationFailed { code, .. }) = found else { unreachable!("{found:?}") };
    assert_eq!(code, "NO_WAY");
}

#[test]
fn a_package_judges_the_data_that_its_migration_would_have_made() {
    let found = first(b"good later migrates");
    let Ok(Advance::Block(block)) = found else { unreachable!("{found:?}") };
    assert_eq!(block.migration, Some(Migration { from: 1, to: 2 }));
    let (old, new) = block.transactions[0].judgements.as_ref().unwrap();
    let read = encode(&Some(b"3".to_vec()));
    assert_eq!(old.result.whole(), Some(&[&read[..], &read].concat()[..]));
    let read = encode(&Some(b"migrated".to_vec()));
    assert_eq!(new.result.whole(), Some(&[&read[..], &read].concat()[..]), "it reads what the migration wrote");
}
