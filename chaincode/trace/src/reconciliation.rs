//! Whether the books add up: of a lot, of a site, of shipments on their way; and where a recalled lot is.

use crate::notices::CaseNotice;
use crate::record::{Case, CaseKind, CaseState, LotRecord, Recall, Shipment, ShipmentState, StockRow};
use crate::refused::Refused;
use crate::scene::{Play, hex};
use crate::search::PAGE_BYTES_MAX;
use crate::settlement::CaseView;
use crate::stock::{ALL_PHASES, amount_text};
use crate::tables::{CASES, LOTS, RECALLS, SHIPMENTS, STOCK, behind, key_of};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, TransactionContext};
use theriac_domain::item::{EventId, LotId, Phase};
use theriac_domain::{Gln, Refusal};

/// Asks for a lot.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LotQuery {
    /// The product's GTIN, 14 digits.
    pub gtin: String,
    /// The lot number.
    pub lot: String,
}

/// A lot, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LotView {
    /// The lot, a canonical path.
    pub lot: String,
    /// The party that makes it.
    pub maker: String,
    /// Its last day of use.
    pub expiry: Option<String>,
    /// The number of the recall that is in force for it.
    pub recall: Option<String>,
    /// How many units were commissioned.
    pub commissioned: u64,
    /// Where they are.
    pub stock: Vec<StockView>,
    /// All of them together.
    pub total: Amounts,
    /// Units that the books do not account for, and units that are missing from shipments with an open case.
    pub unaccounted: u64,
    /// Whether everything adds up.
    pub balanced: bool,
}

/// How much of some goods one party has at one site.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct StockView {
    /// The goods: a lot's canonical path; behind `#` the unit of goods without serial numbers.
    pub goods: String,
    /// Who has it.
    pub holder: String,
    /// Where.
    pub site: Option<String>,
    /// How much.
    pub amounts: Amounts,
}

/// Amounts by what they count as. Goods without serial numbers are in thousandths of their unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Amounts {
    /// Where somebody can use it.
    pub in_stock: u64,
    /// Handed over, not yet received.
    pub in_transit: u64,
    /// Held back.
    pub quarantined: u64,
    /// Given to patients.
    pub dispensed: u64,
    /// Taken out of the supply chain.
    pub decommissioned: u64,
    /// The same by reason.
    pub reasons: Vec<(String, u64)>,
    /// Physically destroyed.
    pub destroyed: u64,
}

/// Asks for what a party has, or what is at a site.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct StockQuery {
    /// The party's GLN; none with a site.
    pub holder: Option<String>,
    /// The site's GLN.
    pub site: Option<String>,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
}

/// What a party has.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct StockPage {
    /// By goods.
    pub rows: Vec<StockView>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// A recall, and where what was recalled is.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecallView {
    /// Its number.
    pub number: String,
    /// The recall.
    pub recall: Recall,
    /// Where the lots are, by holder and site.
    pub stock: Vec<StockView>,
    /// All of them together.
    pub total: Amounts,
}

/// Asks for something by its number.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct NumberQuery {
    /// The number.
    pub number: String,
}

/// Asks for shipments.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ShipmentQuery {
    /// Whose: a GLN of the shipper or the consignee.
    pub party: Option<String>,
    /// Only those that are still on their way.
    pub open: bool,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
}

/// Shipments, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ShipmentPage {
    /// Those on their way first; of a party, those from it before those to it; the oldest first.
    pub shipments: Vec<ShipmentView>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// Asks for the cases that nobody has settled.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct OpenCaseQuery {
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
}

/// Cases, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CasePage {
    /// The oldest first.
    pub cases: Vec<CaseView>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// A shipment with its name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ShipmentView {
    /// The event that shipped it, in hexadecimal.
    pub id: String,
    /// The shipment.
    pub shipment: Shipment,
}

/// Looks for shipments that are on their way for too long, and opens cases about them.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Reconcile {
    /// At most so many, 1 to 100.
    pub limit: u32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Reconciled {
    /// Shipments that were looked at.
    pub looked_at: u32,
    /// Cases that were opened.
    pub cases: Vec<String>,
}

