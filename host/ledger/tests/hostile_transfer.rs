//! Sources that lie: every wrong answer is refused by itself, leaves nothing behind, and the transfer goes on.

#![allow(clippy::unwrap_used)]

mod common;
mod transferring;

use common::{Chain, Op, genesis, put};
use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::names::state_digest;
use theriac_crypto::{
    CertificateError, CertificateScheme, Record, RecordingScheme, RecordingSigner, ShareSigner, Statement, VoteContext,
};
use theriac_ledger::transfer::*;
use theriac_ledger::{MemoryState, StateKey, StateReader};
use theriac_types::*;
use transferring::{begin, essence, finish, large_value};

/// A chain whose state needs several answers, with a block that comes in parts.
fn source() -> Chain<MemoryState> {
    let mut chain = Chain::with_scripts();
    for name in 0..20_u8 {
        let small = (0..10_u8).map(|index| put(&[name, index], &[index; 9]));
        let script: Vec<Op> = [large_value(&[name])].into_iter().chain(small).collect();
        chain.run("alpha/user", &script);
    }
    let large = (0..8).map(|_| chain.script("alpha/user", &[Op::Result(200_000)])).collect();
    chain.block(large);
    chain
}

type Lie = (&'static str, fn(&Answer) -> Option<Answer>);

fn list<T: Clone, const MAX: usize>(
    of: &List<T, MAX>,
    enough: usize,
    change: impl FnOnce(&mut Vec<T>),
) -> Option<List<T, MAX>> {
    if of.len() < enough {
        return None;
    }
    let mut changed = of.to_vec();
    change(&mut changed);
    Some(List::new(changed).unwrap())
}

fn leaves(answer: &Answer, enough: usize, change: impl FnOnce(&mut Vec<TransferLeaf>)) -> Option<Answer> {
    let Answer::Leaves(leaves) = answer else { return None };
    list(leaves, enough, change).map(Answer::Leaves)
}

fn children(answer: &Answer, change: impl FnOnce(&mut Vec<(u8, Child)>)) -> Option<Answer> {
    let Answer::Children(children) = answer else { return None };
    list(children, 2, change).map(Answer::Children)
}

fn headers(answer: &Answer, change: impl FnOnce(&mut Vec<BlockHeader>)) -> Option<Answer> {
    let Answer::Headers(headers) = answer else { return None };
    list(headers, 2, change).map(Answer::Headers)
}

fn blocks(answer: &Answer, enough: usize, change: impl FnOnce(&mut Vec<BlockPart>)) -> Option<Answer> {
    let Answer::Blocks(parts) = answer else { return None };
    list(parts, enough, change).map(Answer::Blocks)
}

fn flip(value: &[u8]) -> Option<Vec<u8>> {
    let mut value = value.to_vec();
    *value.last_mut()? ^= 1;
    Some(value)
}

/// A part with receipts, changed.
fn receipts(answer: &Answer, enough: usize, change: impl FnOnce(&mut Vec<Receipt>)) -> Option<Answer> {
    blocks(answer, 1, |parts| {
        if let Some(part) = parts.iter_mut().find(|part| part.receipts.len() >= enough) {
            part.receipts = list(&part.receipts, enough, change).unwrap();
        }
    })
    .filter(|changed| changed != answer)
}

const LIES: &[Lie] = &[
    ("a changed value", |a| leaves(a, 1, |l| l[0].value = Bytes::new(flip(&l[0].value).unwrap_or(vec![1])).unwrap())),
    ("a missing key", |a| leaves(a, 1, |l| drop(l.remove(l.len() / 2)))),
    ("a key twice", |a| leaves(a, 1, |l| l.insert(0, l[0].clone()))),
    ("keys out of order", |a| leaves(a, 2, |l| l.swap(0, 1))),
    ("a key too many", |a| {
        leaves(a, 1, |l| {
            let key = StateKey::new("scripts".parse().unwrap(), b"forged").unwrap();
            l.push(TransferLeaf { key, value: Bytes::default() });
            l.sort_by_key(|leaf| theriac_ledger::tree::key_hash(&leaf.key));
        })
    }),
    ("another key", |a| leaves(a, 1, |l| l[0].key.key = Bytes::new(b"forged").unwrap())),
    ("no keys", |a| leaves(a, 1, Vec::clear)),
    ("a place left out", |a| children(a, |c| _ = c.pop())),
    ("places out of order", |a| children(a, |c| c.swap(0, 1))),
    ("a place twice", |a| children(a, |c| c[1] = c[0])),
    ("a place that is none", |a| children(a, |c| c.last_mut().unwrap().0 = 16)),
    ("two places exchanged", |a| {
        children(a, |c| {
            let first = c[0].1;
            c[0].1 = std::mem::replace(&mut c[1].1, first);
        })
    }),
    ("a page's halves swapped", |a| {
        children(a, |c| {
            for (_, child) in c {
                if let Child::Page { left, right } = child {
                    std::mem::swap(left, right);
                }
            }
        })
        .filter(|changed| changed != a)
    }),
    ("no places", |a| children(a, Vec::clear)),
    ("places instead of keys", |a| leaves(a, 1, |_| ()).map(|_| Answer::Children(List::default()))),
    ("keys instead of places", |a| children(a, |_| ()).map(|_| Answer::Leaves(List::default()))),
    ("headers instead of a state", |a| leaves(a, 1, |_| ()).map(|_| Answer::Headers(List::default()))),
    ("a changed time", |a| headers(a, |h| h[1].time_ms += 1)),
    ("another epoch", |a| headers(a, |h| h[0].epoch = Epoch(7))),
    ("a header left out", |a| headers(a, |h| _ = h.remove(1))),
    ("headers out of order", |a| headers(a, |h| h.swap(0, 1))),
    ("other receipts named", |a| headers(a, |h| h[0].receipts_root = ReceiptsRoot(Digest([1; 32])))),
    ("no headers", |a| headers(a, Vec::clear)),
    ("a header too many", |a| headers(a, |h| h.push(h[0]))),
    ("a changed body", |a| {
        blocks(a, 1, |parts| {
            if let Some(body) = &mut parts[0].body {
                body.proposed_time_ms += 1;
            }
        })
        .filter(|changed| changed != a)
    }),
    ("a body left out", |a| blocks(a, 1, |parts| parts[0].body = None).filter(|changed| changed != a)),
    ("a body too many", |a| {
        blocks(a, 1, |parts| drop(parts[0].body.get_or_insert_with(BlockBody::null).clone())).filter(|c| c != a)
    }),
    ("blocks out of order", |a| blocks(a, 2, |parts| parts.reverse()).filter(|changed| changed != a)),
    ("no blocks", |a| blocks(a, 1, Vec::clear)),
    ("a changed receipt", |a| receipts(a, 1, |r| r[0].used.gas += 1)),
    ("a receipt left out", |a| {
        receipts(a, 1, |r| drop(r.pop()))
            // A shorter row of a block in parts is honest.
            .filter(|changed| !matches!(changed, Answer::Blocks(parts) if !parts[0].leaves.is_empty()))
    }),
    ("no receipts", |a| receipts(a, 1, Vec::clear)),
    ("receipts out of order", |a| receipts(a, 2, |r| r.swap(0, 1))),
    ("other leaves", |a| {
        blocks(a, 1, |parts| {
            if !parts[0].leaves.is_empty() {
                parts[0].leaves = list(&parts[0].leaves, 1, |leaves| leaves.reverse()).unwrap();
            }
        })
        .filter(|changed| changed != a)
    }),
];

#[test]
fn every_lie_is_refused_by_itself_and_leaves_nothing_behind() {
    let chain = source();
    let at = chain.height();
    let mut transfer = begin(&chain.store, at);
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let mut received = Vec::new();
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        let honest = serve(&chain.store, at, &request).unwrap();
        let before = transfer.progress();
        for (name, lie) in LIES {
            let Some(lie) = lie(&honest) else { continue };
            *told.entry(name).or_default() += 1;
            let refused = transfer.accept(&request, lie);
            assert!(refused.is_err(), "{name} was taken for {request:?}");
            assert_eq!(transfer.progress(), before, "{name}");
        }
        received.push(transfer.accept(&request, honest).unwrap());
    }
    let untold: Vec<&str> = LIES.iter().map(|(name, _)| *name).filter(|name| !told.contains_key(name)).collect();
    assert_eq!(untold, [""; 0], "every lie had its turn");
    let fetched = finish(&transfer, &received);
    assert_eq!(fetched.head(), chain.store.head());
    assert_eq!(essence(Chain::over(fetched).execute(vec![])), essence(chain.execute(vec![])));
}

