//! Holds a policy against signers: satisfied, or a sentence that says who is missing.

use super::{Expression, Policy, Principal};
use crate::{MemberId, OrgId, Role};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Someone who signed, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer<'a> {
    /// Who.
    pub member: &'a MemberId,
    /// What its organisation is.
    pub organisation_roles: &'a [Role],
    /// What it may do itself.
    pub member_roles: &'a [Role],
}

impl Signer<'_> {
    fn is(&self, principal: &Principal) -> bool {
        let holds = |role: &Option<Role>| role.is_none_or(|role| self.member_roles.contains(&role));
        match principal {
            Principal::Anyone(role) => holds(role),
            Principal::Organisation(org, role) => self.member.org == *org && holds(role),
            Principal::Kind(kind, role) => self.organisation_roles.contains(kind) && holds(role),
            Principal::Member(org, name) => self.member.org == *org && self.member.name == *name,
        }
    }
}

/// Who is missing: `needs pharmacy, and 1 more of distributor, carrier`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("needs {0}")]
pub struct Missing(String);

/// Holds a policy against everybody who signed. `voters` are the organisations that may vote; they count for
/// [`Expression::Majority`] only.
///
/// # Errors
/// [`Missing`], when the signers do not satisfy it.
pub fn evaluate(policy: &Policy, signers: &[Signer<'_>], voters: &[OrgId]) -> Result<(), Missing> {
    match (Signers { signers, voters }).missing(policy.expression()) {
        None => Ok(()),
        Some(want) => Err(Missing(want.sentence(false))),
    }
}

/// What is missing of a node.
enum Want {
    /// Somebody, in words.
    This(String),
    /// All of these.
    All(Vec<Want>),
    /// So many of these; the flag says whether some of the number are there already.
    OutOf(usize, bool, Vec<Want>),
}

struct Signers<'a> {
    signers: &'a [Signer<'a>],
    voters: &'a [OrgId],
}

impl Signers<'_> {
    /// None when the node is satisfied.
    fn missing(&self, expression: &Expression) -> Option<Want> {
        match expression {
            Expression::One(principal) => {
                let found = self.signers.iter().any(|signer| signer.is(principal));
                (!found).then(|| Want::This(person(principal)))
            }
            Expression::Several(needed, principal) => {
                let found: BTreeSet<&OrgId> = self
                    .signers
                    .iter()
                    .filter(|signer| signer.is(principal))
                    .map(|signer| &signer.member.org)
                    .collect();
                let lacking = usize::from(*needed).saturating_sub(found.len());
                (lacking > 0).then(|| Want::This(several(lacking, found.len(), principal)))
            }
            Expression::Majority => self.majority(),
            Expression::All(parts) => {
                let missing: Vec<_> = parts.iter().filter_map(|part| self.missing(part)).collect();
                (!missing.is_empty()).then_some(Want::All(missing))
            }
            Expression::Any(parts) => self.out_of(1, parts),
            Expression::OutOf(needed, parts) => self.out_of(usize::from(*needed), parts),
        }
    }

    fn out_of(&self, needed: usize, parts: &[Expression]) -> Option<Want> {
        let missing: Vec<_> = parts.iter().filter_map(|part| self.missing(part)).collect();
        let found = parts.len() - missing.len();
        let lacking = needed.saturating_sub(found);
        (lacking > 0).then_some(Want::OutOf(lacking, found > 0, missing))
    }

    fn majority(&self) -> Option<Want> {
        let signed = |org: &&OrgId| self.signers.iter().any(|signer| signer.member.org == **org);
        let (found, needed) = (self.voters.iter().filter(signed).count(), self.voters.len() / 2 + 1);
        let lacking = needed.saturating_sub(found);
        (lacking > 0).then(|| {
            let others = self.voters.iter().filter(|org| !signed(org)).map(|org| Want::This(org.to_string())).collect();
            Want::OutOf(lacking, found > 0, others)
        })
    }
}

impl Want {
    fn sentence(&self, within: bool) -> String {
        match self {
            Self::This(who) => who.clone(),
            Self::All(parts) => {
                if let [part] = &parts[..] {
                    return part.sentence(within);
                }
                joined(parts, ", and ", within)
            }
            Self::OutOf(count, _, parts) if *count == parts.len() => {
                if let [part] = &parts[..] {
                    part.sentence(within)
                } else {
                    joined(parts, ", and ", within)
                }
            }
            Self::OutOf(1, false, parts) => joined(parts, " or ", within),
            Self::OutOf(count, more, parts) => {
                let more = if *more { " more" } else { "" };
                let text = format!("{count}{more} of {}", joined(parts, ", ", false));
                if within { format!("({text})") } else { text }
            }
        }
    }
}

fn joined(parts: &[Want], between: &str, within: bool) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        let between = if index == 0 { "" } else { between };
        // What is said of several at once does not need brackets between commas: "a, and 1 more of b, c".
        let bracket = between_needs_brackets(part, parts.len(), index);
        write!(text, "{between}{}", part.sentence(bracket)).expect("writing to a string does not fail");
    }
    if within { format!("({text})") } else { text }
}

/// A part that is a list itself is set in brackets, unless it ends the sentence and counts.
fn between_needs_brackets(part: &Want, parts: usize, index: usize) -> bool {
    let last_count = index + 1 == parts && matches!(part, Want::OutOf(count, more, _) if *more || *count > 1);
    !last_count
}

fn person(principal: &Principal) -> String {
    match principal {
        Principal::Anyone(None) => "a signer".to_owned(),
        Principal::Anyone(Some(role)) => format!("a signer with role {role}"),
        Principal::Organisation(org, None) => org.to_string(),
        Principal::Organisation(org, Some(role)) => format!("a signer of {org} with role {role}"),
        Principal::Kind(kind, None) => format!("an organisation with role {kind}"),
        Principal::Kind(kind, Some(role)) => format!("a signer with role {role} of an organisation with role {kind}"),
        Principal::Member(org, name) => format!("{org}/{name}"),
    }
}

fn several(lacking: usize, found: usize, principal: &Principal) -> String {
    let more = if found > 0 { " more" } else { "" };
    let noun = if lacking == 1 { "organisation" } else { "organisations" };
    match principal {
        Principal::Anyone(None) => format!("{lacking}{more} {noun}"),
        Principal::Anyone(Some(role)) => format!("signers with role {role} of {lacking}{more} {noun}"),
        Principal::Kind(kind, None) => format!("{lacking}{more} {noun} with role {kind}"),
        Principal::Kind(kind, Some(role)) => {
            format!("signers with role {role} of {lacking}{more} {noun} with role {kind}")
        }
        Principal::Organisation(..) | Principal::Member(..) => {
            format!("{lacking}{more} {noun} that are {}", person(principal))
        }
    }
}
