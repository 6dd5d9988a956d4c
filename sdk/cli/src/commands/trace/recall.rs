//! `theriac trace recall`.

use super::ask;
use super::books::Lot;
use super::capture::capture_one;
use super::deed::{blank, item};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::parse;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_domain::event::{Body, BusinessTransaction, ExtensionField, Marks, Object, Quantity};
use theriac_domain::{Action, BusinessStep, Disposition, EpcClass};

/// What to do about recalls.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Recalls whole lots, or single items with everything in them.
    #[command(before_help = "Examples:
  theriac trace recall start R-2026-7 --lot 09506000134376/LOT24A --reason 'glass in vials' --class 1 --as maker/operator
  theriac trace recall start R-2026-8 --item '(01)09506000134376(21)SN26A00001' --reason 'wrong leaflet' --as maker/operator")]
    Start(Start),
    /// Cancels a recall of lots or items; only a regulator can.
    Cancel(Cancel),
    /// Shows a recall, and where what was recalled is.
    #[command(before_help = "Examples:\n  theriac trace recall show R-2026-7")]
    Show {
        /// The recall's number.
        number: String,
    },
}

/// A recall.
#[derive(Debug, Args)]
pub struct Start {
    /// The recall's number, new.
    number: String,
    #[command(flatten)]
    scope: Scope,
    /// Why, in words.
    #[arg(long)]
    reason: String,
    /// How serious: 1 may kill, 2 may harm, 3 hardly harms.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    class: u8,
}

/// What is recalled no more.
#[derive(Debug, Args)]
pub struct Cancel {
    #[command(flatten)]
    scope: Scope,
}

/// What a recall is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Scope {
    /// A lot, as GTIN/LOT or a code that names it; may be given several times.
    #[arg(long, value_name = "LOT")]
    lot: Vec<String>,
    /// An item's code; may be given several times.
    #[arg(long, value_name = "CODE")]
    item: Vec<String>,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Start(wanted) => {
            let mut event = blank(wanted.scope.body()?);
            event.step = Some(BusinessStep::Holding);
            event.disposition = Some(Disposition::Recalled);
            event.marks = Some(Marks { set: vec![Disposition::Recalled], unset: Vec::new() });
            event.transactions = vec![BusinessTransaction {
                kind: Some(parse("urn:theriac:btt:recall")?),
                id: parse(&format!("urn:theriac:recall:{}", wanted.number))?,
            }];
            let text = |name: &str, value: Value| ExtensionField { name: name.to_owned(), json: value.to_string() };
            event.extensions = vec![
                text("urn:theriac:recallReason", json!(wanted.reason)),
                text("urn:theriac:recallClass", json!(wanted.class)),
            ];
            capture_one(global, &event).await
        }
        Verb::Cancel(wanted) => {
            let mut event = blank(wanted.scope.body()?);
            event.step = Some(BusinessStep::Inspecting);
            event.disposition = Some(Disposition::Conformant);
            event.marks = Some(Marks { set: Vec::new(), unset: vec![Disposition::Recalled] });
            capture_one(global, &event).await
        }
        Verb::Show { number } => show(global, &number).await,
    }
}

async fn show(global: &Global, number: &str) -> Result<(), Failure> {
    let answer = ask(global, "recall", &json!({ "number": number })).await?;
    if global.output != Format::Table {
        return output::record(global.output, &answer);
    }
    let mut told = answer["recall"].clone();
    told["number"] = answer["number"].clone();
    for (name, amount) in answer["total"].as_object().into_iter().flatten().filter(|(name, _)| *name != "reasons") {
        told[name.as_str()] = amount.clone();
    }
    output::record(global.output, &told)?;
    output::text("\n")?;
    let flat = |row: &Value| {
        let mut flat = row["amounts"].clone();
        for name in ["goods", "holder", "site"] {
            flat[name] = row[name].clone();
        }
        flat
    };
    let rows: Vec<Value> = answer["stock"].as_array().into_iter().flatten().map(flat).collect();
    let columns = ["holder", "site", "goods", "in_stock", "in_transit", "quarantined", "dispensed", "destroyed"];
    output::rows(global.output, &columns, &rows)
}

impl Scope {
    fn body(&self) -> Result<Body, Failure> {
        let class = |lot: &String| {
            let (gtin, lot) = match lot.split_once('/').filter(|(gtin, _)| gtin.len() == 14) {
                Some((gtin, lot)) => (gtin.to_owned(), lot.to_owned()),
                None => Lot::of(lot).parts()?,
            };
            let class = EpcClass::Lot(parse(&gtin)?, parse(&lot)?);
            Ok::<_, Failure>(Quantity { class, quantity: None, unit: None })
        };
        Ok(Body::Object(Object {
            action: Action::Observe,
            epcs: self.item.iter().map(|code| item(code)).collect::<Result<_, _>>()?,
            quantities: self.lot.iter().map(class).collect::<Result<_, _>>()?,
            master_data: None,
        }))
    }
}