const ROWS_MAX: u32 = 1_000;
/// Most cases or shipments of one page.
const PAGE_ENTRIES: u32 = 200;
/// Most shipments that one call looks at in each state.
const RECONCILED_MAX: u32 = 100;
const HOUR_MS: u64 = 60 * 60 * 1000;

pub(crate) fn lot(ctx: &ReadContext<'_>, query: &LotQuery) -> Result<LotView, Refused> {
    let lot = LotId { gtin: query.gtin.parse()?, lot: query.lot.parse()? };
    let path = lot.path();
    let unknown = || Refusal::LotUnknown { lot: lot.clone() };
    let LotRecord { maker, expiry, units, recall, .. } = LOTS.get(ctx, &path)?.ok_or_else(unknown)?;
    let stock = rows_of(ctx, &path)?;
    let mut total = Amounts::default();
    stock.iter().filter(|row| !row.goods.contains('#')).for_each(|row| total.add(&row.amounts));
    let booked = total.sum();
    let missing = missing_of(ctx, &lot)?;
    Ok(LotView {
        lot: path,
        maker: maker.to_string(),
        expiry: expiry.map(|expiry| expiry.to_string()),
        recall,
        commissioned: units,
        stock,
        total,
        unaccounted: units.abs_diff(booked).saturating_add(missing),
        balanced: units == booked && missing == 0,
    })
}

/// Where a lot is: its units, and its goods without serial numbers.
fn rows_of(ctx: &ReadContext<'_>, path: &str) -> Result<Vec<StockView>, Refused> {
    let mut rows = scan(ctx, path)?;
    rows.extend(scan(ctx, &crate::stock::goods_key(path, None))?);
    Ok(rows)
}

fn scan(ctx: &ReadContext<'_>, goods: &str) -> Result<Vec<StockView>, Refused> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = STOCK.scan(ctx, &(goods.to_owned(),), after.as_ref(), ROWS_MAX)?;
        after = page.entries.last().map(|(key, _)| key.clone());
        rows.extend(page.entries.into_iter().map(|((goods, ..), row)| StockView::new(goods, &row)));
        if !page.more {
            return Ok(rows);
        }
    }
}

