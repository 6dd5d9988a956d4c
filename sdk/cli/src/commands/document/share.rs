//! `theriac document share` and `theriac document erase`.

use super::sealing::{Audience, members, put_lists};
use super::{anchored, parse_cid};
use crate::arguments::Global;
use crate::commands::tx::refused;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::Args;
use serde_json::json;
use theriac_client::system::documents::{ReadersList, ReadersRecord};
use theriac_client::{Identity, Network};
use theriac_types::Text;

/// How often it is tried again when somebody else changes the readers at the same time.
const ATTEMPTS_MAX: u32 = 5;

/// Who is to read a document from now on.
#[derive(Debug, Args)]
pub struct Share {
    /// Its CID.
    cid: String,
    /// A member who may read it from now on; can be given several times.
    #[arg(long = "reader", value_name = "ORGANISATION/MEMBER")]
    readers: Vec<String>,
    /// A member who need not read it any more; can be given several times. What it has read it has.
    #[arg(long = "remove", value_name = "ORGANISATION/MEMBER")]
    removed: Vec<String>,
}

/// What is to be unreadable.
#[derive(Debug, Args)]
pub struct Erase {
    /// Its CID.
    cid: String,
    /// Why, in one line that stays on the ledger.
    #[arg(long)]
    reason: String,
}

/// Shares a document with more readers, or fewer.
pub async fn share(global: &Global, options: &Share) -> Result<(), Failure> {
    if options.readers.is_empty() && options.removed.is_empty() {
        let message = "name who is to read it with --reader, or who is not with --remove";
        return Err(Failure::usage("INVALID_ARGUMENT", message));
    }
    let (added, removed) = (members(&options.readers)?, members(&options.removed)?);
    let (network, identity) = session::network_and_identity(global)?;
    let owner = anchored(&network, &options.cid).await?.record.by;
    if owner.org != identity.member.org {
        // The ledger would refuse it, and a list with the document's key would lie at peers until it is collected.
        let message = format!("{owner} anchored {}: ask a member of {} to share it", options.cid, owner.org);
        return Err(Failure::new(Exit::Permission, "POLICY_UNSATISFIED", message));
    }
    let audience = Audience::of(&network, added).await?;
    let cid = Text::new(&*options.cid).map_err(|error| Failure::usage("DOCUMENT_NAME_INVALID", error.to_string()))?;
    for attempt in 1.. {
        let (record, list) = current(&network, &options.cid).await?;
        let mut readers = network.readers_list(&cid, &list).await?;
        let key = identity.document_key(&readers)?;
        audience.add_to(&mut readers, &key)?;
        for member in &removed {
            readers.remove(member)?;
        }
        if readers.iter().next().is_none() {
            let message = "nobody would be left who reads it: erase it instead, with theriac document erase";
            return Err(Failure::usage("INVALID_ARGUMENT", message));
        }
        let contents = put_lists(&network, std::slice::from_ref(&readers)).await?;
        let held = network.hold_documents(&contents).await?;
        let committed = network.share_document(&cid, record.version, contents[0].clone(), &held).await?;
        if committed.reason() == "READERS_CHANGED" && attempt < ATTEMPTS_MAX {
            continue;
        }
        refused(&committed)?;
        let names: Vec<String> = readers.iter().map(|reader| reader.member.to_string()).collect();
        let value = json!({
            "cid": &*cid,
            "readers": names,
            "readers_version": record.version + 1,
            "height": committed.height().0,
            "transaction": committed.id().to_string(),
        });
        return output::record(global.output, &value);
    }
    Ok(())
}

/// Destroys a document's keys.
pub async fn erase(global: &Global, options: &Erase) -> Result<(), Failure> {
    parse_cid(&options.cid)?;
    let network = session::network(global)?;
    let cid = Text::new(&*options.cid).map_err(|error| Failure::usage("DOCUMENT_NAME_INVALID", error.to_string()))?;
    let committed = network.erase_document(&cid, &options.reason).await?;
    refused(&committed)?;
    let value = json!({
        "cid": &*cid,
        "erased": options.reason,
        "height": committed.height().0,
        "transaction": committed.id().to_string(),
    });
    output::record(global.output, &value)
}

/// The list of readers that counts now.
pub async fn current(network: &Network, cid: &str) -> Result<(ReadersRecord, ReadersList), Failure> {
    let Some(record) = network.document_readers(cid).await?.map(|proven| proven.record) else {
        let message = format!("{cid} is not sealed: every member whom its guard lets reads it");
        return Err(Failure::new(Exit::Precondition, "DOCUMENT_NOT_SEALED", message));
    };
    match record.list.clone() {
        Some(list) => Ok((record, list)),
        None => Err(erased(cid, &record)),
    }
}

/// Nobody opens it any more.
pub fn erased(cid: &str, record: &ReadersRecord) -> Failure {
    let message = format!(
        "{} erased {cid} at height {}: {:?}; nobody opens it any more",
        record.by, record.height, &*record.reason
    );
    Failure::new(Exit::Precondition, "DOCUMENT_ERASED", message).of_transaction(record.tx_id)
}

/// Who opens documents: the member that the arguments name.
pub fn opener(global: &Global) -> Result<Identity, Failure> {
    let context = session::context(global)?;
    session::identity(global, &context)?.ok_or_else(|| {
        let message = "the document is sealed: say who reads it with --as ORGANISATION/MEMBER, or take it as it is with \
                       --sealed";
        Failure::usage("IDENTITY_MISSING", message)
    })
}
