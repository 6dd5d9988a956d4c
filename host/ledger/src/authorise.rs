//! Who may have a transaction executed: membership, expiry, replay. The same verdict on every peer.

use crate::refusal::Refusal;
use crate::state::{ReadError, TransactionPlace};
use crate::system::identity;
use crate::view::View;
use std::collections::BTreeMap;
use theriac_types::limits::VALIDITY_BLOCKS_MAX;
use theriac_types::{
    ChannelId, Creator, Height, MemberId, MemberRecord, MemberStatus, Nonce, Organisation, Outcome, TransactionBody,
};

/// An active member of an active organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub organisation: Organisation,
    pub member: MemberRecord,
}

/// Members already looked up. Emptied whenever the records may have changed.
#[derive(Debug, Default)]
pub(crate) struct Members(BTreeMap<MemberId, Option<Standing>>);

impl Members {
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// The signer's standing, or why it has none.
    pub fn admit(&mut self, view: &dyn View, signer: &Creator) -> Result<Result<Standing, Refusal>, ReadError> {
        let member = &signer.member;
        let known = match self.0.get(member) {
            Some(known) => known.clone(),
            None => {
                let found = standing(view, member)?;
                self.0.insert(member.clone(), found.clone());
                found
            }
        };
        Ok(match known {
            None => Err(Refusal::new(
                Outcome::NotAMember,
                format!(
                    "{member} is not an active member of an active organisation: \
                     have an administrator of {} register and approve it",
                    member.org
                ),
            )),
            Some(standing) if standing.member.key != signer.key => Err(Refusal::new(
                Outcome::NotAMember,
                format!("the key {} is not that of {member}: sign with the member's current key", signer.key),
            )),
            Some(standing) => Ok(standing),
        })
    }
}

fn standing(view: &dyn View, member: &MemberId) -> Result<Option<Standing>, ReadError> {
    let organisation = identity::organisation(view, &member.org)?;
    let Some(organisation) = organisation.filter(|record| record.status == MemberStatus::Active) else {
        return Ok(None);
    };
    let record = identity::member(view, member)?.filter(|record| record.status == MemberStatus::Active);
    Ok(record.map(|member| Standing { organisation, member }))
}

/// Checks what a transaction says about itself.
pub(crate) fn check_terms(body: &TransactionBody, channel: &ChannelId, height: Height) -> Result<(), Refusal> {
    if body.channel != *channel {
        let message = format!("signed for channel {}, ordered on {channel}: sign it for {channel}", body.channel);
        return Err(Refusal::new(Outcome::BadSignature, message));
    }
    let latest = height.saturating_add(VALIDITY_BLOCKS_MAX);
    if body.valid_until < height {
        let message = format!(
            "valid up to height {}, ordered at {height}: sign it again with a later height and submit it",
            body.valid_until
        );
        return Err(Refusal::new(Outcome::Expired, message));
    }
    if body.valid_until > latest {
        let message = format!(
            "valid up to height {}, but at height {height} no more than {latest} is allowed: sign it again",
            body.valid_until
        );
        return Err(Refusal::new(Outcome::Expired, message));
    }
    Ok(())
}

/// The refusal of a nonce's second use.
pub(crate) fn duplicate(creator: &MemberId, nonce: Nonce, first: TransactionPlace) -> Refusal {
    let message = format!(
        "{creator} has used nonce {nonce} at height {}, index {}: look there for its outcome, or sign with a new nonce",
        first.height, first.index
    );
    Refusal::new(Outcome::Duplicate, message)
}
