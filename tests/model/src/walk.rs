//! Random walks through the model: they reach depths that no exhaustive search reaches.

use crate::world::{Action, State, World};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use stateright::{Chooser, Model};

/// Prefers messages of honest replicas over lies, and lies over timers: a uniform choice would drown in lies. Of the
/// actions of a kind it takes one that changes something: stateright cannot replay a walk over one that does not.
#[derive(Debug, Clone)]
pub struct Walker(
    /// The model that is walked through.
    pub World,
);

/// Of a hundred steps so many deliver, and so many more lie, while there is something to deliver and to lie.
const DELIVER: usize = 60;
const LIE: usize = 20;

impl Chooser<World> for Walker {
    type State = ChaCha8Rng;

    fn new_state(&self, seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    fn choose_initial_state(&self, _: &mut ChaCha8Rng, _: &[State]) -> usize {
        0
    }

    fn choose_action(&self, random: &mut ChaCha8Rng, state: &State, actions: &[Action]) -> usize {
        let lot = below(random, 100);
        let wanted = |action: &Action| match action {
            Action::Deliver(_) => lot < DELIVER,
            Action::Lie(_) => (DELIVER..DELIVER + LIE).contains(&lot),
            Action::Fire(..) => lot >= DELIVER + LIE,
        };
        let (mut first, mut others): (Vec<_>, Vec<_>) = (0..actions.len()).partition(|index| wanted(&actions[*index]));
        for candidates in [&mut first, &mut others] {
            while !candidates.is_empty() {
                let index = candidates.swap_remove(below(random, candidates.len()));
                if self.0.next_state(state, actions[index].clone()).is_some() {
                    return index;
                }
            }
        }
        // Nothing changes anything any more: whichever is taken, the walk ends here.
        0
    }
}

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    usize::try_from(random.next_u64() % bound as u64).expect("below a usize")
}
