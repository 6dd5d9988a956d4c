//! B5: the primary that ignores one client.

use super::Behaviour;
use crate::clients::{ACME_ADMIN, ACME_CLERK, BETA_CLERK, GAMMA_ADMIN, MEMBERS, member};
use crate::random::Random;
use theriac_types::MemberId;

/// Takes no request of its victim.
#[derive(Debug)]
pub struct Censors {
    victim: MemberId,
}

impl Censors {
    /// Draws its victim.
    pub fn draw(random: &mut Random) -> Self {
        let victim = random.pick(&[ACME_ADMIN, ACME_CLERK, BETA_CLERK, GAMMA_ADMIN]).copied().unwrap_or(ACME_CLERK);
        Self { victim: member(MEMBERS[victim]) }
    }
}

impl Behaviour for Censors {
    fn ignores(&self, client: &MemberId) -> bool {
        *client == self.victim
    }
}