#[test]
fn a_leaf_is_not_taken_for_a_page_nor_a_page_for_a_leaf() {
    let chain = source();
    let at = chain.height();
    let mut transfer = begin(&chain.store, at);
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        let honest = serve(&chain.store, at, &request).unwrap();
        if let Answer::Children(children) = &honest {
            for index in 0..children.len() {
                let mut lie = children.to_vec();
                lie[index].1 = match lie[index].1 {
                    Child::Leaf(leaf) => Child::Page { left: leaf.key, right: leaf.value },
                    Child::Page { left, right } => Child::Leaf(theriac_ledger::tree::Leaf { key: left, value: right }),
                };
                assert!(transfer.accept(&request, Answer::Children(List::new(lie).unwrap())).is_err());
            }
        }
        transfer.accept(&request, honest).unwrap();
    }
}

#[test]
fn bytes_that_claim_too_much_are_refused_before_memory_is_taken() {
    for kind in 0..=4_u8 {
        let huge = [&[kind][..], &[0xff; 4], &[0; 64]].concat();
        assert!(decode::<Answer>(&huge, limits::FRAME_BYTES_MAX).is_err(), "{kind}");
        assert!(decode::<Request>(&[&[kind][..], &[0xff; 3]].concat(), 99).is_err(), "{kind}");
    }
    let long = vec![0; limits::FRAME_BYTES_MAX + 1];
    assert!(matches!(decode::<Answer>(&long, limits::FRAME_BYTES_MAX), Err(DecodeError::TooLong { .. })));
}

