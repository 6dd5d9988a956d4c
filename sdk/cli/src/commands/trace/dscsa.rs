//! What partners in the United States send each other: cases as exception reports, and transaction information. This asks
//! the ledger for what belongs to a case or a shipment; `theriac-dscsa` says what it means.

use super::{ask, call};
use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_domain::{Date, ItemId};
use theriac_dscsa::{
    CaseFile, Contact, Contents, DOCUMENT_BYTES_MAX, MasterData, Message, Problem, Report, Resolution, Sale, Sending,
    TransactionInformation, Unit, shipped_items,
};
use theriac_trace::{
    CaseKind, CaseView, CodeQuery, EventNameQuery, EventRecord, FoundEvent, LogisticUnitView, NumberQuery, OpenCase,
    ShipmentPage, ShipmentQuery, ShipmentView,
};
use theriac_trace_client::Trace;
use theriac_types::Height;

/// What an exception report says that the ledger does not know.
#[derive(Debug, Args)]
pub struct Reporting {
    /// As an exception report of the Partnership for DSCSA Governance, in JSON.
    #[arg(long)]
    pub pdg: bool,
    /// The e-mail address at which you are asked about it.
    #[arg(long, value_name = "ADDRESS", env = "THERIAC_EMAIL")]
    email: Option<String>,
    /// The telephone number.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The number of the purchase order, when the shipping event names none.
    #[arg(long, value_name = "NUMBER")]
    po: Option<String>,
    /// What you ask for; as a rule what suits the case.
    #[arg(long, value_enum)]
    wants: Option<Wish>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wish {
    SendNewData,
    SendProduct,
    ReturnProduct,
    SendBackProduct,
    CreditAccount,
    DebitAccount,
}

/// Transaction information and statement.
#[derive(Debug, Args)]
pub struct Information {
    /// Shows transaction information and statement for a shipment, by its id, in JSON.
    #[arg(long, value_name = "SHIPMENT", conflicts_with_all = ["party", "open"])]
    pub ti: Option<String>,
    /// When it was sold, YYYY-MM-DD, if not on the day of shipping.
    #[arg(long, value_name = "DATE", requires = "ti")]
    sold: Option<String>,
    /// A JSON file with what the ledger does not have: names, strengths, drug codes, addresses.
    #[arg(long, value_name = "FILE", requires = "ti")]
    master_data: Option<PathBuf>,
    /// You are the seller, and make the transaction statement.
    #[arg(long, requires = "ti")]
    affirm: bool,
}

/// Prints a case as an exception report.
pub async fn show(global: &Global, number: &str, wanted: &Reporting) -> Result<(), Failure> {
    let sender =
        Contact { vp: None, gln: None, email: wanted.email.clone().unwrap_or_default(), phone: wanted.phone.clone() };
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let resolution = wanted.wants.map(Resolution::from);
    let sending = Sending { sender, po_number: wanted.po.clone(), resolution, timestamp };
    let report = case_file(global, number).await?.report(&sending)?;
    output::text(&format!("{}\n", report.to_json()))
}

/// Opens a case of a partner's report.
pub async fn open(
    global: &Global,
    file: &Path,
    kind: Option<CaseKind>,
    against: Option<String>,
) -> Result<(), Failure> {
    let report = Report::parse(&read_input(file, DOCUMENT_BYTES_MAX as u64)?)?;
    tell(&report.remarks);
    let opening = theriac_dscsa::open(&report.value, kind)?;
    tell(&opening.remarks);
    let OpenCase { kind, against: sender, items, findings } = opening.value;
    let argument = json!({
        "kind": format!("{kind:?}"),
        "against": against.or(sender),
        "items": items.iter().map(ItemId::path).collect::<Vec<_>>(),
        "findings": findings,
    });
    output::record(global.output, &call(global, "open_case", &argument).await?)
}

/// Does with a partner's message about a case what it says.
pub async fn answer(global: &Global, number: &str, file: &Path) -> Result<(), Failure> {
    let message = Message::read(&read_input(file, DOCUMENT_BYTES_MAX as u64)?)?;
    tell(&message.remarks);
    let answer = theriac_dscsa::answer(&case_file(global, number).await?, &message.value)?;
    for note in answer.notes {
        let argument =
            json!({ "case": note.case, "text": note.text, "notified": note.notified, "documents": note.documents });
        call(global, "note_case", &argument).await?;
    }
    if let Some(close) = answer.close {
        let argument = json!({ "case": close.case, "state": format!("{:?}", close.state), "outcome": close.outcome });
        call(global, "close_case", &argument).await?;
    }
    let case: Value = ask(global, "case", &json!({ "number": number })).await?;
    output::record(global.output, &case)
}

/// Prints transaction information and statement for a shipment.
pub async fn information(global: &Global, id: &str, wanted: &Information) -> Result<(), Failure> {
    let known = match &wanted.master_data {
        Some(file) => {
            let read = MasterData::read(&read_input(file, DOCUMENT_BYTES_MAX as u64)?)?;
            tell(&read.remarks);
            read.value
        }
        None => MasterData::default(),
    };
    let sold: Option<Date> = wanted.sold.as_deref().map(session::parse).transpose()?;
    let trace = Trace::new(&session::network(global)?);
    let (shipment, event) = find_shipment(&trace, id).await?;
    let shipped = shipped(&trace, &event).await?;
    let seller = trace.party(&shipment.shipment.from.to_string()).await?;
    let sale = Sale {
        shipment: &shipment,
        event: &event,
        shipped: &shipped,
        licensed_until: seller.licensed_until.as_deref(),
        sold,
        affirmed: wanted.affirm,
    };
    output::text(&format!("{}\n", TransactionInformation::of(&sale, &known)?.to_json()))
}

/// A case with everything that belongs to it.
async fn case_file(global: &Global, number: &str) -> Result<CaseFile, Failure> {
    let trace = Trace::new(&session::network(global)?);
    let case: CaseView = trace.ask("case", &NumberQuery { number: number.to_owned() }).await?;
    let items: Vec<ItemId> = case.case.items.iter().map(|item| session::parse(item)).collect::<Result<_, _>>()?;
    let items = contents(&trace, &items, None).await?;
    let Some(id) = case.case.shipment else {
        return Ok(CaseFile { case, shipment: None, event: None, shipped: Contents::default(), items });
    };
    let (shipment, event) = find_shipment(&trace, &hex::encode(id)).await?;
    let shipped = shipped(&trace, &event).await?;
    Ok(CaseFile { case, shipment: Some(shipment), event: Some(event.event), shipped, items })
}

/// A shipment by its name, with the event that shipped it. Shipments are listed by party.
async fn find_shipment(trace: &Trace, id: &str) -> Result<(ShipmentView, EventRecord), Failure> {
    let FoundEvent { id, record } = trace.ask("event", &EventNameQuery { id: id.to_owned() }).await?;
    let mut after = None;
    loop {
        let query = ShipmentQuery { party: Some(record.party.to_string()), open: false, after };
        let page: ShipmentPage = trace.ask("shipments", &query).await?;
        if let Some(found) = page.shipments.into_iter().find(|view| view.id == id) {
            return Ok((found, record));
        }
        after = page.next;
        if after.is_none() {
            let message = format!("Event {id} began no shipment. List them: theriac trace shipments.");
            return Err(Failure::not_found("RECORD_UNKNOWN", message));
        }
    }
}

/// What was in a shipment when it left: containers as they were packed in the block of the shipping event.
async fn shipped(trace: &Trace, event: &EventRecord) -> Result<Contents, Failure> {
    contents(trace, &shipped_items(&event.event), Some(Height(event.height))).await
}

/// What is in these items, now or after a block, with lots and expiry dates.
async fn contents(trace: &Trace, items: &[ItemId], height: Option<Height>) -> Result<Contents, Failure> {
    let mut all = Contents::default();
    for item in items {
        let query = CodeQuery { code: item.to_string() };
        let view: LogisticUnitView = match trace.ask_at("logistic_unit", &query, height).await {
            Ok(view) => view,
            // People may open cases about what the ledger never saw.
            Err(error) if error.reason() == "UNIT_UNKNOWN" => {
                all.units.push(Unit::new(item.clone()));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut part = Contents::of(&view).map_err(|error| Failure::malformed(error.to_string()))?;
        for unit in part.units.iter_mut().filter(|unit| unit.lot.is_none()) {
            let known = trace.unit(&unit.item.to_string()).await?;
            (unit.lot, unit.expiry) = (known.lot, known.expiry);
        }
        all.extend(part);
    }
    Ok(all)
}

/// What people should know of a document; it goes beside the data.
fn tell(remarks: &[Problem]) {
    for remark in remarks {
        eprintln!("remark: {remark}");
    }
}

impl From<Wish> for Resolution {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::SendNewData => Self::SendNewData,
            Wish::SendProduct => Self::SendProduct,
            Wish::ReturnProduct => Self::ReturnProduct,
            Wish::SendBackProduct => Self::SendBackProduct,
            Wish::CreditAccount => Self::CreditAccount,
            Wish::DebitAccount => Self::DebitAccount,
        }
    }
}
