//! Who may attach what, who decides about goods, and who reads everything: one policy, which a regulator may change.

use crate::limits::{READER_BYTES_MAX, READERS_MAX};
use crate::notices::PolicySet;
use crate::record::Kind;
use crate::refused::{Fault, who};
use crate::tables::POLICY;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, Refusal, TransactionContext};

/// What an organisation is to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Standing {
    /// It has the role `regulator`: to everything.
    Regulator,
    /// It has the role `laboratory`, and in trace a licence in force, which a regulator gave it: to everything.
    Laboratory,
    /// It may number the product, by a company prefix registered in trace: to units and lots.
    Maker,
    /// It owns or has the goods, they are on their way to it, or it sent or is to receive the shipment: to units,
    /// containers and shipments, by what trace says now.
    Holder,
}

impl Standing {
    /// As a refusal says who is needed.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Regulator => "a regulator",
            Self::Laboratory => "a laboratory with a licence",
            Self::Maker => "the maker of the product",
            Self::Holder => "who owns, has, sent or receives it",
        }
    }
}

/// Who may attach one kind of document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Right {
    /// The kind.
    pub kind: Kind,
    /// What an organisation has to be to each subject; any of them is enough.
    pub standings: Vec<Standing>,
}

/// The policy.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Policy {
    /// Who may attach what; nobody what is not listed. To its own sites and to itself an organisation may attach
    /// everything.
    pub rights: Vec<Right>,
    /// Whose outcomes decide whether goods may be used.
    pub deciding: Vec<Standing>,
    /// Roles that read every record and its document.
    pub reader_roles: Vec<String>,
}

/// The policy in force.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct PolicyEntry {
    /// Counts up with each change; 0 as long as nobody changed it.
    pub version: u32,
    /// Who set it, as `organisation/member`; empty as long as nobody did.
    pub set_by: String,
    /// In which block.
    pub height: u64,
    /// The policy.
    pub policy: Policy,
}

const CURRENT: &str = "current";

/// The policy as long as no regulator sets another one. Regulators, laboratories and makers decide; regulators read
/// everything.
///
/// | may attach | regulator | laboratory | maker | holder |
/// |---|---|---|---|---|
/// | inspection report | yes | yes | yes | yes |
/// | certificate | yes | yes | yes | |
/// | production record | yes | | yes | |
/// | distribution record | yes | | yes | yes |
/// | destruction certificate | yes | | yes | yes |
pub fn default_policy() -> Policy {
    use Standing::{Holder, Laboratory, Maker, Regulator};
    let right = |kind, standings: &[Standing]| Right { kind, standings: standings.to_vec() };
    Policy {
        rights: vec![
            right(Kind::InspectionReport, &[Regulator, Laboratory, Maker, Holder]),
            right(Kind::Certificate, &[Regulator, Laboratory, Maker]),
            right(Kind::ProductionRecord, &[Regulator, Maker]),
            right(Kind::DistributionRecord, &[Regulator, Maker, Holder]),
            right(Kind::DestructionCertificate, &[Regulator, Maker, Holder]),
        ],
        deciding: vec![Regulator, Laboratory, Maker],
        reader_roles: vec!["regulator".to_owned()],
    }
}

/// The policy in force.
pub(crate) fn current(ctx: &ReadContext<'_>) -> Result<PolicyEntry, Refusal> {
    let set = POLICY.get(ctx, &CURRENT.to_owned())?;
    Ok(set.unwrap_or_else(|| PolicyEntry { version: 0, set_by: String::new(), height: 0, policy: default_policy() }))
}

/// Sets another policy. For regulators.
pub(crate) fn set(ctx: &mut TransactionContext<'_>, policy: Policy) -> Result<PolicyEntry, Refusal> {
    let caller = ctx.caller().clone();
    if !caller.has_role("regulator") {
        return Err(Fault::RoleDenied { needed: "regulator", who: who(&caller) }.into());
    }
    check(&policy)?;
    let version = current(ctx)?.version + 1;
    let entry = PolicyEntry { version, set_by: who(&caller), height: ctx.height(), policy };
    POLICY.put(ctx, &CURRENT.to_owned(), &entry)?;
    ctx.announce(&PolicySet { version, set_by: entry.set_by.clone() })?;
    Ok(entry)
}

impl Policy {
    /// Who may attach such a document.
    pub(crate) fn standings(&self, kind: Kind) -> &[Standing] {
        self.rights.iter().find(|right| right.kind == kind).map_or(&[], |right| right.standings.as_slice())
    }
}

fn check(policy: &Policy) -> Result<(), Fault> {
    let expect = |problem, holds: bool| if holds { Ok(()) } else { Err(Fault::RuleInvalid { problem }) };
    let once = |standings: &[Standing]| standings.windows(2).all(|pair| pair[0] < pair[1]);
    let kinds = policy.rights.windows(2).all(|pair| pair[0].kind < pair[1].kind);
    expect("The kinds of documents stand in another order than they are declared in, or twice.", kinds)?;
    let standings = policy.rights.iter().all(|right| once(&right.standings)) && once(&policy.deciding);
    expect("Standings stand in another order than they are declared in, or twice.", standings)?;
    let roles = &policy.reader_roles;
    let named = roles.iter().all(|role| !role.is_empty() && role.len() <= READER_BYTES_MAX);
    expect(
        "A role of readers has no name or too long a one, or there are too many.",
        named && roles.len() <= READERS_MAX,
    )
}