/// Units of a lot that are missing from shipments with an open case.
fn missing_of(ctx: &ReadContext<'_>, lot: &LotId) -> Result<u64, Refused> {
    let mut missing = 0_u64;
    let mut from = None;
    loop {
        let page = CASES.lookup(ctx, "state", &(CaseState::Open as u8,), from, 200)?;
        for (number, case) in &page.entries {
            let shipment = case.shipment.as_ref().map(|shipment| SHIPMENTS.get(ctx, shipment)).transpose()?.flatten();
            let its_own =
                |shipment: &Shipment| shipment.state != ShipmentState::Closed && shipment.case.as_ref() == Some(number);
            for id in shipment.filter(its_own).iter().flat_map(|shipment| &shipment.missing) {
                let Some(item) = crate::look::Look::find(ctx, id)? else { continue };
                let own = u64::from(item.birth.lot.as_ref() == Some(lot));
                let inside = item.contents.lots.iter().filter(|inside| inside.lot == *lot);
                missing = missing.saturating_add(own + inside.map(|inside| u64::from(inside.units)).sum::<u64>());
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(missing);
        }
    }
}

pub(crate) fn stock(ctx: &ReadContext<'_>, query: &StockQuery) -> Result<StockPage, Refused> {
    let (index, gln) = match (&query.site, &query.holder) {
        (Some(site), _) => ("site", site.parse::<Gln>()?),
        (None, Some(holder)) => ("holder", crate::party::resolve(ctx, &holder.parse()?)?),
        (None, None) => return Err(Refusal::Incomplete { what: "a holder or a site" }.into()),
    };
    let found = STOCK.lookup(ctx, index, &(gln.to_string(),), query.after.clone(), ROWS_MAX / 2)?;
    let rows = found.entries.into_iter().map(|((goods, ..), row)| StockView::new(goods, &row));
    Ok(StockPage { rows: rows.collect(), next: found.next })
}

pub(crate) fn recall(ctx: &ReadContext<'_>, query: &NumberQuery) -> Result<RecallView, Refused> {
    let unknown = || Refusal::RecordUnknown { what: "Recall", number: query.number.chars().take(80).collect() };
    let recall = RECALLS.get(ctx, &key_of(ctx, &query.number))?.ok_or_else(unknown)?;
    let mut stock = Vec::new();
    for lot in &recall.lots {
        stock.extend(rows_of(ctx, &lot.path())?);
    }
    let mut total = Amounts::default();
    stock.iter().for_each(|row| total.add(&row.amounts));
    Ok(RecallView { number: query.number.clone(), recall, stock, total })
}

pub(crate) fn case(ctx: &ReadContext<'_>, query: &NumberQuery) -> Result<CaseView, Refused> {
    let unknown = || Refusal::RecordUnknown { what: "Case", number: query.number.chars().take(80).collect() };
    let case = CASES.get(ctx, &key_of(ctx, &query.number))?.ok_or_else(unknown)?;
    Ok(CaseView::new(query.number.clone(), case, ctx.block_time_ms()))
}

pub(crate) fn open_cases(ctx: &ReadContext<'_>, query: &OpenCaseQuery) -> Result<CasePage, Refused> {
    let state = CaseState::Open as u8;
    let found = CASES.lookup(ctx, "state", &(state,), query.after.clone(), PAGE_ENTRIES)?;
    let mut page = CasePage { cases: Vec::new(), next: found.next };
    let mut bytes = 0;
    for (number, case) in found.entries {
        bytes += borsh::to_vec(&case).map_or(0, |bytes| bytes.len());
        let behind = behind(&(state, case.opened_ms), &number);
        page.cases.push(CaseView::new(number, case, ctx.block_time_ms()));
        if bytes >= PAGE_BYTES_MAX {
            page.next = Some(behind);
            break;
        }
    }
    Ok(page)
}

pub(crate) fn shipments(ctx: &ReadContext<'_>, query: &ShipmentQuery) -> Result<ShipmentPage, Refused> {
    let states: &[ShipmentState] = match query.open {
        true => &[ShipmentState::Open, ShipmentState::Partly],
        false => &[ShipmentState::Open, ShipmentState::Partly, ShipmentState::Closed],
    };
    let party = query.party.as_ref().map(|party| crate::party::resolve(ctx, &party.parse()?)).transpose()?;
    let lists: &[&str] = if party.is_some() { &["from", "to"] } else { &["state"] };
    let lists: Vec<_> = states.iter().flat_map(|state| lists.iter().map(|list| (*list, *state as u8))).collect();
    let (at, mut from): (u8, Option<Vec<u8>>) = match &query.after {
        None => (0, None),
        Some(after) => borsh::from_slice(after)
            .map_err(|_| Refusal::RecordUnknown { what: "Page", number: "that was asked for".to_owned() })?,
    };
    let mut page = ShipmentPage { shipments: Vec::new(), next: None };
    let mut bytes = 0;
    for (at, (list, state)) in (0_u8..).zip(lists).skip(usize::from(at)) {
        let from = from.take();
        let found = match &party {
            Some(party) => SHIPMENTS.lookup(ctx, list, &(party.to_string(), state), from, PAGE_ENTRIES)?,
            None => SHIPMENTS.lookup(ctx, list, &(state,), from, PAGE_ENTRIES)?,
        };
        for (id, shipment) in found.entries {
            if bytes >= PAGE_BYTES_MAX || page.shipments.len() >= PAGE_ENTRIES as usize {
                return Ok(page);
            }
            bytes += borsh::to_vec(&shipment).map_or(0, |bytes| bytes.len());
            let behind = match &party {
                Some(party) => behind(&(party.to_string(), state, shipment.shipped_ms), &id),
                None => behind(&(state, shipment.shipped_ms), &id),
            };
            page.next = Some(borsh::to_vec(&(at, Some(behind))).expect("memory takes bytes"));
            page.shipments.push(ShipmentView { id: hex(&id), shipment });
        }
        if found.next.is_some() {
            return Ok(page);
        }
    }
    page.next = None;
    Ok(page)
}

/// Opens cases about shipments that are on their way for longer than their lane takes.
pub(crate) fn reconcile(
    ctx: &mut TransactionContext<'_>,
    play: &Play,
    wanted: &Reconcile,
) -> Result<Reconciled, Refused> {
    let mut cases = Vec::new();
    let mut looked_at = 0_u32;
    for state in [ShipmentState::Open, ShipmentState::Partly] {
        for (id, mut shipment) in without_case(ctx, state, wanted.limit.clamp(1, RECONCILED_MAX))? {
            looked_at += 1;
            let hours = lane_hours(ctx, play, &shipment)?;
            if play.now.time_ms.saturating_sub(shipment.shipped_ms) <= u64::from(hours) * HOUR_MS {
                continue;
            }
            // Not the shipping event's own number: that event may have opened a case itself.
            let number = crate::cases::number_of(&ctx.sha2_256(&[&id[..], &ctx.transaction_id()].concat()));
            let finding = format!("on its way for more than {hours} hours, {} items missing", shipment.missing.len());
            let case = Case {
                kind: CaseKind::LostShipment,
                state: CaseState::Open,
                opened_by: play.actor.party.gln,
                opened_ms: play.now.time_ms,
                due_ms: play.now.time_ms.saturating_add(u64::from(play.rules.case_hours) * HOUR_MS),
                against: Some(shipment.from),
                shipment: Some(id),
                items: shipment.missing.iter().take(200).map(|id| id.path()).collect(),
                findings: vec![finding],
                notes: Vec::new(),
                outcome: None,
            };
            CaseNotice::new(&number, &case).announce(ctx)?;
            CASES.put(ctx, &number, &case)?;
            shipment.case = Some(number.clone());
            SHIPMENTS.put(ctx, &id, &shipment)?;
            cases.push(number);
        }
    }
    Ok(Reconciled { looked_at, cases })
}

/// The oldest shipments that no case is about.
fn without_case(ctx: &ReadContext<'_>, state: ShipmentState, limit: u32) -> Result<Vec<(EventId, Shipment)>, Refused> {
    let mut found = Vec::new();
    let mut from = None;
    loop {
        let page = SHIPMENTS.lookup(ctx, "state", &(state as u8,), from, RECONCILED_MAX)?;
        found.extend(page.entries.into_iter().filter(|(_, shipment)| shipment.case.is_none()));
        from = page.next;
        if from.is_none() || found.len() >= limit as usize {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

fn lane_hours(ctx: &ReadContext<'_>, play: &Play, shipment: &Shipment) -> Result<u32, Refused> {
    let lane = (shipment.from.to_string(), shipment.to.to_string());
    let hours: Option<u32> = ctx.ask("rules", "lane_hours", &lane)?;
    Ok(hours.unwrap_or(play.rules.transit_hours))
}

impl StockView {
    fn new(goods: String, row: &StockRow) -> Self {
        Self {
            goods,
            holder: row.holder.to_string(),
            site: row.site.map(|site| site.to_string()),
            amounts: Amounts::of(row),
        }
    }

    /// How much there is, as people read it.
    pub fn text(&self) -> String {
        amount_text(&self.goods, i128::from(self.amounts.sum()))
    }
}

impl Amounts {
    fn of(row: &StockRow) -> Self {
        Self {
            in_stock: row.in_stock,
            in_transit: row.in_transit,
            quarantined: row.quarantined,
            dispensed: row.dispensed,
            decommissioned: row.amount(Phase::Decommissioned),
            reasons: row.decommissioned.iter().map(|(reason, amount)| (reason.as_str().to_owned(), *amount)).collect(),
            destroyed: row.destroyed,
        }
    }

    fn add(&mut self, other: &Self) {
        let add = |own: &mut u64, amount: u64| *own = own.saturating_add(amount);
        add(&mut self.in_stock, other.in_stock);
        add(&mut self.in_transit, other.in_transit);
        add(&mut self.quarantined, other.quarantined);
        add(&mut self.dispensed, other.dispensed);
        add(&mut self.decommissioned, other.decommissioned);
        add(&mut self.destroyed, other.destroyed);
        for (reason, amount) in &other.reasons {
            match self.reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, known)) => add(known, *amount),
                None => self.reasons.push((reason.clone(), *amount)),
            }
        }
    }

    /// All of it.
    pub fn sum(&self) -> u64 {
        let Self { in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed, .. } = self;
        let all = [in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed];
        all.into_iter().fold(0, |sum, amount| sum.saturating_add(*amount))
    }
}

const _: () = assert!(ALL_PHASES.len() == 6, "every phase is counted");
