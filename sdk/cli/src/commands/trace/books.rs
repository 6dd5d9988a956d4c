//! `theriac trace lot`, `stock`, `shipments`, `reconcile`, `party`.

use super::{ask, call, dscsa, list};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use clap::Args;
use serde_json::{Value, json};
use theriac_gs1::LinkOptions;

/// Which lot.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace lot '(01)09506000134376(10)LOT24A'
  theriac trace lot 09506000134376 LOT24A")]
pub struct Lot {
    /// A code that names the lot, or the product's GTIN.
    code: String,
    /// The lot number, when the code is a GTIN.
    lot: Option<String>,
}

impl Lot {
    /// The lot that one code names.
    pub fn of(code: &str) -> Self {
        Self { code: code.to_owned(), lot: None }
    }

    /// GTIN and lot number.
    pub fn parts(&self) -> Result<(String, String), Failure> {
        if let Some(lot) = &self.lot {
            return Ok((self.code.clone(), lot.clone()));
        }
        let read = theriac_gs1::read(self.code.as_bytes(), LinkOptions::default()).map_err(super::unit::gs1)?;
        let elements = read.into_elements().map_err(super::unit::gs1)?;
        let value =
            |number: u16| theriac_gs1::Ai::from_number(number).and_then(|ai| elements.value(ai)).map(str::to_owned);
        match (value(1), value(10)) {
            (Some(gtin), Some(lot)) => Ok((gtin, lot)),
            _ => Err(Failure::usage("ID_KIND", "The code names no lot. Write (01)GTIN(10)LOT, or GTIN and LOT.")),
        }
    }
}

/// Whose stock.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace stock --holder 9506010000005
  theriac trace stock --site 9506010000012")]
pub struct Stock {
    /// A party's GLN.
    #[arg(long, required_unless_present = "site")]
    holder: Option<String>,
    /// A site's GLN.
    #[arg(long)]
    site: Option<String>,
}

/// Which shipments.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace shipments --open
  theriac trace shipments --party 9506010000005
  theriac trace shipments --ti 5b1c… --master-data products.json  (the id as the list shows it)")]
pub struct Shipments {
    /// Those of a party, by its GLN.
    #[arg(long)]
    party: Option<String>,
    /// Only those that are still on their way.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    information: dscsa::Information,
}

/// How many.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac trace reconcile --as distributor/operator")]
pub struct Reconcile {
    /// Look at so many shipments.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// Which party.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac trace party 9506010000005")]
pub struct Party {
    /// An organisation's name or a GLN.
    name: String,
}

pub async fn lot(global: &Global, wanted: &Lot) -> Result<(), Failure> {
    let (gtin, lot) = wanted.parts()?;
    let mut answer = ask(global, "lot", &json!({ "gtin": gtin, "lot": lot })).await?;
    if global.output != Format::Table {
        return output::record(global.output, &answer);
    }
    let stock = answer["stock"].take();
    if let Value::Object(fields) = &mut answer {
        fields.remove("stock");
        let total = fields.remove("total").unwrap_or_default();
        for (name, amount) in total.as_object().into_iter().flatten().filter(|(name, _)| *name != "reasons") {
            fields.insert(name.clone(), amount.clone());
        }
    }
    output::record(global.output, &answer)?;
    output::text("\n")?;
    rows(global, &stock)
}

pub async fn stock(global: &Global, wanted: &Stock) -> Result<(), Failure> {
    let question = json!({ "holder": wanted.holder, "site": wanted.site });
    rows(global, &Value::from(all_pages(global, "stock", question, "rows").await?))
}

/// Every page of an answer, put together.
async fn all_pages(global: &Global, function: &str, mut question: Value, field: &str) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    question["after"] = Value::Null;
    loop {
        let mut answer = ask(global, function, &question).await?;
        all.extend(answer[field].as_array_mut().map(std::mem::take).unwrap_or_default());
        question["after"] = answer["next"].take();
        if question["after"].is_null() {
            return Ok(all);
        }
    }
}

/// Rows of the books: goods without serial numbers are kept in thousandths.
fn rows(global: &Global, stock: &Value) -> Result<(), Failure> {
    let columns = [
        "goods",
        "holder",
        "site",
        "in_stock",
        "in_transit",
        "quarantined",
        "dispensed",
        "decommissioned",
        "destroyed",
    ];
    let flat = |row: &Value| {
        let mut flat = row["amounts"].clone();
        flat["goods"] = row["goods"].clone();
        flat["holder"] = row["holder"].clone();
        flat["site"] = row["site"].clone();
        if let Some((goods, unit)) = row["goods"].as_str().and_then(|goods| goods.split_once('#')) {
            flat["goods"] = json!(format!("{goods} (thousandths{}{unit})", if unit.is_empty() { "" } else { " of " }));
        }
        flat
    };
    let rows: Vec<Value> = stock.as_array().map_or(&[][..], Vec::as_slice).iter().map(flat).collect();
    output::rows(global.output, &columns, &rows)
}

pub async fn shipments(global: &Global, wanted: &Shipments) -> Result<(), Failure> {
    if let Some(id) = &wanted.information.ti {
        return dscsa::information(global, id, &wanted.information).await;
    }
    let question = json!({ "party": wanted.party, "open": wanted.open });
    let found = all_pages(global, "shipments", question, "shipments").await?;
    let flat = |row: &Value| {
        let mut flat = row["shipment"].clone();
        flat["id"] = row["id"].clone();
        flat
    };
    let rows: Vec<Value> = found.iter().map(flat).collect();
    output::rows(global.output, &["id", "state", "from", "to", "items", "missing", "references", "case"], &rows)
}

pub async fn reconcile(global: &Global, wanted: &Reconcile) -> Result<(), Failure> {
    output::record(global.output, &call(global, "reconcile", &json!({ "limit": wanted.limit })).await?)
}

pub async fn party(global: &Global, wanted: &Party) -> Result<(), Failure> {
    output::record(global.output, &ask(global, "party", &json!({ "name": wanted.name })).await?)
}

/// Lists the cases that nobody has settled.
pub async fn open_cases(global: &Global) -> Result<(), Failure> {
    let found = all_pages(global, "open_cases", json!({}), "cases").await?;
    let flat = |row: &Value| {
        let mut flat = row["case"].clone();
        flat["number"] = row["number"].clone();
        flat["overdue"] = row["overdue"].clone();
        flat
    };
    let rows: Vec<Value> = found.iter().map(flat).collect();
    list(global, &json!({ "cases": rows }), "cases", &["number", "kind", "opened_by", "against", "overdue", "findings"])
}
