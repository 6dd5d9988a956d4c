//! The transaction statement: what the seller vouches for (Federal Food, Drug, and Cosmetic Act, section 581(27)).

use serde::Serialize;

/// What a seller vouches for, and who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The seller's GLN.
    pub by: String,
    /// Whether the seller made it. A ledger cannot.
    pub affirmed: bool,
    /// Its parts.
    pub assertions: Vec<Assertion>,
}

/// One part of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assertion {
    /// The letter under which section 581(27) has it.
    pub part: char,
    /// What the seller says.
    pub text: &'static str,
    /// What the ledger knows about it.
    pub on_the_ledger: Option<String>,
}

/// The seven parts, in our words.
const PARTS: &[(char, &str)] = &[
    ('A', "The seller is an authorised trading partner."),
    ('B', "The seller had the product from an authorised trading partner."),
    (
        'C',
        "The seller got transaction information and a transaction statement from the previous owner, where the law asks for them.",
    ),
    ('D', "The seller did not knowingly ship a suspect or illegitimate product."),
    ('E', "The seller has systems and processes to verify products as the law asks."),
    ('F', "The seller did not knowingly give wrong transaction information."),
    ('G', "The seller did not knowingly alter the transaction history."),
];

impl Statement {
    /// The statement of a seller, with until when a regulator licensed it on this ledger, and the block whose rules saw
    /// that nothing it shipped was flagged.
    pub(crate) fn of(seller: String, affirmed: bool, licensed_until: Option<&str>, unflagged_at: Option<u64>) -> Self {
        let known = |part: char| match part {
            'A' => licensed_until.map(|day| format!("licensed by a regulator until {day}")),
            'D' => {
                unflagged_at.map(|height| format!("nothing that was shipped was flagged or recalled at block {height}"))
            }
            'G' => Some("no event can be altered".to_owned()),
            _ => None,
        };
        let assertions =
            PARTS.iter().map(|&(part, text)| Assertion { part, text, on_the_ledger: known(part) }).collect();
        Self { by: seller, affirmed, assertions }
    }
}