/// Votes of the four replicas of the genesis in an epoch.
fn certify(epoch: Epoch, statement: Statement, signers: u16) -> (RecordingScheme, Certificate) {
    let (context, record) = (VoteContext { channel: genesis().channel, epoch }, Record::default());
    let scheme = RecordingScheme { replicas: 4, context: context.clone(), record: record.clone() };
    let share = |id| {
        let signer = RecordingSigner { replica: ReplicaId(id), context: context.clone(), record: record.clone() };
        (ReplicaId(id), signer.sign(&statement))
    };
    let certificate = scheme.combine(&statement, &(0..signers).map(share).collect()).unwrap();
    (scheme, certificate)
}

#[test]
fn only_a_checkpoint_with_its_quorum_and_its_commitment_is_an_anchor() {
    let chain = Chain::with_scripts();
    let commitment = chain.store.head().unwrap();
    let (seq, digest) = (SeqNum::from(commitment.height), state_digest(&commitment));
    let configuration = genesis().configuration();
    let check = |epoch, signers, commitment: &StateCommitment, configuration: &Configuration| {
        let (scheme, certificate) = certify(epoch, Statement::Checkpoint { seq, digest }, signers);
        check_anchor(configuration, &scheme, &StableCheckpoint { seq, digest, certificate }, commitment)
    };
    assert_eq!(check(Epoch(0), 3, &commitment, &configuration), Ok(()));
    let few = CertificateError::TooFewSigners { found: 2, needed: 3 };
    let height = commitment.height;
    let refused = check(Epoch(0), 2, &commitment, &configuration);
    assert_eq!(refused, Err(AnchorError::Certificate { height, error: few }));
    let other = StateCommitment { time_ms: 1, ..commitment.clone() };
    assert_eq!(check(Epoch(0), 3, &other, &configuration), Err(AnchorError::Parts { height }));
    let later = Configuration { epoch: Epoch(1), ..configuration.clone() };
    let refused = check(Epoch(1), 3, &commitment, &later);
    assert_eq!(refused, Err(AnchorError::Epoch { height, epoch: Epoch(1) }));
    let later = Configuration { first: height.next(), ..configuration };
    let refused = check(Epoch(0), 3, &commitment, &later);
    assert_eq!(refused, Err(AnchorError::Epoch { height, epoch: Epoch(0) }));
}

#[test]
fn a_link_leads_to_the_configuration_that_was_signed_and_to_no_other() {
    let running = genesis().configuration();
    let next = running.proposed().starting(Epoch(1), Height(385));
    let config_digest = theriac_crypto::names::configuration_digest(&next);
    let head = Chain::start().store.head().unwrap();
    let commitment = StateCommitment { height: Height(384), config_digest, ..head };
    let statement = Statement::State { seq: SeqNum(384), digest: state_digest(&commitment) };
    let check = |link: &EpochLink, signers| {
        let (scheme, certificate) = certify(Epoch(0), statement, signers);
        let last = CertifiedCommitment { certificate, ..link.last.clone() };
        check_link(&running, &scheme, &EpochLink { last, configuration: link.configuration.clone() })
    };
    let certificate = certify(Epoch(0), statement, 2).1;
    let good = EpochLink { configuration: next.clone(), last: CertifiedCommitment { commitment, certificate } };
    assert_eq!(check(&good, 2), Ok(()));
    assert!(matches!(check(&good, 1), Err(AnchorError::Certificate { .. })));
    let parts = Err(AnchorError::Parts { height: Height(384) });
    let fewer_faults = Configuration { c: 5, ..next.clone() };
    assert_eq!(check(&EpochLink { configuration: fewer_faults, ..good.clone() }, 2), parts);
    let skipping = Configuration { epoch: Epoch(2), ..next.clone() };
    assert_eq!(check(&EpochLink { configuration: skipping, ..good.clone() }, 2), parts);
    let early = Configuration { first: Height(300), ..next };
    assert_eq!(check(&EpochLink { configuration: early, ..good }, 2), parts);
}
