//! Policies: which signatures a decision needs, as an expression over organisations, roles and members.
//!
//! ```text
//! policy    = term { "or" term }
//! term      = factor { "and" factor }
//! factor    = "(" policy ")" | "majority" | count "of" principal | count "of" "(" policy { "," policy } ")" | principal
//! count     = 1 to 64, or "majority" before a list
//! principal = which [ ":" ROLE ] | ORGANISATION "/" MEMBER
//! which     = ORGANISATION | "org:" ORGANISATION | "role:" ROLE | "any"
//! ```
//!
//! `maker` is satisfied by a signer of that organisation, `role:regulator` by one of an organisation that is a
//! regulator, `any` by whoever signs. A role behind that is the signer's own: `maker:administrator`. `maker/anna` is
//! one member. `2 of role:pharmacy` wants signers of two different organisations, `2 of (a, b, c)` two of three
//! policies, and `majority` more than half of the organisations that may vote. `and` binds before `or`. An organisation
//! whose name is a word or a number of this form is written `org:NAME`.
//!
//! Encoded, a policy is a tag per node, 0 to 5 in the order of [`Expression`]. Depth and nodes are held against their
//! limits before anything is taken for them, and a shape that no text has (`and` of one, 3 of 2) does not decode.

mod evaluate;
mod text;

pub use evaluate::{Missing, Signer, evaluate};
pub use text::PolicySyntax;

use crate::limits::{POLICY_DEPTH_MAX, POLICY_NODES_MAX};
use crate::{MemberName, OrgId, Role};
use borsh::io::{Error, ErrorKind, Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};

/// A signer of some organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = false)]
pub enum Principal {
    /// Whoever signs; with the role, if one is named.
    Anyone(Option<Role>),
    /// Of this organisation; with the role in it, if one is named.
    Organisation(OrgId, Option<Role>),
    /// Of an organisation that is this; with the second role in it, if one is named.
    Kind(Role, Option<Role>),
    /// This member.
    Member(OrgId, MemberName),
}

/// What a policy says. Any value can be made; [`Policy::new`] takes those within the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// One signer who is this.
    One(Principal),
    /// Signers who are this, of so many different organisations.
    Several(u8, Principal),
    /// Signers of more than half of the organisations that may vote.
    Majority,
    /// Every one of two or more.
    All(Vec<Expression>),
    /// At least one of two or more.
    Any(Vec<Expression>),
    /// At least so many of these.
    OutOf(u8, Vec<Expression>),
}

/// An expression within the limits of depth and size, all of whose parts can be satisfied in number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy(Expression);

/// An expression that is no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// Parentheses within parentheses.
    #[error("a policy is at most {POLICY_DEPTH_MAX} levels deep: name fewer alternatives within each other")]
    TooDeep,
    /// Too many parts.
    #[error("a policy has at most {POLICY_NODES_MAX} parts: this one has more")]
    TooLarge,
    /// Fewer parts than it takes.
    #[error("{needed} of {parts} cannot be: ask for 1 to {parts}")]
    Count {
        /// How many are asked for.
        needed: u8,
        /// How many there are.
        parts: usize,
    },
    /// `and` or `or` with fewer than two sides.
    #[error("and, or and a list of alternatives take two parts or more, this has {parts}")]
    Parts {
        /// How many there are.
        parts: usize,
    },
}

impl Policy {
    /// Checks an expression and takes it.
    pub fn new(expression: Expression) -> std::result::Result<Self, InvalidPolicy> {
        check(&expression, 1, &mut 0)?;
        Ok(Self(expression))
    }

    /// Whoever signs: the creator's signature alone satisfies it.
    pub fn anyone() -> Self {
        Self(Expression::One(Principal::Anyone(None)))
    }

    /// More than half of the organisations that may vote.
    pub fn majority() -> Self {
        Self(Expression::Majority)
    }

    /// What it says.
    pub fn expression(&self) -> &Expression {
        &self.0
    }

    /// Whether who may vote matters.
    pub fn counts_voters(&self) -> bool {
        fn counts(expression: &Expression) -> bool {
            match expression {
                Expression::Majority => true,
                Expression::One(_) | Expression::Several(..) => false,
                Expression::All(parts) | Expression::Any(parts) | Expression::OutOf(_, parts) => {
                    parts.iter().any(counts)
                }
            }
        }
        counts(&self.0)
    }

