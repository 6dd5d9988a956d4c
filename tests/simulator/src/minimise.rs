//! Finds out what of a plan a violation needs: cuts faults and client operations as long as the same invariant breaks.

use crate::plan::Plan;
use crate::setting::Setting;
use crate::simulate_plan;

/// The invariant that does not hold, if any.
fn wrong(seed: u64, setting: &Setting, plan: &Plan) -> Option<&'static str> {
    simulate_plan(seed, setting, plan.clone()).violation.map(|violation| violation.invariant)
}

/// The smallest plan found that breaks the same invariant as this one; the plan itself when it breaks none.
pub fn minimise(seed: u64, setting: &Setting, plan: Plan) -> Plan {
    let Some(invariant) = wrong(seed, setting, &plan) else { return plan };
    let breaks = |plan: &Plan| wrong(seed, setting, plan) == Some(invariant);
    let mut smallest = plan;
    loop {
        let before = (smallest.faults.len(), smallest.operations.len());
        let faults =
            cut(smallest.faults.clone(), |faults| breaks(&Plan { faults: faults.to_vec(), ..smallest.clone() }));
        smallest = Plan { faults, ..smallest };
        let operations = cut(smallest.operations.clone(), |operations| {
            breaks(&Plan { operations: operations.to_vec(), ..smallest.clone() })
        });
        smallest = Plan { operations, ..smallest };
        if (smallest.faults.len(), smallest.operations.len()) == before {
            return smallest;
        }
    }
}

/// Takes ever smaller parts out of a list as long as what is left is enough.
fn cut<T: Clone>(mut items: Vec<T>, enough: impl Fn(&[T]) -> bool) -> Vec<T> {
    let mut part = items.len();
    while part > 0 {
        let mut start = 0;
        while start < items.len() {
            let end = (start + part).min(items.len());
            let rest = [&items[..start], &items[end..]].concat();
            if enough(&rest) {
                items = rest;
            } else {
                start = end;
            }
        }
        part /= 2;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_is_cut() {
        let needed = [3, 17, 18, 60];
        let enough = |items: &[u32]| needed.iter().all(|item| items.contains(item));
        assert_eq!(cut((0..100).collect(), enough), needed);
        assert_eq!(cut((0..100).collect::<Vec<u32>>(), |_| true), [0_u32; 0]);
        assert_eq!(cut(vec![1, 2], |items| items.len() == 2), [1, 2]);
    }
}
