//! Serial numbers: what those of a product look like, how many may be given out, and who else may use some.

use crate::party::Actor;
use crate::record::{Product, SerialRange, SerialRule};
use crate::refused::Refused;
use crate::tables::PRODUCTS;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::rules::Rules;
use theriac_domain::{Gln, Gtin, ItemId, Refusal, Serial, Sgtin};

/// Sets what a product's serial numbers look like, and who else may use some of them.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SetSerials {
    /// The product's GTIN, 14 digits.
    pub gtin: String,
    /// What they look like; none leaves that as it is.
    pub rule: Option<SerialRule>,
    /// A range that another party may use from now on.
    pub range: Option<Allotment>,
}

/// A range of serial numbers for another party, such as a contract manufacturer.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Allotment {
    /// The party's GLN.
    pub party: String,
    /// The first number.
    pub first: String,
    /// The last number, as long as the first.
    pub last: String,
}

/// Most characters of a serial number (GS1 General Specifications, AI 21).
const SERIAL_CHARS_MAX: usize = 20;
/// Most ranges of one product.
const RANGES_MAX: usize = 64;

pub(crate) fn set(ctx: &mut TransactionContext<'_>, actor: &Actor, wanted: SetSerials) -> Result<Product, Refused> {
    let gtin: Gtin = wanted.gtin.parse()?;
    actor.expect_gtin(ctx, &gtin)?;
    let mut product = PRODUCTS.get(ctx, &wanted.gtin)?.unwrap_or_default();
    let unfit =
        |problem: &str| Refusal::Unfit { what: "Product", number: wanted.gtin.clone(), problem: problem.into() };
    if let Some(rule) = wanted.rule {
        let alphabet = "The alphabet holds each character once, two or more, all of GS1's set 82.";
        let mut characters = Vec::new();
        for character in rule.alphabet.chars() {
            match characters.binary_search(&character) {
                Err(at) if character.to_string().parse::<Serial>().is_ok() => characters.insert(at, character),
                _ => return Err(unfit(alphabet).into()),
            }
        }
        if characters.len() < 2 {
            return Err(unfit(alphabet).into());
        }
        if rule.length == 0 || usize::from(rule.length) > SERIAL_CHARS_MAX {
            return Err(unfit("Serial numbers have 1 to 20 characters.").into());
        }
        product.serials = Some(SerialRule { length: rule.length, alphabet: characters.into_iter().collect() });
    }
    if let Some(range) = wanted.range {
        let party: Gln = crate::party::resolve(ctx, &range.party.parse()?)?;
        let (first, last): (Serial, Serial) = (range.first.parse()?, range.last.parse()?);
        if first.as_str().len() != last.as_str().len() || first > last {
            return Err(unfit("The last number is as long as the first, and not below it.").into());
        }
        if product.ranges.len() >= RANGES_MAX {
            return Err(unfit("It has as many ranges as it may have.").into());
        }
        product.ranges.push(SerialRange { party, first: range.first, last: range.last });
    }
    PRODUCTS.put(ctx, &wanted.gtin, &product)?;
    Ok(product)
}

/// Whether the number lies in a range of the party.
pub(crate) fn is_allotted(product: &Product, party: &Gln, serial: &str) -> bool {
    let within = |range: &SerialRange| {
        serial.len() == range.first.len() && (range.first.as_str()..=range.last.as_str()).contains(&serial)
    };
    product.ranges.iter().any(|range| range.party == *party && within(range))
}

/// Refuses a number of another form, and one too many.
pub(crate) fn expect_fit(product: &Product, id: &ItemId, unit: &Sgtin, rules: &Rules) -> Result<(), Refusal> {
    let Some(rule) = &product.serials else { return Ok(()) };
    let serial = unit.serial.as_str();
    if serial.len() != usize::from(rule.length) || !serial.chars().all(|c| rule.alphabet.contains(c)) {
        let rule = format!("{} characters of {}", rule.length, rule.alphabet);
        return Err(Refusal::SerialRule { item: id.clone(), rule });
    }
    let space = space(rule);
    let issued = u128::from(product.issued);
    if issued >= rules.serials_of(space) {
        return Err(Refusal::SerialGuessable { gtin: unit.gtin.to_string(), issued, space });
    }
    Ok(())
}

/// How many serial numbers there are of a form.
fn space(rule: &SerialRule) -> u128 {
    let characters = rule.alphabet.chars().count() as u128;
    (0..rule.length).try_fold(1_u128, |space, _| space.checked_mul(characters)).unwrap_or(u128::MAX)
}
