//! Which organisation is which party: GLNs and company prefixes bound to it by its own administrator.

use crate::licence::{Licence, check_licence};
use crate::refused::Refused;
use crate::tables::{CHINA_PRODUCTS, GLNS, PARTIES, PREFIXES};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{Caller, ReadContext, Table, TransactionContext};
use theriac_domain::event::TooLarge;
use theriac_domain::item::Moment;
use theriac_domain::rules::Rules;
use theriac_domain::{ChinaCode, CompanyPrefix, Gln, Gtin, ItemId, Key, Place, Refusal};

/// The numbers of one organisation.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Party {
    /// The number that stands for the organisation itself: the first one registered.
    pub gln: Gln,
    /// All its locations and parties that were registered by number, ascending.
    pub glns: Vec<Gln>,
    /// Its company prefixes, ascending.
    pub prefixes: Vec<CompanyPrefix>,
    /// Its Chinese product codes, 7 digits each, ascending.
    pub china_products: Vec<String>,
    /// What a regulator allowed it.
    pub licence: Option<Licence>,
}

impl Party {
    /// Whether the item's number was allotted under one of its prefixes or product codes.
    fn covers(&self, item: &ItemId) -> bool {
        match item {
            ItemId::China(code) => self.china_products.iter().any(|own| own == code.product()),
            _ => self.prefixes.iter().any(|prefix| prefix.covers(item)),
        }
    }

    /// Whether the number was registered, or allotted under a registered prefix.
    pub fn has_gln(&self, gln: &Gln) -> bool {
        self.glns.binary_search(gln).is_ok() || self.prefixes.iter().any(|prefix| prefix.covers_gln(gln))
    }
}

/// What to bind to the caller's organisation.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RegisterParty {
    /// Location numbers, 13 digits each. The first one ever registered stands for the organisation.
    pub glns: Vec<String>,
    /// Company prefixes, 4 to 12 digits each. They cover the GLNs under them.
    pub prefixes: Vec<String>,
    /// Chinese product codes, 7 digits each.
    pub china_products: Vec<String>,
}

/// Asks for a party.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct PartyQuery {
    /// An organisation's name or a GLN.
    pub name: String,
}

/// A party as people see it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct PartyView {
    /// The organisation.
    pub organisation: String,
    /// The number that stands for it.
    pub gln: String,
    /// All its registered numbers.
    pub glns: Vec<String>,
    /// Its company prefixes.
    pub prefixes: Vec<String>,
    /// Its Chinese product codes.
    pub china_products: Vec<String>,
    /// Until when it has a licence; none when nobody gave it one, or it was withdrawn.
    pub licensed_until: Option<String>,
}

impl PartyView {
    pub(crate) fn new(organisation: &str, party: &Party) -> Self {
        Self {
            organisation: organisation.to_owned(),
            gln: party.gln.to_string(),
            glns: party.glns.iter().map(ToString::to_string).collect(),
            prefixes: party.prefixes.iter().map(ToString::to_string).collect(),
            china_products: party.china_products.clone(),
            licensed_until: party.licence.as_ref().filter(|licence| !licence.withdrawn).map(|l| l.until.to_string()),
        }
    }
}

/// Most numbers of one registration.
const REGISTRATION_NUMBERS_MAX: usize = 100;

pub(crate) fn register(ctx: &mut TransactionContext<'_>, wanted: &RegisterParty) -> Result<PartyView, Refused> {
    let caller = ctx.caller().clone();
    if !caller.member_roles.iter().any(|role| role == "administrator") {
        return Err(role_denied("administrator", &caller).into());
    }
    let found = wanted.glns.len() + wanted.prefixes.len() + wanted.china_products.len();
    TooLarge::check("numbers of one registration", found, REGISTRATION_NUMBERS_MAX).map_err(Refusal::from)?;
    let glns: Vec<Gln> = wanted.glns.iter().map(|gln| gln.parse()).collect::<Result<_, _>>()?;
    let prefixes: Vec<CompanyPrefix> = wanted.prefixes.iter().map(|prefix| prefix.parse()).collect::<Result<_, _>>()?;
    let organisation = caller.organisation;
    let known = PARTIES.get(ctx, &organisation)?;
    let first = known.as_ref().map(|party| party.gln).or_else(|| glns.first().copied());
    let Some(gln) = first else { return Err(Refusal::Incomplete { what: "the organisation's first GLN" }.into()) };
    let mut party = known.unwrap_or_else(|| Party {
        gln,
        glns: Vec::new(),
        prefixes: Vec::new(),
        china_products: Vec::new(),
        licence: None,
    });
    for gln in &glns {
        refuse_other(&organisation, format!("GLN {gln}"), organisation_of_gln(ctx, gln)?)?;
        GLNS.put(ctx, &gln.to_string(), &organisation)?;
    }
    for prefix in &prefixes {
        refuse_other(&organisation, format!("Prefix {prefix}"), organisation_touching(ctx, &organisation, prefix)?)?;
        PREFIXES.put(ctx, &prefix.to_string(), &organisation)?;
    }
    for product in &wanted.china_products {
        if product.len() != ChinaCode::PRODUCT_DIGITS || !product.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Refusal::Incomplete { what: "Chinese product codes of 7 digits" }.into());
        }
        let holder = CHINA_PRODUCTS.get(ctx, product)?;
        refuse_other(&organisation, format!("Chinese product code {product}"), holder)?;
        CHINA_PRODUCTS.put(ctx, product, &organisation)?;
    }
    insert_each(&mut party.china_products, wanted.china_products.iter().cloned());
    insert_each(&mut party.glns, glns);
    insert_each(&mut party.prefixes, prefixes);
    PARTIES.put(ctx, &organisation, &party)?;
    Ok(PartyView::new(&organisation, &party))
}

