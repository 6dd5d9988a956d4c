//! `theriac trace case`.

use super::books::open_cases;
use super::deed::item;
use super::{ask, call, dscsa};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use theriac_trace::CaseKind;

/// What to do about cases.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists the cases that nobody has settled.
    List,
    /// Shows a case.
    #[command(before_help = "Examples:
  theriac trace case show C-1f03a4b2c5d6
  theriac trace case show C-1f03a4b2c5d6 --pdg --email exceptions@distributor.example > report.json")]
    Show {
        /// The case's number.
        number: String,
        #[command(flatten)]
        reporting: dscsa::Reporting,
    },
    /// Opens a case.
    #[command(before_help = "Examples:
  theriac trace case open damaged --against 9506000100005 --item '(01)09506000134376(21)A1' --finding 'box wet'
  theriac trace case open data-misalignment --item '(01)09506000134376(21)A1' --finding 'received lot LOT24B'
  theriac trace case open --pdg report.json --as maker/operator")]
    Open(Open),
    /// Does what a partner's response or later report says: notes it, and settles the case when it is resolved.
    #[command(before_help = "Examples:
  theriac trace case answer C-1f03a4b2c5d6 --pdg response.json --as distributor/operator")]
    Answer {
        /// The case's number.
        number: String,
        /// The message, in the JSON shapes of the Partnership for DSCSA Governance; - reads the standard input.
        #[arg(long, value_name = "FILE")]
        pdg: PathBuf,
    },
    /// Notes what was done about a case, and whom it was told.
    Note(Note),
    /// Settles a case.
    Close(Close),
}

/// A case.
#[derive(Debug, Args)]
pub struct Open {
    /// What it is about; of a report what it says.
    #[arg(value_enum, required_unless_present = "pdg")]
    kind: Option<Kind>,
    /// A partner's exception report, in the JSON shape of the Partnership for DSCSA Governance; - reads the standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["item", "finding"])]
    pdg: Option<PathBuf>,
    /// The other party's GLN.
    #[arg(long, value_name = "GLN")]
    against: Option<String>,
    /// An item's code; may be given several times.
    #[arg(long, value_name = "CODE")]
    item: Vec<String>,
    /// What stands against what, in words; may be given several times.
    #[arg(long, value_name = "TEXT")]
    finding: Vec<String>,
}

/// What a case is about.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Suspect,
    Underage,
    Overage,
    DataMisalignment,
    MissingData,
    LostShipment,
    Damaged,
    Excursion,
    StockDifference,
}

/// What was done.
#[derive(Debug, Args)]
pub struct Note {
    /// The case's number.
    number: String,
    /// What was done, in words.
    text: String,
    /// Whom it was told; may be given several times.
    #[arg(long, value_name = "WHOM")]
    notified: Vec<String>,
    /// The CID of a document that belongs to it; may be given several times.
    #[arg(long, value_name = "CID")]
    document: Vec<String>,
}

/// How it ended.
#[derive(Debug, Args)]
pub struct Close {
    /// The case's number.
    number: String,
    /// How it ended.
    #[arg(value_enum)]
    ending: Ending,
    /// How, in words.
    outcome: String,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ending {
    /// The doubt was confirmed.
    Confirmed,
    /// The doubt was dispelled.
    Cleared,
    /// The parties settled it.
    Settled,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => open_cases(global).await,
        Verb::Show { number, reporting } if reporting.pdg => dscsa::show(global, &number, &reporting).await,
        Verb::Show { number, .. } => {
            output::record(global.output, &ask(global, "case", &json!({ "number": number })).await?)
        }
        Verb::Open(Open { kind, pdg: Some(file), against, .. }) => {
            dscsa::open(global, &file, kind.map(CaseKind::from), against).await
        }
        Verb::Answer { number, pdg } => dscsa::answer(global, &number, &pdg).await,
        Verb::Open(wanted) => {
            let items = wanted.item.iter().map(|code| item(code).map(|epc| epc.to_string()));
            let argument = json!({
                "kind": wanted.kind.map(|kind| format!("{kind:?}")),
                "against": wanted.against,
                "items": items.collect::<Result<Vec<_>, _>>()?,
                "findings": wanted.finding,
            });
            output::record(global.output, &call(global, "open_case", &argument).await?)
        }
        Verb::Note(wanted) => {
            let Note { number, text, notified, document } = wanted;
            let argument = json!({ "case": number, "text": text, "notified": notified, "documents": document });
            output::record(global.output, &call(global, "note_case", &argument).await?)
        }
        Verb::Close(wanted) => {
            let argument =
                json!({ "case": wanted.number, "state": format!("{:?}", wanted.ending), "outcome": wanted.outcome });
            output::record(global.output, &call(global, "close_case", &argument).await?)
        }
    }
}

impl From<Kind> for CaseKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Suspect => Self::Suspect,
            Kind::Underage => Self::Underage,
            Kind::Overage => Self::Overage,
            Kind::DataMisalignment => Self::DataMisalignment,
            Kind::MissingData => Self::MissingData,
            Kind::LostShipment => Self::LostShipment,
            Kind::Damaged => Self::Damaged,
            Kind::Excursion => Self::Excursion,
            Kind::StockDifference => Self::StockDifference,
        }
    }
}
