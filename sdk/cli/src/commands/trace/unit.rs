//! `theriac trace unit`, `history`, `verify`, `scan`.

use super::{ask, list, proof};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_gs1::{Code, ElementString, LinkOptions};

/// Which item.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace unit '(01)09506000134376(21)SN26A00001'
  theriac trace unit https://id.gs1.org/00/095060000000000015 --contents")]
pub struct Unit {
    /// Its code: whatever a scanner sent or a person typed.
    code: String,
    /// Show everything in it, as a tree.
    #[arg(long)]
    contents: bool,
}

/// Which item.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace history '(01)09506000134376(21)SN26A00001'
  theriac trace history '(01)09506000134376(21)SN26A00001' --proof
  theriac trace history '(01)09506000134376(21)SN26A00001' --proof --out pack.history
  theriac verify pack.history --genesis genesis.bin")]
pub struct History {
    /// Its code: element string, Digital Link or EPC URN.
    code: String,
    /// Prove that these are all its steps, and that each is as the ledger has it.
    #[arg(long)]
    proof: bool,
    /// Write the proof to a file, for whoever has the genesis and nothing else.
    #[arg(long, value_name = "FILE", requires = "proof")]
    out: Option<PathBuf>,
}

/// Which pack.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace verify '(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A'
  theriac trace verify '(01)09506000134376(21)SN26A00001' --lot LOT24A")]
pub struct Verify {
    /// Its code: element string, Digital Link or EPC URN.
    code: String,
    /// The lot printed on it.
    #[arg(long)]
    lot: Option<String>,
    /// The expiry date printed on it: YYMMDD or YYYY-MM-DD.
    #[arg(long)]
    expiry: Option<String>,
}

/// What was scanned.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace scan ']d2010950600013437621SN26A00001'
  theriac trace scan '(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A'")]
pub struct Scan {
    /// The code. Nothing is asked of the network.
    code: String,
}

pub async fn unit(global: &Global, wanted: &Unit) -> Result<(), Failure> {
    if !wanted.contents {
        return output::record(global.output, &ask(global, "unit", &json!({ "code": wanted.code })).await?);
    }
    let answer = ask(global, "logistic_unit", &json!({ "code": wanted.code })).await?;
    if global.output != Format::Table {
        return output::record(global.output, &answer);
    }
    output::text(&tree(&answer))
}

/// A container with its contents, each line as deep as it is packed.
fn tree(answer: &Value) -> String {
    let unit = &answer["unit"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!("{}  {}, held by {}", text(&unit["id"]), text(&unit["state"]), text(&unit["holder"]))];
    let contents = answer["contents"].as_array().map_or(&[][..], Vec::as_slice);
    let level = |at: usize| contents.get(at).and_then(|content| content["level"].as_u64()).unwrap_or(0);
    for (at, content) in contents.iter().enumerate() {
        let depth = level(at);
        // Whether something else follows at a level before the tree goes back above it.
        let goes_on = |wanted: u64| {
            (at + 1..contents.len()).map(level).take_while(|later| *later >= wanted).any(|later| later == wanted)
        };
        let mut line: String = (1..depth).map(|level| if goes_on(level) { "│  " } else { "   " }).collect();
        line.push_str(if goes_on(depth) { "├─ " } else { "└─ " });
        line.push_str(&text(&content["id"]));
        if let Some(children) = content["children"].as_u64().filter(|children| *children > 0) {
            line.push_str(&format!("  ({children})"));
        }
        lines.push(line);
    }
    lines.extend(answer["goods"].as_array().into_iter().flatten().map(|goods| format!("+ {}", text(goods))));
    lines.push(String::new());
    lines.join("\n")
}

pub async fn history(global: &Global, wanted: &History) -> Result<(), Failure> {
    if wanted.proof {
        return proof::prove(global, &wanted.code, wanted.out.as_deref()).await;
    }
    let question = json!({ "code": wanted.code });
    let answer = ask(global, "history", &question).await?;
    let columns = ["height", "operation", "time", "party", "counterpart", "container", "rules", "said_by", "event"];
    list(global, &answer, "steps", &columns)
}

pub async fn verify(global: &Global, wanted: &Verify) -> Result<(), Failure> {
    let question = json!({ "code": wanted.code, "lot": wanted.lot, "expiry": wanted.expiry });
    output::record(global.output, &ask(global, "verify", &question).await?)
}

/// Shows what a code says, without asking anybody.
pub fn scan(global: &Global, wanted: &Scan) -> Result<(), Failure> {
    match theriac_gs1::read(wanted.code.as_bytes(), LinkOptions::default()).map_err(gs1)? {
        Code::China(code) => {
            let told =
                json!({ "scheme": "Chinese drug traceability code", "code": code.as_str(), "product": code.product() });
            output::record(global.output, &told)
        }
        code => {
            let elements = code.into_elements().map_err(gs1)?;
            elements.check_associations().map_err(gs1)?;
            output::record(global.output, &told(&elements))
        }
    }
}

fn told(elements: &ElementString) -> Value {
    let list: Vec<Value> = elements
        .iter()
        .map(|element| {
            let name = element.ai().name().map_or_else(|| element.ai().to_string(), ToOwned::to_owned);
            json!(format!("{name} {}", element.value()))
        })
        .collect();
    let national = elements.national_numbers();
    let national: Vec<Value> =
        national.map(|number| json!(format!("{} {} {}", number.country, number.scheme, number.number))).collect();
    json!({
        "elements": list,
        "key": elements.key().map(|key| key.path()).ok(),
        "bracketed": elements.to_bracketed(),
        "digital_link": elements.to_canonical_link().ok(),
        "national_numbers": national,
    })
}

/// A code that breaks a rule of GS1.
pub fn gs1(error: theriac_gs1::Gs1Error) -> Failure {
    Failure::usage(error.code(), error.to_string())
}