/// Puts new entries into an ascending list, each once.
fn insert_each<T: Ord>(list: &mut Vec<T>, entries: impl IntoIterator<Item = T>) {
    for entry in entries {
        if let Err(at) = list.binary_search(&entry) {
            list.insert(at, entry);
        }
    }
}

fn refuse_other(organisation: &str, identifier: String, holder: Option<String>) -> Result<(), Refusal> {
    match holder {
        Some(holder) if holder != organisation => Err(Refusal::AlreadyRegistered { identifier, holder }),
        _ => Ok(()),
    }
}

/// Another organisation with a prefix that contains this one or is contained in it, or with a GLN under it.
fn organisation_touching(
    ctx: &ReadContext<'_>,
    organisation: &str,
    prefix: &CompanyPrefix,
) -> Result<Option<String>, Refused> {
    let wanted = prefix.as_str();
    let touches = |number: &str| number.starts_with(wanted) || wanted.starts_with(number);
    for table in [&PREFIXES, &GLNS] {
        if let Some(other) = find_entry(ctx, table, |number, holder| holder != organisation && touches(number))? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// The first holder in the table that fits. Registrations are rare and few, so a scan is cheap enough.
fn find_entry(
    ctx: &ReadContext<'_>,
    table: &Table<String, String>,
    fits: impl Fn(&str, &str) -> bool,
) -> Result<Option<String>, Refused> {
    let mut after = None;
    loop {
        let page = table.scan(ctx, &(), after.as_ref(), 1000)?;
        if let Some((_, holder)) = page.entries.iter().find(|(number, holder)| fits(number, holder)) {
            return Ok(Some(holder.clone()));
        }
        after = page.entries.last().map(|(number, _)| number.clone());
        if !page.more {
            return Ok(None);
        }
    }
}

/// The organisation to which the number, or a prefix of it, is bound.
pub(crate) fn organisation_of_gln(ctx: &ReadContext<'_>, gln: &Gln) -> Result<Option<String>, Refused> {
    match GLNS.get(ctx, &gln.to_string())? {
        Some(organisation) => Ok(Some(organisation)),
        None => Ok(organisation_of_prefix(ctx, gln.as_str())?.map(|(_, organisation)| organisation)),
    }
}

fn organisation_of_prefix(ctx: &ReadContext<'_>, digits: &str) -> Result<Option<(CompanyPrefix, String)>, Refused> {
    for prefix in CompanyPrefix::candidates(digits) {
        if let Some(organisation) = PREFIXES.get(ctx, &prefix.to_string())? {
            return Ok(Some((prefix, organisation)));
        }
    }
    Ok(None)
}

/// The organisation that may number the product.
pub(crate) fn licensee(ctx: &ReadContext<'_>, gtin: &Gtin) -> Result<Option<String>, Refused> {
    Ok(organisation_of_prefix(ctx, &gtin.as_str()[1..])?.map(|(_, organisation)| organisation))
}

/// Refuses a party that is unknown or has no licence in force.
pub(crate) fn expect_active(ctx: &ReadContext<'_>, gln: &Gln, rules: &Rules, now: Moment) -> Result<(), Refused> {
    let unknown = || Refusal::PartyUnknown { who: format!("GLN {gln}") };
    let organisation = organisation_of_gln(ctx, gln)?.ok_or_else(unknown)?;
    let party = PARTIES.get(ctx, &organisation)?.ok_or_else(unknown)?;
    Ok(check_licence(&party, &format!("GLN {gln}"), rules, now)?)
}

/// The number that stands for the organisation behind a GLN.
pub(crate) fn resolve(ctx: &ReadContext<'_>, gln: &Gln) -> Result<Gln, Refused> {
    let unknown = || Refusal::PartyUnknown { who: format!("GLN {gln}") };
    let organisation = organisation_of_gln(ctx, gln)?.ok_or_else(unknown)?;
    Ok(PARTIES.get(ctx, &organisation)?.ok_or_else(unknown)?.gln)
}

pub(crate) fn party(ctx: &ReadContext<'_>, query: &PartyQuery) -> Result<PartyView, Refused> {
    let gln = query.name.parse::<Gln>();
    let organisation = match &gln {
        Ok(gln) => organisation_of_gln(ctx, gln)?,
        Err(_) => Some(query.name.clone()),
    };
    let unknown = || match gln {
        Err(error) if query.name.bytes().all(|byte| byte.is_ascii_digit()) => Refused::from(error),
        _ => Refusal::PartyUnknown { who: query.name.chars().take(80).collect() }.into(),
    };
    let known = organisation.map(|name| PARTIES.get(ctx, &name).map(|party| party.map(|party| (name, party))));
    let (organisation, party) = known.transpose()?.flatten().ok_or_else(unknown)?;
    Ok(PartyView::new(&organisation, &party))
}

/// Who acts in a transaction.
pub(crate) struct Actor {
    /// The caller.
    pub caller: Caller,
    /// Its organisation's numbers.
    pub party: Party,
}

impl Actor {
    /// The caller as a registered party.
    pub fn of(ctx: &ReadContext<'_>) -> Result<Self, Refused> {
        let caller = ctx.caller().clone();
        let unknown = || Refusal::PartyUnknown { who: format!("Organisation {}", caller.organisation) };
        let party = PARTIES.get(ctx, &caller.organisation)?.ok_or_else(unknown)?;
        Ok(Self { caller, party })
    }

    /// The organisation and the member, as `organisation/member`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.caller.organisation, self.caller.member)
    }

    /// What organisation and member are.
    pub fn roles(&self) -> Vec<String> {
        self.caller.organisation_roles.iter().chain(&self.caller.member_roles).cloned().collect()
    }

    /// Whether organisation or member have the role.
    pub fn has_role(&self, role: &str) -> bool {
        self.caller.has_role(role)
    }

    /// Refuses a party without a licence in force.
    pub fn expect_licence(&self, rules: &Rules, now: Moment) -> Result<(), Refusal> {
        check_licence(&self.party, &format!("Organisation {}", self.caller.organisation), rules, now)
    }

    /// Refuses unless the product's number was allotted under one of the organisation's prefixes.
    pub fn expect_gtin(&self, ctx: &ReadContext<'_>, gtin: &Gtin) -> Result<(), Refused> {
        if self.party.prefixes.iter().any(|prefix| prefix.covers(&Key::Gtin(*gtin))) {
            return Ok(());
        }
        self.refuse_number(ctx, "GTIN", gtin.as_str())
    }

    /// Refuses what another party, or nobody, is licensed to number.
    fn refuse_number(&self, ctx: &ReadContext<'_>, kind: &str, number: &str) -> Result<(), Refused> {
        // The first digit is no part of the prefix.
        let (identifier, holder) = match organisation_of_prefix(ctx, &number[1..])? {
            Some((prefix, organisation)) => (format!("Prefix {prefix} of {kind} {number}"), Some(organisation)),
            None => (format!("The prefix of {kind} {number}"), None),
        };
        Err(Refusal::PrefixNotLicensed { identifier, holder }.into())
    }

    /// Refuses unless the item's number was allotted under one of the organisation's prefixes.
    pub fn expect_prefix_of(&self, ctx: &ReadContext<'_>, item: &ItemId) -> Result<(), Refused> {
        if self.party.covers(item) {
            return Ok(());
        }
        match item {
            ItemId::Unit(unit) => self.refuse_number(ctx, "GTIN", unit.gtin.as_str()),
            ItemId::Logistic(sscc) => self.refuse_number(ctx, "SSCC", sscc.as_str()),
            ItemId::China(code) => {
                let holder = CHINA_PRODUCTS.get(ctx, &code.product().to_owned())?;
                let identifier = format!("Chinese product code {}", code.product());
                Err(Refusal::PrefixNotLicensed { identifier, holder }.into())
            }
        }
    }

    /// Refuses a place whose number belongs to somebody else.
    pub fn expect_place(&self, ctx: &ReadContext<'_>, place: Option<&Place>) -> Result<(), Refused> {
        let Some(gln) = place.and_then(Place::gln).filter(|gln| !self.party.has_gln(gln)) else { return Ok(()) };
        let holder = organisation_of_gln(ctx, gln)?;
        Err(Refusal::PrefixNotLicensed { identifier: format!("GLN {gln}"), holder }.into())
    }
}

pub(crate) fn role_denied(needed: &'static str, caller: &Caller) -> Refusal {
    let who = format!("{}/{}", caller.organisation, caller.member);
    let roles: Vec<&str> = caller.organisation_roles.iter().chain(&caller.member_roles).map(String::as_str).collect();
    let has = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
    Refusal::RoleDenied { needed: needed.to_owned(), who, has }
}