    /// Organisations that it names, ascending, each once.
    pub fn organisations(&self) -> Vec<&OrgId> {
        fn collect<'a>(expression: &'a Expression, found: &mut Vec<&'a OrgId>) {
            match expression {
                Expression::One(principal) | Expression::Several(_, principal) => match principal {
                    Principal::Organisation(org, _) | Principal::Member(org, _) => found.push(org),
                    Principal::Anyone(_) | Principal::Kind(..) => {}
                },
                Expression::Majority => {}
                Expression::All(parts) | Expression::Any(parts) | Expression::OutOf(_, parts) => {
                    parts.iter().for_each(|part| collect(part, found));
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.0, &mut found);
        found.sort();
        found.dedup();
        found
    }
}

fn check(expression: &Expression, depth: usize, nodes: &mut usize) -> std::result::Result<(), InvalidPolicy> {
    if depth > POLICY_DEPTH_MAX {
        return Err(InvalidPolicy::TooDeep);
    }
    *nodes += 1;
    if *nodes > POLICY_NODES_MAX {
        return Err(InvalidPolicy::TooLarge);
    }
    match expression {
        Expression::One(_) | Expression::Majority => Ok(()),
        Expression::Several(needed, _) => count(*needed, POLICY_NODES_MAX),
        Expression::All(parts) | Expression::Any(parts) => {
            if parts.len() < 2 {
                return Err(InvalidPolicy::Parts { parts: parts.len() });
            }
            parts.iter().try_for_each(|part| check(part, depth + 1, nodes))
        }
        Expression::OutOf(needed, parts) => {
            if parts.len() < 2 {
                return Err(InvalidPolicy::Parts { parts: parts.len() });
            }
            count(*needed, parts.len())?;
            parts.iter().try_for_each(|part| check(part, depth + 1, nodes))
        }
    }
}

fn count(needed: u8, parts: usize) -> std::result::Result<(), InvalidPolicy> {
    if (1..=parts).contains(&usize::from(needed)) { Ok(()) } else { Err(InvalidPolicy::Count { needed, parts }) }
}

impl BorshSerialize for Expression {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        match self {
            Self::One(principal) => (0_u8, principal).serialize(writer),
            Self::Several(needed, principal) => (1_u8, needed, principal).serialize(writer),
            Self::Majority => 2_u8.serialize(writer),
            Self::All(parts) => (3_u8, parts).serialize(writer),
            Self::Any(parts) => (4_u8, parts).serialize(writer),
            Self::OutOf(needed, parts) => (5_u8, needed, parts).serialize(writer),
        }
    }
}

impl BorshSerialize for Policy {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl BorshDeserialize for Policy {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let expression = read(reader, 1, &mut 0)?;
        Self::new(expression).map_err(invalid)
    }
}

fn invalid(error: InvalidPolicy) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

/// Reads a node: limits are checked on the way down, so that hostile bytes take neither stack nor memory.
fn read<R: Read>(reader: &mut R, depth: usize, nodes: &mut usize) -> Result<Expression> {
    if depth > POLICY_DEPTH_MAX {
        return Err(invalid(InvalidPolicy::TooDeep));
    }
    *nodes += 1;
    if *nodes > POLICY_NODES_MAX {
        return Err(invalid(InvalidPolicy::TooLarge));
    }
    Ok(match u8::deserialize_reader(reader)? {
        0 => Expression::One(Principal::deserialize_reader(reader)?),
        1 => Expression::Several(u8::deserialize_reader(reader)?, Principal::deserialize_reader(reader)?),
        2 => Expression::Majority,
        3 => Expression::All(read_parts(reader, depth, nodes)?),
        4 => Expression::Any(read_parts(reader, depth, nodes)?),
        5 => Expression::OutOf(u8::deserialize_reader(reader)?, read_parts(reader, depth, nodes)?),
        tag => return Err(Error::new(ErrorKind::InvalidData, format!("no part of a policy has tag {tag}"))),
    })
}

fn read_parts<R: Read>(reader: &mut R, depth: usize, nodes: &mut usize) -> Result<Vec<Expression>> {
    let length = u32::deserialize_reader(reader)? as usize;
    if length > POLICY_NODES_MAX {
        return Err(invalid(InvalidPolicy::TooLarge));
    }
    (0..length).map(|_| read(reader, depth + 1, nodes)).collect()
}

#[cfg(test)]
mod tests;
