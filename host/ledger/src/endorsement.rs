//! Whether those who signed a transaction may have it done.

use crate::authorise::Standing;
use crate::call::Caller;
use crate::state::ReadError;
use crate::system::lifecycle;
use crate::view::View;
use theriac_types::policy::{Missing, Signer, evaluate};
use theriac_types::{MemberId, Policy};

/// Holds a policy against the creator and co-signers of a call; tells who is missing.
pub(crate) fn missing(view: &dyn View, caller: &Caller, policy: &Policy) -> Result<Option<Missing>, ReadError> {
    let mut signers = vec![signer(&caller.member, &caller.standing)];
    signers.extend(caller.cosigners.iter().map(|cosigner| signer(&cosigner.member, &cosigner.standing)));
    let voters = match policy.counts_voters() {
        true => lifecycle::voters(view)?.into_iter().map(|organisation| organisation.id).collect(),
        false => Vec::new(),
    };
    Ok(evaluate(policy, &signers, &voters).err())
}

fn signer<'a>(member: &'a MemberId, standing: &'a Standing) -> Signer<'a> {
    let Standing { organisation, member: record } = standing;
    Signer { member, organisation_roles: &organisation.roles, member_roles: &record.roles }
}
