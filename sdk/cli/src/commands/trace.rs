//! `theriac trace`.

mod books;
mod capture;
mod case;
mod deed;
mod document;
mod dscsa;
mod label;
pub mod proof;
mod recall;
mod search;
mod serials;
mod settings;
mod unit;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::Subcommand;
use serde_json::Value;
use theriac_trace_client::{RULES, TRACE};
use theriac_types::{FunctionName, Outcome};

/// What to do with medicines.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Captures the events of an EPCIS document, JSON or XML.
    Capture(capture::Capture),
    /// Makes one event and captures it: ship, receive, pack, dispense and so on.
    Do(deed::Do),
    /// Shows a pack, case or pallet as it is now.
    Unit(unit::Unit),
    /// Shows everything that happened to it.
    History(unit::History),
    /// Checks a scanned code: is it registered as printed, may the pack be sold?
    Verify(unit::Verify),
    /// Shows what a code says, without asking the network.
    Scan(unit::Scan),
    /// Shows a lot: where it is, and whether the books add up.
    Lot(books::Lot),
    /// Shows what a party has, or what is at a site.
    Stock(books::Stock),
    /// Lists shipments.
    Shipments(books::Shipments),
    /// Opens cases about shipments that are on their way for too long.
    Reconcile(books::Reconcile),
    /// Recalls lots and packs, and shows where they are.
    #[command(subcommand)]
    Recall(recall::Verb),
    /// Settles what differs: shortages, doubts, damages.
    #[command(subcommand)]
    Case(case::Verb),
    /// Finds events, and exports them as an EPCIS document.
    Events(search::Events),
    /// Shows an event by its name on the ledger.
    Event(search::Event),
    /// Shows a document that was kept whole, or exports it as it was.
    Document(document::Document),
    /// Lists documents: those that hold an event, concern a unit, or were handed in by a party.
    Documents(document::Documents),
    /// Draws a label or a symbol: DataMatrix, QR code, GS1-128.
    Label(label::Label),
    /// Sets and draws serial numbers.
    #[command(subcommand)]
    Serials(serials::Verb),
    /// Sets what products bear, who measures it, how long ways take, and who has a licence.
    #[command(subcommand)]
    Set(settings::Verb),
    /// Shows the party behind an organisation or a GLN.
    Party(books::Party),
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Capture(wanted) => capture::run(global, &wanted).await,
        Verb::Do(wanted) => deed::run(global, &wanted).await,
        Verb::Unit(wanted) => unit::unit(global, &wanted).await,
        Verb::History(wanted) => unit::history(global, &wanted).await,
        Verb::Verify(wanted) => unit::verify(global, &wanted).await,
        Verb::Scan(wanted) => unit::scan(global, &wanted),
        Verb::Lot(wanted) => books::lot(global, &wanted).await,
        Verb::Stock(wanted) => books::stock(global, &wanted).await,
        Verb::Shipments(wanted) => books::shipments(global, &wanted).await,
        Verb::Reconcile(wanted) => books::reconcile(global, &wanted).await,
        Verb::Recall(verb) => recall::run(global, verb).await,
        Verb::Case(verb) => case::run(global, verb).await,
        Verb::Events(wanted) => search::events(global, &wanted).await,
        Verb::Event(wanted) => search::event(global, &wanted).await,
        Verb::Document(wanted) => document::document(global, &wanted).await,
        Verb::Documents(wanted) => document::documents(global, &wanted).await,
        Verb::Label(wanted) => label::run(global, &wanted),
        Verb::Serials(verb) => serials::run(global, verb).await,
        Verb::Set(verb) => settings::run(global, verb).await,
        Verb::Party(wanted) => books::party(global, &wanted).await,
    }
}

/// Asks chaincode `trace`.
async fn ask(global: &Global, function: &str, question: &Value) -> Result<Value, Failure> {
    let contract = session::network(global)?.contract(session::parse(TRACE)?);
    Ok(contract.evaluate_json(&session::parse::<FunctionName>(function)?, question).await?)
}

/// Calls chaincode `trace`, and gives what it returns.
async fn call(global: &Global, function: &str, argument: &Value) -> Result<Value, Failure> {
    call_of(global, TRACE, function, argument).await
}

/// Calls chaincode `rules`, and gives what it returns.
async fn call_rules(global: &Global, function: &str, argument: &Value) -> Result<Value, Failure> {
    call_of(global, RULES, function, argument).await
}

async fn call_of(global: &Global, chaincode: &str, function: &str, argument: &Value) -> Result<Value, Failure> {
    let contract = session::network(global)?.contract(session::parse(chaincode)?);
    let function: FunctionName = session::parse(function)?;
    let committed = contract.submit_json(&function, argument).await?;
    let receipt = committed.receipt();
    if receipt.outcome != Outcome::Valid {
        return Err(Failure::rejected(&committed));
    }
    let description = contract.description().await?;
    let described = description.function(&function)?;
    let mut result = described.result.decode(&receipt.result)?;
    if let Value::Object(fields) = &mut result {
        fields.insert("transaction".to_owned(), receipt.tx_id.to_string().into());
        fields.insert("block".to_owned(), receipt.height.0.into());
    }
    Ok(result)
}

/// People see the list in an answer, programs the whole.
fn list(global: &Global, answer: &Value, field: &str, columns: &[&str]) -> Result<(), Failure> {
    if global.output == Format::Json {
        return output::record(global.output, answer);
    }
    output::rows(global.output, columns, answer[field].as_array().map_or(&[][..], Vec::as_slice))
}
