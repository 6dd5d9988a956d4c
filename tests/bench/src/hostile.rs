//! What packages that mean harm cost a peer: the check of each, and one call with all that a transaction may use.

use crate::chain::Chain;
use std::time::Instant;
use theriac_hostile::{mute, refused, running};

pub fn print() {
    let mut chain = Chain::start();
    let unfit = refused().into_iter().chain(mute()).map(|row| (row.name, row.module));
    let mut checks: Vec<_> = unfit
        .chain(running().into_iter().map(|row| (row.name, row.module)))
        .map(|(name, module)| {
            let [upload, _] = chain.version("hostile", &module);
            let began = Instant::now();
            chain.judge(vec![upload]);
            (began.elapsed(), name)
        })
        .collect();
    let mut calls = Vec::new();
    for (number, row) in running().into_iter().enumerate() {
        let name = format!("hostile-{number}");
        chain.deploy(&name, &row.module);
        // The first call waits for the compiler.
        for _ in 0..2 {
            let call = chain.transaction(&name, "any", &7_u64);
            let began = Instant::now();
            let outcome = chain.judge(vec![call]);
            chain.apply(&outcome);
            if let Some((_, previous)) = calls.last_mut().filter(|(known, _): &&mut (&str, _)| *known == row.name) {
                *previous = began.elapsed();
            } else {
                calls.push((row.name, began.elapsed()));
            }
        }
    }
    checks.sort_unstable();
    calls.sort_unstable_by_key(|(_, time)| *time);
    for (time, name) in checks.iter().rev().take(8) {
        println!("block with an upload of {name:<45} {time:>10.1?}");
    }
    for (name, time) in calls.iter().rev().take(16) {
        println!("block with a call of {name:<48} {time:>10.1?}");
    }
}
