//! What a run about one thing needs beside, or instead of, what is drawn.

use super::Base;
use super::fault::{Blow, Crash, CrashPoint, Fault};
use crate::byzantine::BehaviourKind;
use crate::setting::{CrashAt, Mutant, Setting};
use std::collections::BTreeSet;
use theriac_consensus::{Spacing, Tuning};
use theriac_types::ReplicaId;

/// Checkpoints come often, and the first primary is cut off long enough for the others to leave its view. A process may
/// die on the way.
pub fn interrupt(base: &mut Base, faults: &mut Vec<Fault>, crash: Option<CrashAt>) {
    base.spacing = Spacing::new(8, 24);
    base.tuning = Tuning { batch_transactions: 2, request_wait_ms: 300, ..base.tuning.clone() };
    faults.push(Fault::Strike { at_us: base.end_us / 3, blow: Blow::Isolate(base.end_us / 3) });
    faults.extend(crash.map(|CrashAt { replica, point, again }| {
        Fault::Crash(Crash { at_us: 0, replica, point, down_us: Some(50_000), again })
    }));
}

/// Makes sure that a rule which is switched off is needed.
pub fn for_mutant(faults: &mut Vec<Fault>, setting: &Setting, n: u16, end_us: u64) {
    let liars: BTreeSet<_> = faults.iter().filter_map(Fault::liar).collect();
    let f = u16::try_from(setting.cluster.f()).expect("a cluster is bounded");
    let c = u16::try_from(setting.cluster.c()).expect("a cluster is bounded");
    let lie = |id, kind| Fault::Liar { replica: ReplicaId(id), kinds: vec![kind] };
    let crash =
        |id, at_us, point, down_us| Fault::Crash(Crash { at_us, replica: ReplicaId(id), point, down_us, again: None });
    match setting.mutant {
        Some(Mutant::CertificatesUnchecked) => {
            faults.retain(|fault| fault.liar().is_none());
            faults.push(lie(n - 1, BehaviourKind::ForgesCertificates));
        }
        Some(Mutant::QuorumTooSmall) => {
            let liar = |id: u16| id == 0 || id >= n - f;
            faults.retain(|fault| match fault {
                Fault::Crash(crash) => !liar(crash.replica.0),
                _ => fault.liar().is_none(),
            });
            faults.extend((0..n).filter(|id| liar(*id)).map(|id| lie(id, BehaviourKind::Equivocates)));
        }
        Some(Mutant::LogForgotten | Mutant::SyncSkipped) => {
            let honest = (0..n).filter(|id| !liars.contains(&ReplicaId(*id)));
            faults.extend(honest.map(|id| crash(id, end_us / 2, CrashPoint::Written(0), Some(50_000))));
        }
        Some(Mutant::TooManyDown) => {
            faults.retain(|fault| fault.liar().is_none() && !matches!(fault, Fault::Crash(_)));
            faults.extend((n - 1 - f - c..n).map(|id| crash(id, end_us / 8, CrashPoint::Idle, None)));
        }
        _ => {}
    }
}
